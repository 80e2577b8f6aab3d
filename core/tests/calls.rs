//! What verbs read, in calls and bytes: a list never reads records, opening reads the ends, and a small
//! collection comes out of a large backup by itself. No clock is asked.
#![allow(clippy::unwrap_used, clippy::panic)] // a test that cannot go on has failed

mod common;

use std::ops::Range;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex};

use async_trait::async_trait;
use common::*;
use futures_executor::block_on;
use futures_util::FutureExt;
use vecvault_core::{
    BackupId, BlobError, BlobKey, BlobMeta, BlobPage, BlobRead, BlobStore, BlobVersion, ByteStream,
    CreateRequest, DiffRequest, Host, ListRemembrance, MemoryBlobStore, MemoryCollections, PutMode, Record,
    RecordBatch, RestoreRequest, Selection, create, diff, list, open, projection, restore,
};

/// Counts what goes through.
#[derive(Debug, Default)]
struct Counting {
    store: MemoryBlobStore,
    gets: AtomicU64,
    bytes: AtomicU64,
    others: AtomicU64,
    /// A blob that is slow to answer.
    slow: Mutex<Option<BlobKey>>,
}

impl Counting {
    /// Gets, bytes read, and other calls since the last time.
    fn take(&self) -> (u64, u64, u64) {
        let take = |counter: &AtomicU64| counter.swap(0, Ordering::Relaxed);
        (take(&self.gets), take(&self.bytes), take(&self.others))
    }

    fn other(&self) {
        self.others.fetch_add(1, Ordering::Relaxed);
    }
}

#[async_trait]
impl BlobStore for Counting {
    async fn put(&self, key: &BlobKey, body: ByteStream, mode: PutMode) -> Result<BlobMeta, BlobError> {
        self.store.put(key, body, mode).await
    }

    async fn get(
        &self,
        key: &BlobKey,
        range: Option<Range<u64>>,
        version: Option<&BlobVersion>,
    ) -> Result<BlobRead, BlobError> {
        if self.slow.lock().unwrap().as_ref() == Some(key) {
            return std::future::pending().await;
        }
        let read = self.store.get(key, range, version).await?;
        self.gets.fetch_add(1, Ordering::Relaxed);
        self.bytes.fetch_add(read.range.end - read.range.start, Ordering::Relaxed);
        Ok(read)
    }

    async fn head(&self, key: &BlobKey) -> Result<BlobMeta, BlobError> {
        self.other();
        self.store.head(key).await
    }

    async fn list(&self, prefix: &str, after: Option<&BlobKey>, limit: usize) -> Result<BlobPage, BlobError> {
        self.other();
        self.store.list(prefix, after, limit).await
    }

    async fn delete(&self, key: &BlobKey) -> Result<bool, BlobError> {
        self.other();
        self.store.delete(key).await
    }
}

#[test]
fn a_list_of_a_thousand_backups_never_reads_their_records() {
    let counting = Counting::default();
    let source = MemoryCollections::new();
    source.insert(&name("docs"), cosine(64), &records(40, 64)).unwrap();
    source.insert(&name("code"), cosine(64), &records(40, 64)).unwrap();
    for n in 0..1_000 {
        let request = CreateRequest { id: BackupId::new(n, [1; 10]), ..request(Selection::All) };
        block_on(create(&counting, &source, request, &Host::inline())).unwrap();
    }
    counting.take();
    let remembrance = ListRemembrance::new();
    assert_eq!(block_on(list(&counting, &remembrance, &Host::inline())).unwrap().len(), 1_000);
    let (gets, bytes, others) = counting.take();
    println!("{gets} gets, {bytes} bytes, {others} other calls");
    assert_eq!((gets, others), (1_000, 1), "the end of each; one page of the listing");
    assert!(bytes < 1_000 * 8 * 1024, "{bytes} bytes");
    block_on(list(&counting, &remembrance, &Host::inline())).unwrap();
    assert_eq!(counting.take(), (0, 0, 1), "what has not changed is not opened again");
}

/// Who asks for a list with less patience than one backup needs has it in the end.
#[test]
fn a_list_goes_on_where_one_that_nobody_waited_for_had_come() {
    let counting = Counting::default();
    let source = MemoryCollections::new();
    source.insert(&name("docs"), cosine(4), &records(4, 4)).unwrap();
    let ids: Vec<_> = (0..5).map(|n| BackupId::new(n, [1; 10])).collect();
    for id in &ids {
        block_on(create(
            &counting,
            &source,
            CreateRequest { id: *id, ..request(Selection::All) },
            &Host::inline(),
        ))
        .unwrap();
    }
    let remembrance = ListRemembrance::new();
    *counting.slow.lock().unwrap() = Some(ids[2].key());
    counting.take();
    assert!(list(&counting, &remembrance, &Host::inline()).now_or_never().is_none());
    assert_eq!(counting.take().0, 4);
    *counting.slow.lock().unwrap() = None;
    assert_eq!(block_on(list(&counting, &remembrance, &Host::inline())).unwrap().len(), 5);
    assert_eq!(counting.take().0, 1, "the others are remembered");
}

