//! Success is said only after the proof: a source or a sink that lies, and a host that cancels, get an error,
//! and nothing has changed.
#![allow(clippy::unwrap_used, clippy::panic)] // a test that cannot go on has failed

mod common;

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use async_trait::async_trait;
use common::*;
use futures_executor::block_on;
use vecvault_core::{
    BlobStore, CollectionError, CollectionHead, CollectionName, CollectionReader, CollectionSink,
    CollectionSnapshot, CollectionSource, Error, ErrorKind, Host, InlineWorkers, MemoryCollections, Monitor,
    Progress, Record, RecordBatch, RestoreRequest, Selection, SinkCapabilities, StagedCollection,
    StagedRestore, create, restore,
};

/// A source that changes what it is asked for: its counts, or its records on the way.
struct LyingSource {
    truth: MemoryCollections,
    lie: fn(&mut CollectionHead),
    forge: fn(RecordBatch) -> RecordBatch,
}

struct LyingSnapshot {
    truth: Box<dyn CollectionSnapshot>,
    heads: Vec<CollectionHead>,
    forge: fn(RecordBatch) -> RecordBatch,
}

struct LyingReader {
    truth: Box<dyn CollectionReader>,
    forge: fn(RecordBatch) -> RecordBatch,
}

#[async_trait]
impl CollectionSource for LyingSource {
    async fn snapshot(&self) -> Result<Box<dyn CollectionSnapshot>, CollectionError> {
        let truth = self.truth.snapshot().await?;
        let mut heads = truth.collections().to_vec();
        heads.iter_mut().for_each(self.lie);
        Ok(Box::new(LyingSnapshot { truth, heads, forge: self.forge }))
    }
}

#[async_trait]
impl CollectionSnapshot for LyingSnapshot {
    fn collections(&self) -> &[CollectionHead] {
        &self.heads
    }

    async fn read(&self, name: &CollectionName) -> Result<Box<dyn CollectionReader>, CollectionError> {
        Ok(Box::new(LyingReader { truth: self.truth.read(name).await?, forge: self.forge }))
    }
}

#[async_trait]
impl CollectionReader for LyingReader {
    async fn next(&mut self, batch: RecordBatch) -> Result<RecordBatch, CollectionError> {
        self.truth.next(batch).await.map(self.forge)
    }
}

/// Drops the first record of a batch.
fn lose_one(batch: RecordBatch) -> RecordBatch {
    let mut less = RecordBatch::new(batch.dimension());
    batch.records().skip(1).for_each(|record| less.push(record).unwrap());
    less
}

/// Changes the lowest bit of one number.
fn flip_a_bit(batch: RecordBatch) -> RecordBatch {
    let mut other = RecordBatch::new(batch.dimension());
    for (i, record) in batch.records().enumerate() {
        let mut vector = record.vector.to_vec();
        if i == 0 {
            vector[0] = f32::from_bits(vector[0].to_bits() ^ 1);
        }
        other.push(Record { vector: &vector, ..record }).unwrap();
    }
    other
}

fn repeat_the_first(batch: RecordBatch) -> RecordBatch {
    let mut more = RecordBatch::new(batch.dimension());
    batch.records().take(1).chain(batch.records()).for_each(|record| more.push(record).unwrap());
    more
}

#[test]
fn a_source_whose_records_are_not_what_it_counts_is_not_backed_up() {
    for (forge, expected) in [
        (lose_one as fn(_) -> _, "proof failed while reading the source"),
        (flip_a_bit, "proof failed while reading the source"),
        (repeat_the_first, "two records of the id"),
    ] {
        let source = LyingSource { truth: sample(), lie: |_| {}, forge };
        let store = store();
        let error = block_on(create(&*store, &source, request(Selection::All), &Host::inline())).unwrap_err();
        assert!(error.to_string().contains(expected), "{error}");
        assert!(block_on(store.head(&id().key())).is_err(), "nothing was kept");
    }
}

#[test]
fn a_source_that_does_not_count_is_backed_up_and_one_out_of_order_is_marked() {
    let source =
        LyingSource { truth: sample(), lie: |head| (head.proof, head.ordered) = (None, false), forge: |b| b };
    let (there, here) = (store(), store());
    let summary = backup(&there, &source);
    assert_eq!(summary, backup(&here, &sample()), "order is what the records have, not what the source says");
}

/// Restores into memory, but yields other records when it is read back.
struct LyingSink {
    truth: MemoryCollections,
    forge: fn(RecordBatch) -> RecordBatch,
}

struct LyingRestore {
    truth: Box<dyn StagedRestore>,
    forge: fn(RecordBatch) -> RecordBatch,
}

