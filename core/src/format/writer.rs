//! Writes a file's bytes front to back, with nothing to patch: whoever calls sends each piece to the sink
//! in order.

use chrono::{DateTime, Utc};

use super::block::EncodedBlock;
use super::glue::{
    BEFORE_ROOT, CLOSE_COLLECTION, EDGE, SEPARATOR, ending, head, open_collection, size_with_digits,
};
use super::hash::{Hash, HashText, hash};
use super::index::{
    BlockEntry, FORMAT_VERSION, IndexedCollection, PageEntry, Root, TAIL_BYTES, Tail, write_page,
};
use super::layout::SkeletonHasher;
use super::limits::BLOCKS_PER_PAGE;
use crate::model::{
    BackupId, BackupInfo, BackupName, BackupSummary, CollectionConfig, CollectionName, CollectionProof,
    CollectionSummary, Provenance, date_text,
};

/// What writes this file: its `creator`.
const CREATOR: &str = concat!("vecvault ", env!("CARGO_PKG_VERSION"));

/// A file being written.
#[derive(Debug)]
pub(crate) struct BackupWriter {
    root: Root,
    entries: Vec<BlockEntry>,
    skeleton: SkeletonHasher,
    offset: u64,
    last_id: Option<String>,
}

impl BackupWriter {
    /// Begins a file with these collections in this order; gives its first bytes.
    pub(crate) fn begin(
        id: BackupId,
        name: BackupName,
        date: DateTime<Utc>,
        collections: &[CollectionName],
    ) -> (Self, Vec<u8>) {
        let text = head(id, &name, &date_text(&date), collections.iter());
        let root =
            Root { creator: CREATOR.into(), id, name, date, collections: Vec::new(), pages: Vec::new() };
        let mut writer =
            Self { root, entries: Vec::new(), skeleton: SkeletonHasher::default(), offset: 0, last_id: None };
        writer.glue(&text);
        (writer, text)
    }

    /// Begins the next collection; gives the bytes before its first block.
    pub(crate) fn open_collection(&mut self, name: CollectionName, config: CollectionConfig) -> Vec<u8> {
        let text = open_collection(self.root.collections.is_empty(), &name, &config);
        self.glue(&text);
        self.root.collections.push(IndexedCollection {
            name,
            config,
            proof: CollectionProof::EMPTY,
            ordered: true,
            blocks: 0,
            start: self.offset,
            end: self.offset,
        });
        self.last_id = None;
        text
    }

    /// Adds a block to the open collection. Its text follows [`before_block`].
    pub(crate) fn block(&mut self, block: EncodedBlock) {
        let Some(collection) = self.root.collections.last_mut() else { return };
        let before = before_block(collection.blocks == 0);
        let follows = self.last_id.as_ref().is_none_or(|last| last.as_bytes() < block.first_id.as_bytes());
        collection.ordered &= block.ordered && follows;
        collection.proof = collection.proof.plus(block.proof);
        collection.blocks += 1;
        let offset = self.offset + before.len() as u64;
        let bytes = block.bytes as u64;
        self.entries.push(BlockEntry {
            offset,
            bytes,
            records: block.proof.count,
            first_id: block.first_id,
            hash: block.hash,
        });
        self.offset = offset + bytes;
        self.last_id = Some(block.last_id);
    }

    /// Ends the open collection; gives what it came to and the bytes after its last block.
    pub(crate) fn close_collection(&mut self) -> (CollectionProof, Vec<u8>) {
        let Some(collection) = self.root.collections.last_mut() else { return Default::default() };
        let mut text = Vec::new();
        if collection.blocks > 0 {
            text.extend_from_slice(EDGE);
            self.offset += EDGE.len() as u64;
        }
        collection.end = self.offset;
        let proof = collection.proof;
        self.glue(CLOSE_COLLECTION);
        text.extend_from_slice(CLOSE_COLLECTION);
        (proof, text)
    }

