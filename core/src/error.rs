//! What goes wrong with a verb.

use crate::blob::{BlobError, BlobErrorKind, BlobKey};
use crate::collections::{CollectionError, CollectionErrorKind};
use crate::format::FormatError;
use crate::format::json::Quoted;
use crate::model::{BackupId, CollectionName, CollectionProof, InvalidName, RecordError};

/// The result of a verb. The error is on the heap: a result is handed up through many calls, and each of them
/// moves it; so small results make for small code, in futures above all.
pub type Result<T, E = Box<Error>> = std::result::Result<T, E>;

/// What kind of failure it is, for exit codes and HTTP statuses.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum ErrorKind {
    /// Someone asked to stop.
    Cancelled,
    /// Something holds what is needed, or is there already.
    Conflict,
    /// The backup is damaged.
    Damaged,
    /// The request makes no sense; its message names the field.
    Invalid,
    /// No room.
    NoSpace,
    /// No such backup, collection or record.
    NotFound,
    /// The store refuses.
    PermissionDenied,
    /// Later may help.
    Unavailable,
    /// A newer format.
    Unsupported,
    /// A fault of the host or of this program.
    Internal,
}

/// Why a verb failed. Unless it says otherwise, nothing has changed.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// The store of backups failed.
    #[error("backup store: {0}")]
    Blob(#[from] BlobError),
    /// There is no backup of that id.
    #[error("there is no backup {id}")]
    BackupNotFound {
        /// The id.
        id: BackupId,
    },
    /// The store failed when it had the whole new backup, and the backup is, or may be, there.
    #[error(
        "backup store: {error}; backup {id} may have been kept nevertheless: list and verify it, or delete it"
    )]
    BackupUnconfirmed {
        /// The new backup's id.
        id: BackupId,
        /// Why the store could not confirm it.
        #[source]
        error: BlobError,
    },
    /// The verb was cancelled.
    #[error("cancelled")]
    Cancelled,
    /// The collection is not among the live ones.
    #[error("there is no collection {name:?}")]
    CollectionNotFound {
        /// Its name.
        name: CollectionName,
    },
    /// The collection is not in the backup.
    #[error("backup {id} has no collection {name:?}")]
    CollectionNotInBackup {
        /// The backup.
        id: BackupId,
        /// The collection's name.
        name: CollectionName,
    },
    /// The live collections failed.
    #[error("{0}")]
    Collections(#[from] CollectionError),
    /// The backup's bytes are not what they must be.
    #[error("backup {backup}: {error}")]
    Damaged {
        /// The backup's id, or its key.
        backup: String,
        /// What and where.
        error: FormatError,
    },
    /// Two collections of a request have the same name.
    #[error("collection {name:?} is named twice")]
    DuplicateCollection {
        /// The name.
        name: CollectionName,
    },
    /// The store of backups has less room than the backup is going to need.
    #[error("about {needed} bytes are needed for the backup and {free} are free")]
    InsufficientSpace {
        /// About how many bytes the backup will have.
        needed: u64,
        /// How many the store has left.
        free: u64,
    },
    /// A text that is no backup id.
    #[error(
        "backup_id: {} is not a backup's id (a UUID such as 550e8400-e29b-41d4-a716-446655440000)",
        Quoted(text)
    )]
    InvalidId {
        /// The beginning of the text.
        text: String,
    },
    /// A text that is no name.
    #[error(transparent)]
    InvalidName(#[from] InvalidName),
    /// Another part of the request makes no sense.
    #[error("{0}")]
    InvalidRequest(String),
    /// A record that no backup can carry.
    #[error("collection {collection:?}: {error}")]
    InvalidRecord {
        /// Its collection.
        collection: CollectionName,
        /// The record and the problem.
        error: RecordError,
    },
    /// What was written or restored is not what was read. Nothing was committed.
    #[error("collection {collection:?}: proof failed while {during}: expected {expected}, found {found}")]
    ProofFailed {
        /// The collection.
        collection: CollectionName,
        /// What was being done.
        during: &'static str,
        /// What it must be.
        expected: CollectionProof,
        /// What it is.
        found: CollectionProof,
    },
    /// A block was not read back as the records it was made of. Nothing was committed.
    #[error("collection {collection:?}: an encoded block does not read back as its records: {reason}")]
    BlockProofFailed {
        /// The collection.
        collection: CollectionName,
        /// What differs.
        reason: String,
    },
    /// A host dropped a job.
    #[error("a worker of the host went away; nothing was changed")]
    WorkerLost,
}

