//! Two at the same things: each works, or says what is in its way, and nothing is half one's and half the
//! other's.

use std::sync::Mutex;
use std::sync::mpsc::{Receiver, Sender, channel};

use tempfile::TempDir;
use vecvault_core::{
    CollectionConfig, CollectionErrorKind, CollectionName, ErrorKind, Metric, Phase, Progress, Record,
    RecordBatch, Silent,
};

use super::*;
use crate::ThreadPool;
use crate::blob::{DirectoryPolicy, FsBlobStore};

fn vault() -> (TempDir, Vault) {
    let directory = tempfile::tempdir().unwrap();
    let store = FsBlobStore::open(&directory.path().join("backups"), DirectoryPolicy::CreateMissing).unwrap();
    let collections = Collections::open(&directory.path().join("data")).unwrap();
    (directory, Vault::new(Arc::new(store), collections, ThreadPool::new(Some(1)).unwrap()))
}

fn docs() -> CollectionName {
    CollectionName::parse("docs").unwrap()
}

/// Several blocks, so that a restore has a middle.
async fn fill(vault: &Vault, version: u32) {
    if version == 0 {
        vault.collections().create(&docs(), CollectionConfig::new(1, Metric::Cosine).unwrap()).await.unwrap();
    }
    let mut batch = RecordBatch::new(1);
    let text = format!("\"{}\"", "t".repeat(100_000));
    for number in 0..30 {
        let id = format!("{number:03}");
        let record = Record { id: &id, vector: &[version as f32], metadata: Some(&text), extra: "" };
        batch.push(record).unwrap();
    }
    vault.collections().upsert(&docs(), batch).await.unwrap();
}

/// The version of each record of `docs`.
async fn versions(vault: &Vault) -> Vec<f32> {
    vault.collections().page(&docs(), 0, 100, usize::MAX).await.unwrap().vectors().to_vec()
}

async fn create(vault: &Vault) -> Result<BackupSummary> {
    vault.create(BackupName::parse("x").unwrap(), Selection::All, Arc::new(Silent)).await
}

/// Stops a verb at its first report of a phase until it is told to go on.
struct Gate {
    phase: Phase,
    reached: Sender<()>,
    go_on: Mutex<Receiver<()>>,
}

impl Gate {
    /// The gate, what tells that it is reached, and what opens it: both for good when dropped.
    fn at(phase: Phase) -> (Arc<Self>, Receiver<()>, Sender<()>) {
        let ((reached, is_reached), (open, go_on)) = (channel(), channel());
        (Arc::new(Self { phase, reached, go_on: Mutex::new(go_on) }), is_reached, open)
    }
}

impl Monitor for Gate {
    fn progress(&self, progress: Progress) {
        if progress.phase == self.phase && self.reached.send(()).is_ok() {
            // An error says that nobody stops it any more.
            let _ = self.go_on.lock().unwrap().recv();
        }
    }

    fn cancelled(&self) -> bool {
        false
    }
}

/// Runs a verb up to its gate, then `meanwhile`, then the rest of it; gives what the verb came to.
async fn at_the_gate<T: Send + 'static, F>(
    phase: Phase,
    verb: impl FnOnce(Arc<dyn Monitor>) -> F,
    meanwhile: impl AsyncFnOnce(),
) -> Result<T>
where
    F: Future<Output = Result<T>> + Send + 'static,
{
    let (gate, reached, open) = Gate::at(phase);
    let running = tokio::spawn(verb(gate));
    let reached =
        tokio::task::spawn_blocking(move || reached.recv().map(|()| reached)).await.unwrap().unwrap();
    meanwhile().await;
    drop((reached, open));
    running.await.unwrap()
}

fn restoring(vault: &Vault, id: BackupId) -> impl FnOnce(Arc<dyn Monitor>) -> BoxedRestore {
    let vault = vault.clone();
    move |monitor| Box::pin(async move { vault.restore(RestoreRequest::all(id), monitor).await })
}

