//! Records from texts that are not backups: JSON lines, and request bodies with an array of records. Both
//! are fed in pieces of any size.

use super::FormatError;
use crate::model::RecordBatch;

/// Under which names a record's vector and metadata stand; the first name is the one that is written. Any
/// other member but `id` is kept as unknown.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RecordMembers {
    /// Names of the vector.
    pub vector: &'static [&'static str],
    /// Names of the metadata.
    pub metadata: &'static [&'static str],
}

impl RecordMembers {
    /// A backup's records, and JSON lines.
    pub const BACKUP: Self = Self { vector: &["vector"], metadata: &["metadata"] };
    /// The records of an insert request, with the names that clients of the API use.
    pub const INSERT: Self =
        Self { vector: &["embedding", "vector", "data"], metadata: &["payload", "metadata"] };
}

/// Reads JSON lines: a record a line, blank lines allowed. The first record sets the dimension.
#[derive(Debug)]
pub struct LinesDecoder {}

impl LinesDecoder {
    /// A decoder that has read nothing.
    pub fn new() -> Self {
        todo!()
    }

    /// Reads every complete record of `bytes` and what was left before. The error's path begins with
    /// `line N`.
    pub fn feed(&mut self, bytes: &[u8]) -> Result<(), FormatError> {
        let _ = bytes;
        todo!()
    }

    /// The text has ended: reads its last line.
    pub fn finish(&mut self) -> Result<(), FormatError> {
        todo!()
    }

    /// The records read since the last call. Call it when [`LinesDecoder::is_full`] and at the end.
    pub fn take(&mut self) -> RecordBatch {
        todo!()
    }

    /// Whether a block's worth of records waits to be taken.
    pub fn is_full(&self) -> bool {
        todo!()
    }
}

/// Reads a JSON object one of whose members is an array of records, such as the body of an insert.
#[derive(Debug)]
pub struct BodyDecoder {}

/// What a [`BodyDecoder`] has read.
#[derive(Debug)]
pub struct Body {
    /// The other members: name and raw JSON text, in order.
    pub members: Vec<(String, String)>,
    /// The records; `None` where the member is missing. An empty array is a batch of dimension 0.
    pub records: Option<RecordBatch>,
}

impl BodyDecoder {
    /// A decoder for records under the member `records` (such as `vectors`).
    pub fn new(records: &'static str, members: RecordMembers) -> Self {
        let _ = (records, members);
        todo!()
    }

    /// Reads what is complete.
    pub fn feed(&mut self, bytes: &[u8]) -> Result<(), FormatError> {
        let _ = bytes;
        todo!()
    }

    /// The body has ended.
    pub fn finish(self) -> Result<Body, FormatError> {
        todo!()
    }
}
