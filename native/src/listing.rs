//! A list of backups as both faces give it: one document, here and through a server.

use serde::Serialize;
use vecvault_core::{BackupEntry, BackupId, BackupInfo, Error, ErrorKind};

/// The document of a list: backups, newest first, and apart from them the files that are named as backups and do not open,
/// so that no one takes one for a good one.
#[derive(Debug, Serialize)]
pub struct BackupList<'a> {
    backups: Vec<&'a BackupInfo>,
    damaged: Vec<UnopenedBackup>,
}

#[derive(Debug, Serialize)]
struct UnopenedBackup {
    id: BackupId,
    size: u64,
    error_type: &'static str,
    error: String,
}

impl<'a> BackupList<'a> {
    /// The document of these entries, in their order.
    pub fn new(entries: &'a [BackupEntry]) -> Self {
        let mut list = Self { backups: Vec::new(), damaged: Vec::new() };
        for entry in entries {
            match entry {
                BackupEntry::Backup(summary) => list.backups.push(&summary.info),
                BackupEntry::Damaged { id, size, error } => list.damaged.push(UnopenedBackup {
                    id: *id,
                    size: *size,
                    error_type: error_type(error),
                    error: error.to_string(),
                }),
            }
        }
        list
    }
}

/// Why a file does not open, in the server's words for errors. Only the first is damage: a later version's file may be whole,
/// and so may one that the system does not let anybody read.
fn error_type(error: &Error) -> &'static str {
    match error.kind() {
        ErrorKind::Damaged => "backup_damaged",
        ErrorKind::PermissionDenied => "permission_denied",
        ErrorKind::Unavailable => "unavailable",
        ErrorKind::Unsupported => "unsupported_format",
        _ => "internal_error",
    }
}
