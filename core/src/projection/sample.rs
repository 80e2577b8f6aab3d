//! Records that are spread evenly over a collection.

use std::sync::{Arc, Mutex};

use crate::error::Result;
use crate::format::{FormatError, FormatErrorKind};
use crate::host::{Host, Reading};
use crate::inspect::{Backup, BlockAt, Blocks, lock, pass};
use crate::model::{Record, RecordBatch};

/// Longer metadata are left out, in bytes.
const MOST_METADATA: usize = 64 << 10;

/// Up to `sample` positions of `total`: of as many equal stretches one record each, anywhere in it. The same
/// distance apart they would miss what comes at regular distances itself.
pub(super) fn positions(total: u64, sample: usize) -> Vec<u64> {
    let sample = total.min(sample as u64);
    // `number * total / sample` without the product, which may not fit: `total` is whatever the index says.
    let begin = |number: u64| number * (total / sample) + number * (total % sample) / sample;
    let within = |number: u64| scattered(number) % (begin(number + 1) - begin(number));
    (0..sample).map(|number| begin(number) + within(number)).collect()
}

/// A number without regularity, the same for the same one: a picture is drawn alike each time. SplitMix64's
/// finalizer (Steele, Lea and Flood, "Fast splittable pseudorandom number generators", 2014).
fn scattered(number: u64) -> u64 {
    let mut bits = number.wrapping_add(1).wrapping_mul(0x9e37_79b9_7f4a_7c15);
    bits = (bits ^ (bits >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    bits = (bits ^ (bits >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    bits ^ (bits >> 31)
}

/// Reads the records at positions, which ascend: all vectors, one after the other, and ids and metadata.
pub(super) async fn read(
    backup: &Backup,
    number: usize,
    positions: &[u64],
    host: &Host,
) -> Result<(Vec<f32>, RecordBatch)> {
    let (reader, wanted, count) = match backup.blocks(number) {
        Some(blocks) => {
            let sought = seek(blocks, positions, host).await?;
            (sought.blocks.read(sought.wanted, host.clone()), sought.positions, sought.count)
        }
        None => {
            let count = positions.last().map_or(0, |last| last + 1);
            (backup.reader(number, host.clone()), positions.to_vec(), count)
        }
    };
    let picked = Arc::new(Mutex::new(Picked { wanted, ..Picked::default() }));
    let shared = picked.clone();
    pass(reader, Arc::new(move |batch: &_| lock(&shared).pick(batch)), &mut Reading::begin(host, count))
        .await?;
    let mut picked = lock(&picked);
    if let Some(missing) = positions.get(picked.records.len()) {
        let message = format!("there is no record at position {missing}, which the file says it has");
        return Err(backup.damaged(number, FormatError::new(FormatErrorKind::ProofMismatch, 0u64, message)));
    }
    Ok((std::mem::take(&mut picked.vectors), std::mem::take(&mut picked.records)))
}

/// The blocks that hold records of some positions.
struct Sought {
    blocks: Blocks,
    wanted: Vec<BlockAt>,
    /// The positions among the records of those blocks alone.
    positions: Vec<u64>,
    /// How many records those blocks have.
    count: u64,
}

/// Finds in the index which blocks are needed.
async fn seek(mut blocks: Blocks, positions: &[u64], host: &Host) -> Result<Sought> {
    let (mut wanted, mut within, mut count) = (Vec::new(), Vec::with_capacity(positions.len()), 0);
    while let (Some((at, entry)), Some(_)) = (blocks.peek().await?, positions.get(within.len())) {
        let before = within.len();
        while let Some(position) = positions.get(within.len()).filter(|p| **p - at.position < entry.records) {
            within.push(count + position - at.position);
        }
        if within.len() > before {
            wanted.push(at);
            count += entry.records;
        }
        blocks.step().await?;
        host.check_cancelled()?;
    }
    Ok(Sought { blocks, wanted, positions: within, count })
}

/// What has been picked.
#[derive(Default)]
struct Picked {
    /// Positions among the records that are read.
    wanted: Vec<u64>,
    /// How many of those have passed.
    passed: u64,
    vectors: Vec<f32>,
    /// One for each position so far, in their order.
    records: RecordBatch,
}

impl Picked {
    /// Picks from the next records; `false` when there is nothing left to pick.
    fn pick(&mut self, batch: &RecordBatch) -> bool {
        let end = self.passed + batch.len() as u64;
        while let Some(position) = self.wanted.get(self.records.len()).filter(|position| **position < end) {
            let record = batch.record((position - self.passed) as usize);
            self.vectors.extend_from_slice(record.vector);
            let metadata = record.metadata.filter(|text| text.len() <= MOST_METADATA);
            self.records.push_checked(Record { vector: &[], metadata, extra: "", ..record });
        }
        self.passed = end;
        self.records.len() < self.wanted.len()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn positions_are_spread_over_all() {
        assert!(positions(0, 5).is_empty());
        assert_eq!(positions(3, 5), [0, 1, 2]);
        let far = positions(u64::MAX, 3);
        for (number, position) in far.iter().enumerate() {
            assert_eq!(position / (u64::MAX / 3), number as u64);
        }
        assert_eq!(far, positions(u64::MAX, 3));
    }

    /// Of a collection that goes through its topics in turn, each has its part of the sample.
    #[test]
    fn what_is_regular_is_not_missed() {
        for topics in [2, 3, 4, 5, 7] {
            let mut of_topic = vec![0; topics as usize];
            positions(6_000, 2_000).iter().for_each(|position| of_topic[(position % topics) as usize] += 1);
            let share = 2_000 / topics;
            assert!(of_topic.iter().all(|count| count * 10 > share * 8), "{topics}: {of_topic:?}");
        }
    }
}
