//! Files of other writers: restored completely with their true metric, reported as unverifiable, and
//! refused whole when anything is wrong with them.
#![allow(clippy::unwrap_used, clippy::panic)] // a test that cannot go on has failed

mod common;

use common::*;
use futures_executor::block_on;
use vecvault_core::{
    BackupEntry, Host, ListRemembrance, MemoryCollections, Metric, Provenance, RestoreRequest, Selection,
    VerifyDepth, list, open, restore, verify,
};

/// As a Vectorizer 3.5 server writes it: pretty, its own key order, no config, the metric in Rust's Debug
/// form, numbers as 64-bit floats, `size` meaningless, the date with nanoseconds.
fn vectorizer_file() -> String {
    let record = |i: usize| {
        let vector: Vec<f64> = (0..4).map(|d| f64::from(number(i * 4 + d))).collect();
        serde_json::json!({"id": format!("doc-{}", 9 - i), "vector": vector, "metadata": if i == 2 { serde_json::Value::Null } else { serde_json::json!({"text": format!("é {i}"), "n": i}) }})
    };
    let file = serde_json::json!({
        "id": ID, "name": "nightly", "date": "2026-07-13T10:30:00.123456789+00:00",
        "collections": ["docs", "euclid"], "size": 48,
        "data": {
            "docs": {"vectors": (0..4).map(record).collect::<Vec<_>>(), "dimension": 4, "metric": "Cosine"},
            "euclid": {"vectors": (0..2).map(record).collect::<Vec<_>>(), "dimension": 4, "metric": "Euclidean"},
        },
    });
    serde_json::to_string_pretty(&file).unwrap()
}

#[test]
fn a_vectorizer_file_restores_completely_with_its_true_metric() {
    let store = store_of(vectorizer_file().as_bytes());
    let target = MemoryCollections::new();
    let report = block_on(restore(&store, &target, RestoreRequest::all(id()), &Host::inline())).unwrap();
    let [docs, euclid] = &report.restored[..] else { panic!("two collections") };
    assert_eq!((docs.contents.proof.count, docs.contents.config.metric()), (4, &Metric::Cosine));
    assert_eq!(euclid.contents.config.metric(), &Metric::Euclidean);
    let page = block_on(async {
        let backup = open(&store, id(), &Host::inline()).await.unwrap();
        assert_eq!(backup.summary().provenance, Provenance::Foreign);
        assert_eq!(backup.summary().info.size, vectorizer_file().len() as u64, "the true one");
        let found = backup.find(&name("docs"), "doc-7").await.unwrap().unwrap();
        assert_eq!(found.record(0).metadata, Some("null"));
        backup.page(&name("docs"), 1, 2).await.unwrap()
    });
    assert_eq!(page.records.record(0).id, "doc-8");
    let bits = |v: &[f32]| v.iter().map(|x| x.to_bits()).collect::<Vec<_>>();
    assert_eq!(bits(page.records.record(0).vector), bits(&[number(4), number(5), number(6), number(7)]));
    assert!(
        contents(&target).contains(r#"Some("{\n            \"n\": 1,"#),
        "metadata text is kept as it stood"
    );
}

#[test]
fn it_is_listed_from_one_scan_and_reported_as_unverifiable() {
    let store = store_of(vectorizer_file().as_bytes());
    let remembrance = ListRemembrance::new();
    for _ in 0..2 {
        let rows = block_on(list(&*store, &remembrance, &Host::inline())).unwrap();
        let [BackupEntry::Backup(summary)] = &rows[..] else { panic!("{rows:?}") };
        assert_eq!((summary.info.name.as_str(), summary.info.id), ("nightly", id()));
    }
    let report =
        block_on(verify(&store, &id().key(), Some(id()), VerifyDepth::Full, &Host::inline())).unwrap();
    assert_eq!((report.ok, report.verifiable, report.records), (true, false, 6));
}

#[test]
fn damage_to_it_is_refused_and_changes_nothing() {
    let file = vectorizer_file();
    let target = MemoryCollections::new();
    target.insert(&name("docs"), cosine(2), &records(2, 2)).unwrap();
    let before = contents(&target);
    let refused = |text: &str, expected: &str| {
        let store = store_of(text.as_bytes());
        let error =
            block_on(restore(&store, &target, RestoreRequest::all(id()), &Host::inline())).unwrap_err();
        assert!(error.to_string().contains(expected), "{error}");
        let report =
            block_on(verify(&store, &id().key(), Some(id()), VerifyDepth::Full, &Host::inline())).unwrap();
        assert!(!report.ok || expected.contains("does not hold"), "{report:?}");
        assert_eq!(contents(&target), before);
    };
    refused(&file[..file.len() / 2], "at byte");
    refused(&file.replace("doc-8", "doc-9"), "two records have the id");
    refused(&file.replace("\"Euclidean\"", "7"), "data.euclid.config");
    refused(&file.replace(ID, "660e8400-e29b-41d4-a716-446655440001"), "but it is kept as");
    refused(&format!("{file}{{}}"), "bytes after the end");
    refused(&file.replace("\"n\": 1,", "\"n\": 1, \"n\": 2,"), "data.docs.vectors[1].metadata");
    let skipped = file.replace("\"docs\",\n", "\"docs\", \"skipped\",\n");
    refused(&skipped, "does not hold it; name the collections");
    let request =
        RestoreRequest { collections: Selection::Only(vec![name("euclid")]), ..RestoreRequest::all(id()) };
    let report = block_on(restore(&store_of(skipped.as_bytes()), &target, request, &Host::inline())).unwrap();
    assert!(report.rest_unread);
}

#[test]
fn our_own_file_respelled_by_another_tool_restores_the_same_numbers() {
    let ours = store();
    let source = MemoryCollections::new();
    source.insert(&name("docs"), cosine(8), &records(50, 8)).unwrap();
    source.insert(&name("edges"), cosine(13), &edge_numbers()).unwrap();
    backup(&ours, &source);
    let mut json: serde_json::Value = serde_json::from_slice(&bytes(&ours)).unwrap();
    json.as_object_mut().unwrap().remove("vecvault");
    let theirs = store_of(serde_json::to_string_pretty(&json).unwrap().as_bytes());
    let target = MemoryCollections::new();
    block_on(restore(&theirs, &target, RestoreRequest::all(id()), &threads(2))).unwrap();
    let vectors = |source: &MemoryCollections| {
        let text = contents(source);
        text.lines()
            .filter_map(|line| Some(line.split_once('[')?.1.split_once(']')?.0.to_owned()))
            .collect::<Vec<_>>()
    };
    assert_eq!(vectors(&target), vectors(&source));
}
