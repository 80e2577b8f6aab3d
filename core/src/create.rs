//! create: a snapshot of collections becomes a backup.

use chrono::{DateTime, Utc};

use crate::blob::BlobStore;
use crate::collections::CollectionSource;
use crate::error::Result;
use crate::host::Host;
use crate::model::{BackupId, BackupName, BackupSummary, CollectionName};

/// Which collections a verb is about.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Selection {
    /// All there are.
    #[default]
    All,
    /// These, each of which must be there.
    Only(Vec<CollectionName>),
}

/// What backup to make. Time and randomness are the host's: the id and the time come from it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CreateRequest {
    /// The new backup's id, see [`BackupId::new`].
    pub id: BackupId,
    /// The name that a person gives it.
    pub name: BackupName,
    /// The time of making; written in whole seconds.
    pub now: DateTime<Utc>,
    /// Which collections.
    pub collections: Selection,
}

/// Makes a backup.
pub async fn create(
    store: &dyn BlobStore,
    source: &dyn CollectionSource,
    request: CreateRequest,
    host: &Host,
) -> Result<BackupSummary> {
    let _ = (store, source, request, host);
    todo!()
}
