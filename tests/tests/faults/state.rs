//! Everything that can be seen of a store and of live collections, to be compared byte by byte.

use std::collections::BTreeMap;
use std::fmt::Write;

use bytes::Bytes;
use futures_util::TryStreamExt;
use vecvault_core::{BlobErrorKind, BlobKey, BlobStore, BlobStoreExt, CollectionSource, RecordBatch};

#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct State {
    pub(crate) blobs: BTreeMap<BlobKey, Bytes>,
    /// Heads, ids, bits of numbers and texts of all live collections.
    pub(crate) live: String,
}

impl State {
    pub(crate) async fn of(store: &dyn BlobStore, live: &dyn CollectionSource) -> Self {
        Self { blobs: blobs(store).await, live: contents(live).await }
    }
}

/// Every blob of a store.
pub(crate) async fn blobs(store: &dyn BlobStore) -> BTreeMap<BlobKey, Bytes> {
    let mut blobs = BTreeMap::new();
    for meta in store.list_all("").await.unwrap() {
        let body = match store.get(&meta.key, None, None).await {
            Ok(read) => read.body,
            // A delete whose future was dropped may still be at work on a thread of its own.
            Err(error) if error.kind() == BlobErrorKind::NotFound => continue,
            Err(error) => panic!("{}: {error}", meta.key),
        };
        let chunks: Vec<Bytes> = body.try_collect().await.unwrap();
        blobs.insert(meta.key, chunks.concat().into());
    }
    blobs
}

async fn contents(live: &dyn CollectionSource) -> String {
    let snapshot = live.snapshot().await.unwrap();
    let mut text = String::new();
    for head in snapshot.collections() {
        writeln!(text, "{head:?}").unwrap();
        let mut reader = snapshot.read(&head.name).await.unwrap();
        let mut batch = RecordBatch::default();
        loop {
            batch = reader.next(batch).await.unwrap();
            if batch.is_empty() {
                break;
            }
            for record in batch.records() {
                let bits: Vec<u32> = record.vector.iter().map(|number| number.to_bits()).collect();
                let (id, metadata, extra) = (record.id, record.metadata, record.extra);
                writeln!(text, "{id} {bits:x?} {metadata:?} {extra}").unwrap();
            }
        }
    }
    text
}
