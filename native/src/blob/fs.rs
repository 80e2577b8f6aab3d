//! Backups as files of one directory.
//!
//! A blob is written to a temporary file beside the others, synced, and then given its name in one step,
//! so a crash at any moment leaves the old blob or the new one. Every operation is relative to the
//! directory that was opened at the start; no link is followed. Keys with a `/` are refused: the directory
//! is flat.

mod directory;
mod staged;
#[cfg(test)]
mod tests;
mod upload;
mod writeback;

pub use directory::{DirectoryPolicy, OpenDirectoryError, sync_names};
pub use staged::StagedBlob;

use std::ops::Range;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use rustix::fs::{FileType, Stat};
use vecvault_core::{
    BlobError, BlobErrorKind, BlobKey, BlobMeta, BlobPage, BlobRead, BlobStore, BlobVersion, ByteStream,
    PutMode,
};

use self::directory::{Directory, already_exists, not_found};
use self::upload::Upload;
use super::blocking::blocking;
use super::open_file::{FileState, OpenFile, read_blob, stat};

/// How old a temporary file without a writer is when it is removed. That its lock is free tells that it has
/// none; the age is for the moment between its creation and the lock.
const STALE_AFTER: Duration = Duration::from_secs(60);

/// A directory of backups. Cloning shares it; several processes may use it at once.
#[derive(Clone, Debug)]
pub struct FsBlobStore {
    directory: Arc<Directory>,
}

impl FsBlobStore {
    /// Opens a directory; unless it is only read, removes what crashed writers left in it more than a minute ago.
    pub fn open(path: &Path, policy: DirectoryPolicy) -> Result<Self, OpenDirectoryError> {
        let store = Self { directory: Arc::new(Directory::open(path, policy)?) };
        if policy != DirectoryPolicy::OnlyRead {
            store.sweep_stale();
        }
        Ok(store)
    }

    /// Removes the temporary files that have no writer any more and were last written to at least `age`
    /// ago; gives how many there were. Where the file system knows no locks it removes none. Blocks.
    pub fn sweep(&self, age: Duration) -> Result<usize, BlobError> {
        upload::sweep(&self.directory, age)
    }

    /// Writes a body to a file of its own, whole and durable, that nobody else sees: to look at it before
    /// it is published, without writing it twice.
    pub async fn stage(&self, body: ByteStream) -> Result<StagedBlob, BlobError> {
        Ok(StagedBlob::new(Upload::receive(self.directory.clone(), None, body).await?))
    }

    /// How many bytes of room the directory's file system has for this user, once what crashed writers left
    /// more than a minute ago is removed. Blocks, though briefly.
    pub fn free_bytes(&self) -> Result<u64, BlobError> {
        // A server that was killed is started again within a minute: opening found its file too young.
        self.sweep_stale();
        self.directory.free_bytes()
    }

    fn sweep_stale(&self) {
        // Litter is no reason not to go on.
        let _ = self.sweep(STALE_AFTER);
    }

    /// Runs `work` on the directory where it may block; its errors carry the key.
    async fn on_file<T: Send + 'static>(
        &self,
        key: &BlobKey,
        work: impl FnOnce(&Directory, &BlobKey) -> Result<T, BlobError> + Send + 'static,
    ) -> Result<T, BlobError> {
        let (directory, owned) = (self.directory.clone(), key.clone());
        blocking(move || work(&directory, &owned)).await.map_err(|error| error.of(key))
    }
}

#[async_trait]
impl BlobStore for FsBlobStore {
    async fn put(&self, key: &BlobKey, body: ByteStream, mode: PutMode) -> Result<BlobMeta, BlobError> {
        check_flat(key)?;
        self.on_file(key, move |directory, key| check_vacant(directory, key, mode)).await?;
        let upload = Upload::receive(self.directory.clone(), Some(key), body).await?;
        StagedBlob::new(upload).publish(key, mode)
    }

    async fn get(
        &self,
        key: &BlobKey,
        range: Option<Range<u64>>,
        version: Option<&BlobVersion>,
    ) -> Result<BlobRead, BlobError> {
        let (directory, name) = (self.directory.clone(), key.clone());
        let open = move || {
            if !is_flat(&name) {
                return Err(not_found());
            }
            let file = directory.open_file(name.as_str())?;
            refuse_links(&stat(&file)?)?;
            OpenFile::new(file)
        };
        read_blob(key, range, version, open).await
    }

    async fn head(&self, key: &BlobKey) -> Result<BlobMeta, BlobError> {
        if !is_flat(key) {
            return Err(not_found().of(key));
        }
        self.on_file(key, |directory, key| {
            let stat = directory.stat(key.as_str())?.ok_or_else(not_found)?;
            refuse_links(&stat)?;
            Ok(FileState::of(&stat)?.meta(key))
        })
        .await
    }

    async fn list(&self, prefix: &str, after: Option<&BlobKey>, limit: usize) -> Result<BlobPage, BlobError> {
        let (directory, prefix, after) = (self.directory.clone(), prefix.to_owned(), after.cloned());
        blocking(move || {
            let mut keys = directory.keys()?;
            keys.retain(|key| {
                key.as_str().starts_with(&prefix) && after.as_ref().is_none_or(|after| key > after)
            });
            keys.sort_unstable();
            let mut keys = keys.into_iter();
            let mut blobs = Vec::new();
            while blobs.len() < limit.max(1) {
                let Some(key) = keys.next() else { break };
                // Gone since, or not a file: it is no blob.
                let state = directory.stat(key.as_str())?.and_then(|stat| FileState::of(&stat).ok());
                blobs.extend(state.map(|state| state.meta(&key)));
            }
            Ok(BlobPage { blobs, more: keys.next().is_some() })
        })
        .await
    }

    async fn delete(&self, key: &BlobKey) -> Result<bool, BlobError> {
        if !is_flat(key) {
            return Ok(false);
        }
        self.on_file(key, |directory, key| directory.remove(key.as_str())).await
    }
}

/// Fails early where a blob could not be published in the end: spares writing it.
fn check_vacant(directory: &Directory, key: &BlobKey, mode: PutMode) -> Result<(), BlobError> {
    match directory.stat(key.as_str())? {
        Some(_) if mode == PutMode::Create => Err(already_exists()),
        Some(stat) => FileState::of(&stat).map(drop),
        None => Ok(()),
    }
}

/// Somebody else's file with a second name may be a secret that was linked here. One's own has another where backups are
/// kept by `cp -al`, rsnapshot and the like.
fn refuse_links(stat: &Stat) -> Result<(), BlobError> {
    let own = stat.st_uid == rustix::process::geteuid().as_raw();
    if stat.st_nlink > 1 && !own && FileType::from_raw_mode(stat.st_mode).is_file() {
        let message = "refused: somebody else's file with another hard link; replace it by a copy to use it";
        return Err(BlobError::new(BlobErrorKind::PermissionDenied, message));
    }
    Ok(())
}

/// Refuses a key that cannot be a file's name as it is.
fn check_flat(key: &BlobKey) -> Result<(), BlobError> {
    if is_flat(key) {
        return Ok(());
    }
    let message = "a directory of backups is flat: keys with '/' cannot be kept in it";
    Err(BlobError::new(BlobErrorKind::Other, message).of(key))
}

/// Whether a key can be a file's name as it is.
fn is_flat(key: &BlobKey) -> bool {
    !key.as_str().contains('/')
}
