//! The stable words for errors: what `error.code` is in JavaScript, and what a store written there says.

use vecvault_core::{BlobErrorKind, CollectionErrorKind, Error, ErrorKind};

/// The code of an error. Those of damaged files are the format's, such as `hash_mismatch`.
pub(crate) fn of_error(error: &Error) -> &'static str {
    match error {
        Error::Damaged { error, .. } => error.kind().code(),
        Error::Blob(error) => of_blob(error.kind()),
        Error::Collections(error) => match error.kind() {
            CollectionErrorKind::Invalid => "invalid_record",
            CollectionErrorKind::Other => "source_failed",
            _ => "collections_failed",
        },
        Error::BackupNotFound { .. } => "backup_not_found",
        Error::CollectionNotFound { .. } | Error::CollectionNotInBackup { .. } => "collection_not_found",
        Error::DuplicateCollection { .. } => "duplicate_collection",
        Error::InvalidId { .. } => "invalid_id",
        Error::InvalidName(_) => "invalid_name",
        Error::InvalidRecord { .. } => "invalid_record",
        Error::BlockProofFailed { .. } | Error::ProofFailed { .. } => "proof_failed",
        other => of_kind(other.kind()),
    }
}

fn of_kind(kind: ErrorKind) -> &'static str {
    match kind {
        ErrorKind::Cancelled => "cancelled",
        ErrorKind::Conflict => "conflict",
        ErrorKind::Damaged => "damaged",
        ErrorKind::Invalid => "invalid_request",
        ErrorKind::NoSpace => "no_space",
        ErrorKind::NotFound => "not_found",
        ErrorKind::PermissionDenied => "permission_denied",
        ErrorKind::Unavailable => "unavailable",
        ErrorKind::Unsupported => "unsupported_version",
        _ => "internal",
    }
}

/// The kinds of a store's errors and their codes, both ways.
const BLOB_KINDS: [(BlobErrorKind, &str); 9] = [
    (BlobErrorKind::AlreadyExists, "already_exists"),
    (BlobErrorKind::Body, "body"),
    (BlobErrorKind::Corrupt, "corrupt"),
    (BlobErrorKind::InvalidRange, "invalid_range"),
    (BlobErrorKind::NoSpace, "no_space"),
    (BlobErrorKind::NotFound, "not_found"),
    (BlobErrorKind::PermissionDenied, "permission_denied"),
    (BlobErrorKind::Transient, "unavailable"),
    (BlobErrorKind::VersionChanged, "version_changed"),
];

/// The code of a store's error.
fn of_blob(kind: BlobErrorKind) -> &'static str {
    BLOB_KINDS.iter().find(|(known, _)| *known == kind).map_or("store_failed", |(_, code)| code)
}

/// The kind of error that a store in JavaScript means by a code.
pub(crate) fn to_blob(code: &str) -> BlobErrorKind {
    BLOB_KINDS.iter().find(|(_, known)| *known == code).map_or(BlobErrorKind::Other, |(kind, _)| *kind)
}

#[cfg(test)]
mod tests {
    use vecvault_core::BlobError;

    use super::*;

    #[test]
    fn the_kinds_of_a_store_come_back_from_their_codes() {
        for (kind, code) in BLOB_KINDS {
            assert_eq!((of_blob(kind), to_blob(code)), (code, kind));
        }
        assert_eq!(to_blob(of_blob(BlobErrorKind::Other)), BlobErrorKind::Other);
    }

    #[test]
    fn an_error_has_the_code_of_what_went_wrong() {
        let blob = |kind| Error::from(BlobError::new(kind, "x"));
        assert_eq!(of_error(&blob(BlobErrorKind::NotFound)), "not_found");
        assert_eq!(of_error(&blob(BlobErrorKind::Other)), "store_failed");
        assert_eq!(of_error(&Error::Cancelled), "cancelled");
        assert_eq!(of_error(&Error::WorkerLost), "internal");
        assert_eq!(of_error(&"x".parse::<vecvault_core::BackupId>().unwrap_err()), "invalid_id");
    }
}
