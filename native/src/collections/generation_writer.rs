//! A generation that is written in ascending order, chunk by chunk.

use std::ops::Range;
use std::sync::Arc;

use vecvault_core::RecordBatch;

use super::chunk;
use super::engine::Engine;
use super::error::Result;
use super::loader::Loader;
use super::schema::Generation;

/// One generation that is being written in ascending order.
#[derive(Debug)]
pub(super) struct GenerationWriter {
    generation: Generation,
    chunk_bytes: usize,
    /// At most a chunk.
    tail: RecordBatch,
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
        engine: &Arc<Engine>,
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
    pub(super) fn finish(&mut self, engine: &Arc<Engine>, loader: &mut Loader) -> Result<()> {
        let dimension = self.tail.dimension();
        let tail = std::mem::replace(&mut self.tail, RecordBatch::new(dimension));
        if !tail.is_empty() {
            loader.push(engine, self.generation, &tail, 0..tail.len())?;
        }
        Ok(())
    }
}
