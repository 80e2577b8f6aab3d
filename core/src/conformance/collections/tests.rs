//! The suite notices collections that break their contracts: each of these breaks one point of them.

use std::collections::BTreeSet;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

use async_trait::async_trait;
use futures_executor::block_on;

use super::CollectionSuite;
use crate::collections::{
    CollectionError, CollectionErrorKind, CollectionHead, CollectionReader, CollectionSink,
    CollectionSnapshot, CollectionSource, MemoryCollections, SinkCapabilities, StagedCollection,
    StagedRestore,
};
use crate::model::{CollectionName, Record, RecordBatch};

#[derive(Clone, Copy, Debug, PartialEq)]
enum Fault {
    None,
    CommitOnAbort,
    CommitOnDrop,
    CommitTheFirstFifty,
    DropEmptyCollections,
    ForgetTheTenthBatch,
    KeepTheFirstOfTwoIds,
    LetTwoRestoreAtOnce,
    ListInReverse,
    MergeOnCommit,
    OneReaderAtATime,
    ReadBackNothing,
    ReadWhatIsLiveNow,
    RefuseDisorder,
    ReplaceMinusZero,
    ShortenLongTexts,
    ShowWhatIsStaged,
    SweepByPrefix,
    YieldNothingForWhatIsAbsent,
}

/// Collections in memory that stage in their own way.
#[derive(Clone)]
struct Faulty {
    fault: Fault,
    live: MemoryCollections,
    held: Arc<Mutex<BTreeSet<CollectionName>>>,
    readers: Arc<AtomicUsize>,
}

impl Faulty {
    fn new(fault: Fault) -> Self {
        Self { fault, live: MemoryCollections::new(), held: Arc::default(), readers: Arc::default() }
    }

    fn has(&self, fault: Fault) -> bool {
        self.fault == fault
    }

    fn put(&self, staged: &StagedCollection, records: &RecordBatch) -> Result<(), CollectionError> {
        if records.is_empty() && self.has(Fault::DropEmptyCollections) {
            return Ok(());
        }
        let old = self.live.get(&staged.name).filter(|_| self.has(Fault::MergeOnCommit));
        self.live.insert(&staged.name, staged.config.clone(), records)?;
        match old {
            Some((_, old)) if old.dimension() == records.dimension() => {
                let mut gone = RecordBatch::new(old.dimension());
                let is_gone = |record: &Record<'_>| records.records().all(|new| new.id != record.id);
                old.records().filter(is_gone).for_each(|record| gone.push_checked(record));
                self.live.upsert(&staged.name, &gone)
            }
            _ => Ok(()),
        }
    }
}

#[cfg_attr(not(target_family = "wasm"), async_trait)]
#[cfg_attr(target_family = "wasm", async_trait(?Send))]
impl CollectionSource for Faulty {
    async fn snapshot(&self) -> Result<Box<dyn CollectionSnapshot>, CollectionError> {
        let inner = self.live.snapshot().await?;
        let mut heads = inner.collections().to_vec();
        if self.has(Fault::ListInReverse) {
            heads.reverse();
        }
        Ok(Box::new(FaultySnapshot { of: self.clone(), inner, heads }))
    }
}

struct FaultySnapshot {
    of: Faulty,
    inner: Box<dyn CollectionSnapshot>,
    heads: Vec<CollectionHead>,
}

#[cfg_attr(not(target_family = "wasm"), async_trait)]
#[cfg_attr(target_family = "wasm", async_trait(?Send))]
impl CollectionSnapshot for FaultySnapshot {
    fn collections(&self) -> &[CollectionHead] {
        &self.heads
    }

    async fn read(&self, name: &CollectionName) -> Result<Box<dyn CollectionReader>, CollectionError> {
        let inner = match self.of.fault {
            Fault::ReadWhatIsLiveNow => self.of.live.snapshot().await?.read(name).await?,
            Fault::YieldNothingForWhatIsAbsent if self.heads.iter().all(|head| head.name != *name) => {
                let nothing = MemoryCollections::new();
                nothing.insert(
                    name,
                    self.heads[0].config.clone(),
                    &RecordBatch::new(self.heads[0].config.dimension()),
                )?;
                nothing.snapshot().await?.read(name).await?
            }
            _ => self.inner.read(name).await?,
        };
        if self.of.readers.fetch_add(1, Ordering::Relaxed) > 0 && self.of.has(Fault::OneReaderAtATime) {
            self.of.readers.fetch_sub(1, Ordering::Relaxed);
            return Err(CollectionError::new(CollectionErrorKind::Busy, "someone else reads").of(name));
        }
        Ok(Box::new(FaultyReader { of: self.of.clone(), inner }))
    }
}

