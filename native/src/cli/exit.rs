//! How a command ends: the one table of exit codes, and the failure that carries its kind and message.

use std::io;

use serde::Serialize;
use vecvault::UploadError;
use vecvault::blob::OpenDirectoryError;
use vecvault::collections::OpenError;
use vecvault::lines::ImportError;
use vecvault_core::{CollectionError, ErrorKind};

/// How a command ended, by what a script would do about it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Exit {
    Ok,
    ClosedPipe,
    Conflict,
    Damaged,
    /// What was compared is not the same.
    Different,
    Failure,
    Interrupted,
    Locked,
    NotAuthorised,
    NotFound,
    /// A later version wrote it.
    Unsupported,
    Usage,
}

/// The same table for `--help`.
pub(crate) const EXIT_CODES_HELP: &str = "\
Exit codes:
    0  done, and proved where there is something to prove
    1  failed; the message says why, and what remains where anything does. Of diff: the two differ
    2  the command line or the request makes no sense
   10  no such backup, collection, file or directory
   11  it exists already, or another process holds it
   12  the server, the store or the system refuses
   20  the backup is damaged
   21  a later version of VecVault wrote the backup, and this one cannot read it
  130  interrupted: what was to change is as before, or as it was to be
  141  whoever read the output went away";

impl Exit {
    /// The process's exit code.
    pub(crate) const fn code(self) -> u8 {
        match self {
            Self::Ok => 0,
            Self::Different | Self::Failure => 1,
            Self::Usage => 2,
            Self::NotFound => 10,
            Self::Conflict | Self::Locked => 11,
            Self::NotAuthorised => 12,
            Self::Damaged => 20,
            Self::Unsupported => 21,
            Self::Interrupted => 130,
            Self::ClosedPipe => 141,
        }
    }

    /// Of a verb of core.
    fn of_kind(kind: ErrorKind) -> Self {
        match kind {
            ErrorKind::Cancelled => Self::Interrupted,
            ErrorKind::Conflict => Self::Conflict,
            ErrorKind::Damaged => Self::Damaged,
            ErrorKind::Invalid => Self::Usage,
            ErrorKind::NotFound => Self::NotFound,
            ErrorKind::PermissionDenied => Self::NotAuthorised,
            ErrorKind::Unsupported => Self::Unsupported,
            _ => Self::Failure,
        }
    }

    /// Of a file that is not whole, by the codes of what was found.
    pub(crate) fn of_findings<'a>(codes: impl IntoIterator<Item = &'a str>) -> Self {
        match codes.into_iter().any(|code| code == "unsupported_version") {
            true => Self::Unsupported,
            false => Self::Damaged,
        }
    }

    /// Of a server's reply: its error type where that says more than its status.
    pub(crate) fn of_reply(status: u16, error_type: &str) -> Self {
        match (status, error_type) {
            (_, "backup_damaged") => Self::Damaged,
            (_, "unsupported_format") => Self::Unsupported,
            (401 | 403, _) => Self::NotAuthorised,
            (404, _) => Self::NotFound,
            // Someone else is in the way: a collection of that name, another restore, too many jobs.
            (409 | 423 | 429, _) => Self::Conflict,
            (400 | 405 | 413 | 415 | 422, _) => Self::Usage,
            _ => Self::Failure,
        }
    }

    /// Of the operating system.
    pub(crate) fn of_io(kind: io::ErrorKind) -> Self {
        match kind {
            io::ErrorKind::AddrInUse | io::ErrorKind::AlreadyExists => Self::Conflict,
            io::ErrorKind::BrokenPipe => Self::ClosedPipe,
            io::ErrorKind::NotFound => Self::NotFound,
            io::ErrorKind::PermissionDenied | io::ErrorKind::ReadOnlyFilesystem => Self::NotAuthorised,
            _ => Self::Failure,
        }
    }
}

/// Why a command did not do what it was asked to.
#[derive(Debug)]
pub(crate) struct Failure {
    pub(crate) exit: Exit,
    pub(crate) message: String,
    /// What was to be done has been done; only that cannot be said as it was to be.
    pub(crate) done: bool,
}

/// How a command ends.
pub(crate) type Outcome<T = Exit> = Result<T, Failure>;

impl Failure {
    pub(crate) fn new(exit: Exit, message: impl Into<String>) -> Self {
        Self { exit, message: message.into(), done: false }
    }

