//! JSON lines into a live collection: staged, proved, then all at once.

use std::io::{self, Read};

use vecvault_core::format::FormatError;
use vecvault_core::format::fingerprint;
use vecvault_core::format::limits::WEIGHT_PER_NUMBER;
use vecvault_core::{
    CollectionConfig, CollectionError, CollectionErrorKind, CollectionName, CollectionProof, CollectionSink,
    Error, Metric, Monitor, Phase, Progress, RecordBatch, StagedCollection, StagedRestore,
};

use super::batches::{Batches, Decoded};
use crate::collections::Collections;

/// What to import, and as what.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ImportRequest {
    /// The collection that the records become.
    pub name: CollectionName,
    /// Its metric. Its dimension is the first record's.
    pub metric: Metric,
    /// Whether it may replace a collection of that name.
    pub replace: bool,
    /// The length of the lines in bytes, where known: for progress and the check for free space.
    pub bytes: Option<u64>,
}

/// What an import did.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize)]
pub struct ImportReport {
    /// The collection.
    pub name: CollectionName,
    /// Its config.
    pub config: CollectionConfig,
    /// What was read from the lines, and what the collection holds: both were counted and compared.
    #[serde(flatten)]
    pub proof: CollectionProof,
    /// Whether it replaced a collection.
    pub replaced: bool,
}

