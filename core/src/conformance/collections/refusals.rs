//! What a sink must not take.

use super::CollectionSuite;
use super::records::{batch_of, samples};
use super::steps::{DIMENSION, Fixture, are_live, refused, restore, stage};
use crate::collections::CollectionErrorKind;
use crate::conformance::expect::{Outcome, Succeeds, equal};

pub(super) async fn an_id_that_comes_twice_is_refused(suite: &CollectionSuite<'_>) -> Outcome {
    let fixture = Fixture::new("duplicates", DIMENSION, samples(1, 150, DIMENSION))?;
    restore(suite, &[&fixture]).await?;
    let first = fixture.records.iter().take(1);
    let last = fixture.records.iter().skip(149);
    // In one batch, and in another batch than the first time; announced as ordered and not.
    for ordered in [true, false] {
        let plan = [fixture.staged(ordered)];
        let mut staged = suite.sink.begin(&plan, 1 << 20).await.succeeds("begin a restore")?;
        let twice = batch_of(DIMENSION, first.clone().chain(first.clone()))?;
        refused("an id twice in a batch", staged.write(0, twice).await, CollectionErrorKind::Invalid)?;
        staged.abort().await.succeeds("abort")?;

        let mut staged = suite.sink.begin(&plan, 1 << 20).await.succeeds("begin a restore")?;
        let all = batch_of(DIMENSION, &fixture.records)?;
        staged.write(0, all).await.succeeds("write a batch")?;
        let again = batch_of(DIMENSION, last.clone())?;
        let error =
            refused("an id of an earlier batch", staged.write(0, again).await, CollectionErrorKind::Invalid)?;
        equal("the error's collection", error.collection(), Some(&fixture.name))?;
        staged.abort().await.succeeds("abort")?;
    }
    are_live(suite, &[&fixture]).await
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
