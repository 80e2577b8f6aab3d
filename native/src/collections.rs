//! The embedded collections: durable, transactional, in one directory.

use std::path::Path;

use async_trait::async_trait;
use chrono::{DateTime, Utc};
use vecvault_core::{
    CollectionConfig, CollectionError, CollectionHead, CollectionName, CollectionSink, CollectionSnapshot,
    CollectionSource, RecordBatch, SinkCapabilities, StagedCollection, StagedRestore,
};

/// Embedded collections. Cloning shares them.
#[derive(Clone, Debug)]
pub struct Collections {}

/// What is known of a live collection.
#[derive(Clone, Debug)]
pub struct CollectionState {
    /// Name, config, count and fingerprint (always known here).
    pub head: CollectionHead,
    /// The sum of its records' weights: about how many bytes of JSON they make in a backup.
    pub weight: u64,
    /// When it was created, or restored.
    pub created: DateTime<Utc>,
    /// When its records last changed.
    pub updated: DateTime<Utc>,
}

/// Why the collections cannot be opened.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum OpenError {
    /// Another process has them open; the text says which.
    #[error("the data directory is in use by {holder}; go through its server with --server URL")]
    Locked {
        /// The process that holds the lock.
        holder: String,
    },
    /// Any other reason.
    #[error("{0}")]
    Other(String),
}

impl Collections {
    /// Opens the collections of a directory, which is created where it is missing.
    pub fn open(directory: &Path) -> Result<Self, OpenError> {
        let _ = directory;
        todo!()
    }

    /// Every collection, ascending by name.
    pub async fn list(&self) -> Result<Vec<CollectionState>, CollectionError> {
        todo!()
    }

    /// One collection.
    pub async fn get(&self, name: &CollectionName) -> Result<CollectionState, CollectionError> {
        let _ = name;
        todo!()
    }

    /// Creates an empty collection.
    pub async fn create(
        &self,
        name: &CollectionName,
        config: CollectionConfig,
    ) -> Result<(), CollectionError> {
        let _ = (name, config);
        todo!()
    }

    /// Deletes a collection.
    pub async fn delete(&self, name: &CollectionName) -> Result<(), CollectionError> {
        let _ = name;
        todo!()
    }

    /// Inserts records or replaces those of the same ids: all of them, durably, or none. Gives the state
    /// after it.
    pub async fn upsert(
        &self,
        name: &CollectionName,
        batch: RecordBatch,
    ) -> Result<CollectionState, CollectionError> {
        let _ = (name, batch);
        todo!()
    }

    /// Deletes the records of these ids, all in one transaction; gives how many there were.
    pub async fn delete_records(
        &self,
        name: &CollectionName,
        ids: &[String],
    ) -> Result<u64, CollectionError> {
        let _ = (name, ids);
        todo!()
    }

    /// The record of an id, as a batch of one; `None` where there is none.
    pub async fn record(
        &self,
        name: &CollectionName,
        id: &str,
    ) -> Result<Option<RecordBatch>, CollectionError> {
        let _ = (name, id);
        todo!()
    }

    /// Up to `limit` records in the order of their ids, from position `offset` on.
    pub async fn page(
        &self,
        name: &CollectionName,
        offset: u64,
        limit: usize,
    ) -> Result<RecordBatch, CollectionError> {
        let _ = (name, offset, limit);
        todo!()
    }
}

#[async_trait]
impl CollectionSource for Collections {
    async fn snapshot(&self) -> Result<Box<dyn CollectionSnapshot>, CollectionError> {
        todo!()
    }
}

#[async_trait]
impl CollectionSink for Collections {
    fn capabilities(&self) -> SinkCapabilities {
        SinkCapabilities { atomic: true, metadata_exact: true }
    }

    async fn begin(
        &self,
        plan: &[StagedCollection],
        bytes: u64,
    ) -> Result<Box<dyn StagedRestore>, CollectionError> {
        let _ = (plan, bytes);
        todo!()
    }
}
