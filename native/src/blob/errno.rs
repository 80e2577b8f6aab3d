//! The system's error numbers as kinds of blob errors.

use rustix::io::Errno;
use vecvault_core::{BlobError, BlobErrorKind};

/// An error of the system, while doing `what` ("cannot …"). No path is in it.
pub(super) fn blob_error(what: &str, error: impl Into<std::io::Error>) -> BlobError {
    let error = error.into();
    let kind = Errno::from_io_error(&error).map_or(BlobErrorKind::Other, kind_of);
    BlobError::new(kind, format!("cannot {what}: {error}")).because(error)
}

fn kind_of(error: Errno) -> BlobErrorKind {
    match error {
        Errno::NOENT => BlobErrorKind::NotFound,
        Errno::EXIST => BlobErrorKind::AlreadyExists,
        Errno::NOSPC | Errno::DQUOT => BlobErrorKind::NoSpace,
        // A symbolic link where none is followed is `LOOP`.
        Errno::ACCESS | Errno::PERM | Errno::ROFS | Errno::LOOP => BlobErrorKind::PermissionDenied,
        Errno::AGAIN | Errno::MFILE | Errno::NFILE | Errno::NOMEM | Errno::STALE | Errno::TIMEDOUT => {
            BlobErrorKind::Transient
        }
        _ => BlobErrorKind::Other,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_the_operator_can_act_on_has_its_kind() {
        for (error, kind) in [
            (Errno::NOSPC, BlobErrorKind::NoSpace),
            (Errno::DQUOT, BlobErrorKind::NoSpace),
            (Errno::ROFS, BlobErrorKind::PermissionDenied),
            (Errno::ACCESS, BlobErrorKind::PermissionDenied),
            (Errno::MFILE, BlobErrorKind::Transient),
            (Errno::XDEV, BlobErrorKind::Other),
            (Errno::IO, BlobErrorKind::Other),
        ] {
            assert_eq!(blob_error("write", error).kind(), kind, "{error}");
        }
    }
}
