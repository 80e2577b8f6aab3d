//! Whole verbs in memory, on one thread and on two: no file, no engine.

mod discard;

use std::hint::black_box;
use std::sync::Arc;
use std::time::Instant;

use chrono::Utc;
use futures_executor::block_on;
use vecvault::ThreadPool;
use vecvault_core::format::float::Tier;
use vecvault_core::{
    BackupId, BackupName, BlobStore, BlobStoreExt, CollectionConfig, CollectionName, CreateRequest, Host,
    MemoryBlobStore, MemoryCollections, Metric, RecordBatch, Selection, Silent, VerifyDepth, create, verify,
};

use crate::Result;
use crate::data::{Kind, Records};
use crate::report::{Report, Table, mega, per_cent, seconds, times};
use crate::timing::{Contender, Samples, take_turns};
use crate::typed::{TypedBackup, ValueRecord, records};
use discard::DiscardingStore;

const DIMENSION: usize = 384;
const BASE: &str = "serde_json typed";

/// Collections in memory, and their backup in a store in memory.
struct Fixture {
    collections: MemoryCollections,
    store: Arc<dyn BlobStore>,
    id: BackupId,
    bytes: Vec<u8>,
    records: Vec<ValueRecord>,
}

pub(crate) fn run(quick: bool, report: &mut Report) -> Result<()> {
    let (count, rounds) = if quick { (2_000, 7) } else { (10_000, 11) };
    let fixture = Fixture::new(count)?;
    one_thread(&fixture, rounds, report)?;
    two_threads(&fixture, rounds, report)
}

impl Fixture {
    fn new(count: usize) -> Result<Self> {
        let mut all = RecordBatch::new(DIMENSION);
        for block in Records::new(Kind::Gauss, DIMENSION, None)?.blocks(count)? {
            all.extend_from(&block, 0..block.len());
        }
        let collections = MemoryCollections::new();
        let config = CollectionConfig::new(DIMENSION, Metric::Cosine)?;
        collections.insert(&CollectionName::parse("docs")?, config, &all)?;
        let store: Arc<dyn BlobStore> = Arc::new(MemoryBlobStore::new());
        let id = BackupId::new(1, [0; 10]);
        block_on(create(&*store, &collections, request(id)?, &Host::inline()))?;
        let meta = block_on(store.head(&id.key()))?;
        let bytes = block_on(store.read_range(&meta, 0..meta.size))?.to_vec();
        let parsed: TypedBackup = serde_json::from_slice(&bytes)?;
        let found: usize = parsed.data.values().map(|collection| collection.vectors.len()).sum();
        if found != count {
            return Err(format!("serde_json finds {found} records in a backup of {count}").into());
        }
        Ok(Self { collections, store, id, bytes, records: records(&all)? })
    }

    fn verify(&self, host: &Host) -> bool {
        let report = block_on(verify(&self.store, &self.id.key(), Some(self.id), VerifyDepth::Full, host));
        report.is_ok_and(|report| report.ok)
    }

    fn create(&self, request: CreateRequest, host: &Host) -> bool {
        block_on(create(&DiscardingStore, &self.collections, request, host)).is_ok()
    }
}

fn request(id: BackupId) -> Result<CreateRequest> {
    let name = BackupName::parse("bench")?;
    Ok(CreateRequest { id, name, now: Utc::now(), collections: Selection::All })
}

fn one_thread(fixture: &Fixture, rounds: usize, report: &mut Report) -> Result<()> {
    let tiers: Vec<Tier> = Tier::available().collect();
    let request = request(fixture.id)?;
    for verb in ["create", "verify"] {
        let work = || match verb {
            "create" => fixture.create(request.clone(), &Host::inline()),
            _ => fixture.verify(&Host::inline()),
        };
        let mut contenders: Vec<_> = tiers
            .iter()
            .rev()
            .map(|tier| {
                Contender::new(format!("**VecVault {verb}, {tier:?}**"), || {
                    tier.force();
                    assert!(work(), "{verb} fails");
                })
            })
            .collect();
        contenders.push(base(verb, fixture));
        let figures = take_turns(contenders, rounds);
        report.heading(&format!("{verb}, whole verb in memory, one thread"));
        let mut table = Table::new([verb, "times as fast", "spread", "MB/s", "CPU"]);
        let base = figures.last().map(|(_, samples)| samples.clone()).unwrap_or_default();
        for (name, samples) in &figures {
            let ratio = samples.times_as_long(&base);
            table.row([
                name.clone(),
                times(ratio.median),
                per_cent(ratio.spread),
                mega(fixture.bytes.len() as f64 / samples.median()),
                seconds(samples.median()),
            ]);
        }
        report.table(&table);
    }
    if let Some(best) = tiers.last() {
        best.force();
    }
    report.note(&format!(
        "{} records of {DIMENSION} numbers. Create reads the collections, encodes, hashes, reads back and fingerprints, \
         into a store that discards; serde_json writes the records into a reused buffer. Verify checks hashes, grammar, \
         order, counts and fingerprints; serde_json parses the same bytes.",
        fixture.records.len()
    ));
    Ok(())
}

fn base<'a>(verb: &str, fixture: &'a Fixture) -> Contender<'a> {
    if verb == "verify" {
        return Contender::new(format!("{BASE}, from_slice"), || {
            black_box(serde_json::from_slice::<TypedBackup>(&fixture.bytes).is_ok_and(|backup| {
                black_box(&backup);
                true
            }));
        });
    }
    let mut out = Vec::with_capacity(fixture.bytes.len());
    Contender::new(format!("{BASE}, to_writer"), move || {
        out.clear();
        black_box((serde_json::to_writer(&mut out, &fixture.records).is_ok(), &out));
    })
}

/// Wall time: what two threads are for.
fn two_threads(fixture: &Fixture, rounds: usize, report: &mut Report) -> Result<()> {
    let pools = [ThreadPool::new(Some(1))?, ThreadPool::new(Some(2))?];
    let hosts = pools.map(|workers| Host { workers, monitor: Arc::new(Silent) });
    let request = request(fixture.id)?;
    let mut create = [Samples::default(), Samples::default()];
    let mut verify = [Samples::default(), Samples::default()];
    for round in 0..=rounds {
        for (which, host) in hosts.iter().enumerate() {
            let start = Instant::now();
            let mut fine = fixture.create(request.clone(), host);
            let created = start.elapsed().as_secs_f64();
            let start = Instant::now();
            fine &= fixture.verify(host);
            if !fine {
                return Err("a verb fails on threads".into());
            }
            // The first round warms up.
            if round > 0 {
                create[which].push(created);
                verify[which].push(start.elapsed().as_secs_f64());
            }
        }
    }
    report.heading("Two threads against one, in memory");
    let mut table = Table::new(["verb", "times as fast", "best round", "spread", "one", "two"]);
    for (name, [one, two]) in [("create", create), ("verify", verify)] {
        let ratio = two.times_as_long(&one);
        table.row([
            name.to_owned(),
            times(ratio.median),
            times(one.least() / two.least()),
            per_cent(ratio.spread),
            seconds(one.median()),
            seconds(two.median()),
        ]);
    }
    report.table(&table);
    report.note(
        "Wall time, which other work on the machine disturbs; \"best round\" compares the least of each.",
    );
    Ok(())
}
