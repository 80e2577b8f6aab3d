//! Inserting, replacing and deleting records of a live collection: one transaction each, which rewrites the
//! chunks that it touches and no other.

use std::ops::Range;

use vecvault_core::{CollectionName, RecordBatch};

use super::CollectionState;
use super::chunk::Chunk;
use super::engine::Engine;
use super::error::{self, Result, from_chunk, from_engine};
use super::schema::{self, Stored, Totals};
use super::sort;
use super::tables::{Fill, Place, Tables};

/// Inserts records or replaces those of the same ids; gives the state after it.
pub(super) fn upsert(engine: &Engine, name: &CollectionName, batch: RecordBatch) -> Result<CollectionState> {
    let sorted = sort::sorted(batch)?;
    edit(engine, name, |tables, stored| {
        error::check_dimension(stored.config.dimension(), sorted.dimension())?;
        stored.totals.add(Totals::of(&sorted));
        let mut start = 0;
        while start < sorted.len() {
            let place = tables.place(stored.generation, sorted.record(start).id.as_bytes())?;
            let end = place.as_ref().and_then(|place| place.end.as_deref());
            let end = end.map_or(sorted.len(), |end| first_at_or_after(&sorted, start, end));
            insert(tables, stored, place.as_ref(), &sorted, start..end)?;
            start = end;
        }
        Ok(sorted.len() as u64)
    })
    .map(|(_, state)| state)
}

/// Deletes records by id; gives how many there were.
pub(super) fn delete_records(engine: &Engine, name: &CollectionName, mut ids: Vec<String>) -> Result<u64> {
    ids.sort_unstable();
    ids.dedup();
    edit(engine, name, |tables, stored| {
        let (mut start, mut deleted) = (0, 0);
        while start < ids.len() {
            let Some(place) = tables.place(stored.generation, ids[start].as_bytes())? else { break };
            let end = place
                .end
                .as_deref()
                .map_or(ids.len(), |end| start + ids[start..].partition_point(|id| id.as_bytes() < end));
            deleted += delete(tables, stored, &place, &ids[start..end])?;
            start = end;
        }
        Ok(deleted)
    })
    .map(|(deleted, _)| deleted)
}

