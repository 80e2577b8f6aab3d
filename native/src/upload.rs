//! upload: a backup file from outside becomes a backup, once every byte of it is proved.
//!
//! It is received into a file that nobody sees, read through there, and published as it is: written once, and
//! visible never unless whole. Its id is the one that it says.

use std::sync::Arc;

use vecvault_core::{
    BackupId, BackupSummary, BlobErrorKind, BlobStore, ByteStream, Error, Finding, Host, PutMode, Result,
    VerifyDepth, verify,
};

use crate::blob::{FsBlobStore, StagedBlob};

/// A file that was received. Dropping it removes it.
#[derive(Debug)]
pub struct ReceivedFile {
    store: FsBlobStore,
    staged: StagedBlob,
}

/// Why a file does not become a backup. Nothing has changed.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum UploadError {
    /// The file is not a whole backup.
    #[error("the file is refused: {}", .finding.message)]
    Damaged {
        /// The first thing that is wrong.
        finding: Box<Finding>,
        /// How many things are wrong, up to the most that a report holds.
        findings: usize,
    },
    /// There is a backup of its id already.
    #[error("there is a backup {id} already, which is kept; this file was not read through")]
    Exists {
        /// The id.
        id: BackupId,
    },
    /// Reading, writing or proving failed.
    #[error(transparent)]
    Vault(#[from] Box<Error>),
}

impl From<Error> for UploadError {
    fn from(error: Error) -> Self {
        Self::Vault(error.into())
    }
}

impl ReceivedFile {
    /// Receives a file, whole and synced; where its `length` is known, only if there is room for it.
    pub async fn receive(store: &FsBlobStore, body: ByteStream, length: Option<u64>) -> Result<Self> {
        let space = store.clone();
        // Asked in any case: it makes room.
        let free = tokio::task::spawn_blocking(move || space.free_bytes());
        let free = free.await.map_err(|_| Error::WorkerLost)??;
        if let Some(needed) = length.filter(|needed| *needed > free) {
            return Err(Error::InsufficientSpace { needed, free }.into());
        }
        Ok(Self { store: store.clone(), staged: store.stage(body).await? })
    }

    /// Proves the file and makes it a backup. One of another writer carries no hashes: it must read through.
    pub async fn keep(self, host: &Host) -> Result<BackupSummary, UploadError> {
        let Self { store, staged } = self;
        let file = staged.look().map_err(Error::from)?;
        let key = file.key().clone();
        let file: Arc<dyn BlobStore> = Arc::new(file);
        let mut report = verify(&file, &key, None, VerifyDepth::Quick, host).await?;
        // Its head and tail say whose it is: a second one is not worth proving.
        if let Some(backup) = &report.backup {
            check_absent(&store, backup.info.id).await?;
        }
        // A quick look at a file without an index has read all of it.
        if report.verifiable {
            report = verify(&file, &key, None, VerifyDepth::Full, host).await?;
        }
        let findings = report.findings.len();
        if let Some(finding) = report.findings.into_iter().next() {
            return Err(UploadError::Damaged { finding: Box::new(finding), findings });
        }
        let summary =
            report.backup.ok_or_else(|| Error::InvalidRequest("the file names no backup".into()))?;
        let id = summary.info.id;
        staged.publish(&id.key(), PutMode::Create).map_err(|error| match error.kind() {
            BlobErrorKind::AlreadyExists => UploadError::Exists { id },
            _ => Error::from(error).into(),
        })?;
        Ok(summary)
    }
}

async fn check_absent(store: &FsBlobStore, id: BackupId) -> Result<(), UploadError> {
    match store.head(&id.key()).await {
        Ok(_) => Err(UploadError::Exists { id }),
        Err(error) if error.kind() == BlobErrorKind::NotFound => Ok(()),
        Err(error) => Err(Error::from(error).into()),
    }
}

#[cfg(test)]
mod tests;
