//! What goes in comes out: for arbitrary records, batches of any size, bodies in chunks of any size, on any
//! number of threads, and through any other JSON writer.
#![allow(clippy::unwrap_used, clippy::panic)] // a test that cannot go on has failed

mod common;

use std::collections::BTreeMap;
use std::sync::Arc;

use async_trait::async_trait;
use common::*;
use futures_executor::block_on;
use proptest::prelude::*;
use vecvault_core::conformance::faults::{FaultPlan, Faulty, Pace};
use vecvault_core::format::{LinesDecoder, float::Tier, read_records, write_records};
use vecvault_core::{
    BlobStore, BlobStoreExt, CollectionError, CollectionHead, CollectionName, CollectionReader,
    CollectionSnapshot, CollectionSource, Host, MemoryBlobStore, MemoryCollections, Record, RecordBatch,
    RestoreRequest, Selection, VerifyDepth, create, restore, verify,
};

/// A record's parts, without its id.
#[derive(Clone, Debug)]
struct Parts {
    vector: Vec<f32>,
    metadata: Option<String>,
    extra: String,
}

type Records = BTreeMap<String, Parts>;

/// Every finite f32, the small and the subnormal as likely as the large.
fn number() -> impl Strategy<Value = f32> {
    any::<u32>().prop_map(f32::from_bits).prop_filter("finite", |number| number.is_finite())
}

/// JSON texts, with white space and spellings that a parser would not keep.
fn json_text() -> impl Strategy<Value = String> {
    let leaf = prop_oneof![
        Just("null".to_owned()),
        Just("-0.0".to_owned()),
        any::<u64>().prop_map(|n| format!("{n}00")),
        any::<f64>().prop_filter("finite", |n| n.is_finite()).prop_map(|n| format!("{n:e}")),
        any::<String>().prop_map(|text| serde_json::to_string(&text).unwrap()),
        Just("\"\\u00e9\\ud83d\\ude00\\/\"".to_owned()),
    ];
    leaf.prop_recursive(4, 24, 4, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..4).prop_map(|items| format!("[ {}\n]", items.join(" ,"))),
            prop::collection::btree_map(any::<String>(), inner, 0..4).prop_map(|members| {
                let member = |(key, value): (&String, &String)| {
                    format!("{}\t: {value}", serde_json::to_string(key).unwrap())
                };
                format!("{{{}}}", members.iter().map(member).collect::<Vec<_>>().join(","))
            }),
        ]
    })
}

fn records(dimension: usize) -> impl Strategy<Value = Records> {
    let id =
        prop_oneof!["[a-c]{1,3}", any::<String>().prop_filter("an id", |id| (1..=256).contains(&id.len()))];
    let parts = (
        prop::collection::vec(number(), dimension),
        prop::option::of(json_text()),
        prop::option::of(json_text()),
    );
    let parts = parts.prop_map(|(vector, metadata, extra)| Parts {
        vector,
        metadata,
        extra: extra.map_or_else(String::new, |text| format!("\"é \\\"x\\\"\":{text}")),
    });
    prop::collection::btree_map(id, parts, 0..20)
}

fn batch_of<'a>(dimension: usize, records: impl IntoIterator<Item = (&'a String, &'a Parts)>) -> RecordBatch {
    let mut batch = RecordBatch::new(dimension);
    for (id, Parts { vector, metadata, extra }) in records {
        batch.push(Record { id, vector, metadata: metadata.as_deref(), extra }).unwrap();
    }
    batch
}

/// A source that yields its records in batches of given sizes, over and over.
#[derive(Clone)]
struct Batched {
    inner: MemoryCollections,
    sizes: Vec<usize>,
}

struct BatchedSnapshot {
    of: Batched,
    inner: Box<dyn CollectionSnapshot>,
}

struct BatchedReader {
    records: RecordBatch,
    at: usize,
    sizes: std::iter::Cycle<std::vec::IntoIter<usize>>,
}

#[async_trait]
impl CollectionSource for Batched {
    async fn snapshot(&self) -> Result<Box<dyn CollectionSnapshot>, CollectionError> {
        Ok(Box::new(BatchedSnapshot { of: self.clone(), inner: self.inner.snapshot().await? }))
    }
}

#[async_trait]
impl CollectionSnapshot for BatchedSnapshot {
    fn collections(&self) -> &[CollectionHead] {
        self.inner.collections()
    }

    async fn read(&self, name: &CollectionName) -> Result<Box<dyn CollectionReader>, CollectionError> {
        let records = self.of.inner.get(name).unwrap().1;
        Ok(Box::new(BatchedReader { records, at: 0, sizes: self.of.sizes.clone().into_iter().cycle() }))
    }
}

#[async_trait]
impl CollectionReader for BatchedReader {
    async fn next(&mut self, mut batch: RecordBatch) -> Result<RecordBatch, CollectionError> {
        let end = self.records.len().min(self.at + self.sizes.next().unwrap());
        batch.reset(self.records.dimension());
        (self.at..end).for_each(|index| batch.push(self.records.record(index)).unwrap());
        self.at = end;
        Ok(batch)
    }
}

