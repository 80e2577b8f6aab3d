//! list: every backup of a store, newest first, without reading records.

mod some_at_a_time;

use std::cmp::Reverse;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use chrono::{DateTime, Utc};

use crate::blob::{BlobErrorKind, BlobMeta, BlobStore, BlobStoreExt};
use crate::error::{Error, Result};
use crate::format::writer;
use crate::host::Host;
use crate::inspect::{find_layout, foreign_summary, scan_foreign};
use crate::model::{BackupId, BackupSummary};
use some_at_a_time::some_at_a_time;

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

/// What a list remembers between calls, so that a backup is opened once and a foreign file scanned once:
/// rows by key, length and version. A host keeps one for each store.
#[derive(Debug, Default)]
pub struct ListRemembrance {
    /// Ascending by their keys.
    rows: Mutex<Vec<(BlobMeta, BackupEntry)>>,
}

impl ListRemembrance {
    /// Nothing remembered yet.
    pub fn new() -> Self {
        Self::default()
    }

    fn rows(&self) -> MutexGuard<'_, Vec<(BlobMeta, BackupEntry)>> {
        self.rows.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn recall(&self, meta: &BlobMeta) -> Option<BackupEntry> {
        let rows = self.rows();
        let row = rows.binary_search_by(|(known, _)| known.key.cmp(&meta.key)).ok()?;
        let (known, entry) = &rows[row];
        (known == meta).then(|| entry.clone())
    }

    /// At once: whoever wants the list may lose patience before all of it is there, and ask again.
    fn keep(&self, meta: &BlobMeta, entry: &BackupEntry) {
        if !entry.lasts() {
            return;
        }
        let (mut rows, row) = (self.rows(), (meta.clone(), entry.clone()));
        // Stores list in the order of the keys, so that the place is near the end.
        match rows.binary_search_by(|(known, _)| known.key.cmp(&meta.key)) {
            Ok(at) => rows[at] = row,
            Err(at) => rows.insert(at, row),
        }
    }
}

/// Lists all backups, newest first; damaged ones at the end. Blobs whose keys are not backups' are not
/// looked at.
pub async fn list(
    store: &dyn BlobStore,
    remembrance: &ListRemembrance,
    host: &Host,
) -> Result<Vec<BackupEntry>> {
    let blobs = store.list_all("").await?;
    let backups = blobs.into_iter().filter_map(|meta| Some((BackupId::from_key(&meta.key)?, meta)));
    let opening = backups.map(async |(id, meta)| {
        let entry = match remembrance.recall(&meta) {
            Some(entry) => Some(entry),
            None => {
                let entry = entry(store, id, &meta, host).await;
                entry.iter().for_each(|entry| remembrance.keep(&meta, entry));
                entry
            }
        };
        entry.map(|entry| (meta, entry))
    });
    let mut rows = some_at_a_time(opening, READ_AT_ONCE).await;
    let mut entries: Vec<_> = rows.iter().map(|(_, entry)| entry.clone()).collect();
    entries.sort_unstable_by_key(|entry| Reverse(entry.rank()));
    // A store lists in the order of the keys.
    rows.retain(|(_, entry)| entry.lasts());
    *remembrance.rows() = rows;
    Ok(entries)
}

impl BackupEntry {
    /// Whether it is so for as long as the blob is the same: not where the store failed.
    fn lasts(&self) -> bool {
        match self {
            Self::Backup(_) => true,
            Self::Damaged { error, .. } => matches!(**error, Error::Damaged { .. }),
        }
    }

    /// What rows are sorted by: whole ones, then later ones first.
    fn rank(&self) -> (bool, Option<DateTime<Utc>>, BackupId) {
        match self {
            Self::Backup(summary) => (true, Some(summary.info.date), summary.info.id),
            Self::Damaged { id, .. } => (false, None, *id),
        }
    }
}

/// How many backups are opened at the same time: enough to hide a store's latency.
const READ_AT_ONCE: usize = 16;

/// The row of a blob; `None` where it has gone meanwhile.
async fn entry(store: &dyn BlobStore, id: BackupId, meta: &BlobMeta, host: &Host) -> Option<BackupEntry> {
    match summary(store, id, meta, host).await {
        Ok(summary) => Some(BackupEntry::Backup(Arc::new(summary))),
        Err(error) if is_gone(&error) => None,
        Err(error) => Some(BackupEntry::Damaged { id, size: meta.size, error: error.into() }),
    }
}

fn is_gone(error: &Error) -> bool {
    matches!(error, Error::Blob(error) if error.kind() == BlobErrorKind::NotFound)
}

async fn summary(store: &dyn BlobStore, id: BackupId, meta: &BlobMeta, host: &Host) -> Result<BackupSummary> {
    match find_layout(store, meta, Some(id)).await? {
        // The head only repeats what the root page says; whether it does is for verify to see.
        Some(layout) => Ok(writer::summary(&layout.root, layout.size, layout.tail.hash)),
        None => Ok(foreign_summary(&scan_foreign(store, meta, Some(id), host).await?, meta.size)),
    }
}
