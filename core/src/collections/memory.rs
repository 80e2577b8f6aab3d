//! Collections in memory: for tests, and for hosts whose collections fit there. Nothing in it is durable.
//!
//! A collection's state is an immutable generation behind an [`Arc`]: a snapshot holds on to the
//! generations of its moment, and a write or a commit puts new ones in their place.

mod restore;

use std::collections::btree_map::Entry;
use std::collections::{BTreeMap, BTreeSet};
use std::ops::Bound;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use async_trait::async_trait;

use self::restore::MemoryRestore;
use super::{
    CollectionError, CollectionErrorKind, CollectionHead, CollectionReader, CollectionSink,
    CollectionSnapshot, CollectionSource, SinkCapabilities, StagedCollection, StagedRestore,
};
use crate::format::fingerprint::Fingerprinter;
use crate::model::{CollectionConfig, CollectionName, CollectionProof, Record, RecordBatch};

/// Collections in memory. Cloning shares them.
#[derive(Clone, Debug, Default)]
pub struct MemoryCollections {
    state: Arc<Mutex<State>>,
}

#[derive(Debug, Default)]
struct State {
    live: BTreeMap<CollectionName, Arc<Generation>>,
    /// The names that restores under way hold.
    held: BTreeSet<CollectionName>,
}

impl MemoryCollections {
    /// No collections.
    pub fn new() -> Self {
        Self::default()
    }

    /// Puts a collection with these records in place of whatever had its name. Refuses an id that comes
    /// twice, and records of another dimension ([`CollectionErrorKind::Invalid`]).
    pub fn insert(
        &self,
        name: &CollectionName,
        config: CollectionConfig,
        records: &RecordBatch,
    ) -> Result<(), CollectionError> {
        let mut generation = Generation::new(config);
        generation.add(records, Duplicates::Refuse).map_err(|error| error.of(name))?;
        self.state().live.insert(name.clone(), Arc::new(generation));
        Ok(())
    }

    /// Adds records to a collection, in place of those of the same ids.
    pub fn upsert(&self, name: &CollectionName, records: &RecordBatch) -> Result<(), CollectionError> {
        let mut state = self.state();
        let live = state.live.get_mut(name).ok_or_else(|| CollectionError::not_found(name))?;
        Arc::make_mut(live).add(records, Duplicates::Replace).map_err(|error| error.of(name))
    }

    /// Removes a collection; `false` where there was none.
    pub fn remove(&self, name: &CollectionName) -> bool {
        self.state().live.remove(name).is_some()
    }

    /// The config of a collection and all its records, ascending by id.
    pub fn get(&self, name: &CollectionName) -> Option<(CollectionConfig, RecordBatch)> {
        let generation = self.state().live.get(name)?.clone();
        let mut batch = RecordBatch::new(generation.config.dimension());
        generation.records().for_each(|record| batch.push_checked(record));
        Some((generation.config.clone(), batch))
    }

    /// Every collection's name, ascending.
    pub fn names(&self) -> Vec<CollectionName> {
        self.state().live.keys().cloned().collect()
    }

    fn state(&self) -> MutexGuard<'_, State> {
        // Every change is a single insertion or removal, so a panic elsewhere leaves nothing half done.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg_attr(not(target_family = "wasm"), async_trait)]
#[cfg_attr(target_family = "wasm", async_trait(?Send))]
impl CollectionSource for MemoryCollections {
    async fn snapshot(&self) -> Result<Box<dyn CollectionSnapshot>, CollectionError> {
        let generations = self.state().live.clone();
        let head = |(name, generation): (&CollectionName, &Arc<Generation>)| CollectionHead {
            name: name.clone(),
            config: generation.config.clone(),
            proof: Some(generation.proof),
            ordered: true,
        };
        Ok(Box::new(MemorySnapshot { heads: generations.iter().map(head).collect(), generations }))
    }
}

#[cfg_attr(not(target_family = "wasm"), async_trait)]
#[cfg_attr(target_family = "wasm", async_trait(?Send))]
impl CollectionSink for MemoryCollections {
    fn capabilities(&self) -> SinkCapabilities {
        SinkCapabilities { atomic: true, metadata_exact: true }
    }

    async fn begin(
        &self,
        plan: &[StagedCollection],
        _: u64,
    ) -> Result<Box<dyn StagedRestore>, CollectionError> {
        Ok(Box::new(MemoryRestore::begin(self, plan)?))
    }
}

struct MemorySnapshot {
    heads: Vec<CollectionHead>,
    generations: BTreeMap<CollectionName, Arc<Generation>>,
}

#[cfg_attr(not(target_family = "wasm"), async_trait)]
#[cfg_attr(target_family = "wasm", async_trait(?Send))]
impl CollectionSnapshot for MemorySnapshot {
    fn collections(&self) -> &[CollectionHead] {
        &self.heads
    }

