//! Live collections by name: what there is, new ones, and single records and pages of them.

use redb::{ReadOnlyTable, ReadTransaction, ReadableTable};
use vecvault_core::{CollectionConfig, CollectionError, CollectionErrorKind, CollectionName, RecordBatch};

use super::CollectionState;
use super::engine::Engine;
use super::error::{Result, from_chunk, from_engine};
use super::schema::{self, CHUNKS, COLLECTIONS, COUNTS, Stored, Totals};
use super::tables::{self, Tables};

/// Every collection, ascending by name.
pub(super) fn list(engine: &Engine) -> Result<Vec<CollectionState>> {
    let collections = engine.begin_read()?.open_table(COLLECTIONS).map_err(from_engine)?;
    Ok(Stored::all(&collections)?.iter().map(|(name, stored)| stored.state(name)).collect())
}

/// One collection.
pub(super) fn get(engine: &Engine, name: &CollectionName) -> Result<CollectionState> {
    let collections = engine.begin_read()?.open_table(COLLECTIONS).map_err(from_engine)?;
    Ok(Stored::find(&collections, name)?.state(name))
}

/// Creates an empty collection.
pub(super) fn create(engine: &Engine, name: &CollectionName, config: CollectionConfig) -> Result<()> {
    let transaction = engine.begin_write()?;
    {
        let mut tables = Tables::open(&transaction)?;
        if tables.collections.get(name.as_str()).map_err(from_engine)?.is_some() {
            let message = "a collection of that name exists";
            return Err(CollectionError::new(CollectionErrorKind::AlreadyExists, message).of(name));
        }
        tables.name(name, &Stored::new(engine.new_generation(), config, Totals::default()))?;
    }
    transaction.commit().map_err(from_engine)
}

/// Deletes a collection; its records are left to be swept.
pub(super) fn delete(engine: &Engine, name: &CollectionName) -> Result<()> {
    let transaction = engine.begin_write()?;
    {
        let mut tables = Tables::open(&transaction)?;
        let old = tables.collections.remove(name.as_str()).map_err(from_engine)?.map(|row| row.value().0);
        let old = old.ok_or_else(|| CollectionError::not_found(name))?;
        tables.unnamed.insert(old, ()).map_err(from_engine)?;
    }
    transaction.commit().map_err(from_engine)
}

/// The record of an id, as a batch of one.
pub(super) fn record(engine: &Engine, name: &CollectionName, id: &str) -> Result<Option<RecordBatch>> {
    let view = View::open(&engine.begin_read()?, name)?;
    let Some(key) = tables::find_key(&view.counts, view.stored.generation, id.as_bytes())? else {
        return Ok(None);
    };
    let mut batch = RecordBatch::new(view.stored.config.dimension());
    tables::read_chunk(&view.chunks, &view.counts, &key, |chunk| match chunk.position(id.as_bytes()) {
        Ok(at) => chunk.append_to(at..at + 1, &mut batch).map_err(from_chunk),
        Err(_) => Ok(()),
    })?;
    Ok(Some(batch).filter(|batch| !batch.is_empty()))
}

/// Up to `limit` records from position `offset` on, and none after the chunk at which they reach `weight`.
/// Chunks before them are counted, not read.
pub(super) fn page(
    engine: &Engine,
    name: &CollectionName,
    offset: u64,
    limit: usize,
    weight: usize,
) -> Result<RecordBatch> {
    let view = View::open(&engine.begin_read()?, name)?;
    let mut batch = RecordBatch::new(view.stored.config.dimension());
    let keys = schema::keys(view.stored.generation);
    let mut skip = offset;
    for entry in view.counts.range(&keys.start[..]..&keys.end[..]).map_err(from_engine)? {
        if batch.len() >= limit || batch.weight() >= weight {
            break;
        }
        let (key, count) = entry.map_err(from_engine)?;
        let count = u64::from(count.value());
        if skip >= count {
            skip -= count;
            continue;
        }
        tables::read_chunk(&view.chunks, &view.counts, key.value(), |chunk| {
            let start = skip as usize;
            let end = chunk.len().min(start.saturating_add(limit - batch.len()));
            chunk.append_to(start..end, &mut batch).map_err(from_chunk)
        })?;
        skip = 0;
    }
    Ok(batch)
}

