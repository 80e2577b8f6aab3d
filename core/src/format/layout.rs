//! Where everything stands in a file, and the canonical bytes that stand between the blocks.
//!
//! A file is, in this order (line feeds are part of it):
//!
//! ```text
//! head            {"id":…,"name":…,"date":…,"collections":[…],"data":{
//! each collection [,]⏎"docs":{"config":{…},"vectors":[   ⏎ block (,⏎ block)* ⏎   ]}
//! ending          ⏎},"size":N,"vecvault":{"pages":[      ⏎ page (,⏎ page)* ⏎     ],"root":
//! root page, tail
//! ```
//!
//! The *skeleton* is the file up to the root hash's value without what stands between the brackets of
//! `vectors` and of `pages`. It follows from the root page and the size alone; the root hash is its
//! BLAKE3 hash, and through the hashes of pages and blocks it covers every byte before it.

use std::collections::BTreeSet;

use super::error::{FormatError, FormatErrorKind};
use super::glue::{BEFORE_ROOT, CLOSE_COLLECTION, EDGE, SEPARATOR, ending, head, open_collection};
use super::hash::Hash;
use super::index::{BlockEntry, Root, TAIL_BYTES, Tail, page_count};
use super::limits::{BLOCKS_PER_PAGE, MAX_BLOCK_BYTES, MAX_COLLECTIONS, MAX_PAGE_BYTES};
use crate::model::date_text;

/// A file's map: what its root page says, checked against the file's size and against itself, so that
/// every range in it lies in the file and all of them with the skeleton tile it.
#[derive(Debug)]
pub(crate) struct Layout {
    pub(crate) root: Root,
    pub(crate) tail: Tail,
    pub(crate) size: u64,
    /// The canonical beginning of the file.
    pub(crate) head: Vec<u8>,
    /// The number of each collection's first block.
    pub(crate) first_blocks: Vec<u64>,
    /// The offset after the last collection's closing glue.
    pub(crate) data_end: u64,
}

impl Layout {
    /// Reads the root page that the tail points to and checks it: everything but the bytes of blocks and
    /// pages, and the head.
    pub(crate) fn parse(root_text: &[u8], tail: Tail, size: u64) -> Result<Self, FormatError> {
        let root = Root::parse(root_text, tail.root_offset)?;
        check_counts(&root, tail.root_offset)?;
        let date = date_text(&root.date);
        let head = head(root.id, &root.name, &date, root.collections.iter().map(|c| &c.name));
        let mut walk = Walk { at: 0, hasher: blake3::Hasher::new(), report_at: tail.root_offset, size };
        walk.glue(&head);
        let (mut first_blocks, mut blocks) = (Vec::with_capacity(root.collections.len()), 0);
        for (index, collection) in root.collections.iter().enumerate() {
            walk.glue(&open_collection(index == 0, &collection.name, &collection.config));
            walk.content(collection.start, collection.end, collection.blocks > 0, || {
                collection.name.to_string()
            })?;
            walk.glue(CLOSE_COLLECTION);
            first_blocks.push(blocks);
            blocks += collection.blocks;
        }
        let data_end = walk.at;
        walk.glue(&ending(size));
        walk.pages(&root)?;
        walk.glue(BEFORE_ROOT);
        walk.meets(tail.root_offset, "the root page")?;
        walk.glue(root_text);
        walk.glue(Tail::hashed_part(tail.root_offset, tail.root_bytes).as_bytes());
        let end = (TAIL_BYTES - Tail::hashed_part(0, 0).len()) as u64;
        walk.at += end;
        walk.meets(size, "the end of the file")?;
        if walk.hasher.finalize() != tail.hash {
            let message = "the root hash is not that of the file's head, index and size";
            return Err(FormatError::new(FormatErrorKind::HashMismatch, tail.root_offset, message));
        }
        Ok(Self { root, tail, size, head, first_blocks, data_end })
    }

