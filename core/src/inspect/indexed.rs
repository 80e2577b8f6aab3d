//! The records of an indexed file: by position, by id, or all of a collection as one stream.

use std::collections::VecDeque;
use std::sync::Arc;

use async_trait::async_trait;

use super::opening::check_bytes;
use super::rebuild::rebuild_page;
use super::{PieceReader, as_collection_error, in_block, in_collection};
use crate::blob::{BlobMeta, BlobStore, BlobStoreExt};
use crate::collections::{CollectionError, CollectionReader};
use crate::error::{Error, Result};
use crate::format::block::check_and_decode;
use crate::format::glue::{CLOSE_COLLECTION, EDGE};
use crate::format::hash::hash;
use crate::format::index::{BlockEntry, parse_page};
use crate::format::layout::Layout;
use crate::format::limits::BLOCKS_PER_PAGE;
use crate::format::run::{BLOCKS_PER_RUN, DecodedRun, RunText, decode};
use crate::format::unique::UniqueIds;
use crate::format::writer::before_block;
use crate::format::{FormatError, FormatErrorKind};
use crate::host::{Host, Running};
use crate::model::{CollectionProof, RecordBatch};

/// Reads a page of the index and checks it.
pub(crate) async fn load_page(
    store: &dyn BlobStore,
    meta: &BlobMeta,
    layout: &Layout,
    page: usize,
) -> Result<Vec<BlockEntry>> {
    let entry = &layout.root.pages[page];
    let text = store.read_range(meta, entry.offset..entry.offset + entry.bytes).await?;
    check_page_text(layout, page, &text).map_err(|error| Error::damaged(&meta.key, error))
}

/// Checks and reads the text of a page.
pub(crate) fn check_page_text(
    layout: &Layout,
    page: usize,
    text: &[u8],
) -> Result<Vec<BlockEntry>, FormatError> {
    let entry = &layout.root.pages[page];
    if hash(text) != entry.hash {
        let message = format!("page {page} of the index has another hash than the root page says");
        return Err(FormatError::new(FormatErrorKind::HashMismatch, entry.offset, message));
    }
    let entries = parse_page(text, entry.offset)?;
    layout.check_page(page, &entries)?;
    Ok(entries)
}

/// Reads a block and checks it. `first` is the number of its first record in its collection.
async fn load_block(
    store: &dyn BlobStore,
    meta: &BlobMeta,
    layout: &Layout,
    collection: usize,
    entry: &BlockEntry,
    first: u64,
) -> Result<RecordBatch> {
    let collection = &layout.root.collections[collection];
    let text = store.read_range(meta, entry.offset..entry.end()).await?;
    let mut batch = RecordBatch::new(collection.config.dimension());
    check_and_decode(&text, entry, first, &mut batch)
        .map_err(|error| Error::damaged(&meta.key, in_collection(error, &collection.name)))?;
    Ok(batch)
}

/// Appends up to `limit` records from position `offset` of a collection to `records`.
pub(super) async fn page(
    store: &dyn BlobStore,
    meta: &BlobMeta,
    layout: &Layout,
    collection: usize,
    offset: u64,
    limit: usize,
    records: &mut RecordBatch,
) -> Result<()> {
    let collections = &layout.root.collections;
    let before: u64 = collections[..collection].iter().map(|c| c.proof.count).sum();
    let (wanted, end) = (before + offset, before + collections[collection].proof.count);
    let mut position = 0;
    for page in 0..layout.page_count() {
        let in_page = layout.root.pages[page].records;
        if position + in_page <= wanted {
            position += in_page;
            continue;
        }
        for entry in load_page(store, meta, layout, page).await? {
            let next = position + entry.records;
            if next > wanted && position < end && records.len() < limit {
                let first = position.saturating_sub(before);
                let block = load_block(store, meta, layout, collection, &entry, first).await?;
                let from = wanted.saturating_sub(position) as usize;
                let to = block.len().min(from + limit - records.len());
                for index in from..to {
                    records.push_checked(block.record(index));
                }
            }
            position = next;
        }
        if records.len() == limit || position >= end {
            return Ok(());
        }
    }
    Ok(())
}

