//! restore: collections of a backup replace the live ones, all at once.

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::sync::Arc;

use crate::blob::BlobStore;
use crate::collections::{CollectionReader, CollectionSink, StagedCollection, StagedRestore};
use crate::create::Selection;
use crate::error::{Error, Result};
use crate::format::fingerprint;
use crate::host::{Host, Phase, Progress};
use crate::inspect::{Backup, from_collection_error, open_for};
use crate::model::{BackupId, CollectionName, CollectionProof, CollectionSummary, RecordBatch};

/// What to restore.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RestoreRequest {
    /// The backup.
    pub id: BackupId,
    /// Which of its collections.
    pub collections: Selection,
    /// New names for some of them: old name in the backup to live name.
    pub rename: BTreeMap<CollectionName, CollectionName>,
}

impl RestoreRequest {
    /// All collections of a backup, under their own names.
    pub fn all(id: BackupId) -> Self {
        Self { id, collections: Selection::All, rename: BTreeMap::new() }
    }
}

/// One collection that was restored.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize)]
pub struct RestoredCollection {
    /// The live name.
    pub restored_as: CollectionName,
    /// What the backup holds, and the live collection now too: both were counted and compared.
    #[serde(flatten)]
    pub contents: CollectionSummary,
}

/// What a restore did, all of it proved.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize)]
pub struct RestoreReport {
    /// The backup.
    pub id: BackupId,
    /// What was restored.
    pub restored: Vec<RestoredCollection>,
    /// Whether collections were named, so that the backup's other ones and the bytes between them were left
    /// unread.
    pub rest_unread: bool,
}

/// Restores collections of a backup over the live ones of the same (or the new) names. Everything is
/// staged, read back and compared with the backup's counts and fingerprints before all of it becomes live
/// at one moment; on an error nothing has changed.
///
/// A restore of all reads every byte of the backup and refuses any damage. One of collections by name reads
/// what they are proved by, and is not refused for damage elsewhere.
pub async fn restore(
    store: &Arc<dyn BlobStore>,
    sink: &dyn CollectionSink,
    request: RestoreRequest,
    host: &Host,
) -> Result<RestoreReport> {
    let backup = open_for(store, request.id, &request.collections, host).await?;
    let plan = plan_restore(&backup, &request)?;
    if plan.len() > 1 && !sink.capabilities().atomic {
        let message = "these collections would become live one after the other: restore them one at a time";
        return Err(Error::InvalidRequest(message.into()).into());
    }
    let staged: Vec<_> = plan.iter().map(staged_collection).collect();
    let mut bytes = plan.iter().map(|planned| stored_bytes(&backup, planned));
    let bytes = bytes.try_fold(0, |sum: u64, bytes| Ok::<_, Box<Error>>(sum.saturating_add(bytes?)))?;
    let mut restore = sink.begin(&staged, bytes).await?;
    let whole = request.collections == Selection::All;
    let result = stage_and_prove(&backup, &plan, &mut *restore, whole, host).await;
    if let Err(error) = result {
        // What failed is what is told; what cannot be dropped now is swept at the next start.
        let _ = restore.abort().await;
        return Err(error);
    }
    restore.commit().await?;
    Ok(RestoreReport { id: request.id, restored: plan, rest_unread: !whole })
}

