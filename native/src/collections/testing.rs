//! What the tests of these rooms share.

use tempfile::TempDir;
use vecvault_core::format::fingerprint;
use vecvault_core::{
    CollectionConfig, CollectionName, CollectionReader, CollectionSink, CollectionSnapshot, CollectionSource,
    Metric, Record, RecordBatch, StagedCollection, StagedRestore,
};

use super::schema::{CHUNKS, COUNTS, Generation, UNNAMED};
use super::{Collections, OpenOptions};

pub(super) const DIMENSION: usize = 3;

/// A store of its own directory, with buffers so small that a few hundred records cross every border.
pub(super) struct Fixture {
    pub(super) directory: TempDir,
    pub(super) collections: Collections,
}

impl Fixture {
    pub(super) fn new() -> Self {
        Self::open(tempfile::tempdir().unwrap())
    }

    pub(super) fn open(directory: TempDir) -> Self {
        let options =
            OpenOptions { transaction_bytes: 300 << 10, sort_bytes: 20 << 10, ..OpenOptions::default() };
        let collections = Collections::open_with(directory.path(), options).unwrap();
        Self { directory, collections }
    }

    pub(super) fn reopen(self) -> Self {
        drop(self.collections);
        Self::open(self.directory)
    }

    pub(super) async fn with(self, name: &str, batch: RecordBatch) -> Self {
        self.collections.create(&named(name), config(batch.dimension())).await.unwrap();
        self.collections.upsert(&named(name), batch).await.unwrap();
        self
    }

    /// All records of a live collection; checks that what is stored of it is what they add up to.
    pub(super) async fn records(&self, name: &str) -> RecordBatch {
        let snapshot = self.collections.snapshot().await.unwrap();
        let records = read(&*snapshot, name).await;
        let state = self.collections.get(&named(name)).await.unwrap();
        assert_eq!(state.head.proof, Some(fingerprint::of_batch(&records)));
        assert_eq!(state.weight, records.weight() as u64);
        records
    }

    pub(super) async fn stage(&self, plan: &[StagedCollection]) -> Box<dyn StagedRestore> {
        self.collections.begin(plan, 1 << 20).await.unwrap()
    }

    /// The generations that have chunks, and those that are listed as unnamed.
    pub(super) fn generations(&self) -> (Vec<Generation>, Vec<Generation>) {
        use redb::ReadableTable;
        let transaction = self.collections.store.engine().begin_read().unwrap();
        let counts = transaction.open_table(COUNTS).unwrap();
        let chunks = transaction.open_table(CHUNKS).unwrap();
        let counted: Vec<_> = counts.iter().unwrap().map(|entry| entry.unwrap().0.value().to_vec()).collect();
        let stored: Vec<_> = chunks.iter().unwrap().map(|entry| entry.unwrap().0.value().to_vec()).collect();
        assert_eq!(counted, stored, "chunks and counts have the same keys");
        let mut generations: Vec<_> =
            stored.iter().map(|key| u64::from_be_bytes(*key.first_chunk().unwrap())).collect();
        generations.dedup();
        let unnamed = transaction.open_table(UNNAMED).unwrap();
        (generations, unnamed.iter().unwrap().map(|entry| entry.unwrap().0.value()).collect())
    }
}

pub(super) fn named(name: &str) -> CollectionName {
    CollectionName::parse(name).unwrap()
}

pub(super) fn config(dimension: usize) -> CollectionConfig {
    CollectionConfig::new(dimension, Metric::Cosine).unwrap()
}

/// A collection of a restore's plan.
pub(super) fn staged(name: &str, ordered: bool) -> StagedCollection {
    StagedCollection { name: named(name), config: config(DIMENSION), proof: None, ordered }
}

/// Records of these numbers: about 1 KB each, with everything that a record can have.
pub(super) fn batch(numbers: impl IntoIterator<Item = u32>) -> RecordBatch {
    versions(numbers.into_iter().map(|number| (number, 0)))
}

/// Records of these numbers, whose contents depend on a version.
pub(super) fn versions(records: impl IntoIterator<Item = (u32, u32)>) -> RecordBatch {
    let mut batch = RecordBatch::new(DIMENSION);
    for (number, version) in records {
        let text = format!("{{\"v\":{version},\"t\":\"{}\"}}", "é".repeat(450));
        let record = Record {
            id: &id(number),
            vector: &[number as f32, -0.0, f32::from_bits(version + 1)],
            metadata: match number % 4 {
                0 => None,
                1 => Some("null"),
                _ => Some(&text),
            },
            extra: if number % 3 == 0 { r#""x":[1e400]"# } else { "" },
        };
        batch.push(record).unwrap();
    }
    batch
}

pub(super) fn id(number: u32) -> String {
    format!("id-{number:06}")
}

pub(super) async fn read(snapshot: &dyn CollectionSnapshot, name: &str) -> RecordBatch {
    collect(snapshot.read(&named(name)).await.unwrap()).await
}

/// All that a reader gives.
pub(super) async fn collect(mut reader: Box<dyn CollectionReader>) -> RecordBatch {
    let mut all = RecordBatch::new(DIMENSION);
    let mut batch = RecordBatch::default();
    loop {
        batch = reader.next(batch).await.unwrap();
        if batch.is_empty() {
            return all;
        }
        all.extend_from(&batch, 0..batch.len());
    }
}
