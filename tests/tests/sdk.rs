//! The published client crate, `vectorizer-sdk`, works against the server as it is.
#![allow(clippy::unwrap_used, clippy::panic)] // a test that cannot go on has failed

use std::path::Path;
use std::sync::Arc;

use futures_util::FutureExt;
use serde_json::json;
use tempfile::TempDir;
use tokio::sync::oneshot;
use tokio::task::JoinHandle;
use vectorizer_sdk::{
    CreateBackupRequest, RawVectorInsert, RestoreBackupRequest, SimilarityMetric, VectorizerClient,
};
use vecvault::blob::{DirectoryPolicy, FsBlobStore};
use vecvault::collections::Collections;
use vecvault::server::{Log, Server, ServerConfig};
use vecvault::{ThreadPool, Vault};

/// A server on a free port over a temporary directory.
struct Running {
    client: VectorizerClient,
    directory: TempDir,
    stop: oneshot::Sender<()>,
    task: JoinHandle<()>,
}

impl Running {
    async fn start() -> Self {
        let directory = tempfile::tempdir().unwrap();
        let server = Server::bind(config(), vault(directory.path())).await.unwrap();
        let client = VectorizerClient::new_with_url(&format!("http://{}", server.address())).unwrap();
        let (stop, stopped) = oneshot::channel();
        let task = tokio::spawn(server.run(stopped.map(|_| ()).into_stream()));
        Self { client, directory, stop, task }
    }

    async fn stop(self) {
        self.stop.send(()).unwrap();
        self.task.await.unwrap();
    }
}

fn config() -> ServerConfig {
    ServerConfig { address: ([127, 0, 0, 1], 0).into(), log: Log::new(|_| ()), ..ServerConfig::default() }
}

fn vault(directory: &Path) -> Vault {
    let backups = FsBlobStore::open(&directory.join("backups"), DirectoryPolicy::CreateMissing).unwrap();
    let collections = Collections::open(&directory.join("data")).unwrap();
    Vault::new(Arc::new(backups), collections, ThreadPool::new(Some(2)).unwrap())
}

fn vector(id: &str, first: f32) -> RawVectorInsert {
    RawVectorInsert {
        id: Some(id.to_owned()),
        embedding: vec![first, -0.0, 0.1],
        payload: Some(json!({"text": format!("about {id}")})),
        metadata: None,
    }
}

/// Ids and vectors' bits of a collection, as the client sees them.
async fn contents(client: &VectorizerClient) -> Vec<(String, Vec<u32>)> {
    let page = client.list_vectors("docs", None, Some(50)).await.unwrap();
    let bits = |record: &serde_json::Value| {
        let numbers = record["vector"].as_array().unwrap().iter();
        let bits = numbers.map(|number| (number.as_f64().unwrap() as f32).to_bits()).collect();
        (record["id"].as_str().unwrap().to_owned(), bits)
    };
    page.vectors.iter().map(bits).collect()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_published_client_creates_lists_backs_up_wrecks_and_restores() {
    let server = Running::start().await;
    let client = &server.client;
    assert_eq!(client.health_check().await.unwrap().status, "healthy");

    let created = client.create_collection("docs", 3, Some(SimilarityMetric::DotProduct)).await.unwrap();
    assert_eq!((created.name.as_str(), created.dimension), ("docs", 3));
    let inserted = client.insert_vectors("docs", vec![vector("a", 1.0), vector("b", 1e-40)]).await.unwrap();
    assert_eq!((inserted.successful, inserted.failed, inserted.total), (2, 0, 2));
    let collections = client.list_collections().await.unwrap();
    assert_eq!(collections.len(), 1);
    let docs = &collections[0];
    assert_eq!((docs.name.as_str(), docs.dimension, docs.vector_count), ("docs", 3, 2));
    let before = contents(client).await;
    assert_eq!(
        before[1],
        ("b".to_owned(), vec![1e-40_f32.to_bits(), (-0.0_f32).to_bits(), 0.1_f32.to_bits()])
    );

    let request = CreateBackupRequest { name: "sdk".to_owned(), collections: vec!["docs".to_owned()] };
    let backup = client.create_backup(request).await.unwrap();
    assert_eq!((backup.name.as_str(), &backup.collections[..]), ("sdk", &["docs".to_owned()][..]));
    let file = server.directory.path().join("backups").join(format!("{}.backup", backup.id));
    assert_eq!(backup.size, std::fs::metadata(file).unwrap().len());
    let listed = client.list_backups().await.unwrap();
    assert_eq!(listed.iter().map(|row| (&row.id, row.size)).collect::<Vec<_>>(), [(&backup.id, backup.size)]);

    client.insert_vectors("docs", vec![vector("a", 7.0), vector("c", 3.0)]).await.unwrap();
    assert_ne!(contents(client).await, before);
    client.restore_backup(RestoreBackupRequest { backup_id: backup.id.clone() }).await.unwrap();
    assert_eq!(contents(client).await, before);
    let metric = client.get_collection_info("docs").await.unwrap().metric;
    assert_eq!(metric.to_lowercase().replace('_', ""), "dotproduct");

    client.delete_collection("docs").await.unwrap();
    client.restore_backup(RestoreBackupRequest { backup_id: backup.id }).await.unwrap();
    assert_eq!(contents(client).await, before);
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_published_client_is_told_what_went_wrong() {
    let server = Running::start().await;
    let client = &server.client;
    let unknown = "550e8400-e29b-41d4-a716-446655440000";
    let request = RestoreBackupRequest { backup_id: unknown.to_owned() };
    let error = client.restore_backup(request).await.unwrap_err().to_string();
    assert!(error.contains(unknown), "{error}");
    let request = CreateBackupRequest { name: "none".to_owned(), collections: vec!["missing".to_owned()] };
    let error = client.create_backup(request).await.unwrap_err().to_string();
    assert!(error.contains("missing"), "{error}");
    assert!(client.list_backups().await.unwrap().is_empty());
    server.stop().await;
}
