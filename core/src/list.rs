//! list: every backup of a store, newest first, without reading records.

use std::sync::Arc;

use crate::blob::{BlobKey, BlobMeta, BlobStore};
use crate::error::{Error, Result};
use crate::host::Host;
use crate::model::{BackupId, BackupSummary};

/// A row of a list.
#[derive(Clone, Debug)]
pub enum BackupEntry {
    /// A backup that opens.
    Backup(Arc<BackupSummary>),
    /// A blob with a backup's key that does not open.
    Damaged {
        /// The id that its key names.
        id: BackupId,
        /// Its length in bytes.
        size: u64,
        /// Why it does not open.
        error: Arc<Error>,
    },
}

/// What a list remembers between calls: the scans of foreign files, by key, version and length. A host
/// keeps one for each store.
#[derive(Debug, Default)]
pub struct ListRemembrance {}

impl ListRemembrance {
    /// Nothing remembered yet.
    pub fn new() -> Self {
        Self::default()
    }
}

/// Lists all backups, newest first.
pub async fn list(store: &dyn BlobStore, remembrance: &ListRemembrance, host: &Host) -> Result<Vec<BackupEntry>> {
    let _ = (store, remembrance, host, None::<BlobKey>, None::<BlobMeta>);
    todo!()
}
