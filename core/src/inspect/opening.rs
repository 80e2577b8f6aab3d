//! Opening: the head and the tail of an indexed file, or one pass over a foreign one.

use futures_util::TryStreamExt;

use super::short_body;
use crate::blob::{BlobMeta, BlobStore, BlobStoreExt};
use crate::error::{Error, Result};
use crate::format::document::{Document, DocumentScan};
use crate::format::index::{TAIL_BYTES, Tail};
use crate::format::layout::Layout;
use crate::format::limits::MAX_ROOT_BYTES;
use crate::format::{FormatError, FormatErrorKind};
use crate::host::{Host, Phase, Progress};
use crate::model::{BackupId, BackupInfo, BackupSummary, Provenance};

/// What is read of a file's end at first: enough for the root page of a backup of a few collections.
const END_BYTES: u64 = 4096;

/// Reads the tail and the root page of an indexed file and checks them; `None` where the file has no index.
/// They are all that a collection's place, size and proof come from: the head only repeats what they say.
pub(crate) async fn find_layout(
    store: &dyn BlobStore,
    meta: &BlobMeta,
    expected: Option<BackupId>,
) -> Result<Option<Layout>> {
    let damaged = |error| Error::damaged(&meta.key, error);
    let end_start = meta.size.saturating_sub(END_BYTES);
    let end = store.read_range(meta, end_start..meta.size).await?;
    let Some(tail) = Tail::parse(&end, meta.size).map_err(damaged)? else { return Ok(None) };
    let root_end = meta.size - TAIL_BYTES as u64;
    let sound = tail.root_offset.checked_add(tail.root_bytes) == Some(root_end);
    if !sound || tail.root_bytes > MAX_ROOT_BYTES as u64 {
        let message = "the file's end points to a root page that does not stand before it";
        return Err(damaged(FormatError::new(FormatErrorKind::InvalidIndex, root_end, message)));
    }
    let root = if tail.root_offset >= end_start {
        end.slice((tail.root_offset - end_start) as usize..(root_end - end_start) as usize)
    } else {
        store.read_range(meta, tail.root_offset..root_end).await?
    };
    let layout = Layout::parse(&root, tail, meta.size).map_err(damaged)?;
    check_id(layout.root.id, expected).map_err(damaged)?;
    Ok(Some(layout))
}

/// Reads the head of an indexed file: it must be the one that the root page implies.
pub(crate) async fn check_head(store: &dyn BlobStore, meta: &BlobMeta, layout: &Layout) -> Result<()> {
    let head = store.read_range(meta, 0..layout.head.len() as u64).await?;
    check_bytes(&head, &layout.head, 0).map_err(|error| Error::damaged(&meta.key, error))
}

/// Reads a foreign file through.
pub(crate) async fn scan_foreign(
    store: &dyn BlobStore,
    meta: &BlobMeta,
    expected: Option<BackupId>,
    host: &Host,
) -> Result<Document> {
    let damaged = |error| Error::damaged(&meta.key, error);
    let mut body = store.get(&meta.key, None, Some(&meta.version)).await?.body;
    let mut scan = DocumentScan::new();
    let mut progress = Progress {
        phase: Phase::Reading,
        records: 0,
        total_records: None,
        bytes: 0,
        total_bytes: Some(meta.size),
    };
    while let Some(chunk) = body.try_next().await? {
        progress.bytes += chunk.len() as u64;
        let (read, scanned) = host
            .spawn(move || {
                let read = scan.feed(&chunk);
                (read, scan)
            })
            .await?;
        scan = scanned;
        read.map_err(damaged)?;
        progress.records = scan.records();
        host.report(progress)?;
    }
    if progress.bytes != meta.size {
        return Err(short_body(&meta.key).into());
    }
    let document = scan.finish().map_err(damaged)?;
    check_id(document.id, expected).map_err(damaged)?;
    Ok(document)
}

/// What is known of a foreign file of `size` bytes.
pub(crate) fn foreign_summary(document: &Document, size: u64) -> BackupSummary {
    BackupSummary {
        info: BackupInfo {
            id: document.id,
            name: document.name.clone(),
            date: document.date,
            size,
            collections: document.collections.iter().map(|c| c.summary.name.clone()).collect(),
        },
        provenance: Provenance::Foreign,
        contents: document.collections.iter().map(|c| c.summary.clone()).collect(),
    }
}

/// `found`, which stands at `offset`, must be the canonical bytes that the index implies.
pub(crate) fn check_bytes(found: &[u8], canonical: &[u8], offset: u64) -> Result<(), FormatError> {
    match found.iter().zip(canonical).position(|(a, b)| a != b) {
        None if found.len() == canonical.len() => Ok(()),
        differs => {
            let at = offset + differs.unwrap_or(found.len().min(canonical.len())) as u64;
            let message = "these bytes are not what the index says must stand here";
            Err(FormatError::new(FormatErrorKind::HashMismatch, at, message))
        }
    }
}

fn check_id(found: BackupId, expected: Option<BackupId>) -> Result<(), FormatError> {
    match expected {
        Some(expected) if expected != found => {
            let message = format!("the file says that it is backup {found}, but it is kept as {expected}");
            Err(FormatError::new(FormatErrorKind::IdMismatch, 0u64, message).within("id"))
        }
        _ => Ok(()),
    }
}
