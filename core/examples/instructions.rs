//! Does one thing on fixed input a number of times, for a tool that counts instructions: `cargo xtask
//! instructions`. The input is made anew in every process; what one time costs is the difference between
//! two runs.
//!
//! ```text
//! instructions CASE TIMES
//! ```
#![allow(clippy::unwrap_used, clippy::panic)] // what cannot go on has failed

use std::hint::black_box;
use std::sync::Arc;

use futures_executor::block_on;
use vecvault_core::format::float::Tier;
use vecvault_core::format::{read_records, write_records};
use vecvault_core::{
    BackupId, BackupName, BlobStore, CollectionConfig, CollectionName, CreateRequest, Host, ListRemembrance,
    MemoryBlobStore, MemoryCollections, Metric, Record, RecordBatch, Selection, VerifyDepth, create, list,
    open, verify,
};

const DIMENSION: usize = 384;
const RECORDS: usize = 200;
const BACKUPS: u64 = 100;

fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [case, times] = &arguments[..] else { panic!("usage: instructions CASE TIMES") };
    let times: usize = times.parse().unwrap();
    match case.split_once(' ') {
        Some(("encode", tier)) => encode(named_tier(tier), times),
        Some(("decode", tier)) => decode(named_tier(tier), times),
        None if case == "list" => list_all(times),
        None if case == "open" => open_and_page(times),
        None if case == "verify" => verify_full(times),
        _ => panic!("no case {case:?}"),
    }
}

/// A tier that the processor lacks is replaced by a lesser one, whose figure is another: refused.
fn named_tier(name: &str) -> Tier {
    let found = Tier::available().find(|tier| format!("{tier:?}").eq_ignore_ascii_case(name));
    found.unwrap_or_else(|| panic!("this processor has no tier {name:?}"))
}

fn encode(tier: Tier, times: usize) {
    let (batch, mut out) = (records(), Vec::with_capacity(2 << 20));
    for _ in 0..times {
        out.clear();
        write_records(tier, black_box(&batch), &mut out).unwrap();
    }
    black_box(out);
}

fn decode(tier: Tier, times: usize) {
    let mut text = Vec::new();
    write_records(Tier::Portable, &records(), &mut text).unwrap();
    let mut batch = records();
    for _ in 0..times {
        batch.reset(DIMENSION);
        read_records(tier, black_box(&text), 0, &mut batch).unwrap();
    }
    assert!(batch.same_bits(&records()));
}

fn list_all(times: usize) {
    let (store, _) = stored(BACKUPS);
    for _ in 0..times {
        let entries = block_on(list(&*store, &ListRemembrance::new(), &Host::inline())).unwrap();
        assert_eq!(entries.len() as u64, BACKUPS);
    }
}

fn open_and_page(times: usize) {
    let (store, id) = stored(1);
    for _ in 0..times {
        let backup = block_on(open(&store, id, &Host::inline())).unwrap();
        let page = block_on(backup.page(&name(), 100, 10)).unwrap();
        assert_eq!(page.records.len(), 10);
    }
}

fn verify_full(times: usize) {
    let ((store, id), host) = (stored(1), Host::inline());
    for _ in 0..times {
        let report = block_on(verify(&store, &id.key(), Some(id), VerifyDepth::Full, &host));
        assert!(report.unwrap().ok);
    }
}

/// A store with so many backups of the records, and the id of the last.
fn stored(backups: u64) -> (Arc<dyn BlobStore>, BackupId) {
    let collections = MemoryCollections::new();
    let config = CollectionConfig::new(DIMENSION, Metric::Cosine).unwrap();
    collections.insert(&name(), config, &records()).unwrap();
    let store: Arc<dyn BlobStore> = Arc::new(MemoryBlobStore::new());
    let mut id = BackupId::new(0, [0; 10]);
    for number in 0..backups {
        id = BackupId::new(number, [7; 10]);
        let request = CreateRequest {
            id,
            name: BackupName::parse("instructions").unwrap(),
            now: chrono::DateTime::UNIX_EPOCH,
            collections: Selection::All,
        };
        block_on(create(&*store, &collections, request, &Host::inline())).unwrap();
    }
    (store, id)
}

fn name() -> CollectionName {
    CollectionName::parse("docs").unwrap()
}

/// Numbers like those of an embedding: around zero, nine digits each.
fn records() -> RecordBatch {
    let mut state = 1_u64;
    let mut next = || {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (state >> 40) as f32 / (1 << 23) as f32 - 1.0
    };
    let mut batch = RecordBatch::new(DIMENSION);
    for number in 0..RECORDS {
        let vector: Vec<f32> = (0..DIMENSION).map(|_| (next() + next() + next()) / 40.0).collect();
        let metadata =
            format!(r#"{{"text":"a text of some words, number {number}","page":{number},"tags":["a","b"]}}"#);
        let id = format!("doc-{number:08}");
        batch.push(Record { id: &id, vector: &vector, metadata: Some(&metadata), extra: "" }).unwrap();
    }
    batch
}
