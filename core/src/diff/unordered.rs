//! One collection at least has its records in an order of its own: of the smaller one the hashes are held, and
//! the other's records are looked up in them.
//!
//! Held are the XXH3-128 hashes of a record's id and of the record, and whether it was met: 32 bytes and a bit
//! a record. The ids of the held records that were not met are read again, as far as they are to be named.
//! (Two ids of one hash, by chance or by design, are taken for one; a proving reader refuses them within one
//! collection.)

use xxhash_rust::xxh3::xxh3_128;

use super::tally::Tally;
use super::{Side, Sides, next};
use crate::error::Result;
use crate::format::fingerprint::Fingerprinter;
use crate::host::Reading;
use crate::model::{Fingerprint, RecordBatch};

/// Compares two collections in any order.
pub(super) async fn compare(sides: Sides<'_>, limit: usize, reading: &mut Reading<'_>) -> Result<Tally> {
    let count = |side: Side<'_>| side.summary().proof.count;
    let holds_a = count(sides.a) <= count(sides.b);
    let (held, other) = if holds_a { (sides.a, sides.b) } else { (sides.b, sides.a) };
    let table = Table::read(held, reading).await?;
    let (table, mut tally) = look_up(other, table, limit, holds_a, reading).await?;
    let missing = if holds_a { &mut tally.removed } else { &mut tally.added };
    missing.count = table.not_met();
    let wanted = limit.min(missing.count as usize);
    let mut reader = held.reader(reading.host);
    let mut batch = RecordBatch::default();
    while missing.ids.len() < wanted {
        batch = next(&mut *reader, batch).await?;
        if batch.is_empty() {
            break;
        }
        let ids = batch
            .records()
            .map(|record| record.id)
            .filter(|id| table.find(id).is_some_and(|at| !table.is_met(at)));
        missing.ids.extend(ids.take(wanted - missing.ids.len()).map(str::to_owned));
        reading.host.check_cancelled()?;
    }
    Ok(tally)
}

/// Looks up all records of a collection.
async fn look_up(
    side: Side<'_>,
    mut table: Table,
    limit: usize,
    holds_a: bool,
    reading: &mut Reading<'_>,
) -> Result<(Table, Tally)> {
    let mut reader = side.reader(reading.host);
    let (mut tally, mut batch) = (Tally::default(), RecordBatch::default());
    loop {
        batch = next(&mut *reader, batch).await?;
        if batch.is_empty() {
            return Ok((table, tally));
        }
        let job = reading.host.spawn(move || {
            let mut hasher = Fingerprinter::new();
            for record in batch.records() {
                match table.find(record.id) {
                    None if holds_a => tally.added.add(record.id, limit),
                    None => tally.removed.add(record.id, limit),
                    Some(at) if table.meet(at) == hasher.record(record) => tally.unchanged += 1,
                    Some(_) => tally.changed.add(record.id, limit),
                }
            }
            (table, tally, batch)
        });
        (table, tally, batch) = job.await?;
        reading.done(batch.len() as u64)?;
    }
}

/// The records of the one side, as hashes.
#[derive(Default)]
struct Table {
    /// The hash of the id, and the record's fingerprint; sorted in the end.
    held: Vec<(u128, Fingerprint)>,
    /// A bit each.
    met: Vec<u64>,
}

impl Table {
    /// Reads a collection.
    async fn read(side: Side<'_>, reading: &mut Reading<'_>) -> Result<Self> {
        let mut reader = side.reader(reading.host);
        // A record takes more bytes of the file than this: so many there may be, whatever a hostile index says.
        const LEAST_BYTES: u64 = 16;
        let summary = side.summary();
        let most = summary.proof.count.min(side.backup.bytes(&summary.name)? / LEAST_BYTES);
        let (mut table, mut batch) = (Self::default(), RecordBatch::default());
        table.held.reserve_exact(most as usize);
        loop {
            batch = next(&mut *reader, batch).await?;
            let job = reading.host.spawn(move || {
                let mut hasher = Fingerprinter::new();
                let hashes =
                    batch.records().map(|record| (xxh3_128(record.id.as_bytes()), hasher.record(record)));
                table.held.extend(hashes);
                if batch.is_empty() {
                    table.held.sort_unstable_by_key(|(id, _)| *id);
                    table.met.resize(table.held.len().div_ceil(64), 0);
                }
                (table, batch)
            });
            (table, batch) = job.await?;
            if batch.is_empty() {
                return Ok(table);
            }
            reading.done(batch.len() as u64)?;
        }
    }

    /// The number of the record of an id.
    fn find(&self, id: &str) -> Option<usize> {
        let hash = xxh3_128(id.as_bytes());
        self.held.binary_search_by_key(&hash, |(id, _)| *id).ok()
    }

    /// Marks a record as met, and gives its fingerprint.
    fn meet(&mut self, at: usize) -> Fingerprint {
        self.met[at / 64] |= 1 << (at % 64);
        self.held[at].1
    }

    fn is_met(&self, at: usize) -> bool {
        self.met[at / 64] >> (at % 64) & 1 == 1
    }

    fn not_met(&self) -> u64 {
        let met: u32 = self.met.iter().map(|word| word.count_ones()).sum();
        self.held.len() as u64 - u64::from(met)
    }
}