    /// The number of pages.
    pub(crate) fn page_count(&self) -> usize {
        self.root.pages.len()
    }

    /// The numbers of the blocks that a page describes.
    pub(crate) fn blocks_of_page(&self, page: usize) -> std::ops::Range<u64> {
        let first = (page * BLOCKS_PER_PAGE) as u64;
        first..self.root.block_count().min(first + BLOCKS_PER_PAGE as u64)
    }

    /// How many bytes there are from the first block that a page describes to that of the next.
    pub(crate) fn bytes_of_page(&self, page: usize) -> u64 {
        let next = self.root.pages.get(page + 1).map_or(self.data_end, |next| next.first_block);
        next.saturating_sub(self.root.pages[page].first_block)
    }

    /// The collection, by its number in the file, that a block belongs to.
    pub(crate) fn collection_of_block(&self, block: u64) -> usize {
        // The last collection that begins at or before the block; empty ones before it begin there too.
        self.first_blocks.partition_point(|first| *first <= block) - 1
    }

    /// What comes before the blocks of a collection, and where it begins.
    pub(crate) fn opening(&self, collection: usize) -> (u64, Vec<u8>) {
        let c = &self.root.collections[collection];
        let text = open_collection(collection == 0, &c.name, &c.config);
        (c.start - text.len() as u64, text)
    }

    /// Checks that the blocks of a page stand where the root page and each other say.
    pub(crate) fn check_page(&self, page: usize, entries: &[BlockEntry]) -> Result<(), FormatError> {
        let at = self.root.pages[page].offset;
        let invalid = |message: String| FormatError::new(FormatErrorKind::InvalidIndex, at, message);
        let blocks = self.blocks_of_page(page);
        if entries.len() as u64 != blocks.end - blocks.start {
            return Err(invalid(format!("page {page} of the index has {} entries", entries.len())));
        }
        let records = entries.iter().fold(0u64, |sum, entry| sum.saturating_add(entry.records));
        if records != self.root.pages[page].records {
            return Err(invalid(format!("page {page} of the index describes {records} records")));
        }
        let first_id = entries.first().map(|entry| entry.first_id.as_str());
        if first_id != Some(&self.root.pages[page].first_id) {
            return Err(invalid(format!(
                "page {page} of the index begins with another record than the root page says"
            )));
        }
        let mut expected = self.root.pages[page].first_block;
        for (block, entry) in blocks.zip(entries) {
            let collection = &self.root.collections[self.collection_of_block(block)];
            let first = self.first_blocks[self.collection_of_block(block)];
            if block == first {
                let start = collection.start + EDGE.len() as u64;
                if expected != start && block % BLOCKS_PER_PAGE as u64 == 0 {
                    return Err(invalid(format!("block {block} does not begin where its collection does")));
                }
                expected = start;
            }
            let last = block + 1 == first + collection.blocks;
            let sound = entry.offset == expected
                && entry.records > 0
                && entry.bytes > 0
                && entry.bytes <= MAX_BLOCK_BYTES as u64
                && entry.end() <= collection.end;
            if !sound || (last && entry.end() + EDGE.len() as u64 != collection.end) {
                return Err(invalid(format!("block {block} does not stand where the index must have it")));
            }
            expected = entry.end() + SEPARATOR.len() as u64;
            let next_page =
                self.root.pages.get(page + 1).filter(|_| (block + 1) % BLOCKS_PER_PAGE as u64 == 0);
            if next_page.is_some_and(|next| !last && next.first_block != expected) {
                return Err(invalid(format!(
                    "block {block} does not end where the next page's first block begins"
                )));
            }
        }
        Ok(())
    }
}

/// Walks along a file, gathering the skeleton.
struct Walk {
    at: u64,
    hasher: blake3::Hasher,
    /// The place that errors name: that of the root page, which is what is wrong.
    report_at: u64,
    /// Nothing ends behind it.
    size: u64,
}

