//! A blob on its way in: a temporary file that has a name only once it is whole and synced.
//!
//! Its writer holds a lock on it as long as it lives. A temporary file whose lock is free was left by a
//! crash, and is removed once it is older than the moment between its creation and the lock.

use std::fs::File;
use std::io::{self, Write};
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use bytes::Bytes;
use futures_util::TryStreamExt;
use rustix::fs::{FlockOperation, flock};
use tokio::sync::mpsc;
use vecvault_core::{BlobError, BlobErrorKind, BlobKey, ByteStream, PutMode};

use super::super::blocking::lost;
use super::super::errno::blob_error;
use super::super::open_file::{FileState, stat};
use super::directory::Directory;
use super::writeback::Writeback;

/// What temporary files' names begin with; no key does.
const PREFIX: &str = ".tmp-";
/// How many chunks of the body, about a MiB each, may wait for the disk.
const QUEUE: usize = 2;

/// A temporary file. Dropping it removes it, unless it was published.
#[derive(Debug)]
pub(super) struct Upload {
    directory: Arc<Directory>,
    name: String,
    file: File,
    published: bool,
}

/// What goes to the thread that writes.
enum Piece {
    Bytes(Bytes),
    /// The body was whole. Without it the sender has failed or was dropped.
    End,
}

impl Upload {
    /// Writes a body to a temporary file on a thread of its own while the next chunk is made, and syncs it.
    pub(super) async fn receive(
        directory: Arc<Directory>,
        key: Option<&BlobKey>,
        mut body: ByteStream,
    ) -> Result<Self, BlobError> {
        let (sender, receiver) = mpsc::channel(QUEUE);
        let writer = tokio::task::spawn_blocking(move || Self::write_all(directory, receiver));
        let sent = async {
            while let Some(bytes) = body.try_next().await? {
                // The writer hangs up when it has failed; it knows why.
                if sender.send(Piece::Bytes(bytes)).await.is_err() {
                    return Ok(());
                }
            }
            let _ = sender.send(Piece::End).await;
            Ok(())
        }
        .await;
        drop(sender);
        let written = writer.await.unwrap_or_else(|error| Err(lost(error)));
        sent.and(written.map_err(|error| match key {
            Some(key) => error.of(key),
            None => error,
        }))
    }

    /// A handle of its own on the open file.
    pub(super) fn handle(&self) -> Result<File, BlobError> {
        self.file.try_clone().map_err(|error| blob_error("open the file", error))
    }

    /// Gives the file its name for good.
    pub(super) fn publish(mut self, name: &str, mode: PutMode) -> Result<FileState, BlobError> {
        let state = FileState::of(&stat(&self.file)?)?;
        self.directory.publish(&self.name, name, mode)?;
        self.published = true;
        Ok(state)
    }

    fn write_all(directory: Arc<Directory>, mut pieces: mpsc::Receiver<Piece>) -> Result<Self, BlobError> {
        let mut upload = Self::create(directory)?;
        let mut writeback = Writeback::default();
        loop {
            match pieces.blocking_recv() {
                Some(Piece::Bytes(bytes)) => {
                    upload.file.write_all(&bytes).map_err(|error| blob_error("write", error))?;
                    writeback.wrote(&upload.file, bytes.len()).map_err(not_synced)?;
                }
                Some(Piece::End) => break,
                None => return Err(BlobError::new(BlobErrorKind::Body, "the body was broken off")),
            }
        }
        writeback.finish().map_err(not_synced)?;
        upload.sync()?;
        Ok(upload)
    }

    fn create(directory: Arc<Directory>) -> Result<Self, BlobError> {
        let mut random = [0; 16];
        getrandom::fill(&mut random).map_err(|error| {
            BlobError::new(BlobErrorKind::Other, "the system gives no randomness").because(error)
        })?;
        let name = format!("{PREFIX}{:032x}", u128::from_ne_bytes(random));
        let file = directory.create_file(&name)?;
        // A sweeper may hold it for the moment that it needs to remove it, where its clock is another one. And where the
        // file system knows no locks, sweeping leaves everything alone.
        let _ = flock(&file, FlockOperation::LockExclusive);
        if stat(&file)?.st_nlink == 0 {
            return Err(BlobError::new(
                BlobErrorKind::Other,
                "the temporary file was removed: are clocks in step?",
            ));
        }
        Ok(Self { directory, name, file, published: false })
    }

    /// A failed sync is final: the system may have dropped the pages, so that a second one would lie.
    fn sync(&self) -> Result<(), BlobError> {
        // The system stamps files with the tick of its clock; versions need the time itself.
        self.file.set_modified(SystemTime::now()).map_err(|error| blob_error("stamp the file", error))?;
        self.file.sync_all().map_err(not_synced)
    }
}

fn not_synced(error: io::Error) -> BlobError {
    blob_error("sync the file", error)
}

impl Drop for Upload {
    fn drop(&mut self) {
        if !self.published {
            // Where this fails, the next sweep removes it.
            let _ = self.directory.unlink(&self.name);
        }
    }
}

/// Removes the temporary files of writers that are gone, once they are `age` old; gives how many.
pub(super) fn sweep(directory: &Directory, age: Duration) -> Result<usize, BlobError> {
    let mut names = Vec::new();
    directory.for_each_file(|name| names.extend(is_temporary(name).then(|| name.to_owned())))?;
    let stale = |name: &String| is_stale(directory, name, age).unwrap_or(false);
    Ok(names.iter().filter(|name| stale(name) && directory.unlink(name).is_ok()).count())
}

/// Whether it is a name that [`Upload::create`] gives.
fn is_temporary(name: &str) -> bool {
    let random = name.strip_prefix(PREFIX);
    random.is_some_and(|random| random.len() == 32 && random.bytes().all(|byte| byte.is_ascii_hexdigit()))
}

fn is_stale(directory: &Directory, name: &str, age: Duration) -> Result<bool, BlobError> {
    let file = directory.open_file(name)?;
    let stat = stat(&file)?;
    let modified = FileState::of(&stat)?.modified().map(SystemTime::from);
    let old = modified.and_then(|modified| modified.elapsed().ok()).is_some_and(|elapsed| elapsed >= age);
    // One with a second name was published, and its writer died before it could drop the first.
    Ok((old || stat.st_nlink > 1) && flock(&file, FlockOperation::NonBlockingLockExclusive).is_ok())
}
