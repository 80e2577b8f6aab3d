//! What is restored, and what is read again.

use super::CollectionSuite;
use super::records::{Sample, Samples, batch_of, same_records, samples};
use super::steps::{DIMENSION, Fixture, are_live, drain, restore, stage, write};
use crate::conformance::expect::{Outcome, Succeeds, equal, holds};
use crate::format::limits::{
    BLOCK_WEIGHT, MAX_DIMENSION, MAX_ID_BYTES, MAX_NAME_BYTES, MAX_RECORD_BYTES, WEIGHT_PER_NUMBER,
};

pub(super) async fn every_bit_and_byte_comes_back(suite: &CollectionSuite<'_>) -> Outcome {
    let fixture = Fixture::new("content", DIMENSION, samples(1, 500, DIMENSION))?;
    restore(suite, &[&fixture]).await?;
    are_live(suite, &[&fixture]).await
}

pub(super) async fn what_is_staged_reads_back_before_the_commit(suite: &CollectionSuite<'_>) -> Outcome {
    let one = Fixture::new("read back 1", DIMENSION, samples(1, 250, DIMENSION))?;
    let other = Fixture::new("read back 2", 3, samples(2, 10, 3))?;
    let exact = suite.sink.capabilities().metadata_exact;
    let mut staged = stage(suite, &[&one, &other]).await?;
    // Twice: a proof that is retried must see the same.
    for (index, fixture) in [(0, &one), (1, &other), (0, &one)] {
        let mut reader = staged.read_back(index).await.succeeds("read back")?;
        let (seen, _) = drain(&mut *reader, fixture.config.dimension(), false).await?;
        same_records("what was staged", &seen, &fixture.records, exact)?;
    }
    staged.commit().await.succeeds("commit after reading back")?;
    are_live(suite, &[&one, &other]).await
}

pub(super) async fn a_collection_may_be_empty(suite: &CollectionSuite<'_>) -> Outcome {
    let empty = Fixture::new("empty", DIMENSION, Samples::new())?;
    let mut staged = stage(suite, &[&empty]).await?;
    let mut reader = staged.read_back(0).await.succeeds("read back nothing")?;
    equal("records read back", drain(&mut *reader, DIMENSION, true).await?.0.len(), 0)?;
    drop(reader);
    staged.commit().await.succeeds("commit an empty collection")?;
    are_live(suite, &[&empty]).await
}

pub(super) async fn the_largest_record_comes_back(suite: &CollectionSuite<'_>) -> Outcome {
    let name = "n".repeat(MAX_NAME_BYTES - "conformance ".len());
    let room = MAX_RECORD_BYTES - WEIGHT_PER_NUMBER * MAX_DIMENSION - MAX_ID_BYTES;
    let sample = Sample {
        bits: (0..MAX_DIMENSION as u32).map(|number| (number as f32).to_bits()).collect(),
        metadata: Some(format!("\"{}\"", "m".repeat(room - 2))),
        extra: String::new(),
    };
    let records = Samples::from([("i".repeat(MAX_ID_BYTES), sample)]);
    let fixture = Fixture::new(&name, MAX_DIMENSION, records)?;
    let weight = batch_of(MAX_DIMENSION, &fixture.records)?.weight();
    equal("the weight of the largest record", weight, MAX_RECORD_BYTES)?;
    restore(suite, &[&fixture]).await?;
    are_live(suite, &[&fixture]).await?;
    // Its room is given back: what replaces it is small.
    let small = Fixture::new(&name, 1, Samples::new())?;
    restore(suite, &[&small]).await
}

pub(super) async fn records_may_come_in_any_order(suite: &CollectionSuite<'_>) -> Outcome {
    let fixture = Fixture::new("unordered", DIMENSION, samples(1, 500, DIMENSION))?;
    let mut staged = suite.sink.begin(&[fixture.staged(false)], 1 << 20).await.succeeds("begin a restore")?;
    // Descending, then the rest from the middle up: no order that a batch could put right.
    let middle = fixture.records.keys().nth(250).cloned().unwrap_or_default();
    write(&mut *staged, 0, DIMENSION, fixture.records.range(..middle.clone()).rev()).await?;
    write(&mut *staged, 0, DIMENSION, fixture.records.range(middle..)).await?;
    let mut reader = staged.read_back(0).await.succeeds("read back")?;
    let exact = suite.sink.capabilities().metadata_exact;
    same_records(
        "what was staged",
        &drain(&mut *reader, DIMENSION, false).await?.0,
        &fixture.records,
        exact,
    )?;
    drop(reader);
    staged.commit().await.succeeds("commit")?;
    are_live(suite, &[&fixture]).await
}

pub(super) async fn many_batches_make_one_collection(suite: &CollectionSuite<'_>) -> Outcome {
    let fixture = Fixture::new("many batches", 256, samples(1, 1_000, 256))?;
    let weight = 1_000 * 256 * WEIGHT_PER_NUMBER;
    holds("the records fill several blocks", weight > 4 * BLOCK_WEIGHT)?;
    restore(suite, &[&fixture]).await?;
    are_live(suite, &[&fixture]).await
}
