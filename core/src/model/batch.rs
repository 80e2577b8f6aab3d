//! Records in columns.

mod columns;

use std::fmt;
use std::ops::Range;

pub use columns::{ColumnsError, StoredColumns, StoredTexts, Texts};

use crate::format::limits::{BLOCK_WEIGHT, MAX_ID_BYTES, MAX_RECORD_BYTES, WEIGHT_PER_NUMBER};
use vecvault_float as float;

/// One record, borrowed from a [`RecordBatch`] or from whoever offers it.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Record<'a> {
    /// The id: 1 to 256 bytes.
    pub id: &'a str,
    /// `dimension` finite numbers.
    pub vector: &'a [f32],
    /// The metadata's JSON text as it came in. Absent and `null` differ.
    pub metadata: Option<&'a str>,
    /// The record's other members as JSON text without the braces, `"a":1,"b":[2]`; empty for none.
    pub extra: &'a str,
}

impl Record<'_> {
    /// What it counts towards the size of a block: `12 x dimension + id bytes + metadata bytes + unknown
    /// members' bytes`.
    pub fn weight(&self) -> usize {
        let texts = self.id.len() + self.metadata.map_or(0, str::len) + self.extra.len();
        self.vector.len() * WEIGHT_PER_NUMBER + texts
    }
}

/// The weight from which on a batch is full: four blocks. Handing it from thread to thread takes no time
/// beside the work on it.
const FULL_BATCH: usize = 4 * BLOCK_WEIGHT;

/// A run of records of one collection, in columns: ids, one contiguous array of numbers, and metadata and
/// unknown members as raw JSON text with offsets. Reusing a batch reuses its memory.
#[derive(Clone, Default, PartialEq)]
pub struct RecordBatch {
    dimension: usize,
    vectors: Vec<f32>,
    ids: TextColumn,
    metadata: TextColumn,
    extra: TextColumn,
}

/// A record that a batch refuses.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("record \"{}\": {problem}", crate::error::excerpt(.id))]
pub struct RecordError {
    /// The record's id.
    pub id: String,
    /// What is wrong with it.
    pub problem: RecordProblem,
}

/// Why a record is refused.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum RecordProblem {
    /// A NaN or an infinity: JSON has no such numbers.
    #[error("vector[{position}] is not a finite number")]
    NotFinite {
        /// The number's position in the vector.
        position: usize,
    },
    /// The id is empty or too long.
    #[error("its id has {bytes} bytes; 1 to {MAX_ID_BYTES} are allowed")]
    IdLength {
        /// How long it is.
        bytes: usize,
    },
    /// The record is larger than a backup can carry.
    #[error("it has {bytes} bytes; at most {MAX_RECORD_BYTES} are allowed")]
    TooLarge {
        /// How large it is, counted as [`RecordBatch::weight`] counts.
        bytes: usize,
    },
    /// The vector has another length than the collection's dimension.
    #[error("its vector has {found} numbers; the collection's dimension is {expected}")]
    WrongDimension {
        /// The collection's dimension.
        expected: usize,
        /// The vector's length.
        found: usize,
    },
}

impl RecordBatch {
    /// An empty batch for vectors of `dimension` numbers.
    pub fn new(dimension: usize) -> Self {
        Self { dimension, ..Self::default() }
    }

    /// Empties the batch, keeps its memory and sets the dimension of what comes next.
    pub fn reset(&mut self, dimension: usize) {
        self.dimension = dimension;
        self.truncate(0);
    }

    /// The length of every vector.
    pub fn dimension(&self) -> usize {
        self.dimension
    }

    /// The number of records.
    pub fn len(&self) -> usize {
        self.ids.len()
    }

    /// Whether there are no records.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// All vectors, one after the other: `len() * dimension()` numbers.
    pub fn vectors(&self) -> &[f32] {
        &self.vectors
    }

