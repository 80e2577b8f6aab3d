//! create: a snapshot of collections becomes a backup.

mod buffers;
mod stream;

use std::collections::BTreeSet;

use chrono::{DateTime, Datelike, Utc};

use crate::blob::{BlobError, BlobErrorKind, BlobKey, BlobStore, PutMode};
use crate::collections::{CollectionHead, CollectionSnapshot, CollectionSource};
use crate::error::{Error, Result};
use crate::format::limits::{MAX_COLLECTIONS, MAX_ROOT_BYTES};
use crate::host::Host;
use crate::model::{BackupId, BackupName, BackupSummary, CollectionName};
use stream::{BackupStream, Outcome};

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
    /// The time of making; written in whole seconds. Its year has four digits.
    pub now: DateTime<Utc>,
    /// Which collections.
    pub collections: Selection,
}

/// Makes a backup and proves it: every block is read back from its text and compared with the records it
/// was made of before it is handed to the store, and every collection's count and fingerprint with what
/// the source keeps count of, before the last bytes.
///
/// On an error nothing is in the store, with one exception: a store that fails after it has had the last byte
/// may not know whether it kept them. If the backup is, or may be, there after such a failure, the error is
/// [`Error::BackupUnconfirmed`]. It is then whole, but was not promised to be durable; nothing is deleted,
/// because it could be an earlier backup of the same id.
pub async fn create(
    store: &dyn BlobStore,
    source: &dyn CollectionSource,
    request: CreateRequest,
    host: &Host,
) -> Result<BackupSummary> {
    if !(0..=9999).contains(&request.now.year()) {
        let message = format!("the date {}; a backup's date has a year of four digits", request.now);
        return Err(Error::InvalidRequest(message).into());
    }
    let snapshot = source.snapshot().await?;
    let heads = select(&*snapshot, &request.collections)?;
    let key = request.id.key();
    let outcome = Outcome::default();
    let body = BackupStream::begin(snapshot, heads, request, host.clone(), outcome.clone());
    let stored = store.put(&key, body, PutMode::Create).await;
    let made = outcome.take();
    match (stored, made) {
        (_, Some(Err(error))) => Err(error),
        (Err(error), Some(Ok(summary))) => Err(after_the_last_byte(store, &key, summary, error).await),
        (Err(error), None) => Err(error.into()),
        (Ok(meta), Some(Ok(summary))) if meta.size == summary.info.size => Ok(summary),
        (Ok(meta), _) => {
            let mut message = format!("the store kept {} bytes, which is not what it was given", meta.size);
            if store.delete(&key).await.is_err() {
                message += "; it could not be deleted";
            }
            Err(BlobError::new(BlobErrorKind::Corrupt, message).of(&key).into())
        }
    }
}

/// The error of a store that failed when it had the whole backup: did it keep it?
async fn after_the_last_byte(
    store: &dyn BlobStore,
    key: &BlobKey,
    summary: BackupSummary,
    error: BlobError,
) -> Box<Error> {
    if error.kind() == BlobErrorKind::AlreadyExists {
        return error.into();
    }
    let absent = match store.head(key).await {
        Ok(meta) => meta.size != summary.info.size,
        Err(unknown) => unknown.kind() == BlobErrorKind::NotFound,
    };
    if absent { error.into() } else { Error::BackupUnconfirmed { id: summary.info.id, error }.into() }
}

/// The heads of the selected collections, in the order that was asked for.
fn select(snapshot: &dyn CollectionSnapshot, selection: &Selection) -> Result<Vec<CollectionHead>> {
    let all = snapshot.collections();
    let heads: Vec<_> = match selection {
        Selection::All => all.to_vec(),
        Selection::Only(names) => {
            let (mut seen, mut heads) = (BTreeSet::new(), Vec::with_capacity(names.len()));
            for name in names {
                if !seen.insert(name.to_string()) {
                    return Err(Error::DuplicateCollection { name: name.clone() }.into());
                }
                let found = all.iter().find(|head| head.name == *name);
                heads.push(found.ok_or_else(|| Error::CollectionNotFound { name: name.clone() })?.clone());
            }
            heads
        }
    };
    if heads.len() > MAX_COLLECTIONS {
        let message = format!("{} collections; a backup holds at most {MAX_COLLECTIONS}", heads.len());
        return Err(Error::InvalidRequest(message).into());
    }
    // Names and configs stand in the root page; the rest of it is a few bytes a page.
    let root: usize = heads.iter().map(|head| 6 * head.name.as_str().len() + head.config.json().len()).sum();
    if root > MAX_ROOT_BYTES / 2 {
        let message =
            format!("the collections' configs have {root} bytes in all; at most {} fit", MAX_ROOT_BYTES / 2);
        return Err(Error::InvalidRequest(message).into());
    }
    Ok(heads)
}
