//! What the checks are made of.

use super::CollectionSuite;
use super::records::{Sample, Samples, batch_of, same_records, sample_of};
use crate::collections::{
    CollectionError, CollectionErrorKind, CollectionHead, CollectionReader, CollectionSnapshot,
    StagedCollection, StagedRestore,
};
use crate::conformance::expect::{Outcome, Succeeds, equal, holds};
use crate::format::fingerprint::Fingerprinter;
use crate::model::{CollectionConfig, CollectionName, CollectionProof, RecordBatch};

/// How many numbers most of the suite's vectors have.
pub(super) const DIMENSION: usize = 24;
/// How many records are written at once.
const BATCH: usize = 100;

/// A collection of the suite: what is restored, or must be there.
#[derive(Clone, Debug)]
pub(super) struct Fixture {
    pub(super) name: CollectionName,
    pub(super) config: CollectionConfig,
    pub(super) records: Samples,
}

impl Fixture {
    /// A collection with a config that keeps unknown members and its spelling.
    pub(super) fn new(name: &str, dimension: usize, records: Samples) -> Outcome<Self> {
        let config =
            format!(r#"{{ "metric":"Cosine", "records":{}, "dimension":{dimension} }}"#, records.len());
        Ok(Self {
            name: CollectionName::parse(&format!("conformance {name}")).succeeds("parse a name")?,
            config: CollectionConfig::parse(config.as_bytes()).succeeds("parse a config")?,
            records,
        })
    }

    /// How a restore announces it. It tells no proof: a sink must not need one.
    pub(super) fn staged(&self, ordered: bool) -> StagedCollection {
        StagedCollection { name: self.name.clone(), config: self.config.clone(), proof: None, ordered }
    }
}

/// Begins a restore of these collections and writes their records, in ascending order of ids.
pub(super) async fn stage(
    suite: &CollectionSuite<'_>,
    fixtures: &[&Fixture],
) -> Outcome<Box<dyn StagedRestore>> {
    let plan: Vec<_> = fixtures.iter().map(|fixture| fixture.staged(true)).collect();
    let mut restore = suite.sink.begin(&plan, 1 << 20).await.succeeds("begin a restore")?;
    for (index, fixture) in fixtures.iter().enumerate() {
        write(&mut *restore, index, fixture.config.dimension(), fixture.records.iter()).await?;
    }
    Ok(restore)
}

/// Writes records to a staged collection in several batches.
pub(super) async fn write<'a>(
    restore: &mut dyn StagedRestore,
    index: usize,
    dimension: usize,
    records: impl Iterator<Item = (&'a String, &'a Sample)>,
) -> Outcome {
    let mut records = records.peekable();
    while records.peek().is_some() {
        let batch = batch_of(dimension, records.by_ref().take(BATCH))?;
        let back = restore.write(index, batch).await.succeeds("write a batch")?;
        holds("a batch comes back empty from write", back.is_empty())?;
    }
    Ok(())
}

/// Restores these collections, which must succeed.
pub(super) async fn restore(suite: &CollectionSuite<'_>, fixtures: &[&Fixture]) -> Outcome {
    stage(suite, fixtures).await?.commit().await.succeeds("commit a restore")
}

/// A snapshot, which must succeed.
pub(super) async fn snapshot(suite: &CollectionSuite<'_>) -> Outcome<Box<dyn CollectionSnapshot>> {
    suite.source.snapshot().await.succeeds("begin a snapshot")
}

/// Fails unless a new snapshot has these collections as they are here.
pub(super) async fn are_live(suite: &CollectionSuite<'_>, fixtures: &[&Fixture]) -> Outcome {
    are_in(suite, &*snapshot(suite).await?, fixtures).await
}

/// Fails unless a snapshot has these collections as they are here.
pub(super) async fn are_in(
    suite: &CollectionSuite<'_>,
    snapshot: &dyn CollectionSnapshot,
    fixtures: &[&Fixture],
) -> Outcome {
    for fixture in fixtures {
        let name = &fixture.name;
        let head = head(snapshot, name).ok_or_else(|| format!("expected a collection {name:?}, saw none"))?;
        equal(&format!("config of {name:?}"), head.config.json(), fixture.config.json())?;
        let seen = read(snapshot, head).await?;
        let exact = suite.sink.capabilities().metadata_exact;
        same_records(&format!("collection {name:?}"), &seen, &fixture.records, exact)?;
    }
    Ok(())
}

/// Fails unless a new snapshot has no such collection.
pub(super) async fn is_absent(suite: &CollectionSuite<'_>, name: &CollectionName) -> Outcome {
    holds("the collection is not there", head(&*snapshot(suite).await?, name).is_none())
}

/// What a snapshot tells of a collection.
pub(super) fn head<'a>(
    snapshot: &'a dyn CollectionSnapshot,
    name: &CollectionName,
) -> Option<&'a CollectionHead> {
    snapshot.collections().iter().find(|head| head.name == *name)
}

/// Reads a collection of a snapshot; holds it to what its head tells.
pub(super) async fn read(snapshot: &dyn CollectionSnapshot, head: &CollectionHead) -> Outcome<Samples> {
    let mut reader = snapshot.read(&head.name).await.succeeds("read a collection")?;
    let (records, proof) = drain(&mut *reader, head.config.dimension(), head.ordered).await?;
    if let Some(told) = head.proof {
        equal("the records' proof, and what the head tells", proof, told)?;
    }
    Ok(records)
}

/// Reads to the end. Ids must be unique, and ascend where the reader is `ordered`.
pub(super) async fn drain(
    reader: &mut dyn CollectionReader,
    dimension: usize,
    ordered: bool,
) -> Outcome<(Samples, CollectionProof)> {
    let (mut records, mut proof) = (Samples::new(), CollectionProof::EMPTY);
    let mut fingerprinter = Fingerprinter::new();
    let mut last = String::new();
    // A batch of another dimension, with a record in it: a reader empties it first.
    let (id, sample) =
        (String::from("left over"), Sample { bits: vec![0], metadata: None, extra: String::new() });
    let mut batch: RecordBatch = batch_of(1, [(&id, &sample)])?;
    loop {
        batch = reader.next(batch).await.succeeds("read a batch")?;
        if batch.is_empty() {
            return Ok((records, proof));
        }
        equal("dimension of a batch", batch.dimension(), dimension)?;
        proof = proof.plus(fingerprinter.records(batch.records()));
        for record in batch.records() {
            if ordered && record.id <= last.as_str() {
                return Err(format!(
                    "expected ids to ascend by their bytes, saw {:?} after {last:?}",
                    record.id
                ));
            }
            record.id.clone_into(&mut last);
            if records.insert(last.clone(), sample_of(record)).is_some() {
                return Err(format!("expected unique ids, saw {last:?} twice"));
            }
        }
    }
}

/// Fails unless an operation was refused with this kind.
pub(super) fn refused<T>(
    what: &str,
    result: Result<T, CollectionError>,
    kind: CollectionErrorKind,
) -> Outcome<CollectionError> {
    match result {
        Err(error) if error.kind() == kind => Ok(error),
        Err(error) => {
            Err(format!("{what}: expected an error of kind {kind:?}, saw {:?}: {error}", error.kind()))
        }
        Ok(_) => Err(format!("{what}: expected an error of kind {kind:?}, saw success")),
    }
}
