//! restore: collections of a backup replace the live ones, all at once.

use std::collections::BTreeMap;

use crate::blob::BlobStore;
use crate::collections::CollectionSink;
use crate::create::Selection;
use crate::error::Result;
use crate::host::Host;
use crate::model::{BackupId, CollectionName, CollectionSummary};

/// What to restore.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RestoreRequest {
    /// The backup.
    pub id: BackupId,
    /// Which of its collections.
    pub collections: Selection,
    /// New names for some of them: old name in the backup to live name.
    pub rename: BTreeMap<CollectionName, CollectionName>,
}

impl RestoreRequest {
    /// All collections of a backup, under their own names.
    pub fn all(id: BackupId) -> Self {
        Self { id, collections: Selection::All, rename: BTreeMap::new() }
    }
}

/// One collection that was restored.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize)]
pub struct RestoredCollection {
    /// The live name.
    pub restored_as: CollectionName,
    /// What the backup holds, and the live collection now too: both were counted and compared.
    #[serde(flatten)]
    pub contents: CollectionSummary,
}

/// What a restore did, all of it proved.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize)]
pub struct RestoreReport {
    /// The backup.
    pub id: BackupId,
    /// What was restored.
    pub restored: Vec<RestoredCollection>,
    /// Whether the backup's other collections and the bytes between them were left unread.
    pub rest_unread: bool,
}

/// Restores a backup.
pub async fn restore(
    store: &Arc<dyn BlobStore>,
    sink: &dyn CollectionSink,
    request: RestoreRequest,
    host: &Host,
) -> Result<RestoreReport> {
    let _ = (store, sink, request, host);
    todo!()
}
