//! What differs between two backups: against a model that holds everything, for every kind of file, with no
//! block read that need not be, and never past damage.
#![allow(clippy::unwrap_used, clippy::panic)] // a test that cannot go on has failed

mod common;

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex};

use async_trait::async_trait;
use common::*;
use futures_executor::block_on;
use proptest::prelude::*;
use vecvault_core::{
    Backup, BlobStore, CollectionDiff, CollectionError, CollectionHead, CollectionName, CollectionReader,
    CollectionSnapshot, CollectionSource, DiffReport, DiffRequest, DiffStatus, Error, ErrorKind, Host,
    InlineWorkers, MemoryCollections, Monitor, Progress, Record, RecordBatch, Selection, create, diff, open,
};

/// A record is told from others of its id by its number, its metadata and its other members.
type Records = BTreeMap<String, (u32, usize, bool)>;

/// How a file holds its records.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Form {
    Ordered,
    Reversed,
    Foreign,
}

fn batch_of<'a>(records: impl Iterator<Item = (&'a String, &'a (u32, usize, bool))>) -> RecordBatch {
    let mut batch = RecordBatch::new(2);
    for (id, (n, padding, extra)) in records {
        let metadata = format!("{{\"p\":\"{}\"}}", "p".repeat(*padding));
        let metadata = (*padding > 0).then_some(&*metadata);
        let extra = if *extra { "\"x\":1" } else { "" };
        batch.push(Record { id, vector: &[*n as f32, 0.5], metadata, extra }).unwrap();
    }
    batch
}

/// A source that yields one collection in an order of its own.
#[derive(Clone)]
struct InOrder(Vec<CollectionHead>, RecordBatch);

struct OneBatch(Option<RecordBatch>);

#[async_trait]
impl CollectionSource for InOrder {
    async fn snapshot(&self) -> Result<Box<dyn CollectionSnapshot>, CollectionError> {
        Ok(Box::new(self.clone()))
    }
}

#[async_trait]
impl CollectionSnapshot for InOrder {
    fn collections(&self) -> &[CollectionHead] {
        &self.0
    }

    async fn read(&self, _: &CollectionName) -> Result<Box<dyn CollectionReader>, CollectionError> {
        Ok(Box::new(OneBatch(Some(self.1.clone()))))
    }
}

#[async_trait]
impl CollectionReader for OneBatch {
    async fn next(&mut self, _: RecordBatch) -> Result<RecordBatch, CollectionError> {
        Ok(self.0.take().unwrap_or_default())
    }
}

fn opened(store: &Arc<dyn BlobStore>) -> Backup {
    block_on(open(store, id(), &Host::inline())).unwrap()
}

fn backup_of(records: &Records, form: Form) -> Backup {
    let there = store();
    match form {
        Form::Ordered => {
            let source = MemoryCollections::new();
            source.insert(&name("docs"), cosine(2), &batch_of(records.iter())).unwrap();
            backup(&there, &source);
        }
        Form::Reversed => {
            let head = CollectionHead { name: name("docs"), config: cosine(2), proof: None, ordered: false };
            let source = InOrder(vec![head], batch_of(records.iter().rev()));
            block_on(create(&*there, &source, request(Selection::All), &Host::inline())).unwrap();
        }
        Form::Foreign => {
            let vectors = records.iter().rev().map(|(id, (n, padding, extra))| {
                let mut record = serde_json::json!({"id": id, "vector": [*n as f32, 0.5]});
                if *padding > 0 {
                    record["metadata"] = serde_json::json!({"p": "p".repeat(*padding)});
                }
                if *extra {
                    record["x"] = serde_json::json!(1);
                }
                record
            });
            let file = serde_json::json!({
                "id": ID, "name": "theirs", "date": "2024-01-15T10:30:00Z", "collections": ["docs"],
                "data": {"docs": {"config": {"dimension": 2, "metric": "cosine"}, "vectors": vectors.collect::<Vec<_>>()}},
                "size": 1,
            });
            return opened(&store_of(file.to_string().as_bytes()));
        }
    }
    opened(&there)
}

fn compare(a: &Backup, b: &Backup, limit: usize, host: &Host) -> DiffReport {
    block_on(diff(a, b, DiffRequest { limit }, host)).unwrap()
}

fn docs(report: &DiffReport) -> &CollectionDiff {
    report.collections.iter().find(|c| c.name == name("docs")).unwrap()
}