    async fn read(&self, name: &CollectionName) -> Result<Box<dyn CollectionReader>, CollectionError> {
        let generation = self.generations.get(name).ok_or_else(|| CollectionError::not_found(name))?;
        Ok(Box::new(MemoryReader::new(generation.clone())))
    }
}

struct MemoryReader {
    generation: Arc<Generation>,
    /// The id that was read last.
    last: Option<String>,
}

impl MemoryReader {
    fn new(generation: Arc<Generation>) -> Self {
        Self { generation, last: None }
    }
}

#[cfg_attr(not(target_family = "wasm"), async_trait)]
#[cfg_attr(target_family = "wasm", async_trait(?Send))]
impl CollectionReader for MemoryReader {
    async fn next(&mut self, mut batch: RecordBatch) -> Result<RecordBatch, CollectionError> {
        batch.reset(self.generation.config.dimension());
        for record in self.generation.records_after(self.last.as_deref()) {
            batch.push_checked(record);
            if batch.is_full() {
                break;
            }
        }
        if let Some(last) = batch.len().checked_sub(1) {
            self.last = Some(batch.record(last).id.to_owned());
        }
        Ok(batch)
    }
}

/// A collection at one moment.
#[derive(Clone, Debug)]
struct Generation {
    config: CollectionConfig,
    records: BTreeMap<String, StoredRecord>,
    proof: CollectionProof,
}

#[derive(Clone, Debug)]
struct StoredRecord {
    vector: Box<[f32]>,
    metadata: Option<Box<str>>,
    extra: Box<str>,
}

/// What becomes of a record whose id is there already.
#[derive(Clone, Copy, PartialEq)]
enum Duplicates {
    Refuse,
    Replace,
}

impl Generation {
    fn new(config: CollectionConfig) -> Self {
        Self { config, records: BTreeMap::new(), proof: CollectionProof::EMPTY }
    }

    fn records(&self) -> impl Iterator<Item = Record<'_>> {
        self.records_after(None)
    }

    fn records_after(&self, id: Option<&str>) -> impl Iterator<Item = Record<'_>> {
        let start = id.map_or(Bound::Unbounded, Bound::Excluded);
        self.records.range::<str, _>((start, Bound::Unbounded)).map(|(id, record)| record.with_id(id))
    }

    /// Adds a batch whole, or up to the first record that is refused.
    fn add(&mut self, batch: &RecordBatch, duplicates: Duplicates) -> Result<(), CollectionError> {
        let (expected, found) = (self.config.dimension(), batch.dimension());
        if found != expected && !batch.is_empty() {
            let message = format!("its dimension is {expected}; the records have {found} numbers");
            return Err(CollectionError::new(CollectionErrorKind::Invalid, message));
        }
        let mut fingerprinter = Fingerprinter::new();
        let mut proof_of =
            |record: Record<'_>| CollectionProof { count: 1, fingerprint: fingerprinter.record(record) };
        for record in batch.records() {
            match self.records.entry(record.id.to_owned()) {
                Entry::Vacant(entry) => drop(entry.insert(StoredRecord::of(record))),
                Entry::Occupied(mut entry) if duplicates == Duplicates::Replace => {
                    let old = entry.insert(StoredRecord::of(record));
                    self.proof = self.proof.minus(proof_of(old.with_id(record.id)));
                }
                Entry::Occupied(entry) => {
                    let message =
                        format!("two records have the id \"{}\"", crate::error::excerpt(entry.key()));
                    return Err(CollectionError::new(CollectionErrorKind::Invalid, message));
                }
            }
            self.proof = self.proof.plus(proof_of(record));
        }
        Ok(())
    }
}

impl StoredRecord {
    fn of(record: Record<'_>) -> Self {
        Self {
            vector: record.vector.into(),
            metadata: record.metadata.map(Into::into),
            extra: record.extra.into(),
        }
    }

    fn with_id<'a>(&'a self, id: &'a str) -> Record<'a> {
        Record { id, vector: &self.vector, metadata: self.metadata.as_deref(), extra: &self.extra }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::conformance::CollectionSuite;
    use crate::model::Metric;

    #[test]
    fn they_keep_the_contract() {
        let collections = MemoryCollections::new();
        let suite = CollectionSuite::new(&collections, &collections);
        futures_executor::block_on(suite.run()).unwrap();
        // What the first run left behind is no obstacle.
        futures_executor::block_on(suite.run()).unwrap();
    }

    #[test]
    fn an_upsert_replaces_records_of_the_same_ids_and_their_share_of_the_proof() {
        let collections = MemoryCollections::new();
        let name = CollectionName::parse("docs").unwrap();
        let config = CollectionConfig::new(1, Metric::Cosine).unwrap();
        let batch = |records: &[(&str, f32)]| {
            let mut batch = RecordBatch::new(1);
            for (id, number) in records {
                batch.push(Record { id, vector: &[*number], metadata: None, extra: "" }).unwrap();
            }
            batch
        };
        collections.insert(&name, config.clone(), &batch(&[("b", 1.0), ("a", 2.0)])).unwrap();
        collections.upsert(&name, &batch(&[("c", 4.0), ("b", 3.0)])).unwrap();

        let expected = batch(&[("a", 2.0), ("b", 3.0), ("c", 4.0)]);
        assert_eq!(collections.get(&name), Some((config.clone(), expected.clone())));
        let snapshot = futures_executor::block_on(collections.snapshot()).unwrap();
        let proof = crate::format::fingerprint::of_batch(&expected);
        assert_eq!(snapshot.collections()[0].proof, Some(proof));

        let twice = collections.insert(&name, config, &batch(&[("a", 1.0), ("a", 2.0)]));
        assert_eq!(twice.unwrap_err().kind(), CollectionErrorKind::Invalid);
        assert!(collections.remove(&name) && collections.names().is_empty());
    }
}
