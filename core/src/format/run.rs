//! Runs: consecutive blocks of one collection that are one job, about a MiB of text. Handing a
//! run from thread to thread and to the store takes no time beside making it.
//!
//! Where blocks end depends on the records alone: [`BlockCutter`] cuts the batches of a source, however it
//! sized them, into the same blocks.

use std::ops::Range;
use std::sync::Arc;

use bytes::Bytes;

use super::FormatError;
use super::block::{EncodeError, EncodedBlock, Slice, check_and_decode, encode, not_unique};
use super::index::BlockEntry;
use super::limits::BLOCK_WEIGHT;
use super::unique::UniqueIds;
use super::writer::before_block;
use crate::model::{CollectionProof, RecordBatch};

/// How many blocks a run has at most.
pub(crate) const BLOCKS_PER_RUN: usize = 4;

/// Records cut into whole blocks.
#[derive(Debug)]
pub(crate) struct Run {
    /// What earlier batches left over, less than a block: the beginning of the first block.
    head: RecordBatch,
    body: Arc<RecordBatch>,
    /// The records in `body` of each block.
    blocks: Vec<Range<usize>>,
    first_of_collection: bool,
}

/// A run as it stands in the file.
#[derive(Debug)]
pub(crate) struct EncodedRun {
    /// The blocks' text, each after the bytes that come before it.
    pub(crate) text: Vec<u8>,
    /// What the index says of them.
    pub(crate) blocks: Vec<EncodedBlock>,
}

impl Run {
    /// Encodes and proves every block. `text` and `scratch` lend their memory.
    pub(crate) fn encode(
        &self,
        mut text: Vec<u8>,
        scratch: &mut RecordBatch,
    ) -> Result<EncodedRun, EncodeError> {
        text.clear();
        text.reserve(self.text_bytes());
        let mut blocks = Vec::with_capacity(self.blocks.len());
        for (number, range) in self.blocks.iter().enumerate() {
            let body: Slice<'_> = (&self.body, range.clone());
            let (first, records): (_, &[Slice<'_>]) = match number {
                0 => (self.first_of_collection, &[(&self.head, 0..self.head.len()), body]),
                _ => (false, &[body]),
            };
            text.extend_from_slice(before_block(first));
            blocks.push(encode(records, &mut text, scratch)?);
        }
        Ok(EncodedRun { text, blocks })
    }

    /// About the length of the text: a record's weight stands for its values, the rest of it is punctuation.
    fn text_bytes(&self) -> usize {
        const PUNCTUATION: usize = 64;
        let bytes = |batch: &RecordBatch, range: Range<usize>| -> usize {
            batch.slice(range).map(|record| record.weight() + PUNCTUATION).sum()
        };
        let body = self.blocks.iter().map(|range| bytes(&self.body, range.clone()));
        bytes(&self.head, 0..self.head.len()) + body.sum::<usize>()
    }

    /// The memory of its records, as far as nobody else reads them.
    pub(crate) fn into_memory(self) -> Vec<RecordBatch> {
        let mut memory = vec![self.head];
        memory.extend(Arc::into_inner(self.body));
        memory
    }
}

/// Cuts a collection's batches into runs of blocks.
#[derive(Debug)]
pub(crate) struct BlockCutter {
    /// Records that no block has yet: less than a block.
    rest: RecordBatch,
    batch: Arc<RecordBatch>,
    /// The first record of `batch` that has been neither cut nor copied to `rest`.
    position: usize,
    begun: bool,
}

impl BlockCutter {
    /// A cutter for a collection of this dimension.
    pub(crate) fn new(dimension: usize) -> Self {
        let empty = RecordBatch::new(dimension);
        Self { rest: empty.clone(), batch: Arc::new(empty), position: 0, begun: false }
    }

    /// Takes the next batch of the source, of the collection's dimension; the one before has been used up.
    pub(crate) fn push(&mut self, batch: RecordBatch) {
        debug_assert_eq!(self.position, self.batch.len());
        self.position = 0;
        self.batch = Arc::new(batch);
    }

    /// The next run. Without one more records are needed. `spare` lends its memory.
    pub(crate) fn next(&mut self, spare: &mut Vec<RecordBatch>) -> Option<Run> {
        if self.position == self.batch.len() {
            return None;
        }
        let (mut blocks, mut start, mut weight) = (Vec::new(), self.position, self.rest.weight());
        while self.position < self.batch.len() && blocks.len() < BLOCKS_PER_RUN {
            weight += self.batch.record(self.position).weight();
            self.position += 1;
            if weight >= BLOCK_WEIGHT {
                blocks.push(start..self.position);
                (start, weight) = (self.position, 0);
            }
        }
        let run = (!blocks.is_empty()).then(|| {
            let body = self.batch.clone();
            Run { head: self.take_rest(spare), body, blocks, first_of_collection: !self.begun }
        });
        self.begun |= run.is_some();
        self.rest.extend_from(&self.batch, start..self.position);
        if self.position == self.batch.len() {
            // Whoever encodes the last run of the batch is then alone with it, and gives its memory back.
            let used_up = std::mem::take(&mut self.batch);
            self.position = 0;
            spare.extend(Arc::into_inner(used_up));
        }
        run
    }

    /// The records that are left at the end.
    pub(crate) fn rest(&mut self) -> Option<Run> {
        let empty = RecordBatch::new(self.rest.dimension());
        let head = std::mem::replace(&mut self.rest, empty.clone());
        let first_of_collection = !self.begun;
        (!head.is_empty()).then(|| Run {
            head,
            body: Arc::new(empty),
            blocks: std::iter::once(0..0).collect(),
            first_of_collection,
        })
    }

