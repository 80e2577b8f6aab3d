//! The embedded collections: durable, transactional, in one directory.
//!
//! This is the front; the rooms behind it: the data directory and the engine in it (`directory`, `engine`,
//! `store`), what the engine holds (`schema`, `chunk`, `tables`), reading (`live`, `snapshot`, `reader`),
//! changing records (`edit`, `sort`), restoring (`restore`, `staging`, `sorter`, `generation_writer`,
//! `loader`), and deleting what no name leads to (`sweep`). Why this engine and these chunks:
//! `docs/decisions/0001-embedded-engine.md` beside this crate's manifest.
//!
//! It knows collections and records, and nothing of backups. Vectors that are not finite and JSON that is
//! not valid do not get here: a [`RecordBatch`] holds neither.

mod chunk;
mod directory;
mod edit;
mod engine;
mod error;
mod generation_writer;
mod live;
mod loader;
#[cfg(test)]
mod process;
mod reader;
mod restore;
mod schema;
mod snapshot;
mod sort;
mod sorter;
mod staging;
mod store;
mod sweep;
mod tables;
#[cfg(test)]
mod testing;

use std::fmt;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use async_trait::async_trait;
use chrono::{DateTime, Utc};
use vecvault_core::{
    CollectionConfig, CollectionError, CollectionHead, CollectionName, CollectionSink, CollectionSnapshot,
    CollectionSource, RecordBatch, SinkCapabilities, StagedCollection, StagedRestore,
};

use engine::{Engine, blocking};
use error::about;
use restore::Restore;
use snapshot::Snapshot;
use store::Store;

/// Embedded collections. Cloning shares them; they close with the last clone, snapshot and restore.
///
/// A call that changes something is durable when it returns `Ok` and has changed nothing when it returns an
/// error. Dropping its future does not stop it: it is then done or not.
#[derive(Clone)]
pub struct Collections {
    store: Arc<Store>,
}

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

/// How much memory the collections use. The defaults suit a server and a command line alike.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OpenOptions {
    /// What the engine keeps in memory of what it has read and written: 64 MiB.
    pub cache_bytes: usize,
    /// What a restore writes in one transaction: 8 MiB. Other writers wait for no more than that. As much again
    /// is collected while it is committed.
    pub transaction_bytes: usize,
    /// What a restore holds of records that are not written yet, mostly to sort those that come in no
    /// order: 32 MiB. Sorting takes about as much again at times.
    pub sort_bytes: usize,
}

/// Why the collections cannot be opened.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum OpenError {
    /// What is in the directory is damaged.
    #[error("the data directory {} is damaged: {reason}", .directory.display())]
    Damaged {
        /// The directory.
        directory: PathBuf,
        /// What is wrong with it.
        reason: String,
    },
    /// The directory cannot be created, read or written.
    #[error("the data directory {} cannot be {doing}: {source}", .directory.display())]
    Io {
        /// What was tried, as in "cannot be created".
        doing: &'static str,
        /// The directory.
        directory: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// Another process has them open; the text says which.
    #[error("the data directory is in use by {holder}; go through its server with --server URL")]
    Locked {
        /// The process that holds the lock.
        holder: String,
    },
    /// Another version of VecVault wrote the directory.
    #[error("the data directory {} has version {found:?}, which this VecVault does not know", .directory.display())]
    Version {
        /// The directory.
        directory: PathBuf,
        /// The version that it says it has.
        found: String,
    },
    /// Any other reason.
    #[error("{0}")]
    Other(String),
}

impl Default for OpenOptions {
    fn default() -> Self {
        Self { cache_bytes: 64 << 20, transaction_bytes: 8 << 20, sort_bytes: 32 << 20 }
    }
}

impl Collections {
    /// Opens the collections of a directory, which is created where it is missing. It blocks for some
    /// milliseconds.
    pub fn open(directory: &Path) -> Result<Self, OpenError> {
        Self::open_with(directory, OpenOptions::default())
    }

    /// Opens the collections of a directory with other options than the default ones.
    pub fn open_with(directory: &Path, options: OpenOptions) -> Result<Self, OpenError> {
        Ok(Self { store: Arc::new(Store::open(directory, options)?) })
    }

    /// Every collection, ascending by name.
    pub async fn list(&self) -> Result<Vec<CollectionState>, CollectionError> {
        self.run(live::list).await
    }

    /// One collection.
    pub async fn get(&self, name: &CollectionName) -> Result<CollectionState, CollectionError> {
        self.run_on(name, live::get).await
    }