/// Texts that make a block of a few records, so that every batch may end a block anywhere.
fn padded(records: &Records, padding: usize) -> Records {
    let mut records = records.clone();
    if padding > 0 {
        let text = Some(format!("\"{}\"", "p".repeat(padding)));
        records.values_mut().step_by(2).for_each(|parts| parts.metadata.clone_from(&text));
    }
    records
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 60, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn a_backup_restores_what_was_backed_up_however_it_was_batched_and_cut(
        (dimension, one) in (1usize..5).prop_flat_map(|dimension| (Just(dimension), records(dimension))),
        other in records(2),
        padding in prop_oneof![2 => Just(0), 1 => 50_000usize..300_000],
        sizes in prop::collection::vec(1usize..9, 1..5),
        (write_chunk, read_chunk) in (1usize..5_000, 1usize..5_000),
        workers in 1usize..4,
    ) {
        let source = MemoryCollections::new();
        let one = padded(&one, padding);
        source.insert(&name("one"), config(dimension, "cosine"), &batch_of(dimension, &one)).unwrap();
        source.insert(&name("other"), cosine(2), &batch_of(2, &other)).unwrap();
        let expected = contents(&source);
        // Chunks so small that a record is cut many times, but not so many that the test takes minutes.
        let (write_chunk, read_chunk) = (write_chunk.max(padding / 20), read_chunk.max(padding / 20));

        let canonical = store();
        backup(&canonical, &source);
        let inner = MemoryBlobStore::new();
        let store = Faulty::new(inner, &FaultPlan::peace()).at(Pace::in_chunks_of(write_chunk));
        let batched = Batched { inner: source, sizes };
        block_on(create(&store, &batched, request(Selection::All), &threads(workers))).unwrap();
        let meta = block_on(store.head(&id().key())).unwrap();
        let file = block_on(store.read_range(&meta, 0..meta.size)).unwrap();
        prop_assert!(file == bytes(&canonical), "the bytes depend on nothing but the records");

        let store: Arc<dyn BlobStore> = Arc::new(
            Faulty::new(MemoryBlobStore::new(), &FaultPlan::peace()).at(Pace { pending: 0, chunk: read_chunk }),
        );
        let body = Box::pin(futures_util::stream::iter([Ok(file)]));
        block_on(store.put(&id().key(), body, vecvault_core::PutMode::Create)).unwrap();
        let target = MemoryCollections::new();
        block_on(restore(&store, &target, RestoreRequest::all(id()), &threads(workers))).unwrap();
        prop_assert_eq!(contents(&target), expected);
        let report = block_on(verify(&store, &id().key(), Some(id()), VerifyDepth::Full, &Host::inline())).unwrap();
        prop_assert!(report.ok && report.records == (one.len() + other.len()) as u64);
    }

    #[test]
    fn a_block_reads_back_as_the_records_it_was_written_from(
        (dimension, records) in (1usize..40).prop_flat_map(|dimension| (Just(dimension), records(dimension))),
    ) {
        prop_assume!(!records.is_empty());
        let batch = batch_of(dimension, &records);
        for (writes, reads) in [(Tier::Portable, Tier::detect()), (Tier::detect(), Tier::Portable)] {
            let mut text = Vec::new();
            write_records(writes, &batch, &mut text).unwrap();
            let mut read = RecordBatch::new(dimension);
            read_records(reads, &text, 0, &mut read).unwrap();
            prop_assert!(read.same_bits(&batch));
        }
    }

    #[test]
    fn lines_are_read_alike_wherever_they_are_cut(records in records(3), cuts in prop::collection::vec(1usize..40, 1..20)) {
        let batch = batch_of(3, &records);
        let mut text = Vec::new();
        // A line is one record: its texts' own line breaks go.
        write_records(Tier::detect(), &batch, &mut text).unwrap();
        let lines: Vec<Vec<u8>> = (0..batch.len()).map(|index| {
            let mut line = Vec::new();
            let mut one = RecordBatch::new(3);
            one.push(batch.record(index)).unwrap();
            write_records(Tier::detect(), &one, &mut line).unwrap();
            line.iter().map(|byte| if *byte == b'\n' { b' ' } else { *byte }).collect()
        }).collect();
        let text = lines.join(&b'\n');
        let read = |mut sizes: Box<dyn Iterator<Item = usize>>| {
            let mut decoder = LinesDecoder::new();
            let (mut at, mut all) = (0, RecordBatch::new(3));
            while at < text.len() {
                let end = text.len().min(at + sizes.next().unwrap());
                decoder.feed(&text[at..end]).unwrap();
                at = end;
                decoder.take().records().for_each(|record| all.push(record).unwrap());
            }
            decoder.finish().unwrap();
            decoder.take().records().for_each(|record| all.push(record).unwrap());
            all
        };
        let whole = read(Box::new(std::iter::repeat(usize::MAX / 2)));
        prop_assert_eq!(whole.len(), records.len());
        prop_assert!(read(Box::new(cuts.into_iter().cycle())).same_bits(&whole));
    }

    #[test]
    fn what_another_writer_spells_is_read_alike_wherever_it_is_cut(
        records in records(3),
        chunk in 1usize..300,
        pretty in any::<bool>(),
    ) {
        let source = MemoryCollections::new();
        source.insert(&name("docs"), cosine(3), &batch_of(3, &records)).unwrap();
        let ours = store();
        backup(&ours, &source);
        let mut text = bytes(&ours);
        let at = text.windows(11).rposition(|w| w == b",\"vecvault\"").unwrap();
        text.truncate(at);
        text.push(b'}');
        if pretty {
            text.extend_from_slice(b" \n\t ");
        }
        let read = |chunk| {
            let store: Arc<dyn BlobStore> =
                Arc::new(Faulty::new(MemoryBlobStore::new(), &FaultPlan::peace()).at(Pace { pending: 0, chunk }));
            let body = Box::pin(futures_util::stream::iter([Ok(bytes::Bytes::from(text.clone()))]));
            block_on(store.put(&id().key(), body, vecvault_core::PutMode::Create)).unwrap();
            let target = MemoryCollections::new();
            block_on(restore(&store, &target, RestoreRequest::all(id()), &Host::inline())).unwrap();
            contents(&target)
        };
        let whole = read(0);
        prop_assert_eq!(&whole, &contents(&source));
        prop_assert_eq!(read(chunk), whole);
    }
}
