//! Bulk loading: new generations, written in as many transactions as they need, seen by nobody. While one
//! transaction is committed on a thread of its own, the chunks of the next are collected.

use std::io;
use std::mem;
use std::ops::{Bound, Range};
use std::sync::Arc;
use std::thread::{self, JoinHandle};

use redb::{StorageError, Table};
use vecvault_core::{CollectionError, CollectionErrorKind, RecordBatch};

use super::chunk;
use super::engine::Engine;
use super::error::{Result, from_engine};
use super::schema::{self, Generation};
use super::tables::Tables;

/// Chunks on their way into the engine, of any number of generations. Dropping it waits for the commit that
/// is under way, so that nothing is written to a generation that is no longer held.
#[derive(Debug, Default)]
pub(super) struct Loader {
    collected: Chunks,
    /// Gives the chunks back, for their memory.
    committing: Option<JoinHandle<Result<Chunks>>>,
}

/// The chunks of one transaction.
#[derive(Debug, Default)]
struct Chunks {
    bytes: Vec<u8>,
    places: Vec<Place>,
}

#[derive(Debug)]
struct Place {
    generation: Generation,
    key: Vec<u8>,
    count: u32,
    bytes: Range<usize>,
}

impl Loader {
    /// Takes the chunk of a range of a batch; begins to commit what was collected when it is enough. The
    /// error may be that of an earlier commit.
    pub(super) fn push(
        &mut self,
        engine: &Arc<Engine>,
        generation: Generation,
        batch: &RecordBatch,
        range: Range<usize>,
    ) -> Result<()> {
        self.collected.push(generation, batch, range);
        if self.collected.bytes.len() < engine.options().transaction_bytes {
            return Ok(());
        }
        let empty = self.settle()?;
        let mut full = mem::replace(&mut self.collected, empty);
        let engine = engine.clone();
        let commit = move || full.commit(&engine).map(|()| full);
        let thread = thread::Builder::new().name("vecvault-commit".into()).spawn(commit);
        self.committing = Some(thread.map_err(|error| from_engine(StorageError::Io(error)))?);
        Ok(())
    }

    /// Commits everything.
    pub(super) fn flush(&mut self, engine: &Engine) -> Result<()> {
        self.settle()?;
        self.collected.commit(engine)
    }

    /// Waits for the commit that is under way; gives its chunks, emptied.
    fn settle(&mut self) -> Result<Chunks> {
        let Some(committing) = self.committing.take() else { return Ok(Chunks::default()) };
        committing.join().unwrap_or_else(|_| {
            Err(CollectionError::new(CollectionErrorKind::Other, "work on the collections broke off")
                .because(io::Error::other("the thread that commits has panicked")))
        })
    }
}

impl Drop for Loader {
    fn drop(&mut self) {
        // Nobody waits for its chunks any more, so neither for its error.
        let _ = self.settle();
    }
}

impl Chunks {
    fn push(&mut self, generation: Generation, batch: &RecordBatch, range: Range<usize>) {
        let key = schema::key(generation, batch.record(range.start).id.as_bytes());
        let (start, count) = (self.bytes.len(), range.len() as u32);
        chunk::encode(generation, batch, range, &mut self.bytes);
        self.places.push(Place { generation, key, count, bytes: start..self.bytes.len() });
    }

    /// Writes the chunks in one transaction; there are none then.
    fn commit(&mut self, engine: &Engine) -> Result<()> {
        if self.places.is_empty() {
            return Ok(());
        }
        self.places.sort_unstable_by(|a, b| a.key.cmp(&b.key));
        let transaction = engine.begin_write()?;
        {
            let mut tables = Tables::open(&transaction)?;
            for places in self.places.chunk_by(|a, b| a.generation == b.generation) {
                let generation = places[0].generation;
                tables.unnamed.insert(generation, ()).map_err(from_engine)?;
                append(
                    &mut tables.chunks,
                    generation,
                    places.iter().map(|place| (&place.key[..], &self.bytes[place.bytes.clone()])),
                )?;
                for place in places {
                    tables.counts.insert(&place.key[..], place.count).map_err(from_engine)?;
                }
            }
        }
        transaction.commit().map_err(from_engine)?;
        self.places.clear();
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
