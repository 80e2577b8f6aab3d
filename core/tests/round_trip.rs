//! A backup is readable JSON in the documented shape, and everything comes back from it to the bit.
#![allow(clippy::unwrap_used, clippy::panic)] // a test that cannot go on has failed

mod common;

use std::collections::BTreeMap;

use common::*;
use futures_executor::block_on;
use vecvault_core::{
    BackupEntry, CreateRequest, Error, Host, ListRemembrance, MemoryCollections, Provenance, Record,
    RecordBatch, RestoreRequest, Selection, VerifyDepth, create, delete, list, open, restore, verify,
};

#[test]
fn the_file_is_json_of_the_documented_shape_and_its_size_is_true() {
    let store = store();
    let summary = backup(&store, &sample());
    let bytes = bytes(&store);
    assert_eq!(summary.info.size, bytes.len() as u64);

    let json: serde_json::Value = serde_json::from_slice(&bytes).unwrap();
    assert_eq!(json["id"], ID);
    assert_eq!(json["name"], "daily \"backup\" é");
    assert_eq!(json["date"], "2024-01-15T10:30:00Z");
    assert_eq!(json["size"], bytes.len());
    assert_eq!(json["collections"], serde_json::json!(["code", "docs", "edge \"cases\"/é", "empty"]));
    assert_eq!(json["data"]["docs"]["config"]["hnsw"]["m"], 16);
    let record = &json["data"]["docs"]["vectors"][5];
    assert_eq!(record["id"], "vec_00005");
    assert_eq!(record["vector"].as_array().unwrap().len(), 24);
    assert_eq!(record["vector"][3].as_f64().unwrap() as f32, number(5 * 24 + 3));
    assert_eq!(record["sparse"]["indices"][1], 2);
    assert_eq!(json.as_object().unwrap().keys().next_back().unwrap(), "vecvault");
}

#[test]
fn everything_comes_back_to_the_bit_over_whatever_was_there() {
    let (store, source) = (store(), sample());
    let summary = backup(&store, &source);
    let target = MemoryCollections::new();
    target.insert(&name("docs"), cosine(3), &records(7, 3)).unwrap();
    target.insert(&name("other"), cosine(3), &records(2, 3)).unwrap();

    let report = block_on(restore(&store, &target, RestoreRequest::all(id()), &threads(3))).unwrap();
    assert!(!report.rest_unread);
    let proofs: Vec<_> = report.restored.iter().map(|c| c.contents.clone()).collect();
    assert_eq!(proofs, summary.contents);
    source.insert(&name("other"), cosine(3), &records(2, 3)).unwrap();
    assert_eq!(contents(&target), contents(&source), "the restored, and the one that was not in the backup");
}

#[test]
fn a_backup_is_of_a_date_that_its_file_can_say() {
    for (seconds, made) in [
        (-62_167_219_200, true), // the first of the year 0000
        (253_402_300_799, true), // the last of the year 9999
        (-62_167_219_201, false),
        (253_402_300_800, false),
    ] {
        let store = store();
        let now = chrono::DateTime::from_timestamp(seconds, 0).unwrap();
        let created = block_on(create(
            &*store,
            &sample(),
            CreateRequest { now, ..request(Selection::All) },
            &threads(1),
        ));
        assert_eq!(created.is_ok(), made, "{now}");
        let listed = block_on(list(&*store, &ListRemembrance::default(), &Host::inline())).unwrap();
        assert!(listed.iter().all(|entry| matches!(entry, BackupEntry::Backup(_))), "{now}");
        assert_eq!(listed.len(), usize::from(made));
    }
}

#[test]
fn equal_contents_make_equal_files_however_many_workers() {
    let inline = store();
    backup(&inline, &sample());
    let parallel = store();
    block_on(create(&*parallel, &sample(), request(Selection::All), &threads(4))).unwrap();
    assert_eq!(bytes(&inline), bytes(&parallel));
}