/// The record of an id in an ordered collection.
pub(super) async fn find(
    store: &dyn BlobStore,
    meta: &BlobMeta,
    layout: &Layout,
    collection: usize,
    id: &str,
) -> Result<Option<RecordBatch>> {
    let first = layout.first_blocks[collection];
    let blocks = first..first + layout.root.collections[collection].blocks;
    if blocks.is_empty() {
        return Ok(None);
    }
    let comes_after = |first_id: &str| first_id.as_bytes() > id.as_bytes();
    // The last page that begins in the collection with an id not after this one; else the one before it,
    // in which the collection begins.
    let first_page = (blocks.start / BLOCKS_PER_PAGE as u64) as usize;
    let last_page = ((blocks.end - 1) / BLOCKS_PER_PAGE as u64) as usize;
    let later = &layout.root.pages[first_page + 1..=last_page];
    let page = first_page + later.partition_point(|page| !comes_after(&page.first_id));
    let entries = load_page(store, meta, layout, page).await?;
    let in_page = layout.blocks_of_page(page);
    let from = blocks.start.max(in_page.start) - in_page.start;
    let to = blocks.end.min(in_page.end) - in_page.start;
    let entries = &entries[from as usize..to as usize];
    let Some(entry) = entries[..entries.partition_point(|entry| !comes_after(&entry.first_id))].last() else {
        return Ok(None);
    };
    let block = load_block(store, meta, layout, collection, entry, 0).await?;
    let found = block.records().find(|record| record.id == id);
    Ok(found.map(|record| {
        let mut one = RecordBatch::new(block.dimension());
        one.push_checked(record);
        one
    }))
}

/// A run that is being decoded.
type DecodeJob = Running<DecodedRun>;

/// Reads a collection front to back in one ranged read, decoding on the host's workers, and proves it:
/// every byte from its opening to its closing glue, every block's hash, the order, count and fingerprint.
pub(crate) struct IndexedReader {
    store: Arc<dyn BlobStore>,
    meta: BlobMeta,
    layout: Arc<Layout>,
    collection: usize,
    host: Host,
    /// Whether a damaged page may be made again.
    mends: bool,
    pieces: Option<PieceReader>,
    /// The number of the block that is read next.
    next_block: u64,
    page: Option<(usize, Vec<BlockEntry>)>,
    /// Each with the number of its first block.
    decoding: VecDeque<(u64, DecodeJob)>,
    unique: UniqueIds,
    found: CollectionProof,
    /// Records handed to the workers so far.
    started: u64,
    spare: Vec<RecordBatch>,
    ended: bool,
}

impl IndexedReader {
    /// A reader of the collection of this number in the file. One that `mends` makes a damaged page of the
    /// index again where it can.
    pub(crate) fn new(
        store: Arc<dyn BlobStore>,
        meta: BlobMeta,
        layout: Arc<Layout>,
        collection: usize,
        host: Host,
        mends: bool,
    ) -> Self {
        Self {
            next_block: layout.first_blocks[collection],
            unique: UniqueIds::new(layout.root.collections[collection].ordered),
            store,
            meta,
            layout,
            collection,
            host,
            mends,
            pieces: None,
            page: None,
            decoding: VecDeque::new(),
            found: CollectionProof::EMPTY,
            started: 0,
            spare: Vec::new(),
            ended: false,
        }
    }

    fn damaged(&self, error: FormatError) -> Box<Error> {
        let name = &self.layout.root.collections[self.collection].name;
        Error::damaged(&self.meta.key, in_collection(error, name))
    }

    async fn advance(&mut self) -> Result<RecordBatch> {
        if self.ended {
            return Ok(RecordBatch::default());
        }
        let collection = &self.layout.root.collections[self.collection];
        let end = self.layout.first_blocks[self.collection] + collection.blocks;
        while self.decoding.len() < self.host.window() && self.next_block < end {
            self.start_run(end).await?;
        }
        let Some((first, job)) = self.decoding.pop_front() else {
            self.finish().await?;
            return Ok(RecordBatch::default());
        };
        let run = job.await?;
        let name = &self.layout.root.collections[self.collection].name;
        for (block, decoded) in (first..).zip(run.blocks(&mut self.unique)) {
            let damaged = |error| Error::damaged(&self.meta.key, in_block(error, name, block, decoded.entry));
            self.found = self.found.plus(decoded.proof.map_err(damaged)?);
            if let Some(error) = decoded.not_unique {
                return Err(damaged(error));
            }
        }
        Ok(run.batch)
    }

