//! Statistics over a collection: equal to what a plain computation gives, for every kind of file, and never past
//! damage.
#![allow(clippy::unwrap_used, clippy::panic)] // a test that cannot go on has failed

mod common;

use std::sync::Arc;

use common::*;
use futures_executor::block_on;
use vecvault_core::{
    Backup, Error, ErrorKind, Host, InlineWorkers, MemoryCollections, Monitor, Progress, Record, RecordBatch,
    Statistics, open, statistics,
};

const DIMENSION: usize = 65;

/// Vectors around a mean of their own in each dimension; some are near zero and some come twice.
fn varied(count: usize) -> RecordBatch {
    let mut batch = RecordBatch::new(DIMENSION);
    for i in 0..count {
        let seed = if i % 70 == 69 { i - 9 } else { i };
        let scale = if i % 50 == 7 { 1e-9 } else { 1.0 };
        let numbers = (0..DIMENSION).map(|d| scale * (number(seed * DIMENSION + d) + d as f32));
        let metadata = match i % 4 {
            0 => Some(format!("{{\"n\":{i},\"tags\":[{{\"n\":\"x\"}}]}}")),
            1 => Some(format!("{{\"n\":\"{i}\"}}")),
            2 => Some("[1]".to_owned()),
            _ => None,
        };
        let vector: Vec<f32> = numbers.collect();
        let id = format!("{i:06}");
        batch.push(Record { id: &id, vector: &vector, metadata: metadata.as_deref(), extra: "" }).unwrap();
    }
    batch
}

fn opened(records: &RecordBatch) -> Backup {
    let (there, source) = (store(), MemoryCollections::new());
    source.insert(&name("docs"), cosine(records.dimension()), records).unwrap();
    backup(&there, &source);
    block_on(open(&there, id(), &Host::inline())).unwrap()
}

fn of(backup: &Backup, host: &Host) -> Statistics {
    block_on(statistics(backup, &name("docs"), host)).unwrap()
}

#[track_caller]
fn close(found: f64, expected: f64) {
    assert!((found - expected).abs() <= 1e-12 * expected.abs().max(1.0), "{found} is not {expected}");
}

#[test]
fn they_are_what_a_plain_computation_gives() {
    let records = varied(3_000);
    let found = of(&opened(&records), &Host::inline());
    assert_eq!((found.count, found.dimension), (3_000, DIMENSION));
    let column = |d: usize| records.records().map(move |record| record.vector[d]);
    for d in 0..DIMENSION {
        let mean = column(d).map(f64::from).sum::<f64>() / 3_000.0;
        let square = column(d).map(|x| (f64::from(x) - mean).powi(2)).sum::<f64>() / 3_000.0;
        close(found.dimensions.mean[d], mean);
        close(found.dimensions.deviation[d], square.sqrt());
        assert_eq!(found.dimensions.min[d], column(d).fold(f32::MAX, f32::min));
        assert_eq!(found.dimensions.max[d], column(d).fold(f32::MIN, f32::max));
    }
    let norm = |record: Record<'_>| record.vector.iter().map(|x| f64::from(*x).powi(2)).sum::<f64>().sqrt();
    let norms: Vec<f64> = records.records().map(norm).collect();
    close(found.norms.mean, norms.iter().sum::<f64>() / 3_000.0);
    close(found.norms.min, norms.iter().copied().fold(f64::MAX, f64::min));
    close(found.norms.max, norms.iter().copied().fold(0.0, f64::max));
    let histogram = &found.norms.histogram;
    let mut counts = vec![0; histogram.counts.len()];
    norms.iter().for_each(|norm| counts[((norm - histogram.start) / histogram.width) as usize] += 1);
    assert_eq!(histogram.counts, counts);

    assert_eq!((found.near_zero.count, found.near_zero.positions.len()), (60, 60));
    assert_eq!(found.near_zero.positions[..3], [7, 57, 107]);
    let twice: Vec<_> = (69..3_000)
        .step_by(70)
        .filter(|i| i % 50 != 7 && (i - 9) % 50 != 7)
        .map(|i| (i as u64 - 9, i as u64))
        .collect();
    assert_eq!((found.duplicates.count, &found.duplicates.pairs), (twice.len() as u64, &twice));

    let metadata = &found.metadata;
    assert_eq!((metadata.absent, metadata.not_objects, metadata.other), (750, 750, 0));
    let rows: Vec<_> = metadata
        .keys
        .iter()
        .map(|k| (&*k.key, k.count, k.types.number, k.types.string, k.types.array))
        .collect();
    assert_eq!(rows, [("n", 1_500, 750, 750, 0), ("tags", 750, 0, 0, 750)]);
}