struct FaultyReader {
    of: Faulty,
    inner: Box<dyn CollectionReader>,
}

#[cfg_attr(not(target_family = "wasm"), async_trait)]
#[cfg_attr(target_family = "wasm", async_trait(?Send))]
impl CollectionReader for FaultyReader {
    async fn next(&mut self, batch: RecordBatch) -> Result<RecordBatch, CollectionError> {
        self.inner.next(batch).await
    }
}

impl Drop for FaultyReader {
    fn drop(&mut self) {
        self.of.readers.fetch_sub(1, Ordering::Relaxed);
    }
}

#[cfg_attr(not(target_family = "wasm"), async_trait)]
#[cfg_attr(target_family = "wasm", async_trait(?Send))]
impl CollectionSink for Faulty {
    fn capabilities(&self) -> SinkCapabilities {
        self.live.capabilities()
    }

    async fn begin(
        &self,
        plan: &[StagedCollection],
        _: u64,
    ) -> Result<Box<dyn StagedRestore>, CollectionError> {
        let mut held = self.held.lock().unwrap();
        if let Some(staged) = plan.iter().find(|staged| held.contains(&staged.name))
            && !self.has(Fault::LetTwoRestoreAtOnce)
        {
            return Err(
                CollectionError::new(CollectionErrorKind::Busy, "it is being restored").of(&staged.name)
            );
        }
        held.extend(plan.iter().map(|staged| staged.name.clone()));
        let records = plan.iter().map(|staged| RecordBatch::new(staged.config.dimension())).collect();
        Ok(Box::new(FaultyRestore {
            of: self.clone(),
            plan: plan.to_vec(),
            records,
            writes: 0,
            ended: false,
        }))
    }
}

struct FaultyRestore {
    of: Faulty,
    plan: Vec<StagedCollection>,
    records: Vec<RecordBatch>,
    writes: usize,
    ended: bool,
}

impl FaultyRestore {
    fn add(&mut self, collection: usize, record: Record<'_>) -> Result<(), CollectionError> {
        let (fault, name, records) =
            (self.of.fault, &self.plan[collection].name, &mut self.records[collection]);
        let last = records.len().checked_sub(1).map(|last| records.record(last).id);
        if fault == Fault::RefuseDisorder && last.is_some_and(|last| last > record.id) {
            return Err(CollectionError::new(CollectionErrorKind::Invalid, "not in order").of(name));
        }
        // What refuses an id that comes twice is the collection in memory, later.
        if fault == Fault::KeepTheFirstOfTwoIds && records.records().any(|old| old.id == record.id) {
            return Ok(());
        }
        let mut vector = record.vector.to_vec();
        if fault == Fault::ReplaceMinusZero {
            vector.iter_mut().filter(|number| **number == 0.0).for_each(|number| *number = 0.0);
        }
        let shortened =
            record.metadata.filter(|text| fault == Fault::ShortenLongTexts && text.len() > 1 << 20);
        let metadata = shortened.map(|text| format!("{}\"", &text[..1 << 20]));
        records.push_checked(Record {
            vector: &vector,
            metadata: metadata.as_deref().or(record.metadata),
            ..record
        });
        Ok(())
    }

    fn publish(&mut self) -> Result<(), CollectionError> {
        let most = if self.of.has(Fault::CommitTheFirstFifty) { 50 } else { usize::MAX };
        for (staged, records) in self.plan.iter().zip(&self.records).take(most) {
            self.of.put(staged, records).map_err(|error| error.of(&staged.name))?;
            if self.of.has(Fault::SweepByPrefix) {
                for name in self.of.live.names() {
                    let begins_alike = name.as_str().starts_with(staged.name.as_str());
                    if begins_alike && self.plan.iter().all(|staged| staged.name != name) {
                        self.of.live.remove(&name);
                    }
                }
            }
        }
        Ok(())
    }
}

