//! The blocks of a collection: what the index says of each, and some of them read without the others.

use std::collections::VecDeque;
use std::iter::Peekable;
use std::sync::Arc;

use async_trait::async_trait;

use super::{as_collection_error, in_block, load_page};
use crate::blob::{BlobMeta, BlobStore, BlobStoreExt};
use crate::collections::{CollectionError, CollectionReader};
use crate::error::{Error, Result};
use crate::format::index::BlockEntry;
use crate::format::layout::Layout;
use crate::format::limits::BLOCKS_PER_PAGE;
use crate::format::run::{BLOCKS_PER_RUN, DecodedRun, RunText, decode};
use crate::format::unique::UniqueIds;
use crate::host::{Host, Running};
use crate::model::RecordBatch;

/// The blocks of one collection, front to back. One page of the index is at hand.
pub(crate) struct Blocks {
    store: Arc<dyn BlobStore>,
    meta: BlobMeta,
    layout: Arc<Layout>,
    collection: usize,
    next: BlockAt,
    page: Option<(usize, Vec<BlockEntry>)>,
}

/// Which block, and where it begins in its collection.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct BlockAt {
    /// Its number in the file.
    pub(crate) block: u64,
    /// The position of its first record in the collection.
    pub(crate) position: u64,
}

impl Blocks {
    pub(super) fn new(
        store: Arc<dyn BlobStore>,
        meta: BlobMeta,
        layout: Arc<Layout>,
        collection: usize,
    ) -> Self {
        let next = BlockAt { block: layout.first_blocks[collection], position: 0 };
        Self { store, meta, layout, collection, next, page: None }
    }

    /// The block that comes next and what the index says of it; `None` behind the last.
    pub(crate) async fn peek(&mut self) -> Result<Option<(BlockAt, &BlockEntry)>> {
        let collection = &self.layout.root.collections[self.collection];
        if self.next.block == self.layout.first_blocks[self.collection] + collection.blocks {
            return Ok(None);
        }
        let next = self.next;
        Ok(Some((next, self.entry(next.block).await?)))
    }

    /// Steps over the block that comes next.
    pub(crate) async fn step(&mut self) -> Result<()> {
        if let Some(records) = self.peek().await?.map(|(_, entry)| entry.records) {
            self.next.block += 1;
            self.next.position += records;
        }
        Ok(())
    }

    /// Reads some of the blocks, which are given in ascending order.
    pub(crate) fn read(self, wanted: Vec<BlockAt>, host: Host) -> Box<dyn CollectionReader> {
        let ordered = self.layout.root.collections[self.collection].ordered;
        let wanted = wanted.into_iter().peekable();
        let unique = UniqueIds::new(ordered);
        Box::new(BlockReader { blocks: self, ordered, wanted, host, unique, decoding: VecDeque::new() })
    }

    async fn entry(&mut self, block: u64) -> Result<&BlockEntry> {
        let number = (block / BLOCKS_PER_PAGE as u64) as usize;
        let (_, entries) = match self.page.take().filter(|(page, _)| *page == number) {
            Some(page) => self.page.insert(page),
            None => {
                let entries = load_page(&*self.store, &self.meta, &self.layout, number).await?;
                self.page.insert((number, entries))
            }
        };
        Ok(&entries[(block % BLOCKS_PER_PAGE as u64) as usize])
    }
}

/// Reads some blocks of a collection, neighbours in one ranged read, decoding on the host's workers. Each
/// block is proved by its hash, and in an ordered collection that the ids ascend; the collection is not, for
/// the rest of it is not looked at.
struct BlockReader {
    blocks: Blocks,
    ordered: bool,
    wanted: Peekable<std::vec::IntoIter<BlockAt>>,
    host: Host,
    unique: UniqueIds,
    /// Each with its first block.
    decoding: VecDeque<(BlockAt, Running<DecodedRun>)>,
}

impl BlockReader {
    /// Records of the next wanted blocks; none behind the last. `batch` lends its memory.
    async fn advance(&mut self, batch: RecordBatch) -> Result<RecordBatch> {
        let mut spare = Some(batch);
        while self.decoding.len() < self.host.window() && self.wanted.peek().is_some() {
            self.start_run(spare.take().unwrap_or_default()).await?;
        }
        let Some((first, job)) = self.decoding.pop_front() else { return Ok(RecordBatch::default()) };
        let run = job.await?;
        let Blocks { layout, meta, collection, .. } = &self.blocks;
        let name = &layout.root.collections[*collection].name;
        if !self.ordered {
            // Which id comes twice in other blocks is not asked: remembering them all is for who proves all.
            self.unique = UniqueIds::new(false);
        }
        for (block, decoded) in (first.block..).zip(run.blocks(&mut self.unique)) {
            if let Some(error) = decoded.proof.err().or(decoded.not_unique) {
                return Err(Error::damaged(&meta.key, in_block(error, name, block, decoded.entry)));
            }
        }
        Ok(run.batch)
    }

    /// Reads the next wanted blocks that are neighbours and hands them to the workers.
    async fn start_run(&mut self, mut batch: RecordBatch) -> Result<()> {
        let Some(first) = self.wanted.next() else { return Ok(()) };
        let mut entries = vec![self.blocks.entry(first.block).await?.clone()];
        while entries.len() < BLOCKS_PER_RUN {
            let neighbour = first.block + entries.len() as u64;
            if self.wanted.next_if(|wanted| wanted.block == neighbour).is_none() {
                break;
            }
            entries.push(self.blocks.entry(neighbour).await?.clone());
        }
        let Blocks { store, meta, layout, collection, .. } = &self.blocks;
        let start = entries[0].offset;
        let end = entries[entries.len() - 1].end();
        let text = store.read_range(meta, start..end).await?;
        let cut = |entry: BlockEntry| {
            let (from, to) = (entry.offset - start, entry.end() - start);
            (text.slice(from as usize..to as usize), entry)
        };
        let run: RunText = entries.into_iter().map(cut).collect();
        batch.reset(layout.root.collections[*collection].config.dimension());
        let job = self.host.spawn(move || decode(run, first.position, batch));
        self.decoding.push_back((first, job));
        Ok(())
    }
}

#[cfg_attr(not(target_family = "wasm"), async_trait)]
#[cfg_attr(target_family = "wasm", async_trait(?Send))]
impl CollectionReader for BlockReader {
    async fn next(&mut self, batch: RecordBatch) -> Result<RecordBatch, CollectionError> {
        self.advance(batch).await.map_err(as_collection_error)
    }
}