#[test]
fn selected_collections_come_in_the_order_asked_for() {
    let store = store();
    let names = vec![name("docs"), name("code")];
    let summary =
        block_on(create(&*store, &sample(), request(Selection::Only(names.clone())), &Host::inline()))
            .unwrap();
    assert_eq!(summary.info.collections, names);
    for (names, expected) in [
        (vec![name("docs"), name("nope")], "no collection \"nope\""),
        (vec![name("docs"), name("docs")], "\"docs\" is named twice"),
    ] {
        let other = common::store();
        let error = block_on(create(&*other, &sample(), request(Selection::Only(names)), &Host::inline()))
            .unwrap_err();
        assert!(error.to_string().contains(expected), "{error}");
        assert!(block_on(other.head(&id().key())).is_err(), "nothing was kept");
    }
}

#[test]
fn a_backup_of_nothing_is_a_backup() {
    let store = store();
    backup(&store, &MemoryCollections::new());
    let json: serde_json::Value = serde_json::from_slice(&bytes(&store)).unwrap();
    assert_eq!(json["data"], serde_json::json!({}));
    let report = block_on(restore(&store, &sample(), RestoreRequest::all(id()), &Host::inline())).unwrap();
    assert!(report.restored.is_empty());
}

#[test]
fn a_restore_can_select_and_rename() {
    let store = store();
    backup(&store, &sample());
    let target = MemoryCollections::new();
    let rename = BTreeMap::from([(name("docs"), name("docs-restored"))]);
    let request = RestoreRequest { id: id(), collections: Selection::Only(vec![name("docs")]), rename };
    let report = block_on(restore(&store, &target, request, &Host::inline())).unwrap();
    assert!(report.rest_unread);
    assert_eq!(target.names(), [name("docs-restored")]);

    let two_to_one = BTreeMap::from([(name("docs"), name("code"))]);
    let unknown = BTreeMap::from([(name("nope"), name("x"))]);
    for (rename, expected) in [(two_to_one, "named twice"), (unknown, "no collection \"nope\"")] {
        let request = RestoreRequest { id: id(), collections: Selection::All, rename };
        let error = block_on(restore(&store, &target, request, &Host::inline())).unwrap_err();
        assert!(error.to_string().contains(expected), "{error}");
        assert_eq!(target.names(), [name("docs-restored")], "nothing changed");
    }
}

#[test]
fn pages_and_single_records_are_read_by_position_and_id() {
    let store = store();
    let source = sample();
    let big = records(2_000, 96);
    source.insert(&name("docs"), cosine(96), &big).unwrap();
    backup(&store, &source);
    let backup = block_on(open(&store, id(), &Host::inline())).unwrap();
    for (offset, limit) in
        [(0, 1), (0, 10), (226, 3), (227, 500), (1_990, 100), (1_999, 1), (2_000, 5), (9_999, 5)]
    {
        let page = block_on(backup.page(&name("docs"), offset, limit)).unwrap();
        assert_eq!(page.total, 2_000);
        let mut expected = RecordBatch::new(96);
        let start = (offset as usize).min(2_000);
        (start..(start + limit).min(2_000)).for_each(|i| expected.push(big.record(i)).unwrap());
        assert!(page.records.same_bits(&expected), "{offset} {limit}");
    }
    for i in [0, 1, 226, 227, 1_998, 1_999] {
        let found = block_on(backup.find(&name("docs"), &format!("vec_{i:05}"))).unwrap().unwrap();
        assert_eq!(found.record(0), big.record(i));
    }
    for missing in ["", "vec_", "vec_00000x", "zzz"] {
        assert!(block_on(backup.find(&name("docs"), missing)).unwrap().is_none(), "{missing}");
    }
    assert!(block_on(backup.page(&name("empty"), 0, 10)).unwrap().records.is_empty());
    assert!(block_on(backup.find(&name("empty"), "a")).unwrap().is_none());
    let unknown = block_on(backup.page(&name("no"), 0, 1)).unwrap_err();
    assert!(matches!(*unknown, Error::CollectionNotInBackup { .. }));
}

