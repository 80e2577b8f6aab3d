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
    kind: CollectionErrorKind,
    collection: Option<CollectionName>,
    record: Option<Box<str>>,
    message: String,
    source: Option<Box<dyn StdError + Send + Sync>>,
}

impl CollectionError {
    /// An error with a message that says what to do where something can be done. No paths in it.
    pub fn new(kind: CollectionErrorKind, message: impl Into<String>) -> Self {
        Self { kind, collection: None, record: None, message: message.into(), source: None }
    }

    /// "There is no collection of that name."
    pub fn not_found(name: &CollectionName) -> Self {
        Self::new(CollectionErrorKind::NotFound, "there is no such collection").of(name)
    }

    /// The collection that it is about.
    #[must_use]
    pub fn of(mut self, name: &CollectionName) -> Self {
        self.collection = Some(name.clone());
        self
    }

    /// The id of the record that it is about.
    #[must_use]
    pub fn of_record(mut self, id: &str) -> Self {
        self.record = Some(id.into());
        self
    }

    /// What caused it.
    #[must_use]
    pub fn because(mut self, source: impl Into<Box<dyn StdError + Send + Sync>>) -> Self {
        self.source = Some(source.into());
        self
    }

    /// The error of type `E` that caused it, or this error where another, or none, did.
    pub(crate) fn downcast<E: StdError + 'static>(mut self) -> Result<Box<E>, Self> {
        match self.source.take().map(|source| source.downcast::<E>()) {
            Some(Ok(cause)) => Ok(cause),
            Some(Err(source)) => Err(Self { source: Some(source), ..self }),
            None => Err(self),
        }
    }

    /// What kind of thing went wrong.
    pub fn kind(&self) -> CollectionErrorKind {
        self.kind
    }

    /// The collection that it is about.
    pub fn collection(&self) -> Option<&CollectionName> {
        self.collection.as_ref()
    }

    /// The id of the record that it is about.
    pub fn record(&self) -> Option<&str> {
        self.record.as_deref()
    }
}

impl fmt::Display for CollectionError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.collection {
            Some(name) => write!(f, "collection {name:?}: {}", self.message),
            None => f.write_str(&self.message),
        }
    }
}

impl StdError for CollectionError {
    fn source(&self) -> Option<&(dyn StdError + 'static)> {
        self.source.as_deref().map(|source| source as &(dyn StdError + 'static))
    }
}
