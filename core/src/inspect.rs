//! inspect: a backup opens by its head and its tail, and its records are read by block.

mod blocks;
mod ending;
mod foreign;
mod indexed;
#[cfg(test)]
mod large;
mod lookup;
mod opening;
mod pages;
mod pass;
mod rebuild;
mod stream;

use std::sync::Arc;

use async_trait::async_trait;

use crate::blob::{BlobErrorKind, BlobKey, BlobMeta, BlobStore};
use crate::collections::{
    CollectionError, CollectionErrorKind, CollectionHead, CollectionReader, CollectionSnapshot,
};
use crate::create::Selection;
use crate::error::{Error, Result};
use crate::format::FormatError;
use crate::format::document::Document;
use crate::format::index::BlockEntry;
use crate::format::layout::Layout;
use crate::host::Host;
use crate::model::{BackupId, BackupSummary, CollectionName, RecordBatch};

pub(crate) use blocks::{BlockAt, Blocks};
pub(crate) use ending::check_ending;
pub(crate) use foreign::ForeignReader;
pub(crate) use indexed::{Damage, IndexedReader};
pub(crate) use opening::{check_bytes, check_head, find_layout, foreign_summary, scan_foreign};
pub(crate) use pages::{check_page_text, load_page};
pub(crate) use pass::{lock, pass};
use rebuild::{FromBlocks, PageMender};
pub(crate) use stream::{PieceReader, short_body};

/// An open backup, pinned to the version that was opened. It is a snapshot of collections, and so can be
/// the source of another backup.
pub struct Backup {
    store: Arc<dyn BlobStore>,
    meta: BlobMeta,
    summary: Arc<BackupSummary>,
    /// The collections by name, as a snapshot lists them.
    heads: Vec<CollectionHead>,
    contents: Contents,
    host: Host,
    /// What makes damaged pages of the index again. It is there where collections were opened by name: what is damaged
    /// beside them may be done without.
    mender: Option<&'static dyn PageMender>,
}

/// How the records are reached.
#[derive(Clone)]
enum Contents {
    Indexed(Arc<Layout>),
    Foreign(Arc<Document>),
}

/// Some records of a collection.
#[derive(Clone, Debug, PartialEq)]
pub struct RecordPage {
    /// The position of the first one in the collection.
    pub offset: u64,
    /// The records.
    pub records: RecordBatch,
    /// How many the collection has in all.
    pub total: u64,
}

/// Opens the backup of an id. Reads its head and tail; a foreign file is read through once.
pub async fn open(store: &Arc<dyn BlobStore>, id: BackupId, host: &Host) -> Result<Backup> {
    open_for(store, id, &Selection::All, host).await
}

/// Opens the backup of an id for some of its collections. What they need is the root page, the tail and
/// their own pages and blocks: where they are named, damage elsewhere, the head included, does not refuse
/// them. For [`Selection::All`] it is [`open`].
pub async fn open_for(
    store: &Arc<dyn BlobStore>,
    id: BackupId,
    collections: &Selection,
    host: &Host,
) -> Result<Backup> {
    let whole = *collections == Selection::All;
    let mut backup = open_checked(store, &id.key(), Some(id), whole, host).await?;
    if !whole {
        backup.mender = Some(&FromBlocks);
    }
    Ok(backup)
}

/// Opens the blob of any key as a backup; with `expected`, its id must be that one.
pub async fn open_blob(
    store: &Arc<dyn BlobStore>,
    key: &BlobKey,
    expected: Option<BackupId>,
    host: &Host,
) -> Result<Backup> {
    open_checked(store, key, expected, true, host).await
}

async fn open_checked(
    store: &Arc<dyn BlobStore>,
    key: &BlobKey,
    expected: Option<BackupId>,
    whole: bool,
    host: &Host,
) -> Result<Backup> {
    let meta = head_of(&**store, key, expected).await?;
    let (summary, contents) = match find_layout(&**store, &meta, expected).await? {
        Some(layout) => {
            if whole {
                check_head(&**store, &meta, &layout).await?;
            }
            let summary = crate::format::writer::summary(&layout.root, layout.size, layout.tail.hash);
            (summary, Contents::Indexed(Arc::new(layout)))
        }
        None => {
            let document = scan_foreign(&**store, &meta, expected, host).await?;
            (foreign_summary(&document, meta.size), Contents::Foreign(Arc::new(document)))
        }
    };
    Ok(Backup::new(store.clone(), meta, summary, contents, host.clone()))
}

