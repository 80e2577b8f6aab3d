//! Reading a generation front to back, a block at a time.

use std::sync::Arc;

use async_trait::async_trait;
use redb::{OwnedRange, ReadOnlyTable};
use tokio::task::JoinHandle;
use vecvault_core::{CollectionError, CollectionErrorKind, CollectionName, CollectionReader, RecordBatch};

use super::chunk::Chunk;
use super::engine::finished;
use super::error::{Result, about, from_chunk, from_engine};
use super::schema::{self, Generation};
use super::store::Store;

/// The records of a generation in ascending order of their ids, as of the moment of a table.
pub(super) struct GenerationReader {
    dimension: usize,
    chunks: OwnedRange<&'static [u8], &'static [u8]>,
}

impl GenerationReader {
    pub(super) fn new(
        chunks: &ReadOnlyTable<&'static [u8], &'static [u8]>,
        generation: Generation,
        dimension: usize,
    ) -> Result<Self> {
        let keys = schema::keys(generation);
        let chunks = chunks.range_owned::<&[u8]>(&keys.start[..]..&keys.end[..]).map_err(from_engine)?;
        Ok(Self { dimension, chunks })
    }

    /// Fills an emptied batch with the next chunks until it is a full block; leaves it empty at the end.
    pub(super) fn fill(&mut self, batch: &mut RecordBatch) -> Result<()> {
        batch.reset(self.dimension);
        while !batch.is_full() {
            if !self.append_chunk(batch)? {
                break;
            }
        }
        Ok(())
    }

    /// Appends the next chunk; false at the end.
    pub(super) fn append_chunk(&mut self, batch: &mut RecordBatch) -> Result<bool> {
        let Some(entry) = self.chunks.next() else { return Ok(false) };
        let (key, bytes) = entry.map_err(from_engine)?;
        let (generation, first) = schema::split_key(key.value())?;
        let chunk = Chunk::parse(generation, first, bytes.value()).map_err(from_chunk)?;
        chunk.append_to(0..chunk.len(), batch).map_err(from_chunk)?;
        Ok(true)
    }
}

/// A reader whose blocking work is done apart from the async threads, and one batch ahead: while a batch is
/// worked on, the next one is read.
pub(super) struct BlockingReader {
    name: CollectionName,
    /// At the beginning and at the end.
    idle: Option<GenerationReader>,
    /// Neither after an error.
    ahead: Option<JoinHandle<Result<(GenerationReader, RecordBatch)>>>,
    /// The database stays open while it is read.
    store: Arc<Store>,
}

impl BlockingReader {
    pub(super) fn new(store: Arc<Store>, name: CollectionName, reader: GenerationReader) -> Self {
        Self { name, idle: Some(reader), ahead: None, store }
    }

    /// Begins to read a batch.
    fn read_ahead(&mut self, mut reader: GenerationReader, mut batch: RecordBatch) {
        let store = self.store.clone();
        self.ahead = Some(tokio::task::spawn_blocking(move || {
            let _open = store;
            reader.fill(&mut batch).map(|()| (reader, batch))
        }));
    }

    async fn advance(&mut self, mut spare: RecordBatch) -> Result<RecordBatch> {
        if let Some(reader) = self.idle.take() {
            self.read_ahead(reader, std::mem::take(&mut spare));
        }
        let Some(ahead) = &mut self.ahead else {
            return Err(CollectionError::new(CollectionErrorKind::Other, "an earlier read of it failed"));
        };
        // A call that is broken off here loses nothing.
        let read = finished(ahead).await;
        self.ahead = None;
        let (reader, batch) = read?;
        if batch.is_empty() {
            self.idle = Some(reader);
        } else {
            self.read_ahead(reader, spare);
        }
        Ok(batch)
    }
}

#[async_trait]
impl CollectionReader for BlockingReader {
    async fn next(&mut self, batch: RecordBatch) -> Result<RecordBatch, CollectionError> {
        self.advance(batch).await.map_err(about(&self.name))
    }
}

#[cfg(test)]
mod tests {
    use redb::ReadableTable;
    use vecvault_core::{CollectionErrorKind, CollectionSource, RecordBatch};

    use crate::collections::schema::{CHUNKS, COLLECTIONS};
    use crate::collections::testing::{Fixture, batch, id, named};

    /// Flips a bit of the first chunk.
    fn damage(fixture: &Fixture) {
        let transaction = fixture.collections.store.engine().begin_write().unwrap();
        {
            let mut chunks = transaction.open_table(CHUNKS).unwrap();
            let (key, mut bytes) = {
                let (key, bytes) = chunks.first().unwrap().unwrap();
                (key.value().to_vec(), bytes.value().to_vec())
            };
            bytes[5000] ^= 1;
            chunks.insert(&key[..], &bytes[..]).unwrap();
        }
        transaction.commit().unwrap();
    }

    #[tokio::test]
    async fn damaged_records_are_an_error_however_they_are_read() {
        let fixture = Fixture::new().with("a", batch(0..1000)).await;
        damage(&fixture);
        let name = named("a");
        let mut reader = fixture.collections.snapshot().await.unwrap().read(&name).await.unwrap();
        let errors = [
            reader.next(RecordBatch::default()).await.unwrap_err(),
            fixture.collections.record(&name, &id(0)).await.unwrap_err(),
            fixture.collections.page(&name, 0, 1, usize::MAX).await.unwrap_err(),
            fixture.collections.upsert(&name, batch([1])).await.unwrap_err(),
            fixture.collections.delete_records(&name, &[id(1)]).await.unwrap_err(),
        ];
        for error in errors {
            assert_eq!(
                (error.kind(), error.collection()),
                (CollectionErrorKind::Corrupt, Some(&name)),
                "{error}"
            );
        }
        reader.next(RecordBatch::default()).await.unwrap_err();
        assert_eq!(
            fixture.collections.page(&name, 900, 100, usize::MAX).await.unwrap(),
            batch(900..1000),
            "the rest is read"
        );
    }

    #[tokio::test]
    async fn a_damaged_row_is_an_error_and_not_another_config() {
        let fixture = Fixture::new().with("a", batch(0..10)).await;
        let transaction = fixture.collections.store.engine().begin_write().unwrap();
        {
            let mut collections = transaction.open_table(COLLECTIONS).unwrap();
            let (mut row, config) = {
                let row = collections.get("a").unwrap().unwrap();
                let row = row.value();
                ((row.0, row.1, row.2, row.3, row.4, row.5, "", row.7), row.6.replace("cosine", "cosinf"))
            };
            row.6 = &config;
            collections.insert("a", row).unwrap();
        }
        transaction.commit().unwrap();
        let error = fixture.collections.get(&named("a")).await.unwrap_err();
        assert_eq!(error.kind(), CollectionErrorKind::Corrupt);
        assert!(fixture.collections.snapshot().await.is_err());
    }
}