/// One collection as of a moment.
struct View {
    stored: Stored,
    chunks: ReadOnlyTable<&'static [u8], &'static [u8]>,
    counts: ReadOnlyTable<&'static [u8], u32>,
}

impl View {
    fn open(transaction: &ReadTransaction, name: &CollectionName) -> Result<Self> {
        let collections = transaction.open_table(COLLECTIONS).map_err(from_engine)?;
        Ok(Self {
            stored: Stored::find(&collections, name)?,
            chunks: transaction.open_table(CHUNKS).map_err(from_engine)?,
            counts: transaction.open_table(COUNTS).map_err(from_engine)?,
        })
    }
}

#[cfg(test)]
mod tests {
    use vecvault_core::{CollectionConfig, CollectionErrorKind};

    use crate::collections::testing::{DIMENSION, Fixture, batch, config, id, named};

    #[tokio::test]
    async fn collections_are_created_listed_and_deleted_by_name() {
        let fixture = Fixture::new();
        let given = CollectionConfig::parse(br#"{ "metric":"Dot", "dimension":3, "x":[1] }"#).unwrap();
        for name in ["b", "a/é", "c"] {
            fixture.collections.create(&named(name), given.clone()).await.unwrap();
        }
        let error = fixture.collections.create(&named("b"), config(4)).await.unwrap_err();
        assert_eq!(
            (error.kind(), error.collection()),
            (CollectionErrorKind::AlreadyExists, Some(&named("b")))
        );
        fixture.collections.delete(&named("c")).await.unwrap();
        assert_eq!(
            fixture.collections.delete(&named("c")).await.unwrap_err().kind(),
            CollectionErrorKind::NotFound
        );
        assert_eq!(
            fixture.collections.get(&named("c")).await.unwrap_err().kind(),
            CollectionErrorKind::NotFound
        );

        let before = fixture.collections.get(&named("b")).await.unwrap();
        let fixture = fixture.reopen();
        let list = fixture.collections.list().await.unwrap();
        assert_eq!(list.iter().map(|state| state.head.name.as_str()).collect::<Vec<_>>(), ["a/é", "b"]);
        assert_eq!(list[1].head.config, given, "the config's text is kept");
        assert_eq!((list[1].created, list[1].updated), (before.created, before.updated));
    }

    #[tokio::test]
    async fn a_deleted_collection_is_swept_and_its_name_begins_anew() {
        let fixture = Fixture::new().with("a", batch(0..700)).await;
        fixture.collections.delete(&named("a")).await.unwrap();
        fixture.collections.create(&named("a"), config(DIMENSION)).await.unwrap();
        assert_eq!(fixture.records("a").await, batch([]));
        fixture.collections.sweep().await;
        assert_eq!(fixture.generations(), (vec![], vec![]));
    }

    #[tokio::test]
    async fn a_record_is_found_by_its_id() {
        let fixture = Fixture::new().with("a", batch((0..1000).map(|number| number * 2))).await;
        for number in [0, 2, 500, 1998] {
            let record = fixture.collections.record(&named("a"), &id(number)).await.unwrap();
            assert_eq!(record, Some(batch([number])));
        }
        for absent in [id(1), id(1999), "".into(), "a".into(), "z".into()] {
            assert_eq!(fixture.collections.record(&named("a"), &absent).await.unwrap(), None);
        }
        assert!(fixture.collections.record(&named("b"), &id(1)).await.is_err());
    }

    #[tokio::test]
    async fn pages_tile_a_collection() {
        let fixture = Fixture::new().with("a", batch(0..1000)).await;
        for limit in [1, 99, 300, 1000, 5000] {
            for offset in (0..1000).step_by(limit.max(97)) {
                let page = fixture
                    .collections
                    .page(&named("a"), u64::from(offset), limit, usize::MAX)
                    .await
                    .unwrap();
                assert_eq!(page, batch(offset..(offset + limit as u32).min(1000)), "{offset} {limit}");
            }
        }
        let light = fixture.collections.page(&named("a"), 0, 1000, 1).await.unwrap();
        assert!(!light.is_empty(), "one record at least, whatever it weighs");
        assert_eq!(light, batch(0..light.len() as u32));
        for (offset, limit) in [(0, 0), (1000, 10), (u64::MAX, usize::MAX)] {
            assert!(
                fixture.collections.page(&named("a"), offset, limit, usize::MAX).await.unwrap().is_empty()
            );
        }
    }
}