/// Length and version of a backup's blob; a missing one is a missing backup.
pub(crate) async fn head_of(
    store: &dyn BlobStore,
    key: &BlobKey,
    expected: Option<BackupId>,
) -> Result<BlobMeta> {
    store.head(key).await.map_err(|error| match (error.kind(), expected) {
        (BlobErrorKind::NotFound, Some(id)) => Error::BackupNotFound { id }.into(),
        _ => error.into(),
    })
}

impl Backup {
    fn new(
        store: Arc<dyn BlobStore>,
        meta: BlobMeta,
        summary: BackupSummary,
        contents: Contents,
        host: Host,
    ) -> Self {
        let head = |c: &crate::model::CollectionSummary| CollectionHead {
            name: c.name.clone(),
            config: c.config.clone(),
            proof: Some(c.proof),
            ordered: c.ordered,
        };
        let mut heads: Vec<_> = summary.contents.iter().map(head).collect();
        heads.sort_unstable_by(|a, b| a.name.cmp(&b.name));
        Self { store, meta, summary: Arc::new(summary), heads, contents, host, mender: None }
    }

    /// What is known of it.
    pub fn summary(&self) -> &Arc<BackupSummary> {
        &self.summary
    }

    /// Collections that a foreign file lists but does not hold: its writer skipped them.
    pub fn missing_collections(&self) -> &[String] {
        match &self.contents {
            Contents::Indexed(_) => &[],
            Contents::Foreign(document) => &document.missing,
        }
    }

    /// Reads the records of a collection, front to back, proving them on the way: the reader ends in an
    /// error where hash, grammar, order, count or fingerprint is not what the index says.
    pub fn records(&self, collection: &CollectionName) -> Result<Box<dyn CollectionReader>> {
        Ok(self.reader(self.number(collection)?, self.host.clone()))
    }

    /// The reader behind [`Backup::records`], of the collection of a number, on the workers of another host.
    pub(crate) fn reader(&self, number: usize, host: Host) -> Box<dyn CollectionReader> {
        let (store, meta) = (self.store.clone(), self.meta.clone());
        match &self.contents {
            Contents::Indexed(layout) => {
                Box::new(IndexedReader::new(store, meta, layout.clone(), number, host, self.mender))
            }
            Contents::Foreign(document) => {
                Box::new(ForeignReader::new(store, meta, document.collections[number].clone(), host))
            }
        }
    }

    /// The blocks of the collection of a number; a foreign file has none.
    pub(crate) fn blocks(&self, number: usize) -> Option<Blocks> {
        match &self.contents {
            Contents::Indexed(layout) => {
                Some(Blocks::new(self.store.clone(), self.meta.clone(), layout.clone(), number))
            }
            Contents::Foreign(_) => None,
        }
    }

    /// How many records the collection of a number has at most, for whoever makes room for them: not more than
    /// its bytes can hold, whatever a hostile index says.
    pub(crate) fn most_records(&self, number: usize) -> Result<usize> {
        /// A record takes more: its braces, the names of its members, an id, a number.
        const LEAST_BYTES: u64 = 16;
        let contents = &self.summary.contents[number];
        let most = contents.proof.count.min(self.bytes(&contents.name)? / LEAST_BYTES);
        Ok(usize::try_from(most).unwrap_or(usize::MAX))
    }

    /// Damage in the collection of a number, as an error that names backup and collection.
    pub(crate) fn damaged(&self, number: usize, error: FormatError) -> Box<Error> {
        Error::damaged(&self.meta.key, in_collection(error, &self.summary.contents[number].name))
    }

