//! JSON lines: the interchange form of a collection, a record `{"id","vector","metadata"}` a line.
//!
//! Import stages a whole collection, proves it and makes it live at one moment, or changes nothing. Where
//! the lines come from and go to (files, pipes, request bodies) is the caller's.

mod batches;
mod import;

pub use batches::{Batches, Decoded};
pub use import::{ImportError, ImportReport, ImportRequest, import};

use vecvault_core::format::float::Tier;
use vecvault_core::format::write_record;
use vecvault_core::{RecordBatch, RecordError};

/// Appends the lines of a batch to `out`: numbers in their shortest form, metadata to the byte.
///
/// # Errors
///
/// Names the record whose vector is not finite; `out` then ends with the line before it.
pub fn write_lines(tier: Tier, batch: &RecordBatch, out: &mut Vec<u8>) -> Result<(), RecordError> {
    for record in batch.records() {
        write_record(tier, record, out)?;
        out.push(b'\n');
    }
    Ok(())
}
