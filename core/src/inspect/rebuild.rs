//! A damaged page of the index, made again from the blocks that it lists.
//!
//! Where a block ends follows from its records, and the rest of its entry from its bytes; so a page follows
//! from the records. What is made is the page, and as strong a proof as the page was, if it has the hash that
//! the root page says, which it has if every block of it is sound.

use async_trait::async_trait;
use bytes::Bytes;

use crate::blob::{BlobMeta, BlobStore, BlobStoreExt};
use crate::error::Result;
use crate::format::FormatError;
use crate::format::block::block_end;
use crate::format::glue::{EDGE, SEPARATOR};
use crate::format::hash::hash;
use crate::format::index::{BlockEntry, write_page};
use crate::format::layout::Layout;
use crate::format::limits::{BLOCK_WEIGHT, MAX_BLOCK_BYTES};
use crate::host::Host;
use crate::maybe_send::{MaybeSend, MaybeSync};
use crate::model::RecordBatch;

/// What is read of a block at first: most blocks, whole.
const WINDOW: u64 = 2 * BLOCK_WEIGHT as u64;

/// What makes a damaged page of the index again. A reader is handed it and does not call it by itself: a program that
/// never mends, as one that is downloaded, then has none of it.
#[cfg_attr(not(target_family = "wasm"), async_trait)]
#[cfg_attr(target_family = "wasm", async_trait(?Send))]
pub(crate) trait PageMender: MaybeSend + MaybeSync {
    /// The entries of a page; `None` where it cannot be made.
    async fn mend(
        &self,
        store: &dyn BlobStore,
        meta: &BlobMeta,
        layout: &Layout,
        page: usize,
        host: &Host,
    ) -> Result<Option<Vec<BlockEntry>>>;
}

/// Makes pages from the blocks that they list, all of which it reads; not where these are damaged too.
pub(super) struct FromBlocks;

#[cfg_attr(not(target_family = "wasm"), async_trait)]
#[cfg_attr(target_family = "wasm", async_trait(?Send))]
impl PageMender for FromBlocks {
    async fn mend(
        &self,
        store: &dyn BlobStore,
        meta: &BlobMeta,
        layout: &Layout,
        page: usize,
        host: &Host,
    ) -> Result<Option<Vec<BlockEntry>>> {
        let mut entries: Vec<BlockEntry> = Vec::new();
        for block in layout.blocks_of_page(page) {
            let number = layout.collection_of_block(block);
            let collection = &layout.root.collections[number];
            let offset = match entries.last() {
                _ if block == layout.first_blocks[number] => collection.start + EDGE.len() as u64,
                Some(before) => before.end() + SEPARATOR.len() as u64,
                None => layout.root.pages[page].first_block,
            };
            let limit = collection.end - EDGE.len() as u64;
            if offset >= limit {
                return Ok(None);
            }
            let dimension = collection.config.dimension();
            match read_block(store, meta, offset, limit, dimension, host).await? {
                Some(entry) => entries.push(entry),
                None => return Ok(None),
            }
            host.check_cancelled()?;
        }
        let sound = hash(&write_page(&entries)) == layout.root.pages[page].hash
            && layout.check_page(page, &entries).is_ok();
        Ok(sound.then_some(entries))
    }
}

/// The entry of the block at `offset` of a collection whose last block ends at `limit`.
async fn read_block(
    store: &dyn BlobStore,
    meta: &BlobMeta,
    offset: u64,
    limit: u64,
    dimension: usize,
    host: &Host,
) -> Result<Option<BlockEntry>> {
    let mut window = WINDOW;
    loop {
        let end = limit.min(offset + window);
        let text = store.read_range(meta, offset..end).await?;
        let job = host.spawn(move || entry(&text, offset, end == limit, dimension));
        match job.await? {
            Ok(None) if window < MAX_BLOCK_BYTES as u64 => window *= 2,
            Ok(found) => return Ok(found),
            Err(_) => return Ok(None),
        }
    }
}

/// The entry of the block that begins a text; `None` where it takes more text than this.
fn entry(text: &Bytes, offset: u64, rest: bool, dimension: usize) -> Result<Option<BlockEntry>, FormatError> {
    let mut batch = RecordBatch::new(dimension);
    let Some(end) = block_end(text, rest, &mut batch)? else { return Ok(None) };
    Ok(Some(BlockEntry {
        offset,
        bytes: end as u64,
        records: batch.len() as u64,
        first_id: batch.record(0).id.into(),
        hash: hash(&text[..end]),
    }))
}