    /// Up to `limit` records of a collection from position `offset` on: reads the blocks that hold them
    /// (a foreign file's collection is streamed up to there). Past the end the page is empty.
    pub async fn page(&self, collection: &CollectionName, offset: u64, limit: usize) -> Result<RecordPage> {
        let number = self.number(collection)?;
        let contents = &self.summary.contents[number];
        let total = contents.proof.count;
        let mut records = RecordBatch::new(contents.config.dimension());
        let offset = offset.min(total);
        match &self.contents {
            Contents::Indexed(layout) => {
                lookup::page(&*self.store, &self.meta, layout, number, offset, limit, &mut records).await?;
            }
            Contents::Foreign(_) => {
                let mut reader = self.records(collection)?;
                foreign::page(&mut *reader, offset, limit, &mut records).await?;
            }
        }
        Ok(RecordPage { offset, records, total })
    }

    /// The record of an id, as a batch of one; `None` where there is none. Reads one block where records
    /// are ordered, else the collection up to the record.
    pub async fn find(&self, collection: &CollectionName, id: &str) -> Result<Option<RecordBatch>> {
        let number = self.number(collection)?;
        if let (Contents::Indexed(layout), true) = (&self.contents, self.summary.contents[number].ordered) {
            return lookup::find(&*self.store, &self.meta, layout, number, id).await;
        }
        let mut reader = self.records(collection)?;
        foreign::find(&mut *reader, id).await
    }

    /// How many bytes of the file the records of a collection take.
    pub fn bytes(&self, collection: &CollectionName) -> Result<u64> {
        let number = self.number(collection)?;
        Ok(match &self.contents {
            Contents::Indexed(layout) => {
                let collection = &layout.root.collections[number];
                collection.end - collection.start
            }
            Contents::Foreign(document) => {
                let collection = &document.collections[number];
                collection.end - collection.start
            }
        })
    }

    /// Checks what the readers of the collections leave unread: the glue behind them, the pages, and the
    /// bytes between those. With every collection read, the whole file has then been read.
    pub(crate) async fn check_ending(&self, host: &Host) -> Result<()> {
        match &self.contents {
            Contents::Indexed(layout) => {
                let wrong = check_ending(&*self.store, &self.meta, layout, host).await?;
                let first = wrong.into_iter().next();
                first.map_or(Ok(()), |(_, error)| Err(Error::damaged(&self.meta.key, error)))
            }
            Contents::Foreign(_) => Ok(()),
        }
    }

    /// The number of a collection in the file.
    pub(crate) fn number(&self, collection: &CollectionName) -> Result<usize> {
        let found = self.summary.contents.iter().position(|c| c.name == *collection);
        let missing = || Error::CollectionNotInBackup { id: self.summary.info.id, name: collection.clone() };
        found.ok_or_else(|| missing().into())
    }
}

#[cfg_attr(not(target_family = "wasm"), async_trait)]
#[cfg_attr(target_family = "wasm", async_trait(?Send))]
impl CollectionSnapshot for Backup {
    fn collections(&self) -> &[CollectionHead] {
        &self.heads
    }

    async fn read(&self, name: &CollectionName) -> Result<Box<dyn CollectionReader>, CollectionError> {
        self.records(name).map_err(as_collection_error)
    }
}

impl std::fmt::Debug for Backup {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Backup").field("summary", &self.summary).finish_non_exhaustive()
    }
}

/// A backup's error, as readers of collections report theirs. [`from_collection_error`] gets it back.
pub(crate) fn as_collection_error(error: Box<Error>) -> CollectionError {
    CollectionError::new(CollectionErrorKind::Corrupt, error.to_string()).because(*error)
}

/// The error of a reader over a backup, as the verb's own.
pub(crate) fn from_collection_error(error: CollectionError) -> Box<Error> {
    error.downcast::<Error>().unwrap_or_else(Into::into)
}

/// A [`FormatError`] in a block of the collection of a name: it says which block, and which bytes of the file.
pub(crate) fn in_block(
    error: FormatError,
    name: &CollectionName,
    block: u64,
    entry: &BlockEntry,
) -> FormatError {
    let (start, end) = (entry.offset, entry.end());
    in_collection(error.about(format_args!("block {block}, bytes {start} to {end}")), name)
}

/// A [`FormatError`] in the collection of a name.
pub(crate) fn in_collection(error: FormatError, name: &CollectionName) -> FormatError {
    error.within(crate::format::member_segment(name.as_str())).within("data")
}
