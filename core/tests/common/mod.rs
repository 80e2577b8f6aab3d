//! What the tests of the verbs share.
#![allow(dead_code, missing_docs, unreachable_pub)]

use std::sync::Arc;

use chrono::{DateTime, Utc};
use futures_executor::block_on;
use futures_util::TryStreamExt;
use vecvault_core::{
    BackupId, BackupName, BackupSummary, BlobStore, CollectionConfig, CollectionName, CollectionSource,
    CreateRequest, Host, Job, MemoryBlobStore, MemoryCollections, Metric, PutMode, Record, RecordBatch,
    Selection, Silent, Workers, create,
};

pub const ID: &str = "550e8400-e29b-41d4-a716-446655440000";

pub fn id() -> BackupId {
    BackupId::parse(ID).unwrap()
}

pub fn name(text: &str) -> CollectionName {
    CollectionName::parse(text).unwrap()
}

pub fn date() -> DateTime<Utc> {
    "2024-01-15T10:30:00.5Z".parse().unwrap()
}

pub fn request(collections: Selection) -> CreateRequest {
    CreateRequest {
        id: id(),
        name: BackupName::parse("daily \"backup\" é").unwrap(),
        now: date(),
        collections,
    }
}

/// A number that looks random but is not, in -1 to 1.
pub fn number(seed: usize) -> f32 {
    let mixed = (seed as u64).wrapping_add(1).wrapping_mul(0x9e37_79b9_7f4a_7c15);
    ((mixed >> 40) as f32 / (1 << 23) as f32) - 1.0
}

pub fn records(count: usize, dimension: usize) -> RecordBatch {
    let mut batch = RecordBatch::new(dimension);
    for i in 0..count {
        let vector: Vec<f32> = (0..dimension).map(|d| number(i * dimension + d)).collect();
        let metadata =
            format!("{{ \"n\": {}, \"text\": \"line {i}\\n\\u00e9 é\" }}", u64::MAX as u128 + i as u128);
        let metadata = match i % 3 {
            0 => Some(metadata.as_str()),
            1 => None,
            _ => Some("null"),
        };
        let extra = if i % 5 == 0 { "\"sparse\":{\"indices\":[1, 2]},\"x\":-0.0" } else { "" };
        batch.push(Record { id: &format!("vec_{i:05}"), vector: &vector, metadata, extra }).unwrap();
    }
    batch
}

/// Every kind of f32 that JSON can hold and that is easily spoilt.
pub fn edge_numbers() -> RecordBatch {
    let edges = [
        0.0,
        -0.0,
        1e-45,
        -1e-45,
        f32::MIN_POSITIVE,
        1.1754942e-38,
        f32::MAX,
        f32::MIN,
        f32::EPSILON,
        16777216.0,
        0.1,
        1e16,
        1e-7,
    ];
    let mut batch = RecordBatch::new(edges.len());
    batch.push(Record { id: "edges", vector: &edges, metadata: Some("{}"), extra: "" }).unwrap();
    batch
}

pub fn config(dimension: usize, metric: &str) -> CollectionConfig {
    CollectionConfig::parse(
        format!("{{ \"metric\":\"{metric}\", \"dimension\" : {dimension},\"hnsw\":{{\"m\":16}}}}").as_bytes(),
    )
    .unwrap()
}

/// `docs`, `code`, an empty collection and one of edge cases, with names that need escapes.
pub fn sample() -> MemoryCollections {
    let collections = MemoryCollections::new();
    for (name_text, records, metric) in [
        ("docs", records(120, 24), "cosine"),
        ("code", records(40, 8), "Euclidean"),
        ("empty", RecordBatch::new(7), "dot"),
        ("edge \"cases\"/é", edge_numbers(), "hamming"),
    ] {
        collections.insert(&name(name_text), config(records.dimension(), metric), &records).unwrap();
    }
    collections
}

/// Runs jobs on threads, out of order.
pub struct Threads(pub usize);

impl Workers for Threads {
    fn parallelism(&self) -> usize {
        self.0
    }

    fn run(&self, job: Job) {
        #[allow(clippy::disallowed_methods)] // a host may have threads; core has none
        std::thread::spawn(job);
    }
}

pub fn threads(count: usize) -> Host {
    Host { workers: Arc::new(Threads(count)), monitor: Arc::new(Silent) }
}

pub fn store() -> Arc<dyn BlobStore> {
    Arc::new(MemoryBlobStore::new())
}

pub fn backup(store: &Arc<dyn BlobStore>, source: &dyn CollectionSource) -> BackupSummary {
    block_on(create(&**store, source, request(Selection::All), &Host::inline())).unwrap()
}

pub fn bytes(store: &Arc<dyn BlobStore>) -> Vec<u8> {
    block_on(async {
        let body = store.get(&id().key(), None, None).await.unwrap().body;
        body.try_fold(Vec::new(), async |mut all, chunk| {
            all.extend_from_slice(&chunk);
            Ok(all)
        })
        .await
        .unwrap()
    })
}

/// A store that holds these bytes as the backup.
pub fn store_of(bytes: &[u8]) -> Arc<dyn BlobStore> {
    let store = store();
    let body = Box::pin(futures_util::stream::iter([Ok(bytes::Bytes::copy_from_slice(bytes))]));
    block_on(store.put(&id().key(), body, PutMode::Overwrite)).unwrap();
    store
}

/// Everything in a source, in one text: to compare states.
pub fn contents(source: &dyn CollectionSource) -> String {
    block_on(async {
        let snapshot = source.snapshot().await.unwrap();
        let mut text = String::new();
        for head in snapshot.collections() {
            text += &format!("{head:?}\n");
            let mut reader = snapshot.read(&head.name).await.unwrap();
            loop {
                let batch = reader.next(RecordBatch::default()).await.unwrap();
                if batch.is_empty() {
                    break;
                }
                for record in batch.records() {
                    let bits: Vec<u32> = record.vector.iter().map(|v| v.to_bits()).collect();
                    text += &format!("{} {bits:x?} {:?} {}\n", record.id, record.metadata, record.extra);
                }
            }
        }
        text
    })
}

pub fn cosine(dimension: usize) -> CollectionConfig {
    CollectionConfig::new(dimension, Metric::Cosine).unwrap()
}
