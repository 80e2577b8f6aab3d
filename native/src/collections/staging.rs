//! One collection of a restore: records on their way into a new generation, in order or to be sorted.

use vecvault_core::{CollectionConfig, CollectionError, CollectionName, RecordBatch, StagedCollection};

use super::chunk::CHUNK_BYTES;
use super::error::{self, Result, duplicate, invalid};
use super::generation_writer::GenerationWriter;
use super::loader::Loader;
use super::restore::Hold;
use super::schema::{Generation, Totals};
use super::sorter::Sorter;

/// A collection that is being staged.
pub(super) struct Staging {
    name: CollectionName,
    config: CollectionConfig,
    totals: Totals,
    input: Input,
}

enum Input {
    /// Appended as it comes; `None` before the first record.
    Ordered(Option<Ordered>),
    /// Sorted first.
    Unordered(Sorter),
}

struct Ordered {
    writer: GenerationWriter,
    last: String,
}

impl Staging {
    pub(super) fn new(plan: &StagedCollection) -> Self {
        let input = if plan.ordered {
            Input::Ordered(None)
        } else {
            Input::Unordered(Sorter::new(plan.config.dimension()))
        };
        Self { name: plan.name.clone(), config: plan.config.clone(), totals: Totals::default(), input }
    }

    pub(super) fn name(&self) -> &CollectionName {
        &self.name
    }

    pub(super) fn config(&self) -> &CollectionConfig {
        &self.config
    }

    /// What the records so far add up to.
    pub(super) fn totals(&self) -> Totals {
        self.totals
    }

    /// Takes records.
    pub(super) fn write(&mut self, hold: &mut Hold, loader: &mut Loader, batch: &RecordBatch) -> Result<()> {
        if batch.is_empty() {
            return Ok(());
        }
        error::check_dimension(self.config.dimension(), batch.dimension())?;
        self.totals.add(Totals::of(batch));
        match &mut self.input {
            Input::Ordered(ordered) => {
                let ordered = match ordered {
                    Some(ordered) => ordered,
                    None => {
                        let writer = GenerationWriter::new(hold.generation(), batch.dimension(), CHUNK_BYTES);
                        ordered.insert(Ordered { writer, last: String::new() })
                    }
                };
                ordered.append(hold, loader, batch)
            }
            Input::Unordered(sorter) => {
                sorter.add(batch);
                Ok(())
            }
        }
    }

    /// The bytes of records that are neither written nor with the loader.
    pub(super) fn buffered_bytes(&self) -> usize {
        match &self.input {
            Input::Ordered(Some(ordered)) => ordered.writer.buffered_bytes(),
            Input::Ordered(None) => 0,
            Input::Unordered(sorter) => sorter.buffered_bytes(),
        }
    }

    /// Writes what is buffered, to have its memory back.
    pub(super) fn spill(&mut self, hold: &mut Hold, loader: &mut Loader) -> Result<()> {
        match &mut self.input {
            Input::Ordered(Some(ordered)) => ordered.writer.finish(hold.engine(), loader),
            Input::Ordered(None) => Ok(()),
            Input::Unordered(sorter) => sorter.write_run(hold, loader),
        }
    }

    /// Brings all records to one generation, in order; the loader may still hold some of them. More may be
    /// written afterwards.
    pub(super) fn finish(&mut self, hold: &mut Hold, loader: &mut Loader) -> Result<Generation> {
        match &mut self.input {
            Input::Ordered(Some(ordered)) => {
                ordered.writer.finish(hold.engine(), loader)?;
                Ok(ordered.writer.generation())
            }
            Input::Ordered(None) => Ok(hold.generation()),
            Input::Unordered(sorter) => sorter.finish(hold, loader),
        }
    }
}

impl Ordered {
    fn append(&mut self, hold: &Hold, loader: &mut Loader, batch: &RecordBatch) -> Result<()> {
        // No id is empty: it comes before every other.
        let mut last = self.last.as_str();
        for record in batch.records() {
            if record.id <= last {
                return Err(if record.id == last { duplicate(last) } else { unordered(record.id, last) });
            }
            last = record.id;
        }
        self.last = last.into();
        self.writer.append(hold.engine(), loader, batch, 0..batch.len())
    }
}

fn unordered(id: &str, last: &str) -> CollectionError {
    invalid(format!("id {id:?} comes after {last:?}, though the ids were to ascend"))
}
