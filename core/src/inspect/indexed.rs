//! All records of a collection of an indexed file, as one stream.

use std::collections::VecDeque;
use std::sync::Arc;

use async_trait::async_trait;

use super::opening::check_bytes;
use super::rebuild::PageMender;
use super::{PieceReader, as_collection_error, in_block, in_collection, load_page};
use crate::blob::{BlobMeta, BlobStore};
use crate::collections::{CollectionError, CollectionReader};
use crate::error::{Error, Result};
use crate::format::glue::{CLOSE_COLLECTION, EDGE};
use crate::format::index::BlockEntry;
use crate::format::layout::Layout;
use crate::format::limits::BLOCKS_PER_PAGE;
use crate::format::run::{BLOCKS_PER_RUN, DecodedRun, RunText, decode};
use crate::format::unique::UniqueIds;
use crate::format::writer::before_block;
use crate::format::{FormatError, FormatErrorKind};
use crate::host::{Host, Running};
use crate::model::{CollectionProof, RecordBatch};

/// A run that is being decoded, and the numbers of its blocks.
type DecodeJob = (Vec<u64>, Running<DecodedRun>);

/// Something in a collection that is not what the index says.
pub(crate) enum Damage {
    /// Of the bytes between the blocks, or of the collection as a whole.
    Collection(FormatError),
    /// Of a block.
    Block {
        /// Its number in the file.
        block: u64,
        /// What the index says of it.
        entry: BlockEntry,
        /// What is wrong.
        error: FormatError,
    },
    /// Of a page of the index: the blocks that it describes cannot be looked at.
    Page {
        /// Its number.
        page: usize,
        /// What is wrong.
        error: FormatError,
    },
}

/// Reads a collection front to back in one ranged read, decoding on the host's workers, and proves it:
/// every byte from its opening to its closing glue, every block's hash, the order, count and fingerprint.
///
/// The first damage ends it; or damage is noted, and what is sound goes on being read.
pub(crate) struct IndexedReader {
    store: Arc<dyn BlobStore>,
    meta: BlobMeta,
    layout: Arc<Layout>,
    host: Host,
    /// What makes a damaged page again, where that may be.
    mender: Option<&'static dyn PageMender>,
    /// Where damage is noted; `None` where the first ends the reader.
    noted: Option<Vec<Damage>>,
    /// The long read, and where it ends.
    pieces: Option<PieceReader>,
    until: u64,
    /// The page that is at hand; `None` in it where it is damaged.
    page: Option<(usize, Option<Vec<BlockEntry>>)>,
    spare: Vec<RecordBatch>,
    at: Position,
}

/// How far a collection has been read.
#[derive(Default)]
struct Position {
    collection: usize,
    opened: bool,
    ended: bool,
    /// The number of the block that is read next.
    next_block: u64,
    decoding: VecDeque<DecodeJob>,
    unique: UniqueIds,
    found: CollectionProof,
    /// A block was damaged or is unknown, so that the proof cannot come out.
    incomplete: bool,
    /// How many records the blocks have that were handed to the workers.
    records_begun: u64,
    /// The offset behind the last block that was decoded, of this collection or one before.
    decoded_to: u64,
}

impl IndexedReader {
    /// A reader of the collection of this number in the file, which ends at the first damage. With a mender it makes
    /// a damaged page of the index again where it can.
    pub(crate) fn new(
        store: Arc<dyn BlobStore>,
        meta: BlobMeta,
        layout: Arc<Layout>,
        collection: usize,
        host: Host,
        mender: Option<&'static dyn PageMender>,
    ) -> Self {
        let until = layout.root.collections[collection].end + CLOSE_COLLECTION.len() as u64;
        let mut reader = Self { mender, ..Self::reading(store, meta, layout, host, until, None) };
        reader.begin(collection);
        reader
    }

    /// A reader that notes damage and goes on, for one collection after the other in one long read: each is to be
    /// begun.
    pub(crate) fn noting(store: Arc<dyn BlobStore>, meta: BlobMeta, layout: Arc<Layout>, host: Host) -> Self {
        let until = layout.data_end;
        Self::reading(store, meta, layout, host, until, Some(Vec::new()))
    }

