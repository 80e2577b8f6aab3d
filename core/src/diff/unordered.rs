//! One collection at least has its records in an order of its own: of the smaller one the hashes are held, and
//! the other's records are looked up in them.
//!
//! Held are the XXH3-128 hashes of a record's id and of the record, and whether it was met: 32 bytes and a bit
//! a record. The ids of the held records that were not met are read again, as far as they are to be named.
//! (Two ids of one hash, by chance or by design, are taken for one; a proving reader refuses them within one
//! collection.)

use std::sync::{Arc, Mutex};

use super::tally::{Kind, Tally};
use super::{Side, Sides};
use crate::error::Result;
use crate::format::fingerprint::{Fingerprinter, hash};
use crate::hashes::HashRows;
use crate::host::Reading;
use crate::inspect::{lock, pass};
use crate::model::RecordBatch;

/// Compares two collections in any order.
pub(super) async fn compare(sides: Sides<'_>, limit: usize, reading: &mut Reading<'_>) -> Result<Tally> {
    let host = reading.host;
    let count = |side: Side<'_>| side.summary().proof.count;
    let holds_a = count(sides.a) <= count(sides.b);
    let (held, other) = if holds_a { (sides.a, sides.b) } else { (sides.b, sides.a) };
    let shared = Arc::new(Mutex::new(LookUp { limit, ..LookUp::new(held.most_records()?) }));

    let look_up = shared.clone();
    let hold = Arc::new(move |batch: &_| lock(&look_up).hold(batch));
    pass(held.reader(host), hold, reading).await?;
    lock(&shared).sort();
    let look_up = shared.clone();
    let find = Arc::new(move |batch: &_| lock(&look_up).find(batch));
    pass(other.reader(host), find, reading).await?;
    if lock(&shared).count_missing() {
        let look_up = shared.clone();
        let name = Arc::new(move |batch: &_| lock(&look_up).name_missing(batch));
        pass(held.reader(host), name, &mut Reading::again(host)).await?;
    }
    let LookUp { missing, surplus, changed, unchanged, .. } = std::mem::take(&mut *lock(&shared));
    let (added, removed) = if holds_a { (surplus, missing) } else { (missing, surplus) };
    Ok(Tally { added, removed, changed, unchanged })
}

/// The records of the one side, as hashes, and what was found of the other's.
#[derive(Default)]
struct LookUp {
    limit: usize,
    /// The hash of the id, and the record's fingerprint.
    held: HashRows,
    /// A bit each.
    met: Vec<u64>,
    /// Held, and not on the other side.
    missing: Kind,
    /// On the other side, and not held.
    surplus: Kind,
    changed: Kind,
    unchanged: u64,
    hasher: Fingerprinter,
}

impl LookUp {
    fn new(most: usize) -> Self {
        Self { held: HashRows::with_capacity(most), ..Self::default() }
    }

    /// Holds records.
    fn hold(&mut self, batch: &RecordBatch) -> bool {
        for record in batch.records() {
            self.held.push(hash(record.id.as_bytes()), self.hasher.record(record).as_u128());
        }
        true
    }

    /// All are held.
    fn sort(&mut self) {
        self.held.sort();
        self.met = vec![0; self.held.len().div_ceil(64)];
    }

    /// Looks up records of the other side.
    fn find(&mut self, batch: &RecordBatch) -> bool {
        for record in batch.records() {
            match self.held.find(hash(record.id.as_bytes())) {
                None => self.surplus.add(record.id, self.limit),
                Some(row) => {
                    self.met[row / 64] |= 1 << (row % 64);
                    if self.held.value(row) == self.hasher.record(record).as_u128() {
                        self.unchanged += 1;
                    } else {
                        self.changed.add(record.id, self.limit);
                    }
                }
            }
        }
        true
    }

    /// Counts the held records that were not met; whether any is to be named.
    fn count_missing(&mut self) -> bool {
        let met: u32 = self.met.iter().map(|word| word.count_ones()).sum();
        self.missing.count = self.held.len() as u64 - u64::from(met);
        self.limit > 0 && self.missing.count > 0
    }

    /// Names those of them that come first.
    fn name_missing(&mut self, batch: &RecordBatch) -> bool {
        let wanted = self.limit.min(self.missing.count as usize);
        for record in batch.records() {
            let row = self.held.find(hash(record.id.as_bytes()));
            let met = row.is_none_or(|row| self.met[row / 64] >> (row % 64) & 1 == 1);
            if !met && self.missing.ids.len() < wanted {
                self.missing.ids.push(record.id.to_owned());
            }
        }
        self.missing.ids.len() < wanted
    }
}
