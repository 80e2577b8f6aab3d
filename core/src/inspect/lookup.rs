//! Some records of an indexed file: by position, or by id.

use super::{in_collection, load_page};
use crate::blob::{BlobMeta, BlobStore, BlobStoreExt};
use crate::error::{Error, Result};
use crate::format::block::check_and_decode;
use crate::format::index::{BlockEntry, IndexedCollection};
use crate::format::layout::Layout;
use crate::format::limits::BLOCKS_PER_PAGE;
use crate::format::{FormatError, FormatErrorKind};
use crate::model::RecordBatch;

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

/// How many records the collections before one have.
fn records_before(layout: &Layout, collection: usize) -> u64 {
    layout.root.collections[..collection].iter().map(|c| c.proof.count).sum()
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
    let before = records_before(layout, collection);
    let IndexedCollection { proof, start, blocks, name, .. } = &layout.root.collections[collection];
    let blocks = layout.first_blocks[collection]..layout.first_blocks[collection] + blocks;
    let (wanted, end) = (before + offset, before + proof.count);
    let mut position = 0;
    for page in 0..layout.page_count() {
        let in_page = layout.root.pages[page].records;
        if position + in_page <= wanted {
            position += in_page;
            continue;
        }
        let entries = load_page(store, meta, layout, page).await?;
        for (number, entry) in layout.blocks_of_page(page).zip(entries) {
            let next = position + entry.records;
            if next > wanted && position < end && records.len() < limit {
                if !blocks.contains(&number) {
                    let message = "the index counts other records than its blocks have";
                    let error = FormatError::new(FormatErrorKind::InvalidIndex, *start, message);
                    return Err(Error::damaged(&meta.key, in_collection(error, name)));
                }
                let first = position.saturating_sub(before);
                let block = load_block(store, meta, layout, collection, &entry, first).await?;
                let from = wanted.saturating_sub(position) as usize;
                let to = block.len().min(from.saturating_add(limit - records.len()));
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
    let to = from as usize
        + entries[from as usize..to as usize].partition_point(|entry| !comes_after(&entry.first_id));
    let Some((entry, others)) = entries[..to].split_last().filter(|_| to > from as usize) else {
        return Ok(None);
    };
    // Only errors tell it, so that what a lying index says of other blocks does no harm.
    let pages = layout.root.pages[..page].iter().map(|page| page.records);
    let first = pages.chain(others.iter().map(|entry| entry.records)).fold(0, u64::saturating_add);
    let first = first.saturating_sub(records_before(layout, collection));
    let block = load_block(store, meta, layout, collection, entry, first).await?;
    let found = block.records().find(|record| record.id == id);
    Ok(found.map(|record| {
        let mut one = RecordBatch::new(block.dimension());
        one.push_checked(record);
        one
    }))
}