    fn reading(
        store: Arc<dyn BlobStore>,
        meta: BlobMeta,
        layout: Arc<Layout>,
        host: Host,
        until: u64,
        noted: Option<Vec<Damage>>,
    ) -> Self {
        let at = Position::default();
        let (mender, pieces, page, spare) = (None, None, None, Vec::new());
        Self { store, meta, layout, host, mender, noted, pieces, until, page, spare, at }
    }

    /// Begins the collection of this number.
    pub(crate) fn begin(&mut self, collection: usize) {
        self.at = Position {
            collection,
            next_block: self.layout.first_blocks[collection],
            unique: UniqueIds::new(self.layout.root.collections[collection].ordered),
            decoded_to: self.at.decoded_to,
            ..Position::default()
        };
    }

    /// The records of the next sound blocks, none at the end; `memory` lends its memory.
    async fn advance(&mut self, memory: RecordBatch) -> Result<RecordBatch> {
        self.give_back(memory);
        if !self.at.opened {
            let (start, opening) = self.layout.opening(self.at.collection);
            self.glue(start, &opening).await?;
            self.at.opened = true;
        }
        let collection = &self.layout.root.collections[self.at.collection];
        let end = self.layout.first_blocks[self.at.collection] + collection.blocks;
        loop {
            while self.at.decoding.len() < self.host.window() && self.at.next_block < end {
                self.start_run(end).await?;
            }
            let Some((blocks, job)) = self.at.decoding.pop_front() else {
                self.finish().await?;
                return Ok(RecordBatch::default());
            };
            let run = job.await?;
            self.check_run(&run, blocks)?;
            // No records at all would mean the end.
            if !run.batch.is_empty() {
                return Ok(run.batch);
            }
            self.give_back(run.batch);
            self.host.check_cancelled()?;
        }
    }

    /// Keeps memory for what is to be decoded: no more than runs are under way, however many collections are read.
    fn give_back(&mut self, memory: RecordBatch) {
        if self.spare.len() < self.host.window() {
            self.spare.push(memory);
        }
    }

    /// What the sound records of the collection come to so far.
    pub(crate) fn found(&self) -> CollectionProof {
        self.at.found
    }

    /// The offset behind the last block that was decoded.
    pub(crate) fn decoded_to(&self) -> u64 {
        self.at.decoded_to
    }

    /// The damage that was noted since the last call.
    pub(crate) fn take_noted(&mut self) -> Vec<Damage> {
        self.noted.as_mut().map(std::mem::take).unwrap_or_default()
    }

    /// Counts a run's sound blocks, and sees that their ids may follow those before.
    fn check_run(&mut self, run: &DecodedRun, blocks: Vec<u64>) -> Result<()> {
        let mut damaged = Vec::new();
        for (block, decoded) in blocks.into_iter().zip(run.blocks(&mut self.at.unique)) {
            self.at.decoded_to = decoded.entry.end();
            let (error, lost) = match decoded.proof {
                Ok(proof) => {
                    // Where that ends the reader, it must not end well for whoever asks again.
                    if decoded.not_unique.is_none() || self.noted.is_some() {
                        self.at.found = self.at.found.plus(proof);
                    }
                    (decoded.not_unique, false)
                }
                Err(error) => (Some(error), true),
            };
            if let Some(error) = error {
                damaged.push((Damage::Block { block, entry: decoded.entry.clone(), error }, lost));
            }
        }
        for (damage, lost) in damaged {
            self.damage(damage)?;
            self.at.incomplete |= lost;
        }
        Ok(())
    }

    /// Reads the next run, of blocks before `end`, and hands it to the workers.
    async fn start_run(&mut self, end: u64) -> Result<()> {
        let (mut run, mut blocks, first) = (RunText::new(), Vec::new(), self.at.records_begun);
        let first_block = self.layout.first_blocks[self.at.collection];
        for block in self.at.next_block..end.min(self.at.next_block + BLOCKS_PER_RUN as u64) {
            self.at.next_block += 1;
            let Some(entry) = self.entry(block).await? else {
                self.at.incomplete = true;
                continue;
            };
            let before = before_block(block == first_block);
            self.glue(entry.offset - before.len() as u64, before).await?;
            let text = self.take(entry.offset, entry.bytes as usize).await?;
            self.at.records_begun += entry.records;
            run.push((text, entry));
            blocks.push(block);
        }
        if run.is_empty() {
            return Ok(());
        }
        let mut batch = self.spare.pop().unwrap_or_default();
        batch.reset(self.layout.root.collections[self.at.collection].config.dimension());
        self.at.decoding.push_back((blocks, self.host.spawn(move || decode(run, first, batch))));
        Ok(())
    }