#[cfg_attr(not(target_family = "wasm"), async_trait)]
#[cfg_attr(target_family = "wasm", async_trait(?Send))]
impl StagedRestore for FaultyRestore {
    async fn write(
        &mut self,
        collection: usize,
        mut batch: RecordBatch,
    ) -> Result<RecordBatch, CollectionError> {
        self.writes += 1;
        if !(self.writes == 10 && self.of.has(Fault::ForgetTheTenthBatch)) {
            batch.records().try_for_each(|record| self.add(collection, record))?;
        }
        if self.of.has(Fault::ShowWhatIsStaged) {
            self.publish()?;
        }
        batch.truncate(0);
        Ok(batch)
    }

    async fn read_back(&mut self, collection: usize) -> Result<Box<dyn CollectionReader>, CollectionError> {
        let (staged, staging) = (&self.plan[collection], MemoryCollections::new());
        let nothing = RecordBatch::new(staged.config.dimension());
        let records = if self.of.has(Fault::ReadBackNothing) { &nothing } else { &self.records[collection] };
        staging.insert(&staged.name, staged.config.clone(), records)?;
        staging.snapshot().await?.read(&staged.name).await
    }

    async fn commit(mut self: Box<Self>) -> Result<(), CollectionError> {
        self.ended = true;
        self.publish()
    }

    async fn abort(mut self: Box<Self>) -> Result<(), CollectionError> {
        self.ended = true;
        if self.of.has(Fault::CommitOnAbort) { self.publish() } else { Ok(()) }
    }
}

impl Drop for FaultyRestore {
    fn drop(&mut self) {
        if !self.ended && self.of.has(Fault::CommitOnDrop) {
            self.publish().unwrap();
        }
        let mut held = self.of.held.lock().unwrap();
        held.retain(|name| self.plan.iter().all(|staged| staged.name != *name));
    }
}

#[test]
fn every_broken_promise_is_noticed_by_the_check_of_its_name() {
    for (fault, check) in [
        (Fault::CommitOnAbort, "an_abort_leaves_nothing"),
        (Fault::CommitOnDrop, "a_dropped_restore_leaves_nothing"),
        (Fault::CommitTheFirstFifty, "a_commit_makes_many_collections_live_together"),
        (Fault::DropEmptyCollections, "a_collection_may_be_empty"),
        (Fault::ForgetTheTenthBatch, "many_batches_make_one_collection"),
        (Fault::KeepTheFirstOfTwoIds, "an_id_that_comes_twice_is_refused"),
        (Fault::LetTwoRestoreAtOnce, "a_collection_is_restored_by_one_at_a_time"),
        (Fault::ListInReverse, "names_ascend_and_heads_tell_what_readers_yield"),
        (Fault::MergeOnCommit, "a_commit_replaces_records_and_config"),
        (Fault::OneReaderAtATime, "readers_are_independent"),
        (Fault::ReadBackNothing, "what_is_staged_reads_back_before_the_commit"),
        (Fault::ReadWhatIsLiveNow, "a_snapshot_stays_as_of_its_moment"),
        (Fault::RefuseDisorder, "records_may_come_in_any_order"),
        (Fault::ReplaceMinusZero, "every_bit_and_byte_comes_back"),
        (Fault::ShortenLongTexts, "the_largest_record_comes_back"),
        (Fault::ShowWhatIsStaged, "what_is_staged_is_invisible_until_the_commit"),
        (Fault::SweepByPrefix, "other_collections_stay_as_they_are"),
        (Fault::YieldNothingForWhatIsAbsent, "what_is_absent_is_not_found"),
    ] {
        let collections = Faulty::new(fault);
        let failure = block_on(CollectionSuite::new(&collections, &collections).run()).expect_err("a fault");
        assert_eq!(failure.check, check, "{fault:?}: {failure}");
    }
    let sound = Faulty::new(Fault::None);
    block_on(CollectionSuite::new(&sound, &sound).run()).unwrap();
}

#[test]
fn the_names_of_the_checks_are_all_different_and_each_has_its_fault() {
    let mut names: Vec<_> = CollectionSuite::checks().collect();
    names.sort_unstable();
    assert!(names.is_sorted_by(|a, b| a < b));
    assert_eq!(names.len(), 18, "a check more needs a fault that it notices");
}