type BoxedRestore = std::pin::Pin<Box<dyn Future<Output = Result<RestoreReport>> + Send>>;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_second_restore_of_a_collection_is_told_of_the_first() {
    let (_directory, vault) = vault();
    fill(&vault, 0).await;
    let id = create(&vault).await.unwrap().info.id;
    fill(&vault, 1).await;
    let first = at_the_gate(Phase::Reading, restoring(&vault, id), async || {
        let second = vault.restore(RestoreRequest::all(id), Arc::new(Silent)).await.unwrap_err();
        assert_eq!(second.kind(), ErrorKind::Conflict, "{second}");
        assert!(second.to_string().contains("docs") && second.to_string().contains("restore"), "{second}");
        assert_eq!(versions(&vault).await, [1.0; 30], "nothing has changed yet");
    });
    first.await.unwrap();
    assert_eq!(versions(&vault).await, [0.0; 30]);
    vault.restore(RestoreRequest::all(id), Arc::new(Silent)).await.unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_create_during_a_restore_has_the_old_state() {
    let (_directory, vault) = vault();
    fill(&vault, 0).await;
    let old = create(&vault).await.unwrap();
    fill(&vault, 1).await;
    let mut meanwhile = None;
    let restored = at_the_gate(Phase::Proving, restoring(&vault, old.info.id), async || {
        meanwhile = Some(create(&vault).await.unwrap());
    });
    restored.await.unwrap();
    let made = meanwhile.unwrap();
    assert_ne!(made.contents[0].proof, old.contents[0].proof);
    let report = vault.verify(made.info.id, VerifyDepth::Full, Arc::new(Silent)).await.unwrap();
    assert!(report.ok, "{:?}", report.findings);
    vault.restore(RestoreRequest::all(made.info.id), Arc::new(Silent)).await.unwrap();
    assert_eq!(versions(&vault).await, [1.0; 30]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_backup_deleted_during_its_restore_is_restored_or_said_to_be_gone() {
    let (_directory, vault) = vault();
    fill(&vault, 0).await;
    let id = create(&vault).await.unwrap().info.id;
    fill(&vault, 1).await;
    let restored =
        at_the_gate(Phase::Reading, restoring(&vault, id), async || vault.delete(id).await.unwrap());
    match restored.await {
        Ok(_) => assert_eq!(versions(&vault).await, [0.0; 30]),
        Err(error) => {
            assert_eq!(error.kind(), ErrorKind::NotFound, "{error}");
            assert_eq!(versions(&vault).await, [1.0; 30]);
        }
    }
    assert!(vault.list().await.unwrap().is_empty());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_collection_deleted_while_it_is_restored_or_backed_up_is_whole_there() {
    let (_directory, vault) = vault();
    fill(&vault, 0).await;
    let id = create(&vault).await.unwrap().info.id;
    let restored = at_the_gate(Phase::Proving, restoring(&vault, id), async || {
        // Either is sound: deleted now and then restored, or held by the restore.
        if let Err(error) = vault.collections().delete(&docs()).await {
            assert_eq!(error.kind(), CollectionErrorKind::Busy, "{error}");
        }
    });
    restored.await.unwrap();
    assert_eq!(versions(&vault).await, [0.0; 30]);
    let creating = {
        let vault = vault.clone();
        move |monitor| async move { vault.create(BackupName::parse("y").unwrap(), Selection::All, monitor).await }
    };
    let made = at_the_gate(Phase::Writing, creating, async || {
        vault.collections().delete(&docs()).await.unwrap();
        vault.collections().sweep().await;
    });
    let made = made.await.unwrap();
    assert!(vault.verify(made.info.id, VerifyDepth::Full, Arc::new(Silent)).await.unwrap().ok);
    vault.restore(RestoreRequest::all(made.info.id), Arc::new(Silent)).await.unwrap();
    assert_eq!(versions(&vault).await, [0.0; 30], "the snapshot was of before");
}
