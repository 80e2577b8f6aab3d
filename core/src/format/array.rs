//! An array of records, read as its bytes arrive.

use super::error::FormatError;
use super::json::Scanner;
use super::record::{RecordMembers, RecordParser};
use crate::model::RecordBatch;

/// Reads the records of a JSON array, one a step, from after its opening bracket to after its closing one.
#[derive(Debug)]
pub(crate) struct RecordArray {
    parser: RecordParser,
    read: u64,
}

impl RecordArray {
    /// An array of which nothing has been read.
    pub(crate) fn new(members: RecordMembers) -> Self {
        Self { parser: RecordParser::new(members), read: 0 }
    }

    /// Begins another array.
    pub(crate) fn restart(&mut self) {
        self.read = 0;
    }

    /// Reads the next record into `batch`, or the end: gives the offset in `bytes` after it, and whether it
    /// was the end. Paths in errors begin with the record's number.
    pub(crate) fn step(
        &mut self,
        bytes: &[u8],
        batch: &mut RecordBatch,
    ) -> Result<(usize, bool), FormatError> {
        let mut scanner = Scanner::new(bytes, 0);
        if scanner.accept(b']')? {
            return Ok((scanner.at(), true));
        }
        let index = self.read;
        let within = |error: FormatError| error.within(format_args!("[{index}]"));
        if index > 0 {
            scanner.expect(b',').map_err(within)?;
        }
        let end = self.parser.parse(bytes, scanner.at(), batch).map_err(within)?;
        self.read += 1;
        Ok((end, false))
    }
}