impl Error {
    /// What kind of failure it is.
    pub fn kind(&self) -> ErrorKind {
        match self {
            Self::Blob(error) | Self::BackupUnconfirmed { error, .. } => blob_kind(error.kind()),
            Self::BackupNotFound { .. }
            | Self::CollectionNotFound { .. }
            | Self::CollectionNotInBackup { .. } => ErrorKind::NotFound,
            Self::Cancelled => ErrorKind::Cancelled,
            Self::Collections(error) => collection_kind(error.kind()),
            Self::Damaged { error, .. } if error.is_unsupported() => ErrorKind::Unsupported,
            Self::Damaged { .. } => ErrorKind::Damaged,
            Self::InsufficientSpace { .. } => ErrorKind::NoSpace,
            Self::DuplicateCollection { .. }
            | Self::InvalidId { .. }
            | Self::InvalidName(_)
            | Self::InvalidRequest(_)
            | Self::InvalidRecord { .. } => ErrorKind::Invalid,
            Self::BlockProofFailed { .. } | Self::ProofFailed { .. } | Self::WorkerLost => {
                ErrorKind::Internal
            }
        }
    }

    /// What is wrong with the backup's bytes, where that is it.
    pub(crate) fn damage(&self) -> Option<&FormatError> {
        match self {
            Self::Damaged { error, .. } => Some(error),
            _ => None,
        }
    }

    /// A damaged backup.
    pub(crate) fn damaged(key: &BlobKey, error: FormatError) -> Box<Self> {
        let backup = BackupId::from_key(key).map_or_else(|| key.to_string(), |id| id.to_string());
        Box::new(Self::Damaged { backup, error })
    }
}

/// What `?` makes of the errors that verbs meet.
macro_rules! boxed_from {
    ($($source:ty),*) => {
        $(impl From<$source> for Box<Error> {
            fn from(error: $source) -> Self {
                Self::new(error.into())
            }
        })*
    };
}

boxed_from!(BlobError, CollectionError, InvalidName);

fn blob_kind(kind: BlobErrorKind) -> ErrorKind {
    match kind {
        BlobErrorKind::AlreadyExists | BlobErrorKind::VersionChanged => ErrorKind::Conflict,
        BlobErrorKind::Corrupt => ErrorKind::Damaged,
        BlobErrorKind::NoSpace => ErrorKind::NoSpace,
        BlobErrorKind::NotFound => ErrorKind::NotFound,
        BlobErrorKind::PermissionDenied => ErrorKind::PermissionDenied,
        BlobErrorKind::Transient => ErrorKind::Unavailable,
        BlobErrorKind::Body | BlobErrorKind::InvalidRange | BlobErrorKind::Other => ErrorKind::Internal,
    }
}

fn collection_kind(kind: CollectionErrorKind) -> ErrorKind {
    match kind {
        CollectionErrorKind::AlreadyExists | CollectionErrorKind::Busy => ErrorKind::Conflict,
        CollectionErrorKind::Invalid => ErrorKind::Invalid,
        CollectionErrorKind::NoSpace => ErrorKind::NoSpace,
        CollectionErrorKind::NotFound => ErrorKind::NotFound,
        CollectionErrorKind::Unavailable => ErrorKind::Unavailable,
        CollectionErrorKind::Corrupt | CollectionErrorKind::Other => ErrorKind::Internal,
    }
}

/// The beginning of a text from outside, short enough for a message.
pub(crate) fn excerpt(text: &str) -> String {
    const MOST: usize = 80;
    if text.len() <= MOST { text.into() } else { format!("{}…", &text[..text.floor_char_boundary(MOST)]) }
}
