//! delete: a backup goes, for good.

use crate::blob::BlobStore;
use crate::error::{Error, Result};
use crate::model::BackupId;

/// Deletes a backup; [`Error::BackupNotFound`] where there is none. Where the store fails, the backup is whole
/// or gone: deleting it again tells.
pub async fn delete(store: &dyn BlobStore, id: BackupId) -> Result<()> {
    if store.delete(&id.key()).await? { Ok(()) } else { Err(Error::BackupNotFound { id }.into()) }
}
