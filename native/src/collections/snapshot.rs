//! All collections as of one moment: one read transaction of the engine.

use std::sync::Arc;

use async_trait::async_trait;
use redb::ReadOnlyTable;
use vecvault_core::{CollectionError, CollectionHead, CollectionName, CollectionReader, CollectionSnapshot};

use super::engine::blocking;
use super::error::{Result, about, from_engine};
use super::reader::{BlockingReader, GenerationReader};
use super::schema::{CHUNKS, COLLECTIONS, Generation, Stored};
use super::store::Store;

/// A snapshot. Writers go on; what they free is used again when it has been dropped.
pub(super) struct Snapshot {
    heads: Vec<CollectionHead>,
    /// The generations of `heads`.
    generations: Vec<Generation>,
    chunks: Arc<ReadOnlyTable<&'static [u8], &'static [u8]>>,
    store: Arc<Store>,
}

impl Snapshot {
    pub(super) fn begin(store: Arc<Store>) -> Result<Self> {
        let transaction = store.engine().begin_read()?;
        let collections = transaction.open_table(COLLECTIONS).map_err(from_engine)?;
        let chunks = Arc::new(transaction.open_table(CHUNKS).map_err(from_engine)?);
        let (heads, generations) = Stored::all(&collections)?
            .into_iter()
            .map(|(name, stored)| (stored.state(&name).head, stored.generation))
            .unzip();
        Ok(Self { heads, generations, chunks, store })
    }
}

#[async_trait]
impl CollectionSnapshot for Snapshot {
    fn collections(&self) -> &[CollectionHead] {
        &self.heads
    }

    async fn read(&self, name: &CollectionName) -> Result<Box<dyn CollectionReader>, CollectionError> {
        let at = self.heads.binary_search_by(|head| head.name.cmp(name));
        let at = at.map_err(|_| CollectionError::not_found(name))?;
        let (chunks, generation) = (self.chunks.clone(), self.generations[at]);
        let dimension = self.heads[at].config.dimension();
        let reader = blocking(move || GenerationReader::new(&chunks, generation, dimension)).await;
        Ok(Box::new(BlockingReader::new(self.store.clone(), name.clone(), reader.map_err(about(name))?)))
    }
}

#[cfg(test)]
mod tests {
    use vecvault_core::{CollectionErrorKind, CollectionSource, RecordBatch};

    use crate::collections::testing::{
        DIMENSION, Fixture, batch, collect, config, id, named, read, versions,
    };

    #[tokio::test]
    async fn a_snapshot_stays_as_it_was_whatever_is_written_replaced_or_deleted() {
        let fixture = Fixture::new().with("a", batch(0..9000)).await.with("b", batch(0..10)).await;
        let snapshot = fixture.collections.snapshot().await.unwrap();
        let mut reader = snapshot.read(&named("a")).await.unwrap();
        let first = reader.next(RecordBatch::default()).await.unwrap();
        assert!((1..9000).contains(&first.len()), "a batch at a time: {}", first.len());

        fixture.collections.upsert(&named("a"), versions((0..9000).map(|number| (number, 1)))).await.unwrap();
        fixture.collections.delete_records(&named("a"), &[id(8999)]).await.unwrap();
        fixture.collections.delete(&named("b")).await.unwrap();
        fixture.collections.create(&named("c"), config(DIMENSION)).await.unwrap();
        fixture.collections.sweep().await;

        let mut all = first.clone();
        let rest = collect(reader).await;
        all.extend_from(&rest, 0..rest.len());
        assert_eq!(all, batch(0..9000));
        assert_eq!(read(&*snapshot, "b").await, batch(0..10));
        let names: Vec<_> = snapshot.collections().iter().map(|head| head.name.as_str()).collect();
        assert_eq!(names, ["a", "b"]);
        let error = snapshot.read(&named("c")).await.err().unwrap();
        assert_eq!((error.kind(), error.collection()), (CollectionErrorKind::NotFound, Some(&named("c"))));
        assert_eq!(fixture.records("a").await.len(), 8999);
    }

    #[tokio::test]
    async fn a_reader_outlives_its_snapshot_and_the_collections() {
        let fixture = Fixture::new().with("a", batch(0..1000)).await;
        let snapshot = fixture.collections.snapshot().await.unwrap();
        let reader = snapshot.read(&named("a")).await.unwrap();
        drop((snapshot, fixture.collections));
        assert_eq!(collect(reader).await, batch(0..1000));
    }
}