#[async_trait]
impl CollectionSink for LyingSink {
    fn capabilities(&self) -> SinkCapabilities {
        self.truth.capabilities()
    }

    async fn begin(
        &self,
        plan: &[StagedCollection],
        bytes: u64,
    ) -> Result<Box<dyn StagedRestore>, CollectionError> {
        Ok(Box::new(LyingRestore { truth: self.truth.begin(plan, bytes).await?, forge: self.forge }))
    }
}

#[async_trait]
impl StagedRestore for LyingRestore {
    async fn write(&mut self, collection: usize, batch: RecordBatch) -> Result<RecordBatch, CollectionError> {
        self.truth.write(collection, batch).await
    }

    async fn read_back(&mut self, collection: usize) -> Result<Box<dyn CollectionReader>, CollectionError> {
        Ok(Box::new(LyingReader { truth: self.truth.read_back(collection).await?, forge: self.forge }))
    }

    async fn commit(self: Box<Self>) -> Result<(), CollectionError> {
        self.truth.commit().await
    }

    async fn abort(self: Box<Self>) -> Result<(), CollectionError> {
        self.truth.abort().await
    }
}

#[test]
fn what_does_not_read_back_as_it_was_written_is_not_committed() {
    let store = store();
    backup(&store, &sample());
    for forge in [lose_one as fn(_) -> _, flip_a_bit] {
        let sink = LyingSink { truth: MemoryCollections::new(), forge };
        let error = block_on(restore(&store, &sink, RestoreRequest::all(id()), &Host::inline())).unwrap_err();
        assert!(
            matches!(*error, Error::ProofFailed { during: "reading back what was restored", .. }),
            "{error}"
        );
        assert!(sink.truth.names().is_empty());
    }
}

/// Makes collections live one after the other.
struct OneByOne(MemoryCollections);

#[async_trait]
impl CollectionSink for OneByOne {
    fn capabilities(&self) -> SinkCapabilities {
        SinkCapabilities { atomic: false, ..self.0.capabilities() }
    }

    async fn begin(
        &self,
        plan: &[StagedCollection],
        bytes: u64,
    ) -> Result<Box<dyn StagedRestore>, CollectionError> {
        self.0.begin(plan, bytes).await
    }
}

#[test]
fn several_collections_are_not_restored_where_they_cannot_change_at_one_moment() {
    let store = store();
    backup(&store, &sample());
    let sink = OneByOne(MemoryCollections::new());
    let restore = |request| block_on(restore(&store, &sink, request, &Host::inline()));
    let error = restore(RestoreRequest::all(id())).unwrap_err();
    assert!(error.to_string().contains("one at a time") && sink.0.names().is_empty(), "{error}");
    let one = Selection::Only(vec![name("docs")]);
    restore(RestoreRequest { collections: one, ..RestoreRequest::all(id()) }).unwrap();
    assert_eq!(sink.0.names(), [name("docs")]);
}

/// Cancels at the n-th report.
struct CancelAt {
    at: u64,
    seen: AtomicU64,
}

impl Monitor for CancelAt {
    fn progress(&self, _: Progress) {
        self.seen.fetch_add(1, Ordering::Relaxed);
    }

    fn cancelled(&self) -> bool {
        self.seen.load(Ordering::Relaxed) >= self.at
    }
}

#[test]
fn a_verb_that_is_cancelled_at_any_report_changes_nothing() {
    let whole = store();
    backup(&whole, &sample());
    let (mut cancelled_creates, mut cancelled_restores) = (0, 0);
    for at in 1..100 {
        let cancelling = || {
            let monitor = Arc::new(CancelAt { at, seen: AtomicU64::new(0) });
            Host { workers: Arc::new(InlineWorkers), monitor }
        };
        let there: Arc<dyn BlobStore> = store();
        match block_on(create(&*there, &sample(), request(Selection::All), &cancelling())) {
            Ok(_) => assert!(block_on(there.head(&id().key())).is_ok()),
            Err(error) => {
                assert_eq!(error.kind(), ErrorKind::Cancelled);
                assert!(block_on(there.head(&id().key())).is_err());
                cancelled_creates += 1;
            }
        }
        let target = MemoryCollections::new();
        match block_on(restore(&whole, &target, RestoreRequest::all(id()), &cancelling())) {
            Ok(_) => assert_eq!(contents(&target), contents(&sample())),
            Err(error) => {
                assert_eq!(error.kind(), ErrorKind::Cancelled);
                assert!(target.names().is_empty());
                cancelled_restores += 1;
            }
        }
    }
    assert!(cancelled_creates > 5 && cancelled_restores > 5, "{cancelled_creates} {cancelled_restores}");
}
