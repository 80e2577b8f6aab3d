//! How fast the embedded collections are: 100,000 x 384 through the traits that create and restore use,
//! beside the same bytes put into the engine with nothing around them.
//!
//! `cargo run --release -p vecvault --example collections_speed [RECORDS] [ROUNDS]`; rounds are
//! interleaved, and the medians are what to compare. The directory is made in the system's temporary
//! directory (`TMPDIR`) and removed.

use std::error::Error;
use std::ops::Bound;
use std::path::Path;
use std::time::Instant;

use redb::{Database, ReadableDatabase, ReadableTable, TableDefinition};
use vecvault::collections::Collections;
use vecvault_core::{
    CollectionConfig, CollectionName, CollectionSink, CollectionSource, Metric, Record, RecordBatch,
    StagedCollection,
};

const DIMENSION: usize = 384;
const RAW: TableDefinition<'_, &[u8], &[u8]> = TableDefinition::new("raw");

type Result<T> = std::result::Result<T, Box<dyn Error>>;

#[tokio::main]
async fn main() -> Result<()> {
    let mut args = std::env::args().skip(1);
    let records = args.next().map_or(Ok(100_000), |text| text.parse())?;
    let rounds = args.next().map_or(Ok(3), |text| text.parse())?;
    let batches = batches(records)?;
    let bytes: usize = batches.iter().map(stored_bytes).sum();
    println!("{records} x {DIMENSION}, {} MB of ids, vectors and metadata", bytes / 1_000_000);
    let mut measured: Vec<(&str, Vec<f64>)> = Vec::new();
    for _ in 0..rounds {
        let directory = tempfile::tempdir()?;
        let mut times = raw(directory.path(), &batches)?;
        times.extend(through_the_traits(directory.path(), &batches).await?);
        for (what, seconds) in times {
            match measured.iter_mut().find(|(name, _)| *name == what) {
                Some((_, all)) => all.push(seconds),
                None => measured.push((what, vec![seconds])),
            }
        }
    }
    for (what, mut all) in measured {
        all.sort_by(f64::total_cmp);
        let [least, median, most] = [0, all.len() / 2, all.len() - 1].map(|at| all[at] * 1e3);
        println!("{what:<34} median {median:>9.2} ms, least {least:>9.2}, most {most:>9.2}");
    }
    Ok(())
}

/// The same bytes in values of a chunk's size, with the engine alone.
fn raw(directory: &Path, batches: &[RecordBatch]) -> Result<Vec<(&'static str, f64)>> {
    let values: Vec<u8> =
        batches.iter().flat_map(|batch| batch.vectors()).flat_map(|x| x.to_le_bytes()).collect();
    let extra: usize = batches.iter().map(stored_bytes).sum::<usize>() - values.len();
    let values = [values, vec![b'x'; extra]].concat();
    let database = Database::builder().set_cache_size(64 << 20).create(directory.join("raw.redb"))?;
    let load = Instant::now();
    let mut key = 0_u64;
    for transaction_bytes in values.chunks(16 << 20) {
        let mut transaction = database.begin_write()?;
        transaction.set_quick_repair(true);
        {
            let mut table = transaction.open_table(RAW)?;
            let mut cursor = table.upper_bound_mut(Bound::<&[u8]>::Unbounded)?;
            for value in transaction_bytes.chunks((256 << 10) - 512) {
                cursor.insert_before(&key.to_be_bytes()[..], value)?;
                key += 1;
            }
            cursor.close()?;
        }
        transaction.commit()?;
    }
    let load = load.elapsed().as_secs_f64();
    let scan = Instant::now();
    let mut copy = Vec::new();
    for entry in database.begin_read()?.open_table(RAW)?.iter()? {
        copy.clear();
        copy.extend_from_slice(entry?.1.value());
    }
    Ok(vec![("engine alone: load", load), ("engine alone: scan and copy", scan.elapsed().as_secs_f64())])
}

