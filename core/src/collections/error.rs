//! What goes wrong with live collections.

use std::error::Error as StdError;
use std::fmt;

use crate::model::CollectionName;

/// What kind of thing went wrong.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum CollectionErrorKind {
    /// A collection of that name exists.
    AlreadyExists,
    /// Someone else holds the collection or the store.
    Busy,
    /// The stored collections are damaged.
    Corrupt,
    /// A record or a config that the store cannot take.
    Invalid,
    /// No room.
    NoSpace,
    /// No such collection, or no such record.
    NotFound,
    /// The store cannot be reached: later may help.
    Unavailable,
    /// Anything else.
    Other,
}

/// An error of a [`CollectionSource`](super::CollectionSource) or [`CollectionSink`](super::CollectionSink).
#[derive(Debug)]
pub struct CollectionError {
    /// On the heap: results that carry an error are handed from call to call, and stay small so.
    inner: Box<Inner>,
}

#[derive(Debug)]
struct Inner {
    kind: CollectionErrorKind,
    collection: Option<CollectionName>,
    record: Option<Box<str>>,
    message: String,
    source: Option<Box<dyn StdError + Send + Sync>>,
}

impl CollectionError {
    /// An error with a message that says what to do where something can be done. No paths in it.
    pub fn new(kind: CollectionErrorKind, message: impl Into<String>) -> Self {
        Self {
            inner: Box::new(Inner {
                kind,
                collection: None,
                record: None,
                message: message.into(),
                source: None,
            }),
        }
    }

    /// "There is no collection of that name."
    pub fn not_found(name: &CollectionName) -> Self {
        Self::new(CollectionErrorKind::NotFound, "there is no such collection").of(name)
    }

    /// The collection that it is about.
    #[must_use]
    pub fn of(mut self, name: &CollectionName) -> Self {
        self.inner.collection = Some(name.clone());
        self
    }

    /// The id of the record that it is about.
    #[must_use]
    pub fn of_record(mut self, id: &str) -> Self {
        self.inner.record = Some(id.into());
        self
    }

    /// What caused it.
    #[must_use]
    pub fn because(mut self, source: impl Into<Box<dyn StdError + Send + Sync>>) -> Self {
        self.inner.source = Some(source.into());
        self
    }

    /// The error of type `E` that caused it, or this error where another, or none, did.
    pub(crate) fn downcast<E: StdError + 'static>(mut self) -> Result<Box<E>, Self> {
        match self.inner.source.take().map(|source| source.downcast::<E>()) {
            Some(Ok(cause)) => Ok(cause),
            Some(Err(source)) => {
                self.inner.source = Some(source);
                Err(self)
            }
            None => Err(self),
        }
    }

    /// What kind of thing went wrong.
    pub fn kind(&self) -> CollectionErrorKind {
        self.inner.kind
    }

    /// The collection that it is about.
    pub fn collection(&self) -> Option<&CollectionName> {
        self.inner.collection.as_ref()
    }

    /// The id of the record that it is about.
    pub fn record(&self) -> Option<&str> {
        self.inner.record.as_deref()
    }
}

impl fmt::Display for CollectionError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.inner.collection {
            Some(name) => write!(f, "collection {name:?}: {}", self.inner.message),
            None => f.write_str(&self.inner.message),
        }
    }
}

impl StdError for CollectionError {
    fn source(&self) -> Option<&(dyn StdError + 'static)> {
        self.inner.source.as_deref().map(|source| source as &(dyn StdError + 'static))
    }
}
