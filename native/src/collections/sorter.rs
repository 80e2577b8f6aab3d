//! Records in no order on their way into a generation that has one: sorted runs, then one merge.
//!
//! A run is a generation of its own, unnamed like all that is staged, so that a crash leaves nothing that
//! the sweep does not find. Its chunks are small: a merge holds one of each run in memory, a thousandth of
//! the records' bytes.

use std::cmp::Reverse;
use std::collections::BinaryHeap;

use vecvault_core::RecordBatch;

use super::chunk::{self, CHUNK_BYTES};
use super::engine::Engine;
use super::error::{Result, duplicate, from_engine};
use super::generation_writer::GenerationWriter;
use super::loader::Loader;
use super::reader::GenerationReader;
use super::restore::Hold;
use super::schema::{CHUNKS, Generation};
use super::sort;

/// The chunks of all runs but the first.
const RUN_CHUNK_BYTES: usize = (32 << 10) - 512;

/// Sorts the records of one collection.
pub(super) struct Sorter {
    buffer: RecordBatch,
    runs: Vec<Generation>,
}

impl Sorter {
    pub(super) fn new(dimension: usize) -> Self {
        Self { buffer: RecordBatch::new(dimension), runs: Vec::new() }
    }

    /// Takes records.
    pub(super) fn add(&mut self, batch: &RecordBatch) {
        self.buffer.extend_from(batch, 0..batch.len());
    }

    /// The bytes of records that no run has yet.
    pub(super) fn buffered_bytes(&self) -> usize {
        chunk::records_bytes(&self.buffer)
    }

    /// Writes what is buffered as a run and lets go of its memory.
    pub(super) fn write_run(&mut self, hold: &mut Hold, loader: &mut Loader) -> Result<()> {
        let dimension = self.buffer.dimension();
        let buffer = std::mem::replace(&mut self.buffer, RecordBatch::new(dimension));
        let order = sort::ascending(&buffer)?;
        // The first may stay the only one, and then it is the collection.
        let chunk_bytes = if self.runs.is_empty() { CHUNK_BYTES } else { RUN_CHUNK_BYTES };
        let engine = hold.engine().clone();
        let mut writer = GenerationWriter::new(hold.generation(), dimension, chunk_bytes);
        for run in sort::runs(&order) {
            writer.append(&engine, loader, &buffer, run)?;
        }
        writer.finish(&engine, loader)?;
        self.runs.push(writer.generation());
        Ok(())
    }

    /// Brings all records to one generation. An id that occurs twice is refused.
    pub(super) fn finish(&mut self, hold: &mut Hold, loader: &mut Loader) -> Result<Generation> {
        if !self.buffer.is_empty() || self.runs.is_empty() {
            self.write_run(hold, loader)?;
        }
        if self.runs.len() > 1 {
            loader.flush(hold.engine())?;
            self.runs = vec![self.merge(hold, loader)?];
        }
        Ok(self.runs[0])
    }

    /// Merges the runs, which are committed, into a new generation.
    fn merge(&self, hold: &mut Hold, loader: &mut Loader) -> Result<Generation> {
        let engine = hold.engine().clone();
        let dimension = self.buffer.dimension();
        let mut runs = open_runs(&engine, &self.runs, dimension)?;
        let mut writer = GenerationWriter::new(hold.generation(), dimension, CHUNK_BYTES);
        let mut heads = BinaryHeap::with_capacity(runs.len());
        for (at, run) in runs.iter_mut().enumerate() {
            heads.extend(run.head()?.map(|id| Reverse((id, at))));
        }
        while let Some(Reverse((id, at))) = heads.pop() {
            let next = heads.peek().map(|Reverse((id, _))| id.as_str());
            if next == Some(&id) {
                return Err(duplicate(&id));
            }
            let run = &mut runs[at];
            let start = run.at;
            run.skip_below(next);
            writer.append(&engine, loader, &run.batch, start..run.at)?;
            heads.extend(run.head()?.map(|id| Reverse((id, at))));
        }
        writer.finish(&engine, loader)?;
        Ok(writer.generation())
    }
}

/// A run that is being merged.
struct Run {
    reader: GenerationReader,
    batch: RecordBatch,
    at: usize,
}

