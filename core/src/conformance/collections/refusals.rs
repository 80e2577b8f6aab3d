//! What a sink must not take.

use super::CollectionSuite;
use super::records::{batch_of, samples};
use super::steps::{DIMENSION, Fixture, are_live, refused, restore, stage};
use crate::collections::{CollectionError, CollectionErrorKind, StagedRestore};
use crate::conformance::expect::{Outcome, Succeeds, equal};
use crate::model::RecordBatch;

pub(super) async fn an_id_that_comes_twice_is_refused(suite: &CollectionSuite<'_>) -> Outcome {
    let fixture = Fixture::new("duplicates", DIMENSION, samples(1, 150, DIMENSION))?;
    restore(suite, &[&fixture]).await?;
    let first = fixture.records.iter().take(1);
    let in_one_batch = vec![batch_of(DIMENSION, first.clone().chain(first.clone()))?];
    let last = batch_of(DIMENSION, fixture.records.iter().skip(149))?;
    let in_two_batches = vec![batch_of(DIMENSION, &fixture.records)?, last];
    for batches in [in_one_batch, in_two_batches] {
        for (ordered, reads_back) in [(true, true), (true, false), (false, true), (false, false)] {
            let plan = [fixture.staged(ordered)];
            let staged = suite.sink.begin(&plan, 1 << 20).await.succeeds("begin a restore")?;
            let committed = write_and_commit(staged, &batches, reads_back).await;
            let error = refused("a restore of an id twice", committed, CollectionErrorKind::Invalid)?;
            equal("the error's collection", error.collection(), Some(&fixture.name))?;
            are_live(suite, &[&fixture]).await?;
        }
    }
    Ok(())
}

/// A restore to its end: a sink may refuse records when it gets them or when it has put them in order.
async fn write_and_commit(
    mut staged: Box<dyn StagedRestore>,
    batches: &[RecordBatch],
    reads_back: bool,
) -> Result<(), CollectionError> {
    for batch in batches {
        staged.write(0, batch.clone()).await?;
    }
    if reads_back {
        staged.read_back(0).await?;
        // Whoever reads back trusts what is read: the refusal must not come later than here.
        return Ok(());
    }
    staged.commit().await
}

pub(super) async fn a_collection_is_restored_by_one_at_a_time(suite: &CollectionSuite<'_>) -> Outcome {
    let (one, other) =
        (Fixture::new("busy 1", 1, samples(1, 5, 1))?, Fixture::new("busy 2", 1, samples(2, 5, 1))?);
    let third = Fixture::new("busy 3", 1, samples(3, 5, 1))?;
    let first = stage(suite, &[&one, &other]).await?;
    let second = suite.sink.begin(&[third.staged(true), other.staged(true)], 0).await;
    let error = refused("a second restore of a collection", second, CollectionErrorKind::Busy)?;
    equal("the error's collection", error.collection(), Some(&other.name))?;
    // The refused restore holds nothing, and one of other collections goes on beside the first.
    restore(suite, &[&third]).await?;
    first.commit().await.succeeds("commit")?;
    are_live(suite, &[&one, &other, &third]).await?;
    // A restore that has ended, one way or the other, lets go of its collections.
    stage(suite, &[&one]).await?.abort().await.succeeds("abort")?;
    restore(suite, &[&one, &other]).await?;
    drop(stage(suite, &[&one]).await?);
    are_live(suite, &[&one, &other]).await
}