    /// Ends the file: its last bytes come piece by piece, and what is known of it now.
    pub(crate) fn finish(mut self) -> Ending {
        let mut pages_bytes = 0;
        for entries in self.entries.chunks(BLOCKS_PER_PAGE) {
            // A page's offset is known only with the size, which is known only with the pages' lengths; the
            // text, which has only blocks' offsets in it, is made again when it is sent.
            let text = write_page(entries);
            pages_bytes += text.len() as u64;
            self.root.pages.push(PageEntry {
                offset: 0,
                bytes: text.len() as u64,
                records: entries.iter().map(|entry| entry.records).sum(),
                first_block: entries[0].offset,
                first_id: entries[0].first_id.clone(),
                hash: hash(&text),
            });
        }
        let gaps = match self.root.pages.len() as u64 {
            0 => 0,
            pages => 2 * EDGE.len() as u64 + (pages - 1) * SEPARATOR.len() as u64,
        };
        let root_bytes = self.root.write().len() as u64;
        let after_size = gaps + pages_bytes + BEFORE_ROOT.len() as u64 + root_bytes + TAIL_BYTES as u64;
        let ending_without_digits = ending(0).len() as u64 - 1;
        let size = size_with_digits(self.offset + ending_without_digits + after_size);

        let ending = ending(size);
        self.glue(&ending);
        for (index, page) in self.root.pages.iter_mut().enumerate() {
            self.offset += if index == 0 { EDGE.len() } else { SEPARATOR.len() } as u64;
            page.offset = self.offset;
            self.offset += page.bytes;
        }
        if !self.root.pages.is_empty() {
            self.offset += EDGE.len() as u64;
        }
        let root_text = self.root.write();
        debug_assert_eq!(root_text.len() as u64, root_bytes);
        self.glue(BEFORE_ROOT);
        let root_offset = self.offset;
        self.glue(&root_text);
        self.glue(Tail::hashed_part(root_offset, root_bytes).as_bytes());
        let tail = Tail { root_offset, root_bytes, hash: self.skeleton.finish() };
        let mut last = BEFORE_ROOT.to_vec();
        last.extend_from_slice(&root_text);
        last.extend_from_slice(tail.write().as_bytes());
        let summary = summary(&self.root, size, tail.hash);
        Ending { entries: self.entries, summary, first: Some(ending), page: 0, last: Some(last) }
    }

    fn glue(&mut self, bytes: &[u8]) {
        self.skeleton.glue(bytes);
        self.offset += bytes.len() as u64;
    }
}

/// The bytes before a block.
pub(crate) fn before_block(first_of_collection: bool) -> &'static [u8] {
    if first_of_collection { EDGE } else { SEPARATOR }
}

/// The last bytes of a file, piece by piece.
#[derive(Debug)]
pub(crate) struct Ending {
    entries: Vec<BlockEntry>,
    summary: BackupSummary,
    first: Option<Vec<u8>>,
    page: usize,
    last: Option<Vec<u8>>,
}

impl Ending {
    /// What is known of the file.
    pub(crate) fn summary(&self) -> &BackupSummary {
        &self.summary
    }
}

impl Iterator for Ending {
    type Item = Vec<u8>;

    fn next(&mut self) -> Option<Vec<u8>> {
        if let Some(first) = self.first.take() {
            return Some(first);
        }
        let Some(entries) = self.entries.chunks(BLOCKS_PER_PAGE).nth(self.page) else {
            let edge: &[u8] = if self.entries.is_empty() { b"" } else { EDGE };
            return self.last.take().map(|last| [edge, &last].concat());
        };
        let before = if self.page == 0 { EDGE } else { SEPARATOR };
        self.page += 1;
        Some([before, &write_page(entries)].concat())
    }
}

/// What a root page says, in the terms of the model.
pub(crate) fn summary(root: &Root, size: u64, hash: Hash) -> BackupSummary {
    let contents = |c: &IndexedCollection| CollectionSummary {
        name: c.name.clone(),
        config: c.config.clone(),
        proof: c.proof,
        ordered: c.ordered,
    };
    BackupSummary {
        info: BackupInfo {
            id: root.id,
            name: root.name.clone(),
            date: root.date,
            size,
            collections: root.collections.iter().map(|c| c.name.clone()).collect(),
        },
        provenance: Provenance::Indexed {
            format: FORMAT_VERSION,
            creator: root.creator.clone(),
            root: HashText(hash).to_string(),
        },
        contents: root.collections.iter().map(contents).collect(),
    }
}