fn open_runs(engine: &Engine, runs: &[Generation], dimension: usize) -> Result<Vec<Run>> {
    let chunks = engine.begin_read()?.open_table(CHUNKS).map_err(from_engine)?;
    let open = |generation: &Generation| {
        let reader = GenerationReader::new(&chunks, *generation, dimension)?;
        Ok(Run { reader, batch: RecordBatch::new(dimension), at: 0 })
    };
    runs.iter().map(open).collect()
}

impl Run {
    /// The id of the next record; reads the next chunk where one has been used up.
    fn head(&mut self) -> Result<Option<String>> {
        if self.at == self.batch.len() {
            self.batch.truncate(0);
            self.at = 0;
            if !self.reader.append_chunk(&mut self.batch)? {
                return Ok(None);
            }
        }
        Ok(Some(self.batch.record(self.at).id.into()))
    }

    /// Skips the next record, and those after it of the chunk that come before `id`.
    fn skip_below(&mut self, id: Option<&str>) {
        self.at += 1;
        while self.at < self.batch.len() && id.is_none_or(|id| self.batch.record(self.at).id < id) {
            self.at += 1;
        }
    }
}

#[cfg(test)]
mod tests {
    use vecvault_core::{CollectionErrorKind, CollectionSource};

    use crate::collections::testing::{Fixture, batch, collect, id, named, read, staged};

    /// Numbers below `count` in an order without any.
    fn shuffled(count: u32) -> Vec<u32> {
        (0..count).map(|number| number * 7919 % count).collect()
    }

    #[tokio::test]
    async fn records_in_no_order_are_sorted_through_many_runs() {
        let fixture = Fixture::new();
        let mut restore = fixture.stage(&[staged("a", false), staged("b", false), staged("c", false)]).await;
        for numbers in shuffled(1000).chunks(30) {
            restore.write(0, batch(numbers.iter().copied())).await.unwrap();
        }
        restore.write(1, batch([3, 1, 2])).await.unwrap();
        assert_eq!(collect(restore.read_back(0).await.unwrap()).await, batch(0..1000));
        let (generations, unnamed) = fixture.generations();
        assert!(unnamed.len() >= 10 && generations == unnamed, "many runs: {unnamed:?}");
        restore.commit().await.unwrap();
        assert_eq!(fixture.records("a").await, batch(0..1000));
        assert_eq!(fixture.records("b").await, batch(1..4));
        assert_eq!(fixture.records("c").await, batch([]));
        fixture.collections.sweep().await;
        let (generations, unnamed) = fixture.generations();
        assert_eq!((generations.len(), unnamed.len()), (2, 0), "the runs are gone");
    }

    #[tokio::test]
    async fn more_may_be_written_after_reading_back() {
        let fixture = Fixture::new();
        let mut restore = fixture.stage(&[staged("a", false), staged("b", true)]).await;
        for round in 0..3 {
            restore.write(0, batch((0..100).rev().map(|number| number * 3 + round))).await.unwrap();
            restore.write(1, batch(round * 10..round * 10 + 10)).await.unwrap();
            assert_eq!(collect(restore.read_back(0).await.unwrap()).await.len() as u32, round * 100 + 100);
            assert_eq!(collect(restore.read_back(1).await.unwrap()).await, batch(0..round * 10 + 10));
        }
        restore.commit().await.unwrap();
        assert_eq!(fixture.records("a").await, batch(0..300));
        assert_eq!(read(&*fixture.collections.snapshot().await.unwrap(), "b").await, batch(0..30));
    }

    #[tokio::test]
    async fn an_id_that_comes_twice_is_named_wherever_the_two_are() {
        let fixture = Fixture::new();
        for (first, apart) in [(7, 1), (7, 500), (999, 1000)] {
            let mut numbers = shuffled(1000);
            numbers.insert((first + apart).min(1000), numbers[first]);
            let twice = id(numbers[first]);
            let mut restore = fixture.stage(&[staged("a", false)]).await;
            let mut result = Ok(());
            for numbers in numbers.chunks(100) {
                result = result.and(restore.write(0, batch(numbers.iter().copied())).await.map(drop));
                if result.is_err() {
                    break;
                }
            }
            let error = match result {
                Ok(()) => restore.read_back(0).await.err().unwrap(),
                Err(error) => error,
            };
            assert_eq!(error.kind(), CollectionErrorKind::Invalid);
            assert_eq!(error.collection(), Some(&named("a")));
            assert!(error.to_string().ends_with(&format!("id {twice:?} occurs twice")), "{error}");
            restore.commit().await.unwrap_err();
        }
        assert!(fixture.collections.list().await.unwrap().is_empty());
    }
}
