//! diff: which records do two backups have in common, and which not?
//!
//! Collections are compared by name. What is equal is told from the indexes alone: equal counts, fingerprints
//! and configs mean equal contents. The records of the others are read:
//!
//! - where both collections are ordered, merged by their ids (`ordered`), in the memory of a few batches;
//!   blocks that the indexes prove to be equal are not read;
//! - where one is not, looked up by hashes of the ids of the smaller one (`unordered`), in 32 bytes and a bit
//!   for each of its records.
//!
//! Either way a record is *changed* where its fingerprint is another one: its numbers' bits, its metadata's
//! text or its other members.

mod ordered;
mod tally;
mod unordered;

use std::cmp::Ordering;

use serde::Serialize;

use crate::collections::CollectionReader;
use crate::error::Result;
use crate::host::{Host, Reading};
use crate::inspect::Backup;
use crate::model::{BackupId, CollectionName, CollectionProof, CollectionSummary};
use tally::Tally;

/// What to tell of a difference.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct DiffRequest {
    /// Up to how many ids to name of the records of a collection that were added, removed, and changed: so
    /// many of each.
    pub limit: usize,
}

impl Default for DiffRequest {
    fn default() -> Self {
        Self { limit: 100 }
    }
}

/// What differs between two backups, `a` and `b`: what has happened where `a` is the earlier one.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct DiffReport {
    /// The one backup.
    pub a: BackupId,
    /// The other.
    pub b: BackupId,
    /// Whether every collection is equal.
    pub equal: bool,
    /// Every collection of either, ascending by the bytes of its name.
    pub collections: Vec<CollectionDiff>,
}

/// How a collection's contents compare.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum DiffStatus {
    /// Only `a` has a collection of this name.
    OnlyInA,
    /// Only `b` has.
    OnlyInB,
    /// Counts, fingerprints and configs are equal: so are all records.
    Equal,
    /// Config or records differ.
    Different,
}

/// What differs in a collection.
///
/// The counts always add up: `a` has `removed + changed + unchanged` records, `b` has `added + changed +
/// unchanged`. A collection that only one of them has was added or removed as a whole.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct CollectionDiff {
    /// Its name.
    pub name: CollectionName,
    /// How it compares.
    pub status: DiffStatus,
    /// What it holds in `a`.
    pub a: Option<CollectionProof>,
    /// What it holds in `b`.
    pub b: Option<CollectionProof>,
    /// Both have it, and the texts of the configs differ.
    pub config_changed: bool,
    /// Records that only `b` has.
    pub added: u64,
    /// Records that only `a` has.
    pub removed: u64,
    /// Records of one id that are not the same.
    pub changed: u64,
    /// Records that are the same, to the byte.
    pub unchanged: u64,
    /// The first ids of those added, up to the request's limit, in the order of `b`. Empty where the status
    /// is not [`DiffStatus::Different`], like the other two.
    pub added_ids: Vec<String>,
    /// The first ids of those removed, in the order of `a`.
    pub removed_ids: Vec<String>,
    /// The first ids of those changed, in the order of one of the two.
    pub changed_ids: Vec<String>,
}

/// Compares two backups. Reads no records where the indexes tell, and reports damage that it meets as an error
/// that says where; what it need not read is not verified.
pub async fn diff(a: &Backup, b: &Backup, request: DiffRequest, host: &Host) -> Result<DiffReport> {
    let pairs = pairs(a, b);
    let mut total = 0;
    for pair in &pairs {
        if let (Some(a), Some(b)) = (pair.a, pair.b)
            && a.summary().proof != b.summary().proof
        {
            total =
                [a, b].iter().fold(total, |sum: u64, side| sum.saturating_add(side.summary().proof.count));
        }
    }
    let mut reading = Reading::begin(host, total);
    let mut collections = Vec::with_capacity(pairs.len());
    for pair in pairs {
        let mut found = CollectionDiff::of_index(&pair);
        if let (Some(a), Some(b)) = (pair.a, pair.b)
            && a.summary().proof != b.summary().proof
        {
            found.count(records(Sides { a, b }, request.limit, &mut reading).await?);
        }
        collections.push(found);
    }
    let equal = collections.iter().all(|found| found.status == DiffStatus::Equal);
    Ok(DiffReport { a: a.summary().info.id, b: b.summary().info.id, equal, collections })
}

