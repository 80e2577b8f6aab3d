//! All at once, or nothing.

use super::CollectionSuite;
use super::records::{Samples, samples};
use super::steps::{DIMENSION, Fixture, are_in, are_live, head, is_absent, restore, snapshot, stage};
use crate::conformance::expect::{Outcome, Succeeds, equal};

pub(super) async fn what_is_staged_is_invisible_until_the_commit(suite: &CollectionSuite<'_>) -> Outcome {
    let (old, new) = versions("staged")?;
    let fresh = unique(suite, "staged, new").await?;
    restore(suite, &[&old]).await?;
    let staged = stage(suite, &[&new, &fresh]).await?;
    are_live(suite, &[&old]).await?;
    is_absent(suite, &fresh.name).await?;
    staged.commit().await.succeeds("commit")?;
    are_live(suite, &[&new, &fresh]).await
}

pub(super) async fn a_commit_replaces_records_and_config(suite: &CollectionSuite<'_>) -> Outcome {
    let (one, other) = versions("replaced")?;
    let empty = Fixture { records: Samples::new(), ..one.clone() };
    // Of the same config, so that a store could add to what it has.
    let less = Fixture { records: samples(3, 20, DIMENSION), ..one.clone() };
    for fixture in [&one, &less, &other, &empty, &one] {
        restore(suite, &[fixture]).await?;
        are_live(suite, &[fixture]).await?;
    }
    Ok(())
}

pub(super) async fn a_commit_makes_many_collections_live_together(suite: &CollectionSuite<'_>) -> Outcome {
    let mut fixtures = Vec::new();
    for number in 0..suite.collections {
        fixtures.push(Fixture::new(
            &format!("many {number}"),
            number % 7 + 1,
            samples(number, number % 20, number % 7 + 1),
        )?);
    }
    let fixtures: Vec<_> = fixtures.iter().collect();
    let staged = stage(suite, &fixtures).await?;
    let before = snapshot(suite).await?;
    staged.commit().await.succeeds("commit many collections")?;
    are_live(suite, &fixtures).await?;
    // A snapshot from before has none of them, or, on the suite's second run, all of them.
    let known = fixtures.iter().filter(|fixture| head(&*before, &fixture.name).is_some()).count();
    equal("whether a snapshot from before has all or none", known == 0 || known == fixtures.len(), true)
}

pub(super) async fn other_collections_stay_as_they_are(suite: &CollectionSuite<'_>) -> Outcome {
    let mut fixtures = Vec::new();
    // Names that are each other's beginning: what is swept by prefix would show.
    for (seed, name) in ["others", "others ", "others 1", "others 10", "others 2"].into_iter().enumerate() {
        fixtures.push(Fixture::new(name, DIMENSION, samples(seed, 50, DIMENSION))?);
    }
    restore(suite, &fixtures.iter().collect::<Vec<_>>()).await?;
    for replaced in [0, 2] {
        fixtures[replaced] = Fixture { records: samples(99, 7, DIMENSION), ..fixtures[replaced].clone() };
        restore(suite, &[&fixtures[replaced]]).await?;
        are_live(suite, &fixtures.iter().collect::<Vec<_>>()).await?;
    }
    Ok(())
}

pub(super) async fn an_abort_leaves_nothing(suite: &CollectionSuite<'_>) -> Outcome {
    let (old, new) = versions("aborted")?;
    let fresh = unique(suite, "aborted, new").await?;
    restore(suite, &[&old]).await?;
    stage(suite, &[&new, &fresh]).await?.abort().await.succeeds("abort")?;
    are_live(suite, &[&old]).await?;
    is_absent(suite, &fresh.name).await?;
    // What was staged is not found by the next restore of the same names either.
    let less = Fixture { records: samples(3, 5, DIMENSION), ..old };
    restore(suite, &[&less]).await?;
    are_live(suite, &[&less]).await
}

pub(super) async fn a_dropped_restore_leaves_nothing(suite: &CollectionSuite<'_>) -> Outcome {
    let (old, new) = versions("dropped")?;
    let fresh = unique(suite, "dropped, new").await?;
    restore(suite, &[&old]).await?;
    let before = snapshot(suite).await?;
    drop(stage(suite, &[&new, &fresh]).await?);
    are_in(suite, &*before, &[&old]).await?;
    are_live(suite, &[&old]).await?;
    is_absent(suite, &fresh.name).await
}

/// One collection in two states that differ in everything but some ids.
fn versions(name: &str) -> Outcome<(Fixture, Fixture)> {
    let old = Fixture::new(name, DIMENSION, samples(1, 200, DIMENSION))?;
    let new = Fixture { name: old.name.clone(), ..Fixture::new(name, 5, samples(11, 150, 5))? };
    Ok((old, new))
}

/// A collection of a name that is not there yet, also where the suite has run before.
async fn unique(suite: &CollectionSuite<'_>, name: &str) -> Outcome<Fixture> {
    let snapshot = snapshot(suite).await?;
    for number in 0_u32.. {
        let fixture = Fixture::new(&format!("{name} {number}"), DIMENSION, samples(2, 50, DIMENSION))?;
        if head(&*snapshot, &fixture.name).is_none() {
            return Ok(fixture);
        }
    }
    Err("expected a name that is free".into())
}
