//! Both collections ascend by their ids: one merge, front to back.
//!
//! Where both files have an index, a block of the one that has the hash of a block of the other has the same
//! bytes, and so the same records. Because ids ascend, all records before it are before it in both, so that
//! the merge can go on without either. (Blocks are cut by weight: after a record is changed they soon end at
//! the same records again, after one is added or removed seldom.) A collection's fingerprint is a sum: what
//! it has beyond the records that were read is what the blocks left out come to, which must be the same on
//! both sides.

use std::cmp::Ordering;

use super::tally::Tally;
use super::{Side, Sides};
use crate::collections::CollectionReader;
use crate::error::{Error, Result};
use crate::format::fingerprint::Fingerprinter;
use crate::format::{FormatError, FormatErrorKind};
use crate::host::{Host, Reading};
use crate::inspect::{Blocks, from_collection_error};
use crate::model::{CollectionProof, Record, RecordBatch};

/// Compares two ordered collections.
pub(super) async fn compare(sides: Sides<'_>, limit: usize, reading: &mut Reading<'_>) -> Result<Tally> {
    let (mut reader_a, mut reader_b, left_out) = readers(sides, reading).await?;
    let mut merge = Box::new(Merge { limit, ..Merge::default() });
    merge.tally.unchanged = left_out;
    reading.done(left_out.saturating_mul(2))?;
    loop {
        let read = merge.a.refill(&mut *reader_a).await? + merge.b.refill(&mut *reader_b).await?;
        if merge.a.ended && merge.b.ended {
            break;
        }
        let job = reading.host.spawn(move || {
            merge.advance();
            merge
        });
        merge = job.await?;
        reading.done(read)?;
    }
    let unread = |side: Side<'_>, cursor: &Cursor| side.summary().proof.minus(cursor.seen);
    let (in_a, in_b) = (unread(sides.a, &merge.a), unread(sides.b, &merge.b));
    if in_a != in_b || in_a.count != left_out { Err(unequal(sides, in_a, in_b)) } else { Ok(merge.tally) }
}

/// Blocks of one hash, and yet the rest of the collections does not leave the same.
fn unequal(sides: Sides<'_>, in_a: CollectionProof, in_b: CollectionProof) -> Box<Error> {
    let b = sides.b.backup.summary().info.id;
    let message = format!(
        "the blocks that are in both backups come to {in_a} here and to {in_b} in backup {b}: verify both"
    );
    sides.a.backup.damaged(sides.a.number, FormatError::new(FormatErrorKind::ProofMismatch, 0u64, message))
}

type Reader = Box<dyn CollectionReader>;

/// Readers of what is not in blocks that both sides have, and how many records are in those.
async fn readers(sides: Sides<'_>, reading: &Reading<'_>) -> Result<(Reader, Reader, u64)> {
    let host = reading.host;
    let blocks = |side: Side<'_>| side.backup.blocks(side.number);
    if let (Some(a), Some(b)) = (blocks(sides.a), blocks(sides.b)) {
        let (a, b, shared) = without_shared(a, b, host).await?;
        if shared > 0 {
            return Ok((a, b, shared));
        }
    }
    Ok((sides.a.reader(host), sides.b.reader(host), 0))
}

/// Compares two indexes: readers of the blocks that only one of them has, and how many records are in the
/// others.
async fn without_shared(mut a: Blocks, mut b: Blocks, host: &Host) -> Result<(Reader, Reader, u64)> {
    let (mut only_a, mut only_b, mut shared) = (Vec::new(), Vec::new(), 0);
    loop {
        let (in_a, in_b) = (a.peek().await?, b.peek().await?);
        let order = match (in_a, in_b) {
            (None, None) => break,
            (Some(_), None) => Ordering::Less,
            (None, Some(_)) => Ordering::Greater,
            (Some((_, a)), Some((_, b))) if (a.hash, a.records) == (b.hash, b.records) => {
                shared += a.records;
                Ordering::Equal
            }
            // Of two that begin alike either may go first.
            (Some((_, a)), Some((_, b))) => {
                a.first_id.as_bytes().cmp(b.first_id.as_bytes()).then(Ordering::Less)
            }
        };
        only_a.extend(in_a.filter(|_| order.is_lt()).map(|(at, _)| at));
        only_b.extend(in_b.filter(|_| order.is_gt()).map(|(at, _)| at));
        if order.is_le() {
            a.step().await?;
        }
        if order.is_ge() {
            b.step().await?;
        }
        host.check_cancelled()?;
    }
    Ok((a.read(only_a, host.clone()), b.read(only_b, host.clone()), shared))
}

/// Where the merge stands on one side.
#[derive(Default)]
struct Cursor {
    batch: RecordBatch,
    at: usize,
    ended: bool,
    /// The records that it has passed.
    seen: CollectionProof,
}

impl Cursor {
    /// Reads on where nothing is left; gives how many records were read.
    async fn refill(&mut self, reader: &mut dyn CollectionReader) -> Result<u64> {
        if self.ended || self.at < self.batch.len() {
            return Ok(0);
        }
        let memory = std::mem::take(&mut self.batch);
        self.batch = reader.next(memory).await.map_err(from_collection_error)?;
        (self.at, self.ended) = (0, self.batch.is_empty());
        Ok(self.batch.len() as u64)
    }

    /// The record that comes next of those at hand.
    fn peek(&self) -> Option<Record<'_>> {
        (self.at < self.batch.len()).then(|| self.batch.record(self.at))
    }
}

/// A merge of two collections.
#[derive(Default)]
struct Merge {
    a: Cursor,
    b: Cursor,
    limit: usize,
    tally: Tally,
    hasher: Fingerprinter,
}

impl Merge {
    /// Goes on until one side has to read.
    fn advance(&mut self) {
        let Self { a, b, limit, tally, hasher } = self;
        let mut pass = |cursor: &mut CollectionProof, record: Record<'_>| {
            let fingerprint = hasher.record(record);
            *cursor = cursor.plus(CollectionProof { count: 1, fingerprint });
            fingerprint
        };
        loop {
            let order = match (a.peek(), b.peek()) {
                (Some(a), Some(b)) => a.id.as_bytes().cmp(b.id.as_bytes()),
                (Some(_), None) if b.ended => Ordering::Less,
                (None, Some(_)) if a.ended => Ordering::Greater,
                _ => return,
            };
            let mut of_a = None;
            let (mut seen_a, mut seen_b) = (a.seen, b.seen);
            if let Some(record) = a.peek().filter(|_| order.is_le()) {
                of_a = Some(pass(&mut seen_a, record));
                if order.is_lt() {
                    tally.removed.add(record.id, *limit);
                }
            }
            if let Some(record) = b.peek().filter(|_| order.is_ge()) {
                let of_b = pass(&mut seen_b, record);
                match of_a {
                    None => tally.added.add(record.id, *limit),
                    Some(of_a) if of_a == of_b => tally.unchanged += 1,
                    Some(_) => tally.changed.add(record.id, *limit),
                }
            }
            (a.seen, b.seen) = (seen_a, seen_b);
            a.at += usize::from(order.is_le());
            b.at += usize::from(order.is_ge());
        }
    }
}