    /// Checks the glue that closes the collection, and what it came to.
    async fn finish(&mut self) -> Result<()> {
        if self.at.ended {
            return Ok(());
        }
        let collection = &self.layout.root.collections[self.at.collection];
        let (start, end, expected) = (collection.start, collection.end, collection.proof);
        let edge = if collection.blocks > 0 { EDGE } else { b"" };
        self.glue(end - edge.len() as u64, &[edge, CLOSE_COLLECTION].concat()).await?;
        if !self.at.incomplete && self.at.found != expected {
            let message = format!("the records come to {}; the index says {expected}", self.at.found);
            let error = FormatError::new(FormatErrorKind::ProofMismatch, start, message);
            self.damage(Damage::Collection(error))?;
        }
        // Not before: whoever asks again after an error must not be told that all is proved.
        self.at.ended = true;
        Ok(())
    }

    /// The entry of a block; `None` where its page is damaged.
    async fn entry(&mut self, block: u64) -> Result<Option<BlockEntry>> {
        let number = (block / BLOCKS_PER_PAGE as u64) as usize;
        if self.page.as_ref().is_none_or(|(page, _)| *page != number) {
            self.page = Some((number, self.load(number).await?));
        }
        let entries = self.page.as_ref().and_then(|(_, entries)| entries.as_ref());
        Ok(entries.map(|entries| entries[(block % BLOCKS_PER_PAGE as u64) as usize].clone()))
    }

    /// The entries of a page; a damaged one is made again from its blocks, if that may be and these are sound.
    async fn load(&mut self, page: usize) -> Result<Option<Vec<BlockEntry>>> {
        let error = match load_page(&*self.store, &self.meta, &self.layout, page).await {
            Ok(entries) => return Ok(Some(entries)),
            Err(error) => error,
        };
        let Some(damage) = error.damage() else { return Err(error) };
        if let Some(mender) = self.mender {
            let mended = mender.mend(&*self.store, &self.meta, &self.layout, page, &self.host).await?;
            if mended.is_some() {
                return Ok(mended);
            }
        }
        self.damage(Damage::Page { page, error: damage.clone() })?;
        // Of damaged pages many may come one after the other.
        self.host.check_cancelled()?;
        Ok(None)
    }

    /// The bytes at `offset` must be these.
    async fn glue(&mut self, offset: u64, canonical: &[u8]) -> Result<()> {
        let found = self.take(offset, canonical.len()).await?;
        check_bytes(&found, canonical, offset).or_else(|error| self.damage(Damage::Collection(error)))
    }

    /// Bytes of the file: the next ones of one long read, which begins anew where unknown blocks were left out.
    async fn take(&mut self, offset: u64, bytes: usize) -> Result<bytes::Bytes> {
        let pieces = match self.pieces.take().filter(|pieces| pieces.offset() == offset) {
            Some(pieces) => self.pieces.insert(pieces),
            None => {
                let pieces = PieceReader::begin(&*self.store, &self.meta, offset..self.until).await?;
                self.pieces.insert(pieces)
            }
        };
        Ok(pieces.take(bytes).await?)
    }

    /// Notes damage, or ends with it.
    fn damage(&mut self, damage: Damage) -> Result<()> {
        if let Some(noted) = &mut self.noted {
            noted.push(damage);
            return Ok(());
        }
        let name = &self.layout.root.collections[self.at.collection].name;
        let error = match damage {
            Damage::Collection(error) => in_collection(error, name),
            Damage::Block { block, entry, error } => in_block(error, name, block, &entry),
            Damage::Page { error, .. } => error,
        };
        Err(Error::damaged(&self.meta.key, error))
    }
}

#[cfg_attr(not(target_family = "wasm"), async_trait)]
#[cfg_attr(target_family = "wasm", async_trait(?Send))]
impl CollectionReader for IndexedReader {
    async fn next(&mut self, batch: RecordBatch) -> Result<RecordBatch, CollectionError> {
        self.advance(batch).await.map_err(as_collection_error)
    }
}
