//! What a restore would do, told before anything is written: from the backup's index and the list of live
//! collections. The command line's `--dry-run` and the server's `dry_run` answer it.

use std::collections::{BTreeMap, BTreeSet};

use serde::Serialize;
use serde_json::value::RawValue;
use vecvault_core::{
    Backup, BackupId, CollectionConfig, CollectionHead, CollectionName, CollectionSummary, Fingerprint,
    Metric, RestoreRequest, Selection,
};

use crate::collections::CollectionState;

/// What a restore would do.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct RestorePlan {
    /// Always `true`: tells the plan of a restore from the report of one.
    pub dry_run: bool,
    /// The backup.
    pub id: BackupId,
    /// What would happen to each collection, in the order of the backup.
    pub steps: Vec<RestoreStep>,
    /// Why it would be refused: every reason, not only the first.
    pub conflicts: Vec<String>,
}

/// What would happen to one collection.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct RestoreStep {
    /// Its name in the backup.
    pub name: CollectionName,
    /// The live name.
    pub restored_as: CollectionName,
    /// What would be done.
    pub action: RestoreAction,
    /// How many records the backup holds.
    pub count: u64,
    /// What is live now under that name.
    pub live: Option<LiveCollection>,
    /// What of the live config would change, such as `dimension 3 to 384`.
    pub config_changes: Vec<String>,
}

/// What a restore does to a live name.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum RestoreAction {
    /// There is no live collection of that name.
    Create,
    /// The live collection holds other records, or has another config.
    Replace,
    /// The live collection holds the same records under the same config.
    Same,
}

/// A collection that is live.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct LiveCollection {
    /// Its name.
    pub name: CollectionName,
    /// The dimension of its vectors.
    pub dimension: usize,
    /// Its metric.
    pub metric: Metric,
    /// How many records it holds.
    pub count: u64,
    /// What they add up to.
    pub fingerprint: Option<Fingerprint>,
}

impl RestorePlan {
    /// What `request` would do with `backup` where `live` is what is live. Where there are no conflicts,
    /// [`vecvault_core::plan_restore`] accepts the request.
    pub fn new(backup: &Backup, request: &RestoreRequest, live: &[CollectionState]) -> Self {
        let contents = &backup.summary().contents;
        let mut conflicts = conflicts_of_selection(backup, request);
        conflicts.extend(unused_renames(contents, request));
        let live: BTreeMap<&CollectionName, &CollectionState> =
            live.iter().map(|state| (&state.head.name, state)).collect();
        let mut targets: BTreeMap<&CollectionName, &CollectionName> = BTreeMap::new();
        let mut steps = Vec::new();
        for collection in contents.iter().filter(|collection| selects(request, &collection.name)) {
            let target = request.rename.get(&collection.name).unwrap_or(&collection.name);
            if let Some(other) = targets.insert(target, &collection.name) {
                conflicts.push(format!("{other:?} and {:?} would both become {target:?}", collection.name));
                continue;
            }
            steps.push(RestoreStep::new(collection, target, live.get(target).map(|state| &state.head)));
        }
        Self { dry_run: true, id: request.id, steps, conflicts }
    }
}

impl RestoreStep {
    fn new(collection: &CollectionSummary, target: &CollectionName, live: Option<&CollectionHead>) -> Self {
        let config_changes =
            live.map_or_else(Vec::new, |live| config_changes(&live.config, &collection.config));
        let action = match live {
            None => RestoreAction::Create,
            Some(live) if live.proof == Some(collection.proof) && config_changes.is_empty() => {
                RestoreAction::Same
            }
            Some(_) => RestoreAction::Replace,
        };
        Self {
            name: collection.name.clone(),
            restored_as: target.clone(),
            action,
            count: collection.proof.count,
            live: live.map(LiveCollection::from),
            config_changes,
        }
    }
}

impl From<&CollectionHead> for LiveCollection {
    fn from(head: &CollectionHead) -> Self {
        Self {
            name: head.name.clone(),
            dimension: head.config.dimension(),
            metric: head.config.metric().clone(),
            count: head.proof.map_or(0, |proof| proof.count),
            fingerprint: head.proof.map(|proof| proof.fingerprint),
        }
    }
}

fn selects(request: &RestoreRequest, name: &CollectionName) -> bool {
    match &request.collections {
        Selection::All => true,
        Selection::Only(names) => names.contains(name),
    }
}

/// Collections that were asked for twice, or that the backup does not hold.
fn conflicts_of_selection(backup: &Backup, request: &RestoreRequest) -> Vec<String> {
    let names = match &request.collections {
        Selection::Only(names) => names,
        Selection::All => {
            let unheld = backup.missing_collections().iter().map(|name| {
                format!("the backup lists {name:?} but does not hold it; name the collections to restore")
            });
            return unheld.collect();
        }
    };
    let contents = &backup.summary().contents;
    let mut conflicts = Vec::new();
    let mut seen = BTreeSet::new();
    for name in names {
        if !seen.insert(name) {
            conflicts.push(format!("collection {name:?} is named twice"));
        } else if !contents.iter().any(|held| held.name == *name) {
            conflicts.push(format!("the backup has no collection {name:?}"));
        }
    }
    conflicts
}

/// Renames of collections that are not restored: as a rule, of misspelled ones.
fn unused_renames<'a>(
    contents: &'a [CollectionSummary],
    request: &'a RestoreRequest,
) -> impl Iterator<Item = String> + 'a {
    let restored =
        |name: &CollectionName| selects(request, name) && contents.iter().any(|held| held.name == *name);
    let unused = request.rename.keys().filter(move |name| !restored(name));
    unused.map(|name| format!("collection {name:?} is renamed but not restored"))
}

fn config_changes(live: &CollectionConfig, backup: &CollectionConfig) -> Vec<String> {
    let mut changes = Vec::new();
    if live.dimension() != backup.dimension() {
        changes.push(format!("dimension {} to {}", live.dimension(), backup.dimension()));
    }
    if live.metric() != backup.metric() {
        changes.push(format!("metric {} to {}", live.metric(), backup.metric()));
    }
    let (live, backup) = (other_members(live), other_members(backup));
    let names: BTreeSet<&String> = live.keys().chain(backup.keys()).collect();
    let text = |value: Option<&Box<RawValue>>| value.map(|value| value.get().to_owned());
    let changed = names.into_iter().filter(|name| text(live.get(*name)) != text(backup.get(*name)));
    changes.extend(changed.map(|name| format!("member {name:?}")));
    changes
}

/// What a config carries beside dimension and metric: the text of each member.
fn other_members(config: &CollectionConfig) -> BTreeMap<String, Box<RawValue>> {
    let mut members: BTreeMap<String, Box<RawValue>> =
        serde_json::from_str(config.json()).unwrap_or_default();
    members.retain(|name, _| !matches!(name.as_str(), "dimension" | "metric"));
    members
}

#[cfg(test)]
mod tests;