/// What a restore would do: each collection of the backup that is selected, and its live name.
pub fn plan_restore(backup: &Backup, request: &RestoreRequest) -> Result<Vec<RestoredCollection>> {
    let contents = &backup.summary().contents;
    let not_in_backup =
        |name: &CollectionName| Box::new(Error::CollectionNotInBackup { id: request.id, name: name.clone() });
    let selected: Vec<&CollectionSummary> = match &request.collections {
        Selection::All => {
            if let Some(missing) = backup.missing_collections().first() {
                let message = format!(
                    "backup {} lists the collection {missing:?} but does not hold it; name the collections to restore",
                    request.id
                );
                return Err(Error::InvalidRequest(message).into());
            }
            contents.iter().collect()
        }
        Selection::Only(names) => {
            let find = |name: &CollectionName| {
                contents.iter().find(|c| c.name == *name).ok_or_else(|| not_in_backup(name))
            };
            names.iter().map(find).collect::<Result<_>>()?
        }
    };
    if let Some(unused) = request.rename.keys().find(|old| !selected.iter().any(|c| c.name == **old)) {
        if contents.iter().any(|c| c.name == *unused) {
            let message = format!("rename: collection {unused:?} is not among those that are restored");
            return Err(Error::InvalidRequest(message).into());
        }
        return Err(not_in_backup(unused));
    }
    let mut live = BTreeSet::new();
    let restored = |c: &CollectionSummary| {
        let name = request.rename.get(&c.name).unwrap_or(&c.name).clone();
        if !live.insert(name.clone()) {
            return Err(Error::DuplicateCollection { name }.into());
        }
        Ok(RestoredCollection { restored_as: name, contents: c.clone() })
    };
    selected.into_iter().map(restored).collect()
}

/// About how many bytes a store of binary records takes for a collection: four a number, and what the text
/// has beyond the nine that a number takes there at least, as a rule.
fn stored_bytes(backup: &Backup, planned: &RestoredCollection) -> Result<u64> {
    let text = backup.bytes(&planned.contents.name)?;
    let numbers = planned.contents.proof.count.saturating_mul(planned.contents.config.dimension() as u64);
    Ok(numbers.saturating_mul(4).saturating_add(text.saturating_sub(numbers.saturating_mul(9))))
}

fn staged_collection(planned: &RestoredCollection) -> StagedCollection {
    StagedCollection {
        name: planned.restored_as.clone(),
        config: planned.contents.config.clone(),
        proof: Some(planned.contents.proof),
        ordered: planned.contents.ordered,
    }
}

/// Fills the staged collections, and compares what they hold with the backup.
async fn stage_and_prove(
    backup: &Backup,
    plan: &[RestoredCollection],
    restore: &mut dyn StagedRestore,
    whole: bool,
    host: &Host,
) -> Result<()> {
    let total_records = Some(plan.iter().map(|planned| planned.contents.proof.count).sum());
    let mut progress =
        Progress { phase: Phase::Reading, records: 0, total_records, bytes: 0, total_bytes: None };
    for (number, planned) in plan.iter().enumerate() {
        let mut reader = backup.records(&planned.contents.name)?;
        let mut memory = RecordBatch::default();
        loop {
            let batch = reader.next(memory).await.map_err(from_collection_error)?;
            if batch.is_empty() {
                break;
            }
            progress.records += batch.len() as u64;
            memory = restore.write(number, batch).await?;
            host.report(progress)?;
        }
    }
    if whole {
        backup.check_ending(host).await?;
    }
    progress = Progress { phase: Phase::Proving, records: 0, ..progress };
    for (number, planned) in plan.iter().enumerate() {
        let reader = restore.read_back(number).await?;
        let found = prove(reader, host, &mut progress).await?;
        let expected = planned.contents.proof;
        if found != expected {
            let collection = planned.restored_as.clone();
            let during = "reading back what was restored";
            return Err(Error::ProofFailed { collection, during, expected, found }.into());
        }
    }
    host.report(Progress { phase: Phase::Committing, ..progress })
}

/// Count and fingerprint of what a reader yields.
async fn prove(
    mut reader: Box<dyn CollectionReader>,
    host: &Host,
    progress: &mut Progress,
) -> Result<CollectionProof> {
    let mut found = CollectionProof::EMPTY;
    let mut running = VecDeque::new();
    let mut spare = Vec::new();
    let mut ended = false;
    loop {
        while !ended && running.len() < host.window() {
            let batch = reader.next(spare.pop().unwrap_or_default()).await?;
            ended = batch.is_empty();
            if !ended {
                running.push_back(host.spawn(move || (fingerprint::of_batch(&batch), batch)));
            }
        }
        let Some(job) = running.pop_front() else { return Ok(found) };
        let (proof, batch) = job.await?;
        spare.push(batch);
        found = found.plus(proof);
        progress.records += proof.count;
        host.report(*progress)?;
    }
}