async fn through_the_traits(directory: &Path, batches: &[RecordBatch]) -> Result<Vec<(&'static str, f64)>> {
    let collections = Collections::open(&directory.join("data"))?;
    let name = CollectionName::parse("docs")?;
    let mut times = Vec::new();
    for (ordered, what) in [(true, "restore in order, committed"), (false, "restore in no order, committed")]
    {
        let config = CollectionConfig::new(DIMENSION, Metric::Cosine)?;
        let plan = [StagedCollection { name: name.clone(), config, proof: None, ordered }];
        let start = Instant::now();
        let mut restore = collections.begin(&plan, 0).await?;
        let mut batch = RecordBatch::new(DIMENSION);
        for at in 0..batches.len() {
            // A step that shares no factor with most counts: every batch once, in no order.
            let at = if ordered { at } else { at * 7919 % batches.len() };
            batch.reset(DIMENSION);
            batch.extend_from(&batches[at], 0..batches[at].len());
            batch = restore.write(0, batch).await?;
        }
        let staged = start.elapsed().as_secs_f64();
        if ordered {
            times.push(("restore in order, staged", staged));
        }
        restore.commit().await?;
        times.push((what, start.elapsed().as_secs_f64()));
        if ordered {
            collections.sweep().await;
        }
    }
    let sweep = Instant::now();
    let mut slowest = 0_f64;
    for at in 0..10 {
        let mut one = RecordBatch::new(DIMENSION);
        one.extend_from(&batches[at % batches.len()], 0..1);
        let start = Instant::now();
        collections.upsert(&name, one).await?;
        slowest = slowest.max(start.elapsed().as_secs_f64());
    }
    times.push(("upsert during sweep, slowest of 10", slowest));
    collections.sweep().await;
    times.push(("sweep of old records and runs", sweep.elapsed().as_secs_f64()));
    let start = Instant::now();
    let mut reader = collections.snapshot().await?.read(&name).await?;
    let mut batch = RecordBatch::new(DIMENSION);
    let mut count = 0;
    loop {
        batch = reader.next(batch).await?;
        if batch.is_empty() {
            break;
        }
        count += batch.len();
    }
    times.push(("snapshot scan", start.elapsed().as_secs_f64()));
    assert_eq!(count, batches.iter().map(RecordBatch::len).sum::<usize>());

    let start = Instant::now();
    collections.page(&name, count as u64 - 10, 10, usize::MAX).await?;
    times.push(("page at the end", start.elapsed().as_secs_f64()));
    for (what, records) in [("upsert of 1 record", 1), ("upsert of 100 anywhere", 100)] {
        let mut some = RecordBatch::new(DIMENSION);
        for at in 0..records {
            some.extend_from(&batches[at * 7919 % batches.len()], 0..1);
        }
        let start = Instant::now();
        collections.upsert(&name, some).await?;
        times.push((what, start.elapsed().as_secs_f64()));
    }
    Ok(times)
}

/// Records in ascending order, in batches of a block each.
fn batches(records: usize) -> Result<Vec<RecordBatch>> {
    let mut batches = vec![RecordBatch::new(DIMENSION)];
    let mut random = 1_u64;
    for number in 0..records {
        let vector: [f32; DIMENSION] = std::array::from_fn(|_| {
            random = random.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
            (random >> 40) as f32 / (1 << 23) as f32 - 1.0
        });
        let metadata =
            format!("{{\"source\":\"file-{number}.md\",\"text\":\"{}\"}}", "lorem ipsum ".repeat(13));
        let id = format!("document-{number:012}-chunk-000");
        if batches[batches.len() - 1].is_full() {
            batches.push(RecordBatch::new(DIMENSION));
        }
        let last = batches.len() - 1;
        batches[last].push(Record { id: &id, vector: &vector, metadata: Some(&metadata), extra: "" })?;
    }
    Ok(batches)
}

fn stored_bytes(batch: &RecordBatch) -> usize {
    batch.weight() - batch.vectors().len() * 8
}