    /// Ended by a signal.
    pub(crate) fn interrupted() -> Self {
        Self::new(Exit::Interrupted, "interrupted")
    }

    pub(crate) fn usage(message: impl Into<String>) -> Self {
        Self::new(Exit::Usage, message)
    }

    /// A failure of the operating system while something was being done to `what`.
    pub(crate) fn io(what: impl std::fmt::Display, error: &io::Error) -> Self {
        Self::new(Exit::of_io(error.kind()), format!("{what}: {error}"))
    }

    /// The same after something was done, which must not be taken for undone.
    #[must_use]
    pub(crate) fn although(self, done: &str) -> Self {
        Self { message: format!("{}; {done}", self.message), done: true, ..self }
    }
}

impl From<Box<vecvault_core::Error>> for Failure {
    fn from(error: Box<vecvault_core::Error>) -> Self {
        Self::from(*error)
    }
}

impl From<vecvault_core::Error> for Failure {
    fn from(error: vecvault_core::Error) -> Self {
        Self::new(Exit::of_kind(error.kind()), error.to_string())
    }
}

impl From<CollectionError> for Failure {
    fn from(error: CollectionError) -> Self {
        // A backup that is read as a collection: what is wrong is the backup's.
        let source = std::error::Error::source(&error);
        match source.and_then(|source| source.downcast_ref::<vecvault_core::Error>()) {
            Some(cause) => Self::new(Exit::of_kind(cause.kind()), cause.to_string()),
            None => vecvault_core::Error::from(error).into(),
        }
    }
}

impl From<OpenError> for Failure {
    fn from(error: OpenError) -> Self {
        let exit = match error {
            OpenError::Locked { .. } => Exit::Locked,
            OpenError::Io { ref source, .. } => Exit::of_io(source.kind()),
            _ => Exit::Failure,
        };
        Self::new(exit, error.to_string())
    }
}

impl From<OpenDirectoryError> for Failure {
    fn from(error: OpenDirectoryError) -> Self {
        let exit = match error {
            OpenDirectoryError::Missing { .. } => Exit::NotFound,
            OpenDirectoryError::PermissionDenied { .. } => Exit::NotAuthorised,
            _ => Exit::Failure,
        };
        Self::new(exit, error.to_string())
    }
}

impl From<ImportError> for Failure {
    fn from(error: ImportError) -> Self {
        let exit = match &error {
            ImportError::Exists { .. } => Exit::Conflict,
            ImportError::Vault(error) => Exit::of_kind(error.kind()),
            _ => Exit::Failure,
        };
        Self::new(exit, error.to_string())
    }
}

impl From<UploadError> for Failure {
    fn from(error: UploadError) -> Self {
        let exit = match &error {
            UploadError::Damaged { finding, .. } => Exit::of_findings([finding.code]),
            UploadError::Exists { .. } => Exit::Conflict,
            UploadError::Vault(error) => Exit::of_kind(error.kind()),
            _ => Exit::Failure,
        };
        Self::new(exit, error.to_string())
    }
}

impl From<serde_json::Error> for Failure {
    fn from(error: serde_json::Error) -> Self {
        Self::new(Exit::Failure, format!("a reply that is not understood: {error}"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_help_lists_every_code_of_the_table() {
        for exit in [
            Exit::Ok,
            Exit::ClosedPipe,
            Exit::Conflict,
            Exit::Damaged,
            Exit::Different,
            Exit::Failure,
            Exit::Interrupted,
            Exit::Locked,
            Exit::NotAuthorised,
            Exit::NotFound,
            Exit::Unsupported,
            Exit::Usage,
        ] {
            let row = format!("\n{:5}  ", exit.code());
            assert!(EXIT_CODES_HELP.contains(&row), "{exit:?}");
        }
    }

    #[test]
    fn a_directory_that_may_not_be_used_is_the_same_whatever_is_in_it() {
        let path = || std::path::PathBuf::from("x");
        for kind in [io::ErrorKind::PermissionDenied, io::ErrorKind::ReadOnlyFilesystem] {
            let data = OpenError::Io { doing: "read", directory: path(), source: kind.into() };
            let backups = OpenDirectoryError::PermissionDenied { path: path(), source: kind.into() };
            assert_eq!(Failure::from(data).exit, Exit::NotAuthorised);
            assert_eq!(Failure::from(backups).exit, Exit::NotAuthorised);
        }
    }
}