    /// Creates an empty collection.
    pub async fn create(
        &self,
        name: &CollectionName,
        config: CollectionConfig,
    ) -> Result<(), CollectionError> {
        self.run_on(name, |engine, name| live::create(engine, name, config)).await
    }

    /// Deletes a collection. Its room is free for others some moments later.
    pub async fn delete(&self, name: &CollectionName) -> Result<(), CollectionError> {
        self.run_on(name, live::delete).await?;
        self.store.sweeper().wake();
        Ok(())
    }

    /// Inserts records or replaces those of the same ids: all of them, durably, or none. Gives the state
    /// after it. Refuses ([`Invalid`](vecvault_core::CollectionErrorKind::Invalid)) vectors of another
    /// length than the collection's dimension, and an id that the batch has twice.
    pub async fn upsert(
        &self,
        name: &CollectionName,
        batch: RecordBatch,
    ) -> Result<CollectionState, CollectionError> {
        self.run_on(name, move |engine, name| edit::upsert(engine, name, batch)).await
    }

    /// Deletes the records of these ids, all in one transaction; gives how many there were.
    pub async fn delete_records(
        &self,
        name: &CollectionName,
        ids: &[String],
    ) -> Result<u64, CollectionError> {
        let ids = ids.to_vec();
        self.run_on(name, |engine, name| edit::delete_records(engine, name, ids)).await
    }

    /// The record of an id, as a batch of one; `None` where there is none.
    pub async fn record(
        &self,
        name: &CollectionName,
        id: &str,
    ) -> Result<Option<RecordBatch>, CollectionError> {
        let id = id.to_owned();
        self.run_on(name, move |engine, name| live::record(engine, name, &id)).await
    }

    /// Up to `limit` records in the order of their ids, from position `offset` on. There are fewer where
    /// they are heavy: it stops at about `weight` (see [`RecordBatch::weight`]), after one record at least.
    pub async fn page(
        &self,
        name: &CollectionName,
        offset: u64,
        limit: usize,
        weight: usize,
    ) -> Result<RecordBatch, CollectionError> {
        self.run_on(name, move |engine, name| live::page(engine, name, offset, limit, weight)).await
    }

    /// Bytes that the data directory's file system has left.
    pub async fn free_bytes(&self) -> Result<u64, CollectionError> {
        self.run(Engine::free_bytes).await
    }

    /// Waits until what deleted and replaced collections held is free for others. Nobody needs to, but a
    /// process that is about to end spares the next one the work.
    pub async fn sweep(&self) {
        // It goes only with the store, which is held.
        let _ = self.store.sweeper().finish().await;
    }

    async fn run<T: Send + 'static>(
        &self,
        work: impl FnOnce(&Engine) -> Result<T, CollectionError> + Send + 'static,
    ) -> Result<T, CollectionError> {
        let store = self.store.clone();
        blocking(move || work(store.engine())).await
    }

    async fn run_on<T: Send + 'static>(
        &self,
        name: &CollectionName,
        work: impl FnOnce(&Engine, &CollectionName) -> Result<T, CollectionError> + Send + 'static,
    ) -> Result<T, CollectionError> {
        let name = name.clone();
        self.run(move |engine| work(engine, &name).map_err(about(&name))).await
    }
}

impl fmt::Debug for Collections {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Collections").finish_non_exhaustive()
    }
}

#[async_trait]
impl CollectionSource for Collections {
    async fn snapshot(&self) -> Result<Box<dyn CollectionSnapshot>, CollectionError> {
        let store = self.store.clone();
        Ok(Box::new(blocking(move || Snapshot::begin(store)).await?))
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
        let (store, plan) = (self.store.clone(), plan.to_vec());
        Ok(Box::new(blocking(move || Restore::begin(store, &plan, bytes)).await?))
    }
}

#[cfg(test)]
mod tests {
    use vecvault_core::conformance::CollectionSuite;

    use super::*;

    #[tokio::test]
    async fn the_contracts_are_kept_whatever_the_buffers() {
        for options in [
            OpenOptions::default(),
            OpenOptions { cache_bytes: 1 << 20, transaction_bytes: 1, sort_bytes: 1 },
        ] {
            let directory = tempfile::tempdir().unwrap();
            let collections = Collections::open_with(directory.path(), options).unwrap();
            CollectionSuite::new(&collections, &collections).run().await.unwrap();
        }
    }
}