#[test]
fn a_whole_backup_verifies_and_its_counts_are_all_there() {
    let store = store();
    let summary = backup(&store, &sample());
    for depth in [VerifyDepth::Quick, VerifyDepth::Full] {
        let report = block_on(verify(&store, &id().key(), Some(id()), depth, &threads(2))).unwrap();
        assert_eq!((report.ok, report.verifiable), (true, true), "{report:?}");
        assert_eq!(report.backup.as_ref(), Some(&summary));
    }
    let report = block_on(verify(&store, &id().key(), None, VerifyDepth::Full, &Host::inline())).unwrap();
    assert_eq!(report.records, 161);
    assert_eq!(report.bytes, summary.info.size);
}

#[test]
fn a_list_shows_the_newest_first_and_hides_nothing() {
    let store = store();
    let source = sample();
    let mut ids = Vec::new();
    for (n, second) in [3, 1, 2].into_iter().enumerate() {
        let id = vecvault_core::BackupId::new(1_700_000_000_000 + n as u64, [7; 10]);
        let now = date() + chrono::TimeDelta::seconds(second);
        let request = CreateRequest { id, now, ..request(Selection::All) };
        block_on(create(&*store, &source, request, &Host::inline())).unwrap();
        ids.push(id);
    }
    let put = |key: &str, bytes: &'static [u8]| {
        let key = vecvault_core::BlobKey::parse(key).unwrap();
        let body = Box::pin(futures_util::stream::iter([Ok(bytes::Bytes::from_static(bytes))]));
        block_on(store.put(&key, body, vecvault_core::PutMode::Create)).unwrap();
    };
    put(&format!("{ID}.backup"), b"{\"id\":");
    put("notes.txt", b"not a backup");
    let remembrance = ListRemembrance::new();
    for _ in 0..2 {
        let rows = block_on(list(&*store, &remembrance, &Host::inline())).unwrap();
        let order: Vec<_> = rows
            .iter()
            .map(|row| match row {
                BackupEntry::Backup(summary) => (summary.info.id, true),
                BackupEntry::Damaged { id, .. } => (*id, false),
            })
            .collect();
        assert_eq!(order, [(ids[0], true), (ids[2], true), (ids[1], true), (id(), false)]);
    }
    block_on(delete(&*store, ids[0])).unwrap();
    assert!(matches!(*block_on(delete(&*store, ids[0])).unwrap_err(), Error::BackupNotFound { .. }));
    assert_eq!(block_on(list(&*store, &remembrance, &Host::inline())).unwrap().len(), 3);
}

#[test]
fn an_index_of_several_pages_works_like_one_of_one() {
    let store = store();
    let source = MemoryCollections::new();
    let text = format!("\"{}\"", "m".repeat(256 << 10));
    let mut big = RecordBatch::new(1);
    for i in 0..600 {
        let vector = [number(i)];
        big.push(Record { id: &format!("{i:04}"), vector: &vector, metadata: Some(&text), extra: "" })
            .unwrap();
    }
    source.insert(&name("a"), cosine(2), &records(5, 2)).unwrap();
    source.insert(&name("big"), cosine(1), &big).unwrap();
    source.insert(&name("z"), cosine(2), &records(5, 2)).unwrap();
    let summary = backup(&store, &source);
    assert!(matches!(summary.provenance, Provenance::Indexed { .. }));
    let backup = block_on(open(&store, id(), &Host::inline())).unwrap();
    for i in [0, 510, 511, 512, 599] {
        let page = block_on(backup.page(&name("big"), i, 1)).unwrap();
        assert_eq!(page.records.record(0), big.record(i as usize));
        let found = block_on(backup.find(&name("big"), &format!("{i:04}"))).unwrap().unwrap();
        assert_eq!(found.record(0), big.record(i as usize));
    }
    assert_eq!(block_on(backup.page(&name("z"), 4, 9)).unwrap().records.len(), 1);
    let report = block_on(verify(&store, &id().key(), Some(id()), VerifyDepth::Full, &threads(2))).unwrap();
    assert!(report.ok, "{:?}", report.findings);
    let target = MemoryCollections::new();
    block_on(restore(&store, &target, RestoreRequest::all(id()), &threads(2))).unwrap();
    assert_eq!(contents(&target), contents(&source));
}
