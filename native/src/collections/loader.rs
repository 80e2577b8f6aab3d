//! Bulk loading: new generations, written in as many transactions as they need, seen by nobody.

use std::ops::{Bound, Range};

use redb::Table;
use vecvault_core::RecordBatch;

use super::chunk;
use super::engine::Engine;
use super::error::{Result, from_engine};
use super::schema::{self, Generation};
use super::tables::Tables;

/// Chunks that wait for the next transaction, of any number of generations.
#[derive(Debug, Default)]
pub(super) struct Loader {
    bytes: Vec<u8>,
    waiting: Vec<Waiting>,
}

#[derive(Debug)]
struct Waiting {
    generation: Generation,
    key: Vec<u8>,
    count: u32,
    bytes: Range<usize>,
}

/// One generation that is being written in ascending order.
#[derive(Debug)]
pub(super) struct GenerationWriter {
    generation: Generation,
    chunk_bytes: usize,
    /// At most a chunk.
    tail: RecordBatch,
}

impl Loader {
    /// Takes the chunk of a range of a batch; commits what waits when it is enough.
    fn push(
        &mut self,
        engine: &Engine,
        generation: Generation,
        batch: &RecordBatch,
        range: Range<usize>,
    ) -> Result<()> {
        let key = schema::key(generation, batch.record(range.start).id.as_bytes());
        let (start, count) = (self.bytes.len(), range.len() as u32);
        chunk::encode(generation, batch, range, &mut self.bytes);
        self.waiting.push(Waiting { generation, key, count, bytes: start..self.bytes.len() });
        if self.bytes.len() < engine.options().transaction_bytes {
            return Ok(());
        }
        self.flush(engine)
    }

    /// Commits what waits.
    pub(super) fn flush(&mut self, engine: &Engine) -> Result<()> {
        if self.waiting.is_empty() {
            return Ok(());
        }
        self.waiting.sort_unstable_by(|a, b| a.key.cmp(&b.key));
        let transaction = engine.begin_write()?;
        {
            let mut tables = Tables::open(&transaction)?;
            for chunks in self.waiting.chunk_by(|a, b| a.generation == b.generation) {
                let generation = chunks[0].generation;
                tables.unnamed.insert(generation, ()).map_err(from_engine)?;
                append(
                    &mut tables.chunks,
                    generation,
                    chunks.iter().map(|chunk| (&chunk.key[..], &self.bytes[chunk.bytes.clone()])),
                )?;
                for chunk in chunks {
                    tables.counts.insert(&chunk.key[..], chunk.count).map_err(from_engine)?;
                }
            }
        }
        transaction.commit().map_err(from_engine)?;
        self.waiting.clear();
        self.bytes.clear();
        Ok(())
    }
}

/// Appends chunks at the end of a generation: three times as fast as inserting each.
fn append<'a>(
    table: &mut Table<'_, &'static [u8], &'static [u8]>,
    generation: Generation,
    chunks: impl Iterator<Item = (&'a [u8], &'a [u8])>,
) -> Result<()> {
    let end = schema::keys(generation).end;
    let mut cursor = table.upper_bound_mut(Bound::Excluded(&end[..])).map_err(from_engine)?;
    for (key, bytes) in chunks {
        cursor.insert_before(key, bytes).map_err(from_engine)?;
    }
    cursor.close().map_err(from_engine)
}

impl GenerationWriter {
    pub(super) fn new(generation: Generation, dimension: usize, chunk_bytes: usize) -> Self {
        Self { generation, chunk_bytes, tail: RecordBatch::new(dimension) }
    }

    pub(super) fn generation(&self) -> Generation {
        self.generation
    }

    /// Appends records, whose ids ascend from the last one's.
    pub(super) fn append(
        &mut self,
        engine: &Engine,
        loader: &mut Loader,
        batch: &RecordBatch,
        range: Range<usize>,
    ) -> Result<()> {
        let mut start = range.start;
        while start < range.end {
            let bytes = chunk::EMPTY_BYTES + self.buffered_bytes();
            let end = chunk::chunk_end(batch, start..range.end, bytes, self.chunk_bytes);
            if end == range.end {
                self.tail.extend_from(batch, start..end);
            } else if self.tail.is_empty() {
                loader.push(engine, self.generation, batch, start..end)?;
            } else {
                self.tail.extend_from(batch, start..end);
                loader.push(engine, self.generation, &self.tail, 0..self.tail.len())?;
                self.tail.truncate(0);
            }
            start = end;
        }
        Ok(())
    }

    /// The bytes of records that no chunk has yet.
    pub(super) fn buffered_bytes(&self) -> usize {
        chunk::records_bytes(&self.tail)
    }

    /// Writes the last chunk and lets go of its memory. More may be appended after it.
    pub(super) fn finish(&mut self, engine: &Engine, loader: &mut Loader) -> Result<()> {
        let dimension = self.tail.dimension();
        let tail = std::mem::replace(&mut self.tail, RecordBatch::new(dimension));
        if !tail.is_empty() {
            loader.push(engine, self.generation, &tail, 0..tail.len())?;
        }
        Ok(())
    }
}