    /// Reads the next run, of blocks before `end`, and hands it to the workers.
    async fn start_run(&mut self, end: u64) -> Result<()> {
        let mut run = RunText::with_capacity(BLOCKS_PER_RUN);
        let (first, first_block) = (self.started, self.next_block);
        while run.len() < BLOCKS_PER_RUN && self.next_block < end {
            let entry = self.entry(self.next_block).await?;
            let first_of_collection = self.next_block == self.layout.first_blocks[self.collection];
            self.open().await?;
            self.expect(before_block(first_of_collection)).await?;
            let Some(pieces) = &mut self.pieces else { return Ok(()) };
            let text = pieces.take(entry.bytes as usize).await?;
            self.started += entry.records;
            self.next_block += 1;
            run.push((text, entry));
        }
        let mut batch = self.spare.pop().unwrap_or_default();
        batch.reset(self.layout.root.collections[self.collection].config.dimension());
        self.decoding.push_back((first_block, self.host.spawn(move || decode(run, first, batch))));
        Ok(())
    }

    async fn entry(&mut self, block: u64) -> Result<BlockEntry> {
        let number = (block / BLOCKS_PER_PAGE as u64) as usize;
        let loaded = self.page.take().filter(|(page, _)| *page == number);
        let (_, entries) = match loaded {
            Some(page) => self.page.insert(page),
            None => {
                let entries = self.load_page(number).await?;
                self.page.insert((number, entries))
            }
        };
        Ok(entries[(block % BLOCKS_PER_PAGE as u64) as usize].clone())
    }

    /// The entries of a page; a damaged one is made again from its blocks, if these are sound.
    async fn load_page(&mut self, page: usize) -> Result<Vec<BlockEntry>> {
        match load_page(&*self.store, &self.meta, &self.layout, page).await {
            Err(damaged) if self.mends && damaged.damage().is_some() => {
                let made = rebuild_page(&*self.store, &self.meta, &self.layout, page, &self.host).await?;
                made.ok_or(damaged)
            }
            other => other,
        }
    }

    /// Begins to read, and checks the glue that opens the collection.
    async fn open(&mut self) -> Result<()> {
        if self.pieces.is_some() {
            return Ok(());
        }
        let (start, opening) = self.layout.opening(self.collection);
        let end = self.layout.root.collections[self.collection].end + CLOSE_COLLECTION.len() as u64;
        self.pieces = Some(PieceReader::begin(&*self.store, &self.meta, start..end).await?);
        self.expect(&opening).await
    }

    /// The next bytes must be these.
    async fn expect(&mut self, canonical: &[u8]) -> Result<()> {
        let Some(pieces) = &mut self.pieces else { return Ok(()) };
        let offset = pieces.offset();
        let found = pieces.take(canonical.len()).await?;
        check_bytes(&found, canonical, offset).map_err(|error| self.damaged(error))
    }

    /// Checks the glue that closes the collection, and what it came to.
    async fn finish(&mut self) -> Result<()> {
        self.open().await?;
        let collection = &self.layout.root.collections[self.collection];
        let (expected, blocks) = (collection.proof, collection.blocks);
        if blocks > 0 {
            self.expect(EDGE).await?;
        }
        self.expect(CLOSE_COLLECTION).await?;
        self.ended = true;
        if self.found != expected {
            let message = format!("the records come to {}; the index says {expected}", self.found);
            let start = self.layout.root.collections[self.collection].start;
            return Err(self.damaged(FormatError::new(FormatErrorKind::ProofMismatch, start, message)));
        }
        Ok(())
    }
}

#[cfg_attr(not(target_family = "wasm"), async_trait)]
#[cfg_attr(target_family = "wasm", async_trait(?Send))]
impl CollectionReader for IndexedReader {
    async fn next(&mut self, batch: RecordBatch) -> Result<RecordBatch, CollectionError> {
        self.spare.push(batch);
        self.advance().await.map_err(as_collection_error)
    }
}
