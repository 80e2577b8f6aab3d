//! What an argument names: a backup of the store by its id, or a backup file anywhere by its path.

use std::path::Path;
use std::sync::Arc;

use vecvault::blob::SingleFile;
use vecvault_core::{Backup, BackupId, BlobKey, BlobStore};

use super::context::Context;
use super::exit::{Exit, Failure, Outcome};

/// The backup of an id, or of a file.
pub(super) async fn open(context: &Context, what: &Path) -> Outcome<Backup> {
    let host = context.host()?;
    if let Some(id) = id(what) {
        return Ok(vecvault_core::open(&context.store()?, id, &host).await?);
    }
    let (store, key) = single_file(what)?;
    Ok(vecvault_core::open_blob(&store, &key, None, &host).await?)
}

/// The id that it is, if it is one.
pub(super) fn id(what: &Path) -> Option<BackupId> {
    BackupId::parse(what.to_str()?)
}

/// A backup file anywhere: a store that holds it, and its key there.
pub(super) fn single_file(path: &Path) -> Outcome<(Arc<dyn BlobStore>, BlobKey)> {
    if !path.exists() {
        let message = format!("{}: no such file, and not a backup's id", path.display());
        return Err(Failure::new(Exit::NotFound, message));
    }
    let file = SingleFile::new(path).map_err(|error| Failure::new(Exit::Failure, error.to_string()))?;
    let key = file.key().clone();
    Ok((Arc::new(file), key))
}