#[test]
fn they_are_the_same_to_the_bit_on_any_number_of_threads_and_from_any_file() {
    let records = varied(700);
    let indexed = of(&opened(&records), &Host::inline());
    assert_eq!(of(&opened(&records), &threads(3)), indexed);
    let vectors = records.records().map(|record| {
        let vector: Vec<f64> = record.vector.iter().map(|x| f64::from(*x)).collect();
        let mut value = serde_json::json!({"id": record.id, "vector": vector});
        if let Some(text) = record.metadata {
            value["metadata"] = serde_json::from_str(text).unwrap();
        }
        value
    });
    let file = serde_json::json!({
        "id": ID, "name": "theirs", "date": "2024-01-15T10:30:00Z", "collections": ["docs"],
        "data": {"docs": {"config": {"dimension": DIMENSION, "metric": "cosine"}, "vectors": vectors.collect::<Vec<_>>()}},
        "size": 1,
    });
    let store = store_of(serde_json::to_string_pretty(&file).unwrap().as_bytes());
    let foreign = block_on(open(&store, id(), &Host::inline())).unwrap();
    assert_eq!(of(&foreign, &Host::inline()), indexed);
}

#[test]
fn the_ends_of_f32_and_no_records_at_all_give_finite_numbers() {
    let extreme = edge_numbers();
    let found = of(&opened(&extreme), &Host::inline());
    assert!(found.norms.max.is_finite() && found.norms.histogram.width.is_finite());
    assert!(found.dimensions.deviation.iter().all(|deviation| *deviation == 0.0));
    let found = of(&opened(&RecordBatch::new(3)), &Host::inline());
    assert_eq!((found.count, found.norms.mean, &found.dimensions.mean[..]), (0, 0.0, &[0.0; 3][..]));
    assert!(found.norms.histogram.counts.is_empty());
}

struct Cancelling;

impl Monitor for Cancelling {
    fn progress(&self, progress: Progress) {
        assert_eq!(progress.total_records, Some(700));
    }

    fn cancelled(&self) -> bool {
        true
    }
}

#[test]
fn they_are_cancelled_and_damage_is_an_error_that_says_where() {
    let host = Host { workers: Arc::new(InlineWorkers), monitor: Arc::new(Cancelling) };
    let records = varied(700);
    let error = block_on(statistics(&opened(&records), &name("docs"), &host)).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Cancelled);
    let (there, source) = (store(), MemoryCollections::new());
    source.insert(&name("docs"), cosine(DIMENSION), &records).unwrap();
    backup(&there, &source);
    let mut file = bytes(&there);
    let at = file.len() / 2;
    file[at] ^= 1;
    let damaged = block_on(open(&store_of(&file), id(), &Host::inline())).unwrap();
    let error = block_on(statistics(&damaged, &name("docs"), &Host::inline())).unwrap_err();
    assert!(
        matches!(&error, Error::Damaged { error, .. } if error.path().starts_with("data.docs")),
        "{error}"
    );
    let error = block_on(statistics(&damaged, &name("none"), &Host::inline())).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::NotFound);
}