/// Edits a collection in one transaction, all or nothing; `edit` gives how many records it changed.
fn edit(
    engine: &Engine,
    name: &CollectionName,
    edit: impl FnOnce(&mut Tables<'_>, &mut Stored) -> Result<u64>,
) -> Result<(u64, CollectionState)> {
    let transaction = engine.begin_write()?;
    let (changed, state) = {
        let mut tables = Tables::open(&transaction)?;
        let mut stored = Stored::find(&tables.collections, name)?;
        let changed = edit(&mut tables, &mut stored)?;
        if changed > 0 {
            stored.updated = schema::now();
            stored.put(&mut tables.collections, name)?;
        }
        (changed, stored.state(name))
    };
    if changed > 0 {
        transaction.commit().map_err(from_engine)?;
    } else {
        transaction.abort().map_err(from_engine)?;
    }
    Ok((changed, state))
}

/// Merges a range of sorted records into the chunk that they belong to.
fn insert(
    tables: &mut Tables<'_>,
    stored: &mut Stored,
    place: Option<&Place>,
    records: &RecordBatch,
    range: Range<usize>,
) -> Result<()> {
    let mut merged = RecordBatch::new(records.dimension());
    let mut fill = Fill::Full;
    if let Some(place) = place {
        let (replaced, appended) =
            tables.read(&place.key, |chunk| merge(&chunk, records, range.clone(), &mut merged))?;
        stored.totals.subtract(replaced);
        if !appended || place.end.is_some() {
            fill = Fill::Even;
        }
    } else {
        merged.extend_from(records, range);
    }
    tables.replace(stored.generation, place.map(|place| &place.key[..]), &merged, fill)
}

/// Merges a chunk and a range of sorted records; gives what the replaced records added up to, and whether
/// all the new ones come after the chunk's.
fn merge(
    chunk: &Chunk<'_>,
    records: &RecordBatch,
    range: Range<usize>,
    merged: &mut RecordBatch,
) -> Result<(Totals, bool)> {
    let mut replaced = RecordBatch::new(records.dimension());
    let (mut copied, mut new) = (0, range.start);
    for index in range.clone() {
        let position = chunk.position(records.record(index).id.as_bytes());
        let (Ok(at) | Err(at)) = position;
        if at > copied {
            merged.extend_from(records, new..index);
            new = index;
            chunk.append_to(copied..at, merged).map_err(from_chunk)?;
            copied = at;
        }
        if position.is_ok() {
            chunk.append_to(at..at + 1, &mut replaced).map_err(from_chunk)?;
            copied = at + 1;
        }
    }
    merged.extend_from(records, new..range.end);
    let appended = copied == chunk.len() && new == range.start && replaced.is_empty();
    chunk.append_to(copied..chunk.len(), merged).map_err(from_chunk)?;
    Ok((Totals::of(&replaced), appended))
}

/// Deletes sorted ids from the chunk that they belong to; gives how many there were.
fn delete(tables: &mut Tables<'_>, stored: &mut Stored, place: &Place, ids: &[String]) -> Result<u64> {
    let dimension = stored.config.dimension();
    let (mut rest, mut deleted) = (RecordBatch::new(dimension), RecordBatch::new(dimension));
    tables.read(&place.key, |chunk| {
        let mut copied = 0;
        for at in ids.iter().filter_map(|id| chunk.position(id.as_bytes()).ok()) {
            chunk.append_to(copied..at, &mut rest).map_err(from_chunk)?;
            chunk.append_to(at..at + 1, &mut deleted).map_err(from_chunk)?;
            copied = at + 1;
        }
        chunk.append_to(copied..chunk.len(), &mut rest).map_err(from_chunk)
    })?;
    if !deleted.is_empty() {
        stored.totals.subtract(Totals::of(&deleted));
        tables.replace(stored.generation, Some(&place.key), &rest, Fill::Even)?;
    }
    Ok(deleted.len() as u64)
}

/// The first of the sorted records from `start` on whose id is not below `id`.
fn first_at_or_after(sorted: &RecordBatch, start: usize, id: &[u8]) -> usize {
    let (mut low, mut high) = (start, sorted.len());
    while low < high {
        let middle = low + (high - low) / 2;
        if sorted.record(middle).id.as_bytes() < id { low = middle + 1 } else { high = middle }
    }
    low
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use proptest::prelude::*;
    use vecvault_core::{CollectionErrorKind, Record, RecordBatch};

    use crate::collections::testing::{DIMENSION, Fixture, batch, config, id, named, versions};

    /// A step of a random history: records of a version, from a number on and so many apart, come or go.
    #[derive(Clone, Debug)]
    struct Step {
        insert: bool,
        start: u32,
        apart: usize,
        count: u32,
    }

    fn steps() -> impl Strategy<Value = Vec<Step>> {
        let step = (prop::bool::weighted(0.7), 0..2000_u32, 1..40_usize, 1..700_u32)
            .prop_map(|(insert, start, apart, count)| Step { insert, start, apart, count });
        prop::collection::vec(step, 1..8)
    }

    proptest! {
        #![proptest_config(ProptestConfig { cases: 24, failure_persistence: None, ..ProptestConfig::default() })]

        /// Against a map in memory: contents, count, fingerprint and weight, over many chunks and reopened.
        #[test]
        fn any_history_of_edits_leaves_what_a_map_would_hold(steps in steps()) {
            let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
            runtime.block_on(async {
                let mut fixture = Fixture::new();
                fixture.collections.create(&named("a"), config(DIMENSION)).await.unwrap();
                let mut map = BTreeMap::new();
                for (version, step) in (1..).zip(steps) {
                    let numbers = || (step.start..).step_by(step.apart).take(step.count as usize);
                    if step.insert {
                        let records = versions(numbers().map(|number| (number, version)));
                        fixture.collections.upsert(&named("a"), records).await.unwrap();
                        map.extend(numbers().map(|number| (number, version)));
                    } else {
                        let ids: Vec<_> = numbers().map(id).collect();
                        let deleted = fixture.collections.delete_records(&named("a"), &ids).await.unwrap();
                        let there = numbers().filter(|number| map.remove(number).is_some()).count();
                        assert_eq!(deleted, there as u64);
                    }
                    let expected = versions(map.iter().map(|(number, version)| (*number, *version)));
                    assert_eq!(fixture.records("a").await, expected);
                }
                fixture = fixture.reopen();
                assert_eq!(fixture.records("a").await.len(), map.len());
            });
        }
    }

    #[tokio::test]
    async fn records_come_in_any_order_but_each_once() {
        let fixture = Fixture::new().with("a", batch([5, 1, 3])).await;
        assert_eq!(fixture.records("a").await, batch([1, 3, 5]));
        let error = fixture.collections.upsert(&named("a"), batch([2, 9, 2])).await.unwrap_err();
        assert_eq!(error.kind(), CollectionErrorKind::Invalid);
        assert_eq!(error.to_string(), format!("collection \"a\": id {:?} occurs twice", id(2)));
        assert_eq!(fixture.records("a").await, batch([1, 3, 5]), "all or nothing");
    }

    #[tokio::test]
    async fn vectors_of_another_length_are_refused_with_both_numbers() {
        let fixture = Fixture::new().with("a", batch(0..3)).await;
        let mut other = RecordBatch::new(2);
        other.push(Record { id: "x", vector: &[0.0; 2], metadata: None, extra: "" }).unwrap();
        let error = fixture.collections.upsert(&named("a"), other).await.unwrap_err();
        assert_eq!(error.kind(), CollectionErrorKind::Invalid);
        assert!(error.to_string().contains("have 2 numbers; the collection's dimension is 3"), "{error}");
        assert_eq!(fixture.records("a").await, batch(0..3));
    }

    #[tokio::test]
    async fn an_edit_of_nothing_changes_nothing_and_one_of_no_collection_names_it() {
        let fixture = Fixture::new().with("a", batch(0..3)).await;
        let before = fixture.collections.get(&named("a")).await.unwrap();
        let after = fixture.collections.upsert(&named("a"), batch([])).await.unwrap();
        assert_eq!((after.updated, after.head), (before.updated, before.head));
        assert_eq!(fixture.collections.delete_records(&named("a"), &[id(7), id(9)]).await.unwrap(), 0);
        let error = fixture.collections.upsert(&named("b"), batch([1])).await.unwrap_err();
        assert_eq!((error.kind(), error.collection()), (CollectionErrorKind::NotFound, Some(&named("b"))));
        assert!(fixture.collections.delete_records(&named("b"), &[]).await.is_err());
    }

    #[tokio::test]
    async fn the_largest_record_is_kept_among_small_ones() {
        let mut records = batch(0..3);
        let large = format!("\"{}\"", "x".repeat((16 << 20) - 100));
        records
            .push(Record { id: "id-000001+", vector: &[1.0; DIMENSION], metadata: Some(&large), extra: "" })
            .unwrap();
        let fixture = Fixture::new().with("a", records).await;
        let all = fixture.records("a").await;
        assert_eq!((all.len(), all.record(2).metadata), (4, Some(large.as_str())));
        fixture.collections.upsert(&named("a"), batch([1])).await.unwrap();
        assert_eq!(fixture.collections.delete_records(&named("a"), &["id-000001+".into()]).await.unwrap(), 1);
        assert_eq!(fixture.records("a").await, batch(0..3));
    }

    #[tokio::test]
    async fn writers_at_once_lose_nothing() {
        let fixture = Fixture::new().with("a", batch([])).await;
        let tasks: Vec<_> = (0..8)
            .map(|writer| {
                let collections = fixture.collections.clone();
                tokio::spawn(async move {
                    for number in 0..20 {
                        collections.upsert(&named("a"), batch([number * 8 + writer])).await.unwrap();
                    }
                })
            })
            .collect();
        for task in tasks {
            task.await.unwrap();
        }
        assert_eq!(fixture.records("a").await, batch(0..160));
    }
}