/// Ids of each kind, by a model that holds everything.
fn model(a: &Records, b: &Records) -> [Vec<String>; 4] {
    let ids = |from: &Records, keep: &dyn Fn(&String) -> bool| {
        from.keys().filter(|id| keep(id)).cloned().collect::<Vec<_>>()
    };
    [
        ids(b, &|id| !a.contains_key(id)),
        ids(a, &|id| !b.contains_key(id)),
        ids(a, &|id| b.contains_key(id) && a[id] != b[id]),
        ids(a, &|id| b.get(id) == Some(&a[id])),
    ]
}

fn check(found: &CollectionDiff, a: &Records, b: &Records, limit: usize) {
    let [added, removed, changed, unchanged] = model(a, b);
    for (count, ids, expected) in [
        (found.added, &found.added_ids, added),
        (found.removed, &found.removed_ids, removed),
        (found.changed, &found.changed_ids, changed),
    ] {
        assert_eq!(count, expected.len() as u64);
        assert_eq!(ids.len(), expected.len().min(limit));
        assert!(ids.iter().all(|id| expected.contains(id)), "{ids:?} of {expected:?}");
        if limit >= expected.len() {
            let mut ids = ids.clone();
            ids.sort();
            assert_eq!(ids, expected);
        }
    }
    assert_eq!(found.unchanged, unchanged.len() as u64);
    let equal = if a == b { DiffStatus::Equal } else { DiffStatus::Different };
    assert_eq!((found.status, found.config_changed), (equal, false));
}

fn records() -> impl Strategy<Value = Records> {
    let padding = prop_oneof![3 => Just(0usize), 1 => Just(1usize), 2 => 20_000usize..150_000];
    let id = prop_oneof![8 => "[a-e]{1,2}", 1 => "[é\u{ff}\u{10000}-\u{10010}]{1,2}"];
    prop::collection::btree_map(id, (0u32..3, padding, any::<bool>()), 0..40)
}

/// What has become of records: most are as they were.
fn edited(records: &Records, edits: &[(usize, u8)]) -> Records {
    let mut after = records.clone();
    for (n, kind) in edits {
        let id = records.keys().nth(n % records.len().max(1)).cloned().unwrap_or_else(|| "a".into());
        match kind {
            0 => drop(after.remove(&id)),
            1 => drop(after.insert(format!("{id}+"), (7, 100, false))),
            2 => after.entry(id).and_modify(|record| record.0 += 10).or_default().2 = false,
            _ => after.entry(id).and_modify(|record| record.2 ^= true).or_default().1 += 0,
        }
    }
    after
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 150, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn every_kind_of_file_compares_as_a_model_says(
        a in records(),
        other in records(),
        edits in prop::option::of(prop::collection::vec((0usize..40, 0u8..4), 0..4)),
        limit in prop_oneof![Just(0usize), 1usize..4, Just(1000)],
        forms in prop::array::uniform2(prop_oneof![3 => Just(Form::Ordered), 1 => Just(Form::Reversed), 1 => Just(Form::Foreign)]),
        workers in 1usize..4,
    ) {
        let b = edits.map_or(other, |edits| edited(&a, &edits));
        let (left, right) = (backup_of(&a, forms[0]), backup_of(&b, forms[1]));
        let host = if workers == 1 { Host::inline() } else { threads(workers) };
        check(docs(&compare(&left, &right, limit, &host)), &a, &b, limit);
        check(docs(&compare(&right, &left, limit, &host)), &b, &a, limit);
    }
}

/// Records whose blocks hold four each.
fn wide(count: usize) -> Records {
    (0..count).map(|n| (format!("{n:05}"), (n as u32, 65_600, false))).collect()
}

#[test]
fn ids_are_named_in_order_up_to_the_limit() {
    let (a, mut b) = (wide(20), wide(20));
    for n in [3, 7, 11, 12] {
        b.get_mut(&format!("{n:05}")).unwrap().0 = 99;
    }
    for form in [Form::Ordered, Form::Reversed] {
        let report = compare(&backup_of(&a, Form::Ordered), &backup_of(&b, form), 3, &Host::inline());
        let found = docs(&report);
        let expected: &[_] =
            if form == Form::Ordered { &["00003", "00007", "00011"] } else { &["00012", "00011", "00007"] };
        assert_eq!(
            (found.changed, &found.changed_ids[..]),
            (4, &expected.iter().map(|id| (*id).to_owned()).collect::<Vec<_>>()[..])
        );
    }
}

