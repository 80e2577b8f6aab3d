//! What goes wrong in a store.

use std::error::Error as StdError;
use std::fmt;

use super::BlobKey;

/// What kind of thing went wrong: enough to decide what to do, whatever the store.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum BlobErrorKind {
    /// A create found a blob of that key.
    AlreadyExists,
    /// The stream that was being written failed; its own error is the source.
    Body,
    /// The store's own data are damaged, or it broke its word.
    Corrupt,
    /// A range reaches past the blob's end.
    InvalidRange,
    /// No room: retrying will not help.
    NoSpace,
    /// No blob of that key.
    NotFound,
    /// The store refuses this caller.
    PermissionDenied,
    /// The store cannot be reached or is overloaded, retries included: later may help.
    Transient,
    /// The blob is another one than when reading began.
    VersionChanged,
    /// Anything else.
    Other,
}

/// An error of a [`BlobStore`](super::BlobStore).
#[derive(Debug)]
pub struct BlobError {
    /// On the heap: results that carry an error are handed from call to call, and stay small so.
    inner: Box<Inner>,
}

#[derive(Debug)]
struct Inner {
    kind: BlobErrorKind,
    key: Option<BlobKey>,
    message: String,
    source: Option<Box<dyn StdError + Send + Sync>>,
}

impl BlobError {
    /// An error with a message that says what to do where something can be done. No paths, keys or
    /// secrets in it: the key is added with [`BlobError::of`].
    pub fn new(kind: BlobErrorKind, message: impl Into<String>) -> Self {
        Self { inner: Box::new(Inner { kind, key: None, message: message.into(), source: None }) }
    }

    /// The blob that it is about.
    #[must_use]
    pub fn of(mut self, key: &BlobKey) -> Self {
        self.inner.key = Some(key.clone());
        self
    }

    /// What caused it.
    #[must_use]
    pub fn because(mut self, source: impl Into<Box<dyn StdError + Send + Sync>>) -> Self {
        self.inner.source = Some(source.into());
        self
    }

    /// What kind of thing went wrong.
    pub fn kind(&self) -> BlobErrorKind {
        self.inner.kind
    }

    /// The blob that it is about.
    pub fn key(&self) -> Option<&BlobKey> {
        self.inner.key.as_ref()
    }
}

impl fmt::Display for BlobError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.inner.key {
            Some(key) => write!(f, "{key}: {}", self.inner.message),
            None => f.write_str(&self.inner.message),
        }
    }
}

impl StdError for BlobError {
    fn source(&self) -> Option<&(dyn StdError + 'static)> {
        self.inner.source.as_deref().map(|source| source as &(dyn StdError + 'static))
    }
}