#[test]
fn a_large_backup_opens_by_its_ends_and_gives_a_small_collection_by_itself() {
    let counting = Arc::new(Counting::default());
    let store: Arc<dyn BlobStore> = counting.clone();
    let source = MemoryCollections::new();
    let text = format!("\"{}\"", "m".repeat(256 << 10));
    let mut big = RecordBatch::new(1);
    for i in 0..600 {
        big.push(Record { id: &format!("{i:04}"), vector: &[number(i)], metadata: Some(&text), extra: "" })
            .unwrap();
    }
    source.insert(&name("big"), cosine(1), &big).unwrap();
    source.insert(&name("small"), cosine(3), &records(10, 3)).unwrap();
    let size = backup(&store, &source).info.size;
    assert!(size > 150_000_000);
    counting.take();

    let opened = block_on(open(&store, id(), &Host::inline())).unwrap();
    let (gets, bytes, _) = counting.take();
    assert!(gets == 2 && bytes < 8 * 1024, "opening: {gets} gets, {bytes} bytes");

    block_on(opened.page(&name("big"), 300, 1)).unwrap();
    let (gets, bytes, _) = counting.take();
    assert!(gets == 2 && bytes < 400 * 1024, "a page: {gets} gets, {bytes} bytes");
    block_on(opened.find(&name("big"), "0599")).unwrap().unwrap();
    let (gets, bytes, _) = counting.take();
    assert!(gets == 2 && bytes < 400 * 1024, "a record: {gets} gets, {bytes} bytes");

    let drawn = block_on(projection(&opened, &name("big"), 10, &Host::inline())).unwrap();
    let (gets, bytes, _) = counting.take();
    assert!(
        drawn.x.len() == 10 && gets <= 14 && bytes < 10 * 400 * 1024,
        "a sample: {gets} gets, {bytes} bytes"
    );

    let target = MemoryCollections::new();
    let request =
        RestoreRequest { collections: Selection::Only(vec![name("small")]), ..RestoreRequest::all(id()) };
    block_on(restore(&store, &target, request, &Host::inline())).unwrap();
    let (gets, bytes, _) = counting.take();
    assert!(gets == 3 && bytes < 64 * 1024, "a small collection: {gets} gets, {bytes} bytes");

    block_on(restore(&store, &target, RestoreRequest::all(id()), &Host::inline())).unwrap();
    let (gets, bytes, _) = counting.take();
    assert!(gets < 12 && bytes < size + size / 100, "all: {gets} gets, {bytes} bytes of {size}");
}

#[test]
fn a_diff_reads_nothing_where_the_indexes_tell_and_else_the_blocks_that_differ() {
    let store_of = |changed: Option<usize>| {
        let counting = Arc::new(Counting::default());
        let store: Arc<dyn BlobStore> = counting.clone();
        let text = format!("\"{}\"", "m".repeat(64 << 10));
        let mut big = RecordBatch::new(1);
        for i in 0..2_400 {
            let vector = [if changed == Some(i) { 7.0 } else { number(i) }];
            let record = Record { id: &format!("{i:04}"), vector: &vector, metadata: Some(&text), extra: "" };
            big.push(record).unwrap();
        }
        let source = MemoryCollections::new();
        source.insert(&name("big"), cosine(1), &big).unwrap();
        source.insert(&name("same"), cosine(3), &records(10, 3)).unwrap();
        let size = backup(&store, &source).info.size;
        let opened = block_on(open(&store, id(), &Host::inline())).unwrap();
        counting.take();
        (counting, opened, size)
    };
    let (before, a, size) = store_of(None);
    let (after, b, _) = store_of(Some(1_234));
    let compare = |a, b| block_on(diff(a, b, DiffRequest::default(), &Host::inline())).unwrap();

    assert!(compare(&a, &a).equal);
    assert_eq!(before.take(), (0, 0, 0), "equal proofs: nothing is read");

    let report = compare(&a, &b);
    assert_eq!(
        (&*report.collections[0].changed_ids, report.collections[0].unchanged),
        (&["1234".to_owned()][..], 2_399)
    );
    for counting in [before, after] {
        let (gets, bytes, others) = counting.take();
        println!("{gets} gets, {bytes} bytes of {size}");
        // Both pages of the index, one of them again, and the block that differs.
        assert!(gets == 4 && bytes < 600 * 1024 && others == 0, "{gets} gets, {bytes} bytes of {size}");
    }
}
