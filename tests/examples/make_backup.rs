//! Makes a backup of a given id and date from the collections in `./data` into `./backups`, both of the
//! working directory: the clients' tests need the backup that the owner's document names.
//!
//! usage: `make_backup ID NAME DATE COLLECTION…`

use std::error::Error;
use std::path::Path;
use std::sync::Arc;

use vecvault::ThreadPool;
use vecvault::blob::{DirectoryPolicy, FsBlobStore};
use vecvault::collections::Collections;
use vecvault_core::{BackupName, CollectionName, CreateRequest, Host, Selection, Silent, create};

fn main() -> Result<(), Box<dyn Error>> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [id, name, date, collections @ ..] = &arguments[..] else {
        return Err("usage: make_backup ID NAME DATE COLLECTION…".into());
    };
    let collections = collections.iter().map(|name| CollectionName::parse(name)).collect::<Result<_, _>>()?;
    let request = CreateRequest {
        id: id.parse()?,
        name: BackupName::parse(name)?,
        now: date.parse()?,
        collections: Selection::Only(collections),
    };
    let host = Host { workers: ThreadPool::new(None)?, monitor: Arc::new(Silent) };
    let backups = FsBlobStore::open(Path::new("backups"), DirectoryPolicy::MustExist)?;
    let live = Collections::open(Path::new("data"))?;
    tokio::runtime::Runtime::new()?.block_on(create(&backups, &live, request, &host))?;
    Ok(())
}
