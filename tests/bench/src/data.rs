//! What is measured: the same records for every contender, made from a fixed seed or read from files.

mod gauss;
mod real;

use std::path::Path;

use vecvault_core::format::limits::BLOCK_WEIGHT;
use vecvault_core::{Record, RecordBatch};

use crate::Result;
use gauss::Gauss;

/// Kinds of vectors.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
pub(crate) enum Kind {
    /// Normally distributed, scaled to unit length: 7 to 9 digits a number.
    Gauss,
    /// The same, rounded to 3 decimals: what APIs that round send.
    Short,
    /// Embeddings of Debian's package descriptions.
    Real,
}

/// Records of one kind and dimension, as an endless series of blocks in ascending order of ids.
pub(crate) struct Records {
    kind: Kind,
    dimension: usize,
    gauss: Gauss,
    real: Option<RecordBatch>,
    next: usize,
    vector: Vec<f32>,
}

impl Records {
    /// Of a kind. Real ones are read from `folder` or from the repository's sample; their dimension is
    /// their own.
    pub(crate) fn new(kind: Kind, dimension: usize, folder: Option<&Path>) -> Result<Self> {
        let real = if kind == Kind::Real { Some(real::read(folder)?) } else { None };
        let dimension = real.as_ref().map_or(dimension, RecordBatch::dimension);
        Ok(Self { kind, dimension, gauss: Gauss::new(1), real, next: 0, vector: vec![0.0; dimension] })
    }

    pub(crate) fn dimension(&self) -> usize {
        self.dimension
    }

    /// The next records: a block as the format cuts them, or as many as make up `limit` in all.
    pub(crate) fn block(&mut self, limit: usize) -> Result<Option<RecordBatch>> {
        let mut batch = RecordBatch::new(self.dimension);
        while self.next < limit && batch.weight() < BLOCK_WEIGHT {
            self.push(&mut batch)?;
        }
        Ok((!batch.is_empty()).then_some(batch))
    }

    /// The first `count` records in blocks.
    pub(crate) fn blocks(mut self, count: usize) -> Result<Vec<RecordBatch>> {
        let mut blocks = Vec::new();
        while let Some(block) = self.block(count)? {
            blocks.push(block);
        }
        Ok(blocks)
    }

    fn push(&mut self, batch: &mut RecordBatch) -> Result<()> {
        let number = self.next;
        self.next += 1;
        let id = format!("vec_{number:09}");
        if let Some(real) = &self.real {
            let record = real.record(number % real.len());
            self.vector.copy_from_slice(record.vector);
            if number >= real.len() {
                // Repeated rows differ, so that nothing can be remembered of them.
                self.vector.iter_mut().for_each(|x| *x += 1e-3 * self.gauss.next());
            }
            let record = Record { id: &id, vector: &self.vector, ..record };
            return Ok(batch.push(record)?);
        }
        self.gauss.unit_vector(&mut self.vector);
        if self.kind == Kind::Short {
            self.vector.iter_mut().for_each(|x| *x = (*x * 1e3).round() / 1e3);
        }
        let metadata = self.gauss.metadata(number);
        Ok(batch.push(Record { id: &id, vector: &self.vector, metadata: Some(&metadata), extra: "" })?)
    }
}

/// Where real vectors come from: a folder, or the repository's sample.
pub(crate) fn real_source(folder: Option<&Path>) -> &'static str {
    if folder.is_some() { "real embeddings" } else { "real embeddings (the repository's sample of 235)" }
}
