//! Where backups are kept: the storage side.
//!
//! [`BlobStore`] is one of the two joints of VecVault. A file system, a bucket or a browser's storage
//! implements it; the verbs see nothing else. `conformance::blob` (feature `conformance`) holds an
//! implementation to the contract.

mod error;
mod key;
mod memory;

pub use error::{BlobError, BlobErrorKind};
pub use key::{BlobKey, InvalidBlobKey};
pub use memory::MemoryBlobStore;

use std::fmt;
use std::ops::Range;
use std::pin::Pin;

use async_trait::async_trait;
use bytes::Bytes;
use chrono::{DateTime, Utc};
use futures_util::{Stream, TryStreamExt};

use crate::maybe_send::{MaybeSend, MaybeSync};

/// A stream of byte chunks of any size; an error ends it.
#[cfg(not(target_family = "wasm"))]
pub type ByteStream = Pin<Box<dyn Stream<Item = Result<Bytes, BlobError>> + Send>>;
/// A stream of byte chunks of any size; an error ends it.
#[cfg(target_family = "wasm")]
pub type ByteStream = Pin<Box<dyn Stream<Item = Result<Bytes, BlobError>>>>;

/// Which state of a blob was read. Opaque; two reads with equal versions saw the same bytes.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct BlobVersion(pub String);

/// What a store knows of a blob without reading it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BlobMeta {
    /// Its key.
    pub key: BlobKey,
    /// Its exact length in bytes.
    pub size: u64,
    /// Which state of it this is.
    pub version: BlobVersion,
    /// When it was last written, where the store knows.
    pub modified: Option<DateTime<Utc>>,
}

/// A blob, or a range of it, being read.
pub struct BlobRead {
    /// The blob that is read.
    pub meta: BlobMeta,
    /// The bytes that `body` yields: the range that was asked for, or all.
    pub range: Range<u64>,
    /// The bytes. A stream that ends early is an error of the store, never silence.
    pub body: ByteStream,
}

impl fmt::Debug for BlobRead {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("BlobRead")
            .field("meta", &self.meta)
            .field("range", &self.range)
            .finish_non_exhaustive()
    }
}

/// A page of a listing.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct BlobPage {
    /// Blobs in ascending order of their keys' bytes.
    pub blobs: Vec<BlobMeta>,
    /// Whether there may be more after the last one.
    pub more: bool,
}

/// What `put` does where a blob of the key exists.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PutMode {
    /// Refuse with [`BlobErrorKind::AlreadyExists`]. Of several writers at once exactly one succeeds.
    Create,
    /// Replace it, at once and whole.
    Overwrite,
}

/// A place that keeps whole blobs under keys.
///
/// # Contract
///
/// - `put`: `Ok` means that the whole body is visible under the key *and durable*. An error, or a dropped
///   future, means that nothing new is visible: the blob of before is still there, or none. An error item
///   in the body makes `put` fail with that error. A store that had the whole body and then lost the way to
///   learn what became of it (a reply that did not arrive) fails too; the new blob may then be visible, whole.
/// - `get` and `head` see a `put` or `delete` that returned before they began. A `get` that has begun
///   yields the bytes of one version, whole, or an error, never a mix of two.
/// - `get` with a `version` that is no longer the blob's fails with [`BlobErrorKind::VersionChanged`]. A
///   `range` past the blob's end fails with [`BlobErrorKind::InvalidRange`]; an empty one within it is fine.
/// - `list` gives every key that existed during the whole listing exactly once, in ascending order of
///   bytes, and none of another prefix; blobs that are being written are not in it.
/// - `delete` gives `true` where a blob was there and is now durably gone, `false` where there was none.
///   A reader that has begun either finishes or fails; it never gets other bytes. After an error the blob may
///   be gone.
/// - Keys reach the store as [`BlobKey`] only, which cannot express `..`, a root, or a reserved name.
/// - Errors carry a [`BlobErrorKind`] and the key. Retrying is the store's affair: a
///   [`BlobErrorKind::Transient`] error means that it has given up.
///
/// Rename, append and multipart uploads are deliberately absent: a store hides them behind `put`.
#[cfg_attr(not(target_family = "wasm"), async_trait)]
#[cfg_attr(target_family = "wasm", async_trait(?Send))]
pub trait BlobStore: fmt::Debug + MaybeSend + MaybeSync {
    /// Writes a blob from a stream and makes it durable.
    async fn put(&self, key: &BlobKey, body: ByteStream, mode: PutMode) -> Result<BlobMeta, BlobError>;

