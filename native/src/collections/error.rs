//! What the engine's errors mean to a caller.

use std::io;

use vecvault_core::{CollectionError, CollectionErrorKind, CollectionName};

use super::chunk::ChunkError;

pub(super) type Result<T, E = CollectionError> = std::result::Result<T, E>;

/// What an error of the engine means. Its message has no paths; the engine's own text is the source.
pub(super) fn from_engine(error: impl Into<redb::Error>) -> CollectionError {
    let error = error.into();
    let (kind, message) = match &error {
        redb::Error::Io(error) => of_io(error),
        redb::Error::Corrupted(_) => {
            (CollectionErrorKind::Corrupt, "the stored collections are damaged: restore them from a backup")
        }
        redb::Error::PreviousIo | redb::Error::DatabaseClosed => (
            CollectionErrorKind::Unavailable,
            "the collections stopped at an earlier input or output error: try again, or restart",
        ),
        _ => (CollectionErrorKind::Other, "the engine of the collections failed"),
    };
    CollectionError::new(kind, message).because(error)
}

/// A stored chunk is damaged.
pub(super) fn from_chunk(error: ChunkError) -> CollectionError {
    CollectionError::new(CollectionErrorKind::Corrupt, error.to_string())
}

/// A record or request that a collection cannot take.
pub(super) fn invalid(message: impl Into<String>) -> CollectionError {
    CollectionError::new(CollectionErrorKind::Invalid, message)
}

/// Stored values that contradict each other.
pub(super) fn corrupt(message: impl Into<String>) -> CollectionError {
    CollectionError::new(CollectionErrorKind::Corrupt, message)
}

/// An id that a request or a restore has twice.
pub(super) fn duplicate(id: &str) -> CollectionError {
    invalid(format!("id {id:?} occurs twice")).of_record(id)
}

/// Vectors of another length than the collection's.
pub(super) fn check_dimension(expected: usize, found: usize) -> Result<()> {
    if expected == found {
        return Ok(());
    }
    Err(invalid(format!("the vectors have {found} numbers; the collection's dimension is {expected}")))
}

/// Says which collection an error is about, where it does not say so yet.
pub(super) fn about(name: &CollectionName) -> impl Fn(CollectionError) -> CollectionError {
    move |error| if error.collection().is_some() { error } else { error.of(name) }
}

fn of_io(error: &io::Error) -> (CollectionErrorKind, &'static str) {
    match error.kind() {
        io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded | io::ErrorKind::FileTooLarge => {
            (CollectionErrorKind::NoSpace, "the data directory's file system has no room left")
        }
        io::ErrorKind::PermissionDenied | io::ErrorKind::ReadOnlyFilesystem => {
            (CollectionErrorKind::Unavailable, "the data directory cannot be written")
        }
        _ => (CollectionErrorKind::Unavailable, "the data directory cannot be read or written"),
    }
}
