//! A picture of a collection: it shows what differs most, the same from every kind of file, and reads no more
//! than its sample needs.
#![allow(clippy::unwrap_used, clippy::panic)] // a test that cannot go on has failed

mod common;

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use common::*;
use futures_executor::block_on;
use vecvault_core::{
    Backup, ErrorKind, Host, InlineWorkers, MemoryCollections, Monitor, Progress, Projection, Record,
    RecordBatch, open, projection,
};

const DIMENSION: usize = 48;

/// Two groups that lie far apart along one direction, each spread along another.
fn groups(count: usize) -> RecordBatch {
    let mut batch = RecordBatch::new(DIMENSION);
    for i in 0..count {
        let (group, along) = (if i % 2 == 0 { 5.0 } else { -5.0 }, 2.0 * number(i));
        let vector: Vec<f32> = (0..DIMENSION)
            .map(|d| 0.01 * number(i * DIMENSION + d) + 100.0 + if d % 2 == 0 { group } else { along })
            .collect();
        let metadata = format!("{{\"group\":{}}}", i % 2);
        let id = format!("{i:06}");
        batch.push(Record { id: &id, vector: &vector, metadata: Some(&metadata), extra: "\"x\":1" }).unwrap();
    }
    batch
}

fn opened(records: &RecordBatch) -> Backup {
    let (there, source) = (store(), MemoryCollections::new());
    source.insert(&name("before"), cosine(3), &common::records(100, 3)).unwrap();
    source.insert(&name("docs"), cosine(records.dimension()), records).unwrap();
    backup(&there, &source);
    block_on(open(&there, id(), &Host::inline())).unwrap()
}

fn of(backup: &Backup, sample: usize, host: &Host) -> Projection {
    block_on(projection(backup, &name("docs"), sample, host)).unwrap()
}

#[test]
fn groups_come_apart_and_every_point_knows_its_record() {
    let records = groups(5_000);
    let found = of(&opened(&records), 400, &Host::inline());
    assert_eq!((found.total, found.positions.len(), found.x.len(), found.y.len()), (5_000, 400, 400, 400));
    assert!(found.positions.is_sorted() && found.positions[399] >= 4_900, "spread over all");
    let side = |n: usize| found.x[n] > 0.0;
    let first = side(0) == found.positions[0].is_multiple_of(2);
    for (n, position) in found.positions.iter().enumerate() {
        assert_eq!(side(n) == position.is_multiple_of(2), first, "each group on a side of its own");
        let (point, record) = (found.records.record(n), records.record(*position as usize));
        assert_eq!((point.id, point.metadata), (record.id, record.metadata));
        assert!((f64::from(found.x[n].abs()) - 5.0 * 24f64.sqrt()).abs() < 2.0, "{}", found.x[n]);
    }
    let explained = found.explained;
    assert!(explained.x > 0.8 && explained.y > 0.01 && explained.x + explained.y > 0.999, "{explained:?}");
}

#[test]
fn it_is_the_same_to_the_bit_on_any_number_of_threads_and_from_any_file() {
    let records = groups(1_000);
    let indexed = of(&opened(&records), 101, &Host::inline());
    assert_eq!(of(&opened(&records), 101, &threads(3)), indexed);
    let vectors = records.records().map(|record| {
        let vector: Vec<f64> = record.vector.iter().map(|x| f64::from(*x)).collect();
        let metadata: serde_json::Value = serde_json::from_str(record.metadata.unwrap()).unwrap();
        serde_json::json!({"id": record.id, "vector": vector, "metadata": metadata})
    });
    let file = serde_json::json!({
        "id": ID, "name": "theirs", "date": "2024-01-15T10:30:00Z", "collections": ["docs"],
        "data": {"docs": {"config": {"dimension": DIMENSION, "metric": "cosine"}, "vectors": vectors.collect::<Vec<_>>()}},
        "size": 1,
    });
    let store = store_of(file.to_string().as_bytes());
    let foreign = block_on(open(&store, id(), &Host::inline())).unwrap();
    assert_eq!(of(&foreign, 101, &Host::inline()), indexed);
}

#[test]
fn small_samples_and_collections_are_drawn_too() {
    for (count, sample) in [(0, 10), (1, 10), (2, 1), (3, usize::MAX)] {
        let found = of(&opened(&groups(count)), sample, &Host::inline());
        assert_eq!(found.x.len(), count.min(sample));
        assert!(found.x.iter().chain(&found.y).all(|n| n.is_finite()));
        assert!(found.explained.x.is_finite() && found.explained.y.is_finite());
    }
    let error = block_on(projection(&opened(&groups(2)), &name("docs"), 0, &Host::inline())).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Invalid);
}

#[test]
fn the_largest_vectors_are_drawn_by_a_sample_that_fits() {
    let mut batch = RecordBatch::new(65_536);
    for i in 0..260 {
        let vector: Vec<f32> = (0..65_536).map(|d| if d == i % 3 { 1.0 } else { 0.0 }).collect();
        batch.push(Record { id: &format!("{i:03}"), vector: &vector, metadata: None, extra: "" }).unwrap();
    }
    let found = of(&opened(&batch), 2_000, &Host::inline());
    assert_eq!(found.x.len(), 256, "2^24 numbers");
    assert!((found.explained.x + found.explained.y - 1.0).abs() < 1e-6, "{:?}", found.explained);
}

struct CancelAt(u64, AtomicU64);

impl Monitor for CancelAt {
    fn progress(&self, _: Progress) {}

    fn cancelled(&self) -> bool {
        self.1.fetch_add(1, Ordering::Relaxed) + 1 >= self.0
    }
}

#[test]
fn it_is_cancelled_while_it_reads_and_while_it_computes() {
    let backup = opened(&groups(2_000));
    let mut cancelled = 0;
    for at in 1.. {
        let monitor = Arc::new(CancelAt(at, AtomicU64::new(0)));
        let host = Host { workers: Arc::new(InlineWorkers), monitor };
        match block_on(projection(&backup, &name("docs"), 500, &host)) {
            Ok(_) => break,
            Err(error) => assert_eq!(error.kind(), ErrorKind::Cancelled),
        }
        cancelled += 1;
    }
    assert!(cancelled > 5, "{cancelled}");
}