    /// The record at `index`; panics past the end, as a slice does.
    pub fn record(&self, index: usize) -> Record<'_> {
        let start = index * self.dimension;
        Record {
            id: self.ids.get(index),
            vector: &self.vectors[start..start + self.dimension],
            metadata: Some(self.metadata.get(index)).filter(|text| !text.is_empty()),
            extra: self.extra.get(index),
        }
    }

    /// The records of a range in order.
    pub(crate) fn slice(&self, range: Range<usize>) -> impl ExactSizeIterator<Item = Record<'_>> {
        range.map(|index| self.record(index))
    }

    /// The records in order.
    pub fn records(&self) -> impl ExactSizeIterator<Item = Record<'_>> {
        self.slice(0..self.len())
    }

    /// The weight of the batch, which decides where blocks end: the sum over its records of
    /// `12 x dimension + id bytes + metadata bytes + unknown members' bytes`.
    pub fn weight(&self) -> usize {
        self.vectors.len() * WEIGHT_PER_NUMBER
            + self.ids.bytes.len()
            + self.metadata.bytes.len()
            + self.extra.bytes.len()
    }

    /// Whether the records so far are as many as a batch should have, about a MiB of JSON: a reader does best
    /// to stop filling here.
    pub fn is_full(&self) -> bool {
        self.weight() >= FULL_BATCH
    }

    /// Appends a record. The JSON texts must be valid: they come from this crate's scanner or have passed
    /// [`json::validate`](crate::format::json::validate). Refuses what no backup can carry; the batch is
    /// then as it was.
    pub fn push(&mut self, record: Record<'_>) -> Result<(), RecordError> {
        self.check(&record).map_err(|problem| RecordError { id: record.id.into(), problem })?;
        self.push_checked(record);
        Ok(())
    }

    /// Appends a record of another batch, which has been checked.
    pub(crate) fn push_checked(&mut self, record: Record<'_>) {
        self.vectors.extend_from_slice(record.vector);
        self.finish_record(record.id, record.metadata.unwrap_or(""), record.extra);
    }

    /// The numbers, for a reader that appends a vector before it knows the rest of the record and then
    /// calls [`RecordBatch::finish_record`].
    pub(crate) fn vectors_mut(&mut self) -> &mut Vec<f32> {
        &mut self.vectors
    }

    /// Sets the dimension of a batch that has no records yet, for a reader that learns it from the first.
    pub(crate) fn set_dimension(&mut self, dimension: usize) {
        debug_assert!(self.is_empty() || self.dimension == dimension);
        self.dimension = dimension;
    }

    /// Completes a record whose vector is already there.
    pub(crate) fn finish_record(&mut self, id: &str, metadata: &str, extra: &str) {
        self.ids.push(id);
        self.metadata.push(metadata);
        self.extra.push(extra);
        debug_assert_eq!(self.vectors.len(), self.ids.len() * self.dimension);
    }

    /// Drops the records from `len` on, and numbers of a record that was not finished.
    pub fn truncate(&mut self, len: usize) {
        self.vectors.truncate(len * self.dimension);
        for column in [&mut self.ids, &mut self.metadata, &mut self.extra] {
            column.truncate(len);
        }
    }

    /// Whether a record can be carried by a backup, and if not, why.
    fn check(&self, record: &Record<'_>) -> Result<(), RecordProblem> {
        if record.id.is_empty() || record.id.len() > MAX_ID_BYTES {
            return Err(RecordProblem::IdLength { bytes: record.id.len() });
        }
        if record.vector.len() != self.dimension {
            let found = record.vector.len();
            return Err(RecordProblem::WrongDimension { expected: self.dimension, found });
        }
        if let Some(position) = float::first_non_finite(record.vector) {
            return Err(RecordProblem::NotFinite { position });
        }
        let bytes = record.weight();
        if bytes > MAX_RECORD_BYTES {
            return Err(RecordProblem::TooLarge { bytes });
        }
        Ok(())
    }
}

impl fmt::Debug for RecordBatch {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(self.records()).finish()
    }
}

/// Texts end to end, with the end of each.
#[derive(Clone, Default, PartialEq)]
struct TextColumn {
    bytes: String,
    ends: Vec<usize>,
}

impl TextColumn {
    fn len(&self) -> usize {
        self.ends.len()
    }

    fn start(&self, index: usize) -> usize {
        if index == 0 { 0 } else { self.ends[index - 1] }
    }

    fn get(&self, index: usize) -> &str {
        &self.bytes[self.start(index)..self.ends[index]]
    }

    fn push(&mut self, text: &str) {
        self.bytes.push_str(text);
        self.ends.push(self.bytes.len());
    }

    fn truncate(&mut self, len: usize) {
        if len < self.ends.len() {
            self.bytes.truncate(self.start(len));
            self.ends.truncate(len);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn record<'a>(id: &'a str, vector: &'a [f32]) -> Record<'a> {
        Record { id, vector, metadata: Some("{}"), extra: "" }
    }

    #[test]
    fn what_goes_in_comes_out() {
        let mut batch = RecordBatch::new(2);
        let records = [
            record("a", &[1.0, -0.0]),
            Record { id: "b", vector: &[2.0, 3.0], metadata: None, extra: r#""x":1"# },
            Record { id: "c", vector: &[0.5, 0.25], metadata: Some("null"), extra: "" },
        ];
        for each in records {
            batch.push(each).unwrap();
        }
        assert_eq!(batch.records().collect::<Vec<_>>(), records);
        assert_eq!(batch.weight(), 3 * 24 + 3 + 2 + 5 + 4);
        batch.truncate(1);
        assert_eq!(batch.records().collect::<Vec<_>>(), records[..1]);
        batch.reset(1);
        batch.push(record("d", &[1.0])).unwrap();
        assert_eq!(batch.record(0).id, "d");
    }

    #[test]
    fn what_no_backup_can_carry_is_refused_and_changes_nothing() {
        let mut batch = RecordBatch::new(2);
        let long = "x".repeat(MAX_ID_BYTES + 1);
        let huge = "x".repeat(MAX_RECORD_BYTES);
        let problem = |batch: &mut RecordBatch, r: Record<'_>| batch.push(r).unwrap_err().problem;
        assert_eq!(problem(&mut batch, record("", &[0.0; 2])), RecordProblem::IdLength { bytes: 0 });
        assert_eq!(problem(&mut batch, record(&long, &[0.0; 2])), RecordProblem::IdLength { bytes: 257 });
        assert_eq!(
            problem(&mut batch, record("a", &[0.0; 3])),
            RecordProblem::WrongDimension { expected: 2, found: 3 }
        );
        for bad in [f32::NAN, f32::INFINITY, f32::NEG_INFINITY] {
            assert_eq!(
                problem(&mut batch, record("a", &[0.0, bad])),
                RecordProblem::NotFinite { position: 1 }
            );
        }
        let large = Record { metadata: Some(&huge), ..record("a", &[0.0; 2]) };
        assert!(matches!(problem(&mut batch, large), RecordProblem::TooLarge { .. }));
        assert!(batch.is_empty());
    }
}