    fn take_rest(&mut self, spare: &mut Vec<RecordBatch>) -> RecordBatch {
        let mut next = spare.pop().unwrap_or_default();
        next.reset(self.rest.dimension());
        std::mem::replace(&mut self.rest, next)
    }
}

/// Blocks as they were read, with their entries in the index.
pub(crate) type RunText = Vec<(Bytes, BlockEntry)>;

/// A run that has been decoded.
#[derive(Debug)]
pub(crate) struct DecodedRun {
    text: RunText,
    proofs: Vec<Result<CollectionProof, FormatError>>,
    /// The records of its sound blocks.
    pub(crate) batch: RecordBatch,
}

/// A block of a decoded run.
pub(crate) struct DecodedBlock<'a> {
    pub(crate) entry: &'a BlockEntry,
    /// Count and fingerprint, or what is wrong with it; then its records are not there.
    pub(crate) proof: Result<CollectionProof, FormatError>,
    /// What is wrong where one of its ids may not follow those before it.
    pub(crate) not_unique: Option<FormatError>,
}

/// Checks the blocks of a run and decodes them; `first` is the number of the first record in its collection.
/// `batch` is empty, has the collection's dimension, and lends its memory.
pub(crate) fn decode(text: RunText, first: u64, mut batch: RecordBatch) -> DecodedRun {
    let mut first = first;
    let decode_block = |(text, entry): &(Bytes, BlockEntry)| {
        let proof = check_and_decode(text, entry, first, &mut batch);
        first += entry.records;
        proof
    };
    let proofs = text.iter().map(decode_block).collect();
    DecodedRun { text, proofs, batch }
}

impl DecodedRun {
    /// Its blocks in order; `unique` sees their ids.
    pub(crate) fn blocks<'a>(&'a self, unique: &'a mut UniqueIds) -> impl Iterator<Item = DecodedBlock<'a>> {
        let mut start = 0;
        self.text.iter().zip(&self.proofs).map(move |((_, entry), proof)| {
            let records = start..start + proof.as_ref().map_or(0, |proof| proof.count as usize);
            start = records.end;
            let last = unique.last().map(str::to_owned);
            let twice = unique.check(self.batch.slice(records)).err();
            let not_unique = twice.map(|record| not_unique(entry.offset, last.as_deref(), record.id));
            DecodedBlock { entry, proof: proof.clone(), not_unique }
        })
    }
}

#[cfg(test)]
mod tests {
    use super::super::block::read_records;
    use super::super::float::Tier;
    use super::*;
    use crate::model::Record;

    const DIMENSION: usize = 100;

    fn batch(ids: impl IntoIterator<Item = usize>) -> RecordBatch {
        let mut batch = RecordBatch::new(DIMENSION);
        for i in ids {
            let vector: Vec<f32> = (0..DIMENSION).map(|d| (i * 31 + d) as f32 / 7.0 - 100.0).collect();
            let record =
                Record { id: &format!("id-{i:06}"), vector: &vector, metadata: Some("{\"a\":1}"), extra: "" };
            batch.push(record).unwrap();
        }
        batch
    }

    /// The text of all runs, and how many records each block has.
    fn encoded(batches: impl Iterator<Item = RecordBatch>) -> (Vec<u8>, Vec<u64>) {
        let (mut text, mut counts, mut spare) = (Vec::new(), Vec::new(), Vec::new());
        let mut take = |run: Run| {
            assert!(run.blocks.len() <= BLOCKS_PER_RUN);
            let encoded = run.encode(Vec::new(), &mut RecordBatch::default()).unwrap();
            text.extend(encoded.text);
            counts.extend(encoded.blocks.iter().map(|block| block.proof.count));
        };
        let mut cutter = BlockCutter::new(DIMENSION);
        for batch in batches {
            cutter.push(batch);
            while let Some(run) = cutter.next(&mut spare) {
                take(run);
            }
        }
        cutter.rest().into_iter().for_each(take);
        (text, counts)
    }

    #[test]
    fn blocks_do_not_depend_on_how_the_source_batched() {
        let all = batch(0..3000);
        let (text, counts) = encoded([all.clone()].into_iter());
        let mut start = 0;
        for (block, count) in counts.iter().enumerate() {
            let end = start + *count as usize;
            let weight: usize = all.slice(start..end).map(|record| record.weight()).sum();
            let last = all.record(end - 1).weight();
            assert!(weight >= BLOCK_WEIGHT || block + 1 == counts.len());
            assert!(weight < BLOCK_WEIGHT + last, "it ends with the record that makes it full");
            start = end;
        }
        assert!(start == 3000 && counts.len() > 2 * BLOCKS_PER_RUN);
        let mut read = RecordBatch::new(DIMENSION);
        read_records(Tier::detect(), &text[before_block(true).len()..], 0, &mut read).unwrap();
        assert!(read.same_bits(&all));
        for size in [1, 7, 64, 699, 2999] {
            let batches = (0..3000).step_by(size).map(|start| batch(start..(start + size).min(3000)));
            assert!(encoded(batches) == (text.clone(), counts.clone()), "in batches of {size}");
        }
    }

    #[test]
    fn no_records_make_no_run() {
        assert_eq!(encoded([batch([])].into_iter()), (vec![], vec![]));
        assert_eq!(encoded([batch([]), batch([1]), batch([])].into_iter()).1, [1]);
    }
}