/// Compares the records of a collection.
async fn records(sides: Sides<'_>, limit: usize, reading: &mut Reading<'_>) -> Result<Tally> {
    if sides.a.summary().ordered && sides.b.summary().ordered {
        ordered::compare(sides, limit, reading).await
    } else {
        unordered::compare(sides, limit, reading).await
    }
}

impl CollectionDiff {
    /// What is known without reading a record.
    fn of_index(pair: &Pair<'_>) -> Self {
        let summary = |side: Option<Side<'_>>| side.map(|side| side.summary().clone());
        let (a, b) = (summary(pair.a), summary(pair.b));
        let config_changed = a.as_ref().zip(b.as_ref()).is_some_and(|(a, b)| a.config != b.config);
        let (a, b) = (a.map(|a| a.proof), b.map(|b| b.proof));
        let status = match (a, b) {
            (Some(_), None) => DiffStatus::OnlyInA,
            (None, _) => DiffStatus::OnlyInB,
            _ if a == b && !config_changed => DiffStatus::Equal,
            _ => DiffStatus::Different,
        };
        let count = |proof: Option<CollectionProof>| proof.map_or(0, |proof| proof.count);
        Self {
            name: pair.name.clone(),
            status,
            a,
            b,
            config_changed,
            added: if a.is_none() { count(b) } else { 0 },
            removed: if b.is_none() { count(a) } else { 0 },
            changed: 0,
            unchanged: if a == b { count(a) } else { 0 },
            added_ids: Vec::new(),
            removed_ids: Vec::new(),
            changed_ids: Vec::new(),
        }
    }

    /// What the records were found to be.
    fn count(&mut self, tally: Tally) {
        let Tally { added, removed, changed, unchanged } = tally;
        (self.added, self.added_ids) = (added.count, added.ids);
        (self.removed, self.removed_ids) = (removed.count, removed.ids);
        (self.changed, self.changed_ids) = (changed.count, changed.ids);
        self.unchanged = unchanged;
    }
}

/// A collection of one of the backups.
#[derive(Clone, Copy)]
struct Side<'a> {
    backup: &'a Backup,
    number: usize,
}

/// A name, and the collection of it on either side.
struct Pair<'a> {
    name: &'a CollectionName,
    a: Option<Side<'a>>,
    b: Option<Side<'a>>,
}

/// Every collection of either backup, ascending by name.
fn pairs<'a>(a: &'a Backup, b: &'a Backup) -> Vec<Pair<'a>> {
    let (mut rest_a, mut rest_b) = (sides(a), sides(b));
    let mut pairs = Vec::with_capacity(rest_a.len() + rest_b.len());
    loop {
        let (a, b) = (rest_a.last().copied(), rest_b.last().copied());
        let order = match (a, b) {
            (Some(a), Some(b)) => a.name().cmp(b.name()),
            (Some(_), None) => Ordering::Greater,
            (None, Some(_)) => Ordering::Less,
            (None, None) => break,
        };
        // The greatest names come first, as long as names are taken from the ends.
        let (a, b) = (a.filter(|_| order.is_ge()), b.filter(|_| order.is_le()));
        if let Some(name) = a.or(b).map(|side| side.name()) {
            pairs.push(Pair { name, a, b });
        }
        rest_a.truncate(rest_a.len() - usize::from(a.is_some()));
        rest_b.truncate(rest_b.len() - usize::from(b.is_some()));
    }
    pairs.reverse();
    pairs
}

/// The collections of a backup, ascending by name.
fn sides(backup: &Backup) -> Vec<Side<'_>> {
    let mut sides: Vec<Side<'_>> = Vec::new();
    for number in 0..backup.summary().contents.len() {
        let side = Side { backup, number };
        // There are 10,000 at most, and a sort is much code to download.
        sides.insert(sides.partition_point(|before| before.name() < side.name()), side);
    }
    sides
}

/// A collection that both have.
#[derive(Clone, Copy)]
struct Sides<'a> {
    a: Side<'a>,
    b: Side<'a>,
}

impl<'a> Side<'a> {
    fn name(&self) -> &'a CollectionName {
        &self.summary().name
    }

    fn summary(&self) -> &'a CollectionSummary {
        &self.backup.summary().contents[self.number]
    }

    /// How many records it has at most, see [`Backup::most_records`].
    fn most_records(&self) -> Result<usize> {
        self.backup.most_records(self.number)
    }

    /// Reads and proves all records.
    fn reader(&self, host: &Host) -> Box<dyn CollectionReader> {
        self.backup.reader(self.number, host.clone())
    }
}
