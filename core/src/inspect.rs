//! inspect: a backup opens by its head and its tail, and pages of records are read by block.

use std::sync::Arc;

use crate::blob::{BlobKey, BlobStore};
use crate::error::Result;
use crate::host::Host;
use crate::model::{BackupId, BackupSummary, CollectionName, RecordBatch};

/// An open backup, pinned to the version that was opened.
#[derive(Debug)]
pub struct Backup {
    summary: Arc<BackupSummary>,
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
pub async fn open(store: Arc<dyn BlobStore>, id: BackupId, host: &Host) -> Result<Backup> {
    open_blob(store, &id.key(), Some(id), host).await
}

/// Opens the blob of any key as a backup; with `expected`, its id must be that one.
pub async fn open_blob(
    store: Arc<dyn BlobStore>,
    key: &BlobKey,
    expected: Option<BackupId>,
    host: &Host,
) -> Result<Backup> {
    let _ = (store, key, expected, host);
    todo!()
}

impl Backup {
    /// What is known of it.
    pub fn summary(&self) -> &Arc<BackupSummary> {
        &self.summary
    }

    /// Up to `limit` records of a collection from position `offset` on: reads the blocks that hold them
    /// (a foreign file is streamed up to there). Past the end the page is empty.
    pub async fn page(&self, collection: &CollectionName, offset: u64, limit: usize) -> Result<RecordPage> {
        let _ = (collection, offset, limit);
        todo!()
    }

    /// The record of an id, as a batch of one or none. Reads one block where records are ordered.
    pub async fn find(&self, collection: &CollectionName, id: &str) -> Result<Option<RecordBatch>> {
        let _ = (collection, id);
        todo!()
    }
}
