//! `restore --dry-run`: what a restore would do, from the backup's index and the list of live collections.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use serde::{Deserialize, Serialize};
use vecvault_core::{BackupId, CollectionName};

use crate::cli::collections::{LiveCollection, live};
use crate::cli::context::Context;
use crate::cli::create::selection;
use crate::cli::document::Document;
use crate::cli::exit::{Exit, Outcome};
use crate::cli::terminal::{Table, count, plain};
use crate::cli::views::{BackupView, CollectionView};

/// What a restore would do.
#[derive(Debug, PartialEq, Eq, Serialize, Deserialize)]
struct Plan {
    dry_run: bool,
    id: String,
    steps: Vec<Step>,
    /// Why it would be refused; every reason, not only the first.
    conflicts: Vec<String>,
}

/// What would happen to one collection.
#[derive(Debug, PartialEq, Eq, Serialize, Deserialize)]
struct Step {
    name: String,
    restored_as: String,
    action: Action,
    count: u64,
    /// What is live now under that name.
    live: Option<LiveCollection>,
    /// What of the live config would change, such as `dimension 3 to 384`.
    config_changes: Vec<String>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
enum Action {
    /// There is no live collection of that name.
    Create,
    /// The live collection holds other records, or they cannot be told apart without reading them.
    Replace,
    /// The live collection holds the same records.
    Same,
}

/// Shows the plan; conflicts make the exit code that of a conflict.
pub(super) async fn run(
    context: &Context,
    id: BackupId,
    collections: &[CollectionName],
    rename: &BTreeMap<CollectionName, CollectionName>,
) -> Outcome {
    let mut missing = Vec::new();
    let backup = match context.remote() {
        Some(server) => server.get(&format!("backups/{id}")).await?,
        None => {
            let chosen = selection(collections.to_vec());
            let backup = vecvault_core::open_for(&context.store()?, id, &chosen, &context.host()?).await?;
            missing.extend_from_slice(backup.missing_collections());
            Document::of(&**backup.summary())?
        }
    };
    let mut plan = plan(&backup.view()?, collections, rename, live(context).await?);
    if collections.is_empty() {
        // A server says so only when it is asked to restore.
        let held =
            |name| format!("the backup lists {name:?} but does not hold it; name the collections to restore");
        plan.conflicts.extend(missing.iter().map(held));
    }
    let document = Document::of(&plan)?;
    context.show(&document, render)?;
    Ok(if plan.conflicts.is_empty() { Exit::Ok } else { Exit::Conflict })
}

fn plan(
    backup: &BackupView,
    collections: &[CollectionName],
    rename: &BTreeMap<CollectionName, CollectionName>,
    live: Vec<LiveCollection>,
) -> Plan {
    let mut live: BTreeMap<String, LiveCollection> =
        live.into_iter().map(|collection| (collection.name.clone(), collection)).collect();
    let mut conflicts = Vec::new();
    let chosen = |name: &str| collections.is_empty() || collections.iter().any(|c| c.as_str() == name);
    let held = |name: &CollectionName| backup.contents.iter().any(|held| held.name == name.as_str());
    for name in collections.iter().filter(|name| !held(name)) {
        conflicts.push(format!("the backup has no collection {name:?}"));
    }
    for name in rename.keys().filter(|name| !held(name) || !chosen(name.as_str())) {
        conflicts.push(format!("collection {name:?} is renamed but not restored"));
    }
    let mut targets: BTreeMap<String, &str> = BTreeMap::new();
    let mut steps = Vec::new();
    for collection in backup.contents.iter().filter(|collection| chosen(&collection.name)) {
        let new_name = CollectionName::parse(&collection.name).ok().and_then(|name| rename.get(&name));
        let target = new_name.map_or(collection.name.as_str(), CollectionName::as_str);
        if let Some(other) = targets.insert(target.to_owned(), &collection.name) {
            conflicts.push(format!("{other:?} and {:?} would both become {target:?}", collection.name));
            continue;
        }
        steps.push(step(collection, target, live.remove(target)));
    }
    Plan { dry_run: true, id: backup.id.clone(), steps, conflicts }
}

fn step(collection: &CollectionView, target: &str, live: Option<LiveCollection>) -> Step {
    let mut config_changes = Vec::new();
    let action = match &live {
        None => Action::Create,
        Some(live) => {
            let CollectionView { config, count, fingerprint, .. } = collection;
            if live.dimension != config.dimension {
                config_changes.push(format!("dimension {} to {}", live.dimension, config.dimension));
            }
            if !live.metric.eq_ignore_ascii_case(&config.metric) {
                config_changes.push(format!("metric {} to {}", live.metric, config.metric));
            }
            let same_records = live.count == *count && live.fingerprint.as_ref() == Some(fingerprint);
            if same_records && config_changes.is_empty() { Action::Same } else { Action::Replace }
        }
    };
    Step {
        name: collection.name.clone(),
        restored_as: target.to_owned(),
        action,
        count: collection.count,
        live,
        config_changes,
    }
}

fn render(plan: &Plan) -> String {
    let mut table = Table::new(&["COLLECTION", "AS", "ACTION", ">LIVE", ">BACKUP", "CONFIG"]);
    for step in &plan.steps {
        let action = match step.action {
            Action::Create => "create",
            Action::Replace => "replace",
            Action::Same => "same",
        };
        let live = step.live.as_ref().map_or("-".to_owned(), |live| count(live.count));
        let config = step.config_changes.join(", ");
        table.row([&step.name, &step.restored_as, action, &live, &count(step.count), &config]);
    }
    let mut text = table.render();
    for conflict in &plan.conflicts {
        // Writing to a String cannot fail.
        let _ = writeln!(text, "CONFLICT  {}", plain(conflict));
    }
    text.push_str("Nothing was changed.\n");
    text
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cli::views::ConfigView;

    fn backup() -> BackupView {
        let collection = |name: &str, count, fingerprint: &str| CollectionView {
            name: name.into(),
            config: ConfigView { dimension: 3, metric: "cosine".into() },
            count,
            fingerprint: fingerprint.into(),
        };
        BackupView {
            id: "an-id".into(),
            name: "b".into(),
            date: String::new(),
            size: 1,
            collections: vec!["docs".into(), "code".into(), "new".into()],
            provenance: None,
            contents: vec![
                collection("docs", 2, "aa"),
                collection("code", 1, "bb"),
                collection("new", 1, "cc"),
            ],
        }
    }

    fn live_collection(name: &str, dimension: u64, fingerprint: &str) -> LiveCollection {
        let fingerprint = Some(fingerprint.into());
        LiveCollection { name: name.into(), dimension, metric: "cosine".into(), count: 2, fingerprint }
    }

    fn name(text: &str) -> CollectionName {
        CollectionName::parse(text).unwrap()
    }

    #[test]
    fn every_collection_is_created_replaced_or_the_same() {
        let live = vec![live_collection("docs", 3, "aa"), live_collection("code", 4, "bb")];
        let plan = plan(&backup(), &[], &BTreeMap::new(), live);
        let actions: Vec<_> = plan.steps.iter().map(|step| step.action).collect();
        assert_eq!(actions, [Action::Same, Action::Replace, Action::Create]);
        assert_eq!(plan.steps[1].config_changes, ["dimension 4 to 3"]);
        assert!(plan.conflicts.is_empty());
    }

    #[test]
    fn every_conflict_is_named() {
        let rename = BTreeMap::from([(name("docs"), name("code")), (name("new"), name("x"))]);
        let chosen = [name("docs"), name("code"), name("gone")];
        let plan = plan(&backup(), &chosen, &rename, Vec::new());
        assert_eq!(
            plan.conflicts,
            [
                r#"the backup has no collection "gone""#,
                r#"collection "new" is renamed but not restored"#,
                r#""docs" and "code" would both become "code""#,
            ]
        );
    }
}
