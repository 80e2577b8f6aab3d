//! Reading a regular file as a blob: what [`FsBlobStore`](super::FsBlobStore) and
//! [`SingleFile`](super::SingleFile) share.
//!
//! A file is opened once for each read and then read by position, so a file that is replaced or deleted
//! meanwhile goes on to yield its own bytes. One that is changed in place is noticed and the read fails.

use std::fs::File;
use std::ops::Range;
use std::os::fd::{AsFd, OwnedFd};
use std::sync::Arc;

use bytes::Bytes;
use chrono::{DateTime, Utc};
use futures_util::{StreamExt, stream};
use rustix::buffer::spare_capacity;
use rustix::fs::{FileType, Stat, fstat};
use rustix::io::Errno;
use vecvault_core::{BlobError, BlobErrorKind, BlobKey, BlobMeta, BlobRead, BlobVersion, ByteStream};

use super::blocking::blocking;
use super::errno::blob_error;

/// How many bytes are read at once.
const CHUNK: u64 = 1 << 20;
/// How many chunks are read ahead of the consumer.
const READ_AHEAD: usize = 2;

/// What identifies a state of a regular file. The time of its last status change is not in it: a new mode
/// or link must not end a restore that is under way.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct FileState {
    device: u64,
    inode: u64,
    size: u64,
    modified: (i64, u64),
}

impl FileState {
    /// The state of a regular file; refuses anything else.
    pub(super) fn of(stat: &Stat) -> Result<Self, BlobError> {
        if !FileType::from_raw_mode(stat.st_mode).is_file() {
            return Err(not_regular());
        }
        // The types of these members differ from system to system; none is negative for a regular file.
        #[allow(clippy::unnecessary_cast)]
        Ok(Self {
            device: stat.st_dev as u64,
            inode: stat.st_ino as u64,
            size: stat.st_size as u64,
            modified: (stat.st_mtime as i64, stat.st_mtime_nsec as u64),
        })
    }

    /// The file as a blob.
    pub(super) fn meta(&self, key: &BlobKey) -> BlobMeta {
        let Self { device, inode, size, modified: (seconds, nanoseconds) } = *self;
        BlobMeta {
            key: key.clone(),
            size,
            version: BlobVersion(format!("{device:x}-{inode:x}-{size:x}-{seconds:x}.{nanoseconds:x}")),
            modified: self.modified(),
        }
    }

    /// When it was last written.
    pub(super) fn modified(&self) -> Option<DateTime<Utc>> {
        let (seconds, nanoseconds) = self.modified;
        DateTime::from_timestamp(seconds, u32::try_from(nanoseconds).ok()?)
    }
}

/// Something is at the key that this store did not put there.
pub(super) fn not_regular() -> BlobError {
    BlobError::new(BlobErrorKind::PermissionDenied, "refused: what is there is not a regular file")
}

/// What is known of an open file.
pub(super) fn stat(file: impl AsFd) -> Result<Stat, BlobError> {
    fstat(file).map_err(|error| blob_error("look at the file", error))
}

/// A regular file that is open for reading.
#[derive(Debug)]
pub(super) struct OpenFile {
    file: File,
    state: FileState,
}

impl OpenFile {
    /// Takes a file that was opened without blocking; refuses what is not regular.
    pub(super) fn new(file: OwnedFd) -> Result<Self, BlobError> {
        Ok(Self { state: FileState::of(&stat(&file)?)?, file: file.into() })
    }

    /// The file as a blob.
    pub(super) fn meta(&self, key: &BlobKey) -> BlobMeta {
        self.state.meta(key)
    }

    /// Reads `len` bytes at `start`, which the file has, or fails.
    fn read(&self, start: u64, len: u64) -> Result<Bytes, BlobError> {
        let capacity = usize::try_from(len).map_err(|_| changed())?;
        let mut bytes = Vec::with_capacity(capacity);
        while bytes.len() < capacity {
            let at = start + bytes.len() as u64;
            match rustix::io::pread(&self.file, spare_capacity(&mut bytes), at) {
                Ok(0) => return Err(changed()),
                Ok(_) | Err(Errno::INTR) => {}
                Err(error) => return Err(blob_error("read", error)),
            }
        }
        bytes.truncate(capacity);
        if FileState::of(&stat(&self.file)?)? == self.state { Ok(bytes.into()) } else { Err(changed()) }
    }
}

fn changed() -> BlobError {
    BlobError::new(BlobErrorKind::VersionChanged, "it was changed while it was read")
}

/// Reads a blob from the file that `open` gives.
pub(super) async fn read_blob(
    key: &BlobKey,
    range: Option<Range<u64>>,
    version: Option<&BlobVersion>,
    open: impl FnOnce() -> Result<OpenFile, BlobError> + Send + 'static,
) -> Result<BlobRead, BlobError> {
    let (owned, version) = (key.clone(), version.cloned());
    // The first chunk comes with the opening: most reads are short, and each trip to a thread costs.
    let opened = blocking(move || {
        let file = open()?;
        let meta = file.state.meta(&owned);
        if version.is_some_and(|version| version != meta.version) {
            return Err(BlobError::new(BlobErrorKind::VersionChanged, "it was replaced meanwhile"));
        }
        let range = range.unwrap_or(0..meta.size);
        if range.start > range.end || range.end > meta.size {
            return Err(BlobError::new(BlobErrorKind::InvalidRange, "the range reaches past the end"));
        }
        let first = file.read(range.start, CHUNK.min(range.end - range.start))?;
        Ok((Arc::new(file), meta, range, first))
    });
    let (file, meta, range, first) = opened.await.map_err(|error| error.of(key))?;
    let rest = range.start + first.len() as u64..range.end;
    let first = stream::iter((!first.is_empty()).then_some(Ok(first)));
    let body = Box::pin(first.chain(chunks(file, rest, key.clone())));
    Ok(BlobRead { meta, range, body })
}

fn chunks(file: Arc<OpenFile>, range: Range<u64>, key: BlobKey) -> ByteStream {
    let end = range.end;
    let starts = range.step_by(CHUNK as usize);
    let read = move |start| {
        let (file, key) = (file.clone(), key.clone());
        blocking(move || file.read(start, CHUNK.min(end - start)).map_err(|error| error.of(&key)))
    };
    Box::pin(stream::iter(starts).map(read).buffered(READ_AHEAD))
}
