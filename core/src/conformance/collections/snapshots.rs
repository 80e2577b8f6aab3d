//! Reading as of one moment.

use super::CollectionSuite;
use super::records::{Samples, same_records, samples};
use super::steps::{Fixture, are_in, drain, head, is_absent, read, refused, restore, snapshot};
use crate::collections::CollectionErrorKind;
use crate::conformance::expect::{Outcome, Succeeds, equal, holds};
use crate::model::{CollectionName, RecordBatch};

pub(super) async fn names_ascend_and_heads_tell_what_readers_yield(suite: &CollectionSuite<'_>) -> Outcome {
    let mut fixtures = Vec::new();
    for (seed, name) in
        ["heads b", "heads é", "heads B", "heads", "heads/b", "heads a"].into_iter().enumerate()
    {
        fixtures.push(Fixture::new(name, seed + 1, samples(seed, 20 * seed, seed + 1))?);
    }
    restore(suite, &fixtures.iter().collect::<Vec<_>>()).await?;
    let snapshot = snapshot(suite).await?;
    let names: Vec<_> = snapshot.collections().iter().map(|head| head.name.as_str()).collect();
    holds("names ascend by their bytes and none comes twice", names.is_sorted_by(|a, b| a < b))?;
    // Every collection, also those that the suite did not make: reading holds each to its head.
    for head in snapshot.collections() {
        read(&*snapshot, head).await.map_err(|message| format!("collection {:?}: {message}", head.name))?;
    }
    are_in(suite, &*snapshot, &fixtures.iter().collect::<Vec<_>>()).await
}

pub(super) async fn readers_are_independent(suite: &CollectionSuite<'_>) -> Outcome {
    let fixture = Fixture::new("readers", 256, samples(1, 500, 256))?;
    restore(suite, &[&fixture]).await?;
    let snapshot = snapshot(suite).await?;
    let mut one = snapshot.read(&fixture.name).await.succeeds("read")?;
    let begun = one.next(RecordBatch::default()).await.succeeds("read a batch")?;
    let mut other = snapshot.read(&fixture.name).await.succeeds("read again")?;
    let whole = drain(&mut *other, 256, false).await?.0;
    let rest = drain(&mut *one, 256, false).await?.0;
    let exact = suite.sink.capabilities().metadata_exact;
    same_records("a reader beside another", &whole, &fixture.records, exact)?;
    equal("records of a reader that was in the middle", begun.len() + rest.len(), fixture.records.len())
}

pub(super) async fn a_snapshot_stays_as_of_its_moment(suite: &CollectionSuite<'_>) -> Outcome {
    let old = Fixture::new("moment", 256, samples(1, 500, 256))?;
    let new = Fixture { name: old.name.clone(), ..Fixture::new("", 2, samples(7, 30, 2))? };
    let later = Fixture::new("moment, later", 1, Samples::new())?;
    restore(suite, &[&old]).await?;
    let known = head(&*snapshot(suite).await?, &later.name).is_some();

    let before = snapshot(suite).await?;
    let mut reader = before.read(&old.name).await.succeeds("read")?;
    let begun = reader.next(RecordBatch::default()).await.succeeds("read a batch")?;
    restore(suite, &[&new, &later]).await?;

    let rest = drain(&mut *reader, 256, false).await?.0;
    equal("records of a reader that began before a commit", begun.len() + rest.len(), old.records.len())?;
    are_in(suite, &*before, &[&old]).await?;
    let knows = head(&*before, &later.name).is_some();
    equal("whether a snapshot knows a collection that came after it", knows, known)?;
    are_in(suite, &*snapshot(suite).await?, &[&new, &later]).await
}

pub(super) async fn what_is_absent_is_not_found(suite: &CollectionSuite<'_>) -> Outcome {
    let name = CollectionName::parse("conformance absent").succeeds("parse a name")?;
    is_absent(suite, &name).await?;
    let read = snapshot(suite).await?.read(&name).await;
    let error = refused("read of an absent collection", read, CollectionErrorKind::NotFound)?;
    equal("the error's collection", error.collection(), Some(&name))
}
