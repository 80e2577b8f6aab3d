//! The verbs with a clock, randomness and threads: what the server and the command line call.

use std::sync::Arc;

use chrono::{DateTime, Utc};
use vecvault_core::{
    Backup, BackupEntry, BackupId, BackupName, BackupSummary, BlobError, BlobStore, ByteStream,
    CreateRequest, DiffReport, DiffRequest, Error, Host, ListRemembrance, Monitor, RestoreReport,
    RestoreRequest, Result, Selection, VerifyDepth, VerifyReport, Workers,
};

use crate::blob::FsBlobStore;
use crate::collections::{CollectionState, Collections};
use crate::plan::RestorePlan;
use crate::upload::{ReceivedFile, UploadError};

/// A directory of backups, the embedded collections, and the threads to move between them. Cloning shares
/// them.
#[derive(Clone)]
pub struct Vault {
    backups: Arc<dyn BlobStore>,
    collections: Collections,
    workers: Arc<dyn Workers>,
    remembrance: Arc<ListRemembrance>,
    free_bytes: Option<FreeBytes>,
    uploads: Option<FsBlobStore>,
}

/// Asks how many bytes of room the store of backups has left; may block, though briefly.
type FreeBytes = Arc<dyn Fn() -> Result<u64, BlobError> + Send + Sync>;

impl Vault {
    /// Brings a store of backups and collections together.
    pub fn new(backups: Arc<dyn BlobStore>, collections: Collections, workers: Arc<dyn Workers>) -> Self {
        let remembrance = Arc::new(ListRemembrance::new());
        Self { backups, collections, workers, remembrance, free_bytes: None, uploads: None }
    }

    /// Refuses to begin a backup that the store has no room for, as `free_bytes` tells.
    #[must_use]
    pub fn checking_space(
        self,
        free_bytes: impl Fn() -> Result<u64, BlobError> + Send + Sync + 'static,
    ) -> Self {
        Self { free_bytes: Some(Arc::new(free_bytes)), ..self }
    }

    /// Takes files from outside as backups. `store` is the one that the backups are in: files are staged there.
    #[must_use]
    pub fn accepting_uploads(self, store: FsBlobStore) -> Self {
        Self { uploads: Some(store), ..self }
    }

    /// The live collections.
    pub fn collections(&self) -> &Collections {
        &self.collections
    }

    /// Where the backups are.
    pub fn backups(&self) -> &Arc<dyn BlobStore> {
        &self.backups
    }

    /// Makes a backup of the live collections as of now.
    pub async fn create(
        &self,
        name: BackupName,
        collections: Selection,
        monitor: Arc<dyn Monitor>,
    ) -> Result<BackupSummary> {
        self.check_space(&collections).await?;
        let now = Utc::now();
        let request = CreateRequest { id: new_id(now)?, name, now, collections };
        vecvault_core::create(&*self.backups, &self.collections, request, &self.host(monitor)).await
    }

    /// Restores collections of a backup over the live ones.
    pub async fn restore(&self, request: RestoreRequest, monitor: Arc<dyn Monitor>) -> Result<RestoreReport> {
        vecvault_core::restore(&self.backups, &self.collections, request, &self.host(monitor)).await
    }

    /// What such a restore would do; nothing is written.
    pub async fn plan_restore(
        &self,
        request: &RestoreRequest,
        monitor: Arc<dyn Monitor>,
    ) -> Result<RestorePlan> {
        let host = self.host(monitor);
        let backup = vecvault_core::open_for(&self.backups, request.id, &request.collections, &host).await?;
        Ok(RestorePlan::new(&backup, request, &self.collections.list().await?))
    }

    /// Receives a file from outside, of a `length` that may be known; [`Vault::keep`] makes it a backup.
    pub async fn receive(&self, body: ByteStream, length: Option<u64>) -> Result<ReceivedFile> {
        let refused = || Error::InvalidRequest("backups cannot be uploaded to this store".into());
        ReceivedFile::receive(self.uploads.as_ref().ok_or_else(refused)?, body, length).await
    }

    /// Proves a file that was received and makes it a backup.
    pub async fn keep(
        &self,
        file: ReceivedFile,
        monitor: Arc<dyn Monitor>,
    ) -> Result<BackupSummary, UploadError> {
        file.keep(&self.host(monitor)).await
    }

    /// All backups, newest first.
    pub async fn list(&self) -> Result<Vec<BackupEntry>> {
        let host = self.host(Arc::new(vecvault_core::Silent));
        vecvault_core::list(&*self.backups, &self.remembrance, &host).await
    }

    /// Opens a backup to look inside. One without an index is read through, which the monitor watches.
    pub async fn open(&self, id: BackupId, monitor: Arc<dyn Monitor>) -> Result<Backup> {
        vecvault_core::open(&self.backups, id, &self.host(monitor)).await
    }

    /// Verifies a backup.
    pub async fn verify(
        &self,
        id: BackupId,
        depth: VerifyDepth,
        monitor: Arc<dyn Monitor>,
    ) -> Result<VerifyReport> {
        let host = self.host(monitor);
        vecvault_core::verify(&self.backups, &id.key(), Some(id), depth, &host).await
    }

    /// Compares two backups.
    pub async fn diff(
        &self,
        a: BackupId,
        b: BackupId,
        request: DiffRequest,
        monitor: Arc<dyn Monitor>,
    ) -> Result<DiffReport> {
        let host = self.host(monitor);
        let (a, b) = (
            vecvault_core::open(&self.backups, a, &host).await?,
            vecvault_core::open(&self.backups, b, &host).await?,
        );
        vecvault_core::diff(&a, &b, request, &host).await
    }

    /// Deletes a backup.
    pub async fn delete(&self, id: BackupId) -> Result<()> {
        vecvault_core::delete(&*self.backups, id).await
    }

    /// Compares the room that there is with the weight of the collections, which is about what they take.
    async fn check_space(&self, collections: &Selection) -> Result<()> {
        let Some(free_bytes) = self.free_bytes.clone() else { return Ok(()) };
        let chosen = |state: &CollectionState| match collections {
            Selection::All => true,
            Selection::Only(names) => names.contains(&state.head.name),
        };
        let needed = self
            .collections
            .list()
            .await?
            .iter()
            .filter(|state| chosen(state))
            .map(|state| state.weight)
            .sum();
        let free =
            tokio::task::spawn_blocking(move || free_bytes()).await.map_err(|_| Error::WorkerLost)??;
        if needed > free { Err(Error::InsufficientSpace { needed, free }.into()) } else { Ok(()) }
    }

    fn host(&self, monitor: Arc<dyn Monitor>) -> Host {
        Host { workers: self.workers.clone(), monitor }
    }
}

/// A new version 7 id.
fn new_id(now: DateTime<Utc>) -> Result<BackupId> {
    let mut random = [0; 10];
    getrandom::fill(&mut random)
        .map_err(|error| Error::InvalidRequest(format!("the system gives no randomness: {error}")))?;
    Ok(BackupId::new(u64::try_from(now.timestamp_millis()).unwrap_or(0), random))
}

#[cfg(test)]
mod tests;