impl Walk {
    fn glue(&mut self, bytes: &[u8]) {
        self.hasher.update(bytes);
        self.at = self.at.saturating_add(bytes.len() as u64);
    }

    fn meets(&self, offset: u64, what: &str) -> Result<(), FormatError> {
        if self.at == offset {
            return Ok(());
        }
        let message =
            format!("the index has {what} at {offset}, where it cannot be: {} comes before it", self.at);
        Err(FormatError::new(FormatErrorKind::InvalidIndex, self.report_at, message))
    }

    /// What stands between two brackets: nothing, or something with its edges.
    fn content(
        &mut self,
        start: u64,
        end: u64,
        any: bool,
        what: impl Fn() -> String,
    ) -> Result<(), FormatError> {
        self.meets(start, &what())?;
        let edges = 2 * EDGE.len() as u64;
        let sound = end <= self.size
            && end.checked_sub(start).is_some_and(|bytes| if any { bytes > edges } else { bytes == 0 });
        if !sound {
            return Err(FormatError::new(
                FormatErrorKind::InvalidIndex,
                self.report_at,
                format!("the index gives {} an impossible range of {start} to {end}", what()),
            ));
        }
        self.at = end;
        Ok(())
    }

    fn pages(&mut self, root: &Root) -> Result<(), FormatError> {
        for (index, page) in root.pages.iter().enumerate() {
            self.at = self.at.saturating_add(if index == 0 { EDGE.len() } else { SEPARATOR.len() } as u64);
            self.meets(page.offset, "a page")?;
            if page.bytes == 0 || page.bytes > MAX_PAGE_BYTES as u64 {
                return Err(FormatError::new(
                    FormatErrorKind::InvalidIndex,
                    self.report_at,
                    "a page of an impossible size",
                ));
            }
            self.at = self.at.saturating_add(page.bytes);
        }
        if !root.pages.is_empty() {
            self.at = self.at.saturating_add(EDGE.len() as u64);
        }
        Ok(())
    }
}

/// Checks the numbers of collections, blocks and pages, and that names are unique.
fn check_counts(root: &Root, at: u64) -> Result<(), FormatError> {
    let invalid = |message: String| Err(FormatError::new(FormatErrorKind::InvalidIndex, at, message));
    if root.collections.len() > MAX_COLLECTIONS {
        return Err(FormatError::too_large(at, "the number of collections", MAX_COLLECTIONS));
    }
    let mut names = BTreeSet::new();
    if let Some(twice) = root.collections.iter().find(|c| !names.insert(c.name.to_string())) {
        return invalid(format!("collection {:?} is there twice", twice.name));
    }
    if let Some(c) =
        root.collections.iter().find(|c| c.proof.count < c.blocks || (c.blocks == 0 && c.proof.count > 0))
    {
        return invalid(format!(
            "collection {:?} has {} records in {} blocks",
            c.name, c.proof.count, c.blocks
        ));
    }
    let pages = page_count(root.block_count());
    if root.pages.len() as u64 != pages {
        return invalid(format!("{} pages for {} blocks", root.pages.len(), root.block_count()));
    }
    let in_pages = root.pages.iter().try_fold(0u64, |sum, page| sum.checked_add(page.records));
    let in_collections = root.collections.iter().try_fold(0u64, |sum, c| sum.checked_add(c.proof.count));
    let (Some(in_pages), Some(in_collections)) = (in_pages, in_collections) else {
        return invalid("more records than can be counted".into());
    };
    if in_pages != in_collections {
        return invalid(format!("{in_pages} records in pages, {in_collections} in collections"));
    }
    Ok(())
}

/// The hash of a whole skeleton, for the writer.
#[derive(Debug, Default)]
pub(crate) struct SkeletonHasher(blake3::Hasher);

impl SkeletonHasher {
    pub(crate) fn glue(&mut self, bytes: &[u8]) {
        self.0.update(bytes);
    }

    pub(crate) fn finish(&self) -> Hash {
        self.0.finalize().into()
    }
}