/// Why an import failed. Nothing has changed.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ImportError {
    /// The lines have no record.
    #[error("there is no record to import, so the collection's dimension is not known")]
    Empty,
    /// The collection exists.
    #[error("there is a collection {name:?} already")]
    Exists {
        /// Its name.
        name: CollectionName,
    },
    /// A line is not a record, or not one that a backup can carry.
    #[error("{0}")]
    Line(#[from] FormatError),
    /// The lines cannot be read.
    #[error("cannot read the records: {0}")]
    Read(#[from] io::Error),
    /// A record that the collection refuses: most often an id for the second time.
    #[error("{0}")]
    Refused(CollectionError),
    /// The collections failed, the proof did, or it was cancelled.
    #[error("{0}")]
    Vault(#[from] Box<Error>),
}

impl From<Error> for ImportError {
    fn from(error: Error) -> Self {
        Self::Vault(error.into())
    }
}

impl From<CollectionError> for ImportError {
    fn from(error: CollectionError) -> Self {
        match error.kind() {
            CollectionErrorKind::Invalid => Self::Refused(error),
            _ => Self::Vault(error.into()),
        }
    }
}

/// Imports JSON lines of any length into a collection, all of them or none. Memory is bounded by a few
/// blocks. `lines` is read on a thread that may block, which outlives a cancelled import until its read
/// returns.
pub async fn import(
    collections: &Collections,
    request: ImportRequest,
    lines: impl Read + Send + 'static,
    monitor: &dyn Monitor,
) -> Result<ImportReport, ImportError> {
    let ImportRequest { name, metric, replace, bytes } = request;
    let replaced = exists(collections, &name).await?;
    if replaced && !replace {
        return Err(ImportError::Exists { name });
    }
    let mut batches = Batches::read(lines);
    let first = batches.next(monitor).await?.ok_or(ImportError::Empty)?;
    let config = CollectionConfig::new(first.batch.dimension(), metric)?;
    let plan = StagedCollection { name: name.clone(), config: config.clone(), proof: None, ordered: false };
    let needed = bytes.map_or(0, |bytes| estimate(&first, bytes));
    let mut staged = collections.begin(&[plan], needed).await?;
    let filled = match fill(&mut *staged, first, batches, bytes, monitor).await {
        Ok(proof) => prove(&mut *staged, &name, proof, monitor).await.map(|()| proof),
        Err(error) => Err(error),
    };
    match filled {
        Ok(proof) => {
            staged.commit().await?;
            Ok(ImportReport { name, config, proof, replaced })
        }
        Err(error) => {
            // What failed first is what matters; whatever is left of the staging is swept.
            let _ = staged.abort().await;
            Err(error)
        }
    }
}

/// About how many bytes all lines will take where they are stored, if they are as their beginning is. Numbers
/// are text there, mostly longer than the four bytes that one becomes.
fn estimate(first: &Decoded, total_bytes: u64) -> u64 {
    let Decoded { batch, bytes, .. } = first;
    let stored = batch.weight() - batch.vectors().len() * (WEIGHT_PER_NUMBER - size_of::<f32>());
    let total = u128::from(total_bytes) * stored as u128 / u128::from(*bytes).max(1);
    total.try_into().unwrap_or(u64::MAX)
}

async fn exists(collections: &Collections, name: &CollectionName) -> Result<bool, CollectionError> {
    match collections.get(name).await {
        Ok(_) => Ok(true),
        Err(error) if error.kind() == CollectionErrorKind::NotFound => Ok(false),
        Err(error) => Err(error),
    }
}

/// Stages every batch; gives what they add up to.
async fn fill(
    staged: &mut dyn StagedRestore,
    first: Decoded,
    mut rest: Batches,
    total_bytes: Option<u64>,
    monitor: &dyn Monitor,
) -> Result<CollectionProof, ImportError> {
    let mut proof = CollectionProof::EMPTY;
    let mut next = Some(first);
    while let Some(decoded) = next {
        proof = proof.plus(decoded.proof);
        let (records, bytes) = (proof.count, decoded.bytes);
        report(
            monitor,
            Progress { phase: Phase::Writing, records, total_records: None, bytes, total_bytes },
        )?;
        staged.write(0, decoded.batch).await?;
        next = rest.next(monitor).await?;
    }
    Ok(proof)
}

/// Reads back what was staged and compares it with what was read from the lines.
async fn prove(
    staged: &mut dyn StagedRestore,
    name: &CollectionName,
    expected: CollectionProof,
    monitor: &dyn Monitor,
) -> Result<(), ImportError> {
    let mut reader = staged.read_back(0).await?;
    let mut found = CollectionProof::EMPTY;
    let mut batch = RecordBatch::default();
    loop {
        batch = reader.next(batch).await?;
        if batch.is_empty() {
            break;
        }
        found = found.plus(fingerprint::of_batch(&batch));
        let (records, total_records) = (found.count, Some(expected.count));
        report(
            monitor,
            Progress { phase: Phase::Proving, records, total_records, bytes: 0, total_bytes: None },
        )?;
    }
    if found == expected {
        return Ok(());
    }
    Err(Error::ProofFailed { collection: name.clone(), during: "importing", expected, found }.into())
}

fn report(monitor: &dyn Monitor, progress: Progress) -> Result<(), Error> {
    monitor.progress(progress);
    if monitor.cancelled() { Err(Error::Cancelled) } else { Ok(()) }
}

#[cfg(test)]
mod tests {
    use std::fmt::Write as _;

    use vecvault_core::Silent;

    use super::*;

    #[tokio::test]
    async fn room_is_asked_for_what_is_stored_and_not_for_its_text() {
        let (dimension, records) = (64, 40_000);
        let mut text = String::new();
        let numbers = vec!["0.12345678901234567890"; dimension].join(",");
        for number in 0..records {
            writeln!(text, "{{\"id\":\"{number:06}\",\"vector\":[{numbers}],\"metadata\":{{}}}}").unwrap();
        }
        let (total, stored) = (text.len() as u64, (records * (dimension * 4 + 6 + 2)) as u64);
        let mut batches = Batches::read(io::Cursor::new(text));
        let first = batches.next(&Silent).await.unwrap().unwrap();
        assert!(first.bytes < total, "the first batch is not all");
        let estimated = estimate(&first, total);
        assert!(estimated.abs_diff(stored) < stored / 20, "{estimated} for {stored}");
    }
}
