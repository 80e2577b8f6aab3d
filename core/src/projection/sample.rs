//! Records that are spread evenly over a collection.

use crate::error::Result;
use crate::format::{FormatError, FormatErrorKind};
use crate::host::{Host, Reading};
use crate::inspect::{Backup, BlockAt, Blocks, from_collection_error};
use crate::model::{Record, RecordBatch};

/// Longer metadata are left out, in bytes.
const MOST_METADATA: usize = 64 << 10;

/// Up to `sample` positions of `total`, the same distance apart but for rounding.
pub(super) fn positions(total: u64, sample: usize) -> Vec<u64> {
    let sample = total.min(sample as u64);
    // The product has 128 bits: `total` is whatever the index says.
    let position = |number: u64| u128::from(number) * u128::from(total) / u128::from(sample);
    (0..sample).map(|number| position(number) as u64).collect()
}

/// Reads the records at positions, which ascend: all vectors, one after the other, and ids and metadata.
pub(super) async fn read(
    backup: &Backup,
    number: usize,
    positions: &[u64],
    host: &Host,
) -> Result<(Vec<f32>, RecordBatch)> {
    let mut picked = Picked { positions, vectors: Vec::new(), records: RecordBatch::new(0) };
    let mut reading = Reading::begin(host, positions.len() as u64);
    match backup.blocks(number) {
        Some(blocks) => {
            let (blocks, wanted) = blocks_of(blocks, positions, host).await?;
            let mut reader = blocks.read(wanted, host.clone());
            let mut memory = RecordBatch::default();
            while let Some((first, batch)) = reader.next(memory).await? {
                reading.done(picked.pick(first, &batch))?;
                memory = batch;
            }
        }
        None => {
            let mut reader = backup.reader(number, host.clone());
            let (mut first, mut batch) = (0, RecordBatch::default());
            while !picked.positions.is_empty() {
                batch = reader.next(batch).await.map_err(from_collection_error)?;
                if batch.is_empty() {
                    break;
                }
                reading.done(picked.pick(first, &batch))?;
                first += batch.len() as u64;
            }
        }
    }
    if let Some(missing) = picked.positions.first() {
        let message = format!("there is no record at position {missing}, which the file says it has");
        return Err(backup.damaged(number, FormatError::new(FormatErrorKind::ProofMismatch, 0u64, message)));
    }
    Ok((picked.vectors, picked.records))
}

/// The blocks that hold records of the positions.
async fn blocks_of(mut blocks: Blocks, positions: &[u64], host: &Host) -> Result<(Blocks, Vec<BlockAt>)> {
    let (mut wanted, mut rest) = (Vec::new(), positions);
    while let (Some((at, entry)), false) = (blocks.peek().await?, rest.is_empty()) {
        let within = rest.partition_point(|position| position - at.position < entry.records);
        if within > 0 {
            wanted.push(at);
            rest = &rest[within..];
        }
        blocks.step().await?;
        host.check_cancelled()?;
    }
    Ok((blocks, wanted))
}

/// What has been picked, and the positions that are left.
struct Picked<'a> {
    positions: &'a [u64],
    vectors: Vec<f32>,
    records: RecordBatch,
}

impl Picked<'_> {
    /// Picks from records, of which the first has a position; gives how many it picked. What is left before
    /// that position is not there.
    fn pick(&mut self, first: u64, batch: &RecordBatch) -> u64 {
        let before = self.positions.len();
        while let Some((position, rest)) = self.positions.split_first() {
            let Some(index) = position.checked_sub(first).filter(|index| *index < batch.len() as u64) else {
                break;
            };
            let record = batch.record(index as usize);
            self.vectors.extend_from_slice(record.vector);
            let metadata = record.metadata.filter(|text| text.len() <= MOST_METADATA);
            self.records.push_checked(Record { vector: &[], metadata, extra: "", ..record });
            self.positions = rest;
        }
        (before - self.positions.len()) as u64
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn positions_are_spread_over_all() {
        assert!(positions(0, 5).is_empty());
        assert_eq!(positions(3, 5), [0, 1, 2]);
        assert_eq!(positions(10, 4), [0, 2, 5, 7]);
        let far = positions(u64::MAX, 3);
        assert_eq!(far[2], u64::MAX / 3 * 2);
    }
}