#[test]
fn collections_are_compared_by_name_and_config() {
    let (there, here) = (store(), store());
    let (before, after) = (sample(), sample());
    after.insert(&name("new"), cosine(3), &common::records(5, 3)).unwrap();
    assert!(after.remove(&name("code")));
    let kept = after.get(&name("docs")).unwrap();
    after.insert(&name("docs"), config(24, "l2"), &kept.1).unwrap();
    backup(&there, &before);
    backup(&here, &after);
    let report = compare(&opened(&there), &opened(&here), 10, &Host::inline());
    let rows: Vec<_> = report
        .collections
        .iter()
        .map(|c| (c.name.as_str(), c.status, c.added, c.removed, c.unchanged))
        .collect();
    let expected = [
        ("code", DiffStatus::OnlyInA, 0, 40, 0),
        ("docs", DiffStatus::Different, 0, 0, 120),
        ("edge \"cases\"/é", DiffStatus::Equal, 0, 0, 1),
        ("empty", DiffStatus::Equal, 0, 0, 0),
        ("new", DiffStatus::OnlyInB, 5, 0, 0),
    ];
    assert_eq!(rows, expected);
    assert!(docs(&report).config_changed && !report.equal);
    let json = serde_json::to_value(&report).unwrap();
    assert_eq!(
        (&json["collections"][0]["status"], &json["collections"][0]["b"]),
        (&"only_in_a".into(), &serde_json::Value::Null)
    );
    assert!(compare(&opened(&there), &opened(&there), 10, &Host::inline()).equal);
}

/// Keeps what it is told, and cancels at the n-th report.
#[derive(Default)]
struct Watching {
    at: u64,
    seen: AtomicU64,
    last: Mutex<Option<Progress>>,
}

impl Monitor for Watching {
    fn progress(&self, progress: Progress) {
        self.seen.fetch_add(1, Ordering::Relaxed);
        *self.last.lock().unwrap() = Some(progress);
    }

    fn cancelled(&self) -> bool {
        self.seen.load(Ordering::Relaxed) >= self.at
    }
}

#[test]
fn progress_comes_to_all_records_and_every_report_can_cancel() {
    let (a, mut b) = (wide(60), wide(60));
    b.get_mut("00030").unwrap().0 = 99;
    for form in [Form::Ordered, Form::Reversed, Form::Foreign] {
        let (left, right) = (backup_of(&a, Form::Ordered), backup_of(&b, form));
        let run = |at| {
            let monitor = Arc::new(Watching { at, ..Watching::default() });
            let host = Host { workers: Arc::new(InlineWorkers), monitor: monitor.clone() };
            let result = block_on(diff(&left, &right, DiffRequest::default(), &host));
            (result, monitor)
        };
        let (report, monitor) = run(u64::MAX);
        assert_eq!(docs(&report.unwrap()).changed, 1);
        let last = monitor.last.lock().unwrap().unwrap();
        assert_eq!((last.records, last.total_records), (120, Some(120)), "{form:?}");
        let reports = monitor.seen.load(Ordering::Relaxed);
        assert!(reports > 1);
        for at in 1..=reports {
            assert_eq!(
                run(at).0.unwrap_err().kind(),
                ErrorKind::Cancelled,
                "{form:?}, report {at} of {reports}"
            );
        }
    }
}

#[test]
fn a_damaged_block_is_an_error_that_says_where_and_one_that_need_not_be_read_is_none() {
    let (a, mut b) = (wide(40), wide(40));
    b.get_mut("00021").unwrap().0 = 99;
    let (there, here) = (store(), store());
    for (store, records) in [(&there, &a), (&here, &b)] {
        let source = MemoryCollections::new();
        source.insert(&name("docs"), cosine(2), &batch_of(records.iter())).unwrap();
        backup(store, &source);
    }
    let file = bytes(&here);
    let with_damage_at = |record: &str| {
        let id = format!("\"id\":\"{record}\"");
        let at = file.windows(id.len()).position(|window| window == id.as_bytes()).unwrap() + 60;
        let mut damaged = file.clone();
        damaged[at] ^= 1;
        (at as u64, store_of(&damaged))
    };
    let (_, beside) = with_damage_at("00003");
    assert_eq!(docs(&compare(&opened(&there), &opened(&beside), 10, &Host::inline())).changed_ids, ["00021"]);
    let (at, within) = with_damage_at("00022");
    let backups = (opened(&there), opened(&within));
    let error = block_on(diff(&backups.0, &backups.1, DiffRequest::default(), &Host::inline())).unwrap_err();
    let Error::Damaged { error, .. } = &error else { panic!("{error}") };
    assert!(error.offset() <= at && error.offset() + 300_000 > at, "{error}");
    assert!(
        error.to_string().contains("block 5") && error.path().starts_with("data.docs"),
        "{error} {}",
        error.path()
    );
}