    /// Reads a blob, or the bytes of `range`, or fails if its version is not `version`.
    async fn get(
        &self,
        key: &BlobKey,
        range: Option<Range<u64>>,
        version: Option<&BlobVersion>,
    ) -> Result<BlobRead, BlobError>;

    /// Length and version of a blob.
    async fn head(&self, key: &BlobKey) -> Result<BlobMeta, BlobError>;

    /// Up to `limit` (at least 1) blobs whose keys begin with `prefix` and come after `after`.
    async fn list(&self, prefix: &str, after: Option<&BlobKey>, limit: usize) -> Result<BlobPage, BlobError>;

    /// Removes a blob; `false` where there was none.
    async fn delete(&self, key: &BlobKey) -> Result<bool, BlobError>;
}

/// Conveniences over any [`BlobStore`].
#[cfg_attr(not(target_family = "wasm"), async_trait)]
#[cfg_attr(target_family = "wasm", async_trait(?Send))]
pub trait BlobStoreExt: BlobStore {
    /// The bytes of `range` of the blob that `meta` describes, and of no other version. The range is the
    /// caller's to bound: it is held in memory.
    async fn read_range(&self, meta: &BlobMeta, range: Range<u64>) -> Result<Bytes, BlobError> {
        let read = self.get(&meta.key, Some(range.clone()), Some(&meta.version)).await?;
        let expected = range.end - range.start;
        collect(read.body, expected).await?.filter(|bytes| bytes.len() as u64 == expected).ok_or_else(|| {
            BlobError::new(BlobErrorKind::Corrupt, "the store sent another number of bytes than asked for")
                .of(&meta.key)
        })
    }

    /// Every blob under a prefix, page by page.
    async fn list_all(&self, prefix: &str) -> Result<Vec<BlobMeta>, BlobError> {
        const PAGE: usize = 1_000;
        let mut all = Vec::new();
        loop {
            let after = all.last().map(|meta: &BlobMeta| meta.key.clone());
            let page = self.list(prefix, after.as_ref(), PAGE).await?;
            let goes_on = page.blobs.first().is_none_or(|first| after.is_none_or(|after| first.key > after));
            if !goes_on {
                return Err(BlobError::new(
                    BlobErrorKind::Corrupt,
                    "the store lists again what it has listed",
                ));
            }
            let more = page.more && !page.blobs.is_empty();
            all.extend(page.blobs);
            if !more {
                return Ok(all);
            }
        }
    }
}

impl<S: BlobStore + ?Sized> BlobStoreExt for S {}

/// Collects a body of about `expected` bytes; `None` when it is longer. A body of one chunk is not copied.
async fn collect(mut body: ByteStream, expected: u64) -> Result<Option<Bytes>, BlobError> {
    let (mut first, mut whole) = (Bytes::new(), Vec::new());
    while let Some(chunk) = body.try_next().await? {
        if (first.len().max(whole.len()) + chunk.len()) as u64 > expected {
            return Ok(None);
        }
        if first.is_empty() {
            first = chunk;
            continue;
        }
        if whole.is_empty() {
            whole.extend_from_slice(&first);
        }
        whole.extend_from_slice(&chunk);
    }
    Ok(Some(if whole.is_empty() { first } else { whole.into() }))
}
