use std::sync::Arc;

use futures_util::stream;
use tempfile::TempDir;
use vecvault_core::{BlobStore, Host, MemoryBlobStore, PutMode, Record, RecordBatch, open_for, plan_restore};

use super::*;
use crate::collections::Collections;

const ID: &str = "550e8400-e29b-41d4-a716-446655440000";

fn name(text: &str) -> CollectionName {
    CollectionName::parse(text).unwrap()
}

fn id() -> BackupId {
    BackupId::parse(ID).unwrap()
}

/// A collection of a file, with the records of these ids.
fn collection(config: &str, ids: &[&str]) -> String {
    let records: Vec<_> = ids.iter().map(|id| format!(r#"{{"id":"{id}","vector":[1]}}"#)).collect();
    format!(r#"{{"config":{config},"vectors":[{}]}}"#, records.join(","))
}

/// A store with one file of another writer, which lists `listed` and holds `docs`, `code` and `new`.
async fn store(listed: &str) -> Arc<dyn BlobStore> {
    let plain = r#"{"dimension":1,"metric":"cosine"}"#;
    let text = format!(
        r#"{{"id":"{ID}","name":"b","date":"2024-01-15T10:30:00Z","collections":{listed},"size":1,"data":{{"docs":{},"code":{},"new":{}}}}}"#,
        collection(plain, &["a", "b"]),
        collection(r#"{"dimension":1,"metric":"dot","shards":2}"#, &["a"]),
        collection(plain, &["a"]),
    );
    let store: Arc<dyn BlobStore> = Arc::new(MemoryBlobStore::new());
    let body = Box::pin(stream::iter([Ok(text.into_bytes().into())]));
    store.put(&id().key(), body, PutMode::Create).await.unwrap();
    store
}

/// Live collections, each of a name, a config and ids.
async fn live(collections: &[(&str, &str, &[&str])]) -> (TempDir, Vec<CollectionState>) {
    let directory = tempfile::tempdir().unwrap();
    let live = Collections::open(&directory.path().join("data")).unwrap();
    for (collection, config, ids) in collections {
        let config = CollectionConfig::parse(config.as_bytes()).unwrap();
        let vector = vec![1.0; config.dimension()];
        let mut batch = RecordBatch::new(config.dimension());
        for id in *ids {
            batch.push(Record { id, vector: &vector, metadata: None, extra: "" }).unwrap();
        }
        live.create(&name(collection), config).await.unwrap();
        live.upsert(&name(collection), batch).await.unwrap();
    }
    let states = live.list().await.unwrap();
    (directory, states)
}

fn request(collections: &[&str], rename: &[(&str, &str)]) -> RestoreRequest {
    let collections = match collections {
        [] => Selection::All,
        names => Selection::Only(names.iter().map(|text| name(text)).collect()),
    };
    let rename = rename.iter().map(|(old, new)| (name(old), name(new))).collect();
    RestoreRequest { id: id(), collections, rename }
}

async fn plan(store: &Arc<dyn BlobStore>, request: &RestoreRequest, live: &[CollectionState]) -> RestorePlan {
    let backup = open_for(store, id(), &request.collections, &Host::inline()).await.unwrap();
    RestorePlan::new(&backup, request, live)
}

#[tokio::test]
async fn every_collection_is_created_replaced_or_the_same() {
    let store = store(r#"["docs","code","new"]"#).await;
    let (_directory, live) = live(&[
        ("docs", r#"{"dimension":1,"metric":"cosine"}"#, &["b", "a"]),
        ("code", r#"{"dimension":2,"metric":"dot","replicas":1}"#, &["a"]),
    ])
    .await;
    let plan = plan(&store, &request(&[], &[]), &live).await;
    let actions: Vec<_> = plan.steps.iter().map(|step| step.action).collect();
    assert_eq!(actions, [RestoreAction::Same, RestoreAction::Replace, RestoreAction::Create]);
    assert_eq!(
        plan.steps[1].config_changes,
        ["dimension 2 to 1", r#"member "replicas""#, r#"member "shards""#]
    );
    assert_eq!(plan.steps[1].live.as_ref().unwrap().count, 1);
    assert!(plan.conflicts.is_empty());
}

#[tokio::test]
async fn the_same_records_under_another_config_are_replaced() {
    let store = store(r#"["docs","code","new"]"#).await;
    let (_directory, live) = live(&[("docs", r#"{"dimension":1,"metric":"l2"}"#, &["a", "b"])]).await;
    let plan = plan(&store, &request(&["docs"], &[]), &live).await;
    assert_eq!(plan.steps[0].action, RestoreAction::Replace);
    assert_eq!(plan.steps[0].config_changes, ["metric euclidean to cosine"]);
}

#[tokio::test]
async fn every_conflict_is_named() {
    let store = store(r#"["docs","code","new","gone"]"#).await;
    let several = request(&["docs", "code", "gone", "code"], &[("docs", "code"), ("new", "x")]);
    assert_eq!(
        plan(&store, &several, &[]).await.conflicts,
        [
            r#"the backup has no collection "gone""#,
            r#"collection "code" is named twice"#,
            r#"collection "new" is renamed but not restored"#,
            r#""docs" and "code" would both become "code""#,
        ]
    );
    let all = plan(&store, &request(&[], &[]), &[]).await;
    assert_eq!(all.conflicts.len(), 1, "{all:?}");
    assert!(all.conflicts[0].contains(r#"lists "gone" but does not hold it"#), "{all:?}");
}

#[tokio::test]
async fn a_plan_without_conflicts_is_one_that_restore_accepts() {
    let selections: [&[&str]; 6] =
        [&[], &["docs"], &["docs", "code"], &["docs", "docs"], &["gone"], &["new", "docs", "code"]];
    let renames: [&[(&str, &str)]; 5] = [
        &[],
        &[("docs", "code")],
        &[("docs", "code"), ("code", "docs")],
        &[("gone", "x")],
        &[("new", "docs"), ("docs", "new")],
    ];
    for listed in [r#"["docs","code","new"]"#, r#"["docs","code","new","gone"]"#] {
        let store = store(listed).await;
        for selection in selections {
            for rename in renames {
                let request = request(selection, rename);
                let plan = plan(&store, &request, &[]).await;
                let backup = open_for(&store, id(), &request.collections, &Host::inline()).await.unwrap();
                let accepted = plan_restore(&backup, &request);
                assert_eq!(
                    plan.conflicts.is_empty(),
                    accepted.is_ok(),
                    "{request:?}: {plan:?}, {accepted:?}"
                );
            }
        }
    }
}
