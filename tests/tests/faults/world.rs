//! A store with two backups in it and live collections beside it, all of which can be made to fail.

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use tempfile::TempDir;
use vecvault::blob::{DirectoryPolicy, FsBlobStore};
use vecvault::collections::{Collections, OpenOptions};
use vecvault_core::conformance::faults::{FaultPlan, Faulty, Pace};
use vecvault_core::{
    BackupName, BlobStore, CollectionErrorKind, CollectionSink, CollectionSource, CreateRequest, Host,
    MemoryBlobStore, MemoryCollections, PutMode, RestoreRequest, Selection, create, restore,
};

use crate::sample::{Collection, collections, foreign, foreign_id, new_id, old_id};
use crate::state::State;

/// Live collections of any kind.
pub(crate) trait Live: CollectionSource + CollectionSink {}
impl<T: CollectionSource + CollectionSink> Live for T {}

pub(crate) struct World {
    /// What it is, for the matrix.
    pub(crate) name: &'static str,
    pub(crate) plan: FaultPlan,
    pub(crate) store: Arc<dyn BlobStore>,
    pub(crate) live: Box<dyn Live>,
    disk: Option<Disk>,
    /// How it all was, and how it is after a restore of each of the two backups.
    pub(crate) before: State,
    pub(crate) restored: State,
    pub(crate) restored_foreign: State,
}

struct Disk {
    directory: TempDir,
    backups: FsBlobStore,
}

impl World {
    pub(crate) async fn in_memory(pace: Pace) -> Self {
        let plan = FaultPlan::peace();
        let store = Faulty::new(MemoryBlobStore::new(), &plan).at(pace);
        let live = Faulty::new(MemoryCollections::new(), &plan).at(pace);
        Self::furnish("memory", plan, Arc::new(store), Box::new(live), None).await
    }

    pub(crate) async fn on_disk(pace: Pace) -> Self {
        let directory = tempfile::tempdir().unwrap();
        let backups =
            FsBlobStore::open(&directory.path().join("backups"), DirectoryPolicy::CreateMissing).unwrap();
        let options = OpenOptions { cache_bytes: 4 << 20, ..OpenOptions::default() };
        let live = Collections::open_with(&directory.path().join("data"), options).unwrap();
        let plan = FaultPlan::peace();
        let store = Faulty::new(backups.clone(), &plan).at(pace);
        let live = Faulty::new(live, &plan).at(pace);
        let disk = Some(Disk { directory, backups });
        Self::furnish("files, embedded", plan, Arc::new(store), Box::new(live), disk).await
    }

    async fn furnish(
        name: &'static str,
        plan: FaultPlan,
        store: Arc<dyn BlobStore>,
        live: Box<dyn Live>,
        disk: Option<Disk>,
    ) -> Self {
        let empty = State::default();
        let (before, restored, restored_foreign) = (empty.clone(), empty.clone(), empty);
        let mut world = Self { name, plan, store, live, disk, before, restored, restored_foreign };
        world.stage(&collections(0)).await;
        let request = CreateRequest { id: old_id(), ..request() };
        create(&*world.store, &*world.live, request, &Host::inline()).await.unwrap();
        world.put(&foreign_id().key(), foreign().into()).await;
        world.stage(&collections(1)).await;
        world.before = world.state().await;
        for id in [foreign_id(), old_id()] {
            restore(&world.store, &*world.live, RestoreRequest::all(id), &Host::inline()).await.unwrap();
            let state = world.state().await;
            if id == old_id() {
                world.restored = state
            } else {
                world.restored_foreign = state
            }
            world.stage(&collections(1)).await;
        }
        assert_eq!(world.state().await, world.before);
        world
    }

    /// Puts collections in place, whoever still holds them.
    async fn stage(&self, collections: &[Collection]) {
        let plan: Vec<_> = collections.iter().map(|collection| collection.staged.clone()).collect();
        let mut restore = loop {
            match self.live.begin(&plan, 1 << 20).await {
                Ok(restore) => break restore,
                // A restore whose future was dropped is still letting go, or about to be done.
                Err(error) if error.kind() == CollectionErrorKind::Busy => tokio::task::yield_now().await,
                Err(error) => panic!("{error}"),
            }
        };
        for (number, collection) in collections.iter().enumerate() {
            if !collection.records.is_empty() {
                restore.write(number, collection.records.clone()).await.unwrap();
            }
        }
        restore.commit().await.unwrap();
    }

    async fn put(&self, key: &vecvault_core::BlobKey, bytes: Bytes) {
        let body = Box::pin(futures_util::stream::iter([Ok(bytes)]));
        self.store.put(key, body, PutMode::Overwrite).await.unwrap();
    }

    /// Everything that can be seen.
    pub(crate) async fn state(&self) -> State {
        State::of(&*self.store, &*self.live).await
    }

    /// Everything that can be seen once nothing changes any more: a call to the disk whose future was dropped
    /// goes on, on a thread of its own.
    pub(crate) async fn settled_state(&self) -> State {
        let (mut state, mut unchanged) = (self.state().await, 0);
        while unchanged < 2 {
            let next = self.state().await;
            unchanged = if next == state { unchanged + 1 } else { 0 };
            state = next;
        }
        state
    }

    /// Puts everything back as it was at first, and waits for what was dropped to be gone.
    pub(crate) async fn mend(&self, now: &State) {
        for (key, bytes) in &self.before.blobs {
            if now.blobs.get(key) != Some(bytes) {
                self.put(key, bytes.clone()).await;
            }
        }
        for key in now.blobs.keys().filter(|key| !self.before.blobs.contains_key(*key)) {
            assert!(self.store.delete(key).await.unwrap());
        }
        self.stage(&collections(1)).await;
    }

    /// Files that are no backups and that the sweep does not take.
    pub(crate) async fn litter(&self) -> Vec<String> {
        let Some(disk) = &self.disk else { return Vec::new() };
        let mut litter = Vec::new();
        // A writer whose future was dropped removes its file itself, on a thread of its own.
        for _ in 0..1_000_000 {
            disk.backups.sweep(Duration::ZERO).unwrap();
            litter = names(&disk.directory.path().join("backups"));
            litter.retain(|name| !name.ends_with(".backup"));
            if litter.is_empty() {
                break;
            }
            tokio::task::yield_now().await;
        }
        litter
    }
}

/// What is asked for when a backup is made.
pub(crate) fn request() -> CreateRequest {
    CreateRequest {
        id: new_id(),
        name: BackupName::parse("drill").unwrap(),
        now: "2024-01-15T10:30:00Z".parse().unwrap(),
        collections: Selection::All,
    }
}

/// Every name in a directory, ascending.
fn names(directory: &Path) -> Vec<String> {
    let entries = std::fs::read_dir(directory).unwrap();
    let mut names: Vec<_> = entries.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
    names.sort();
    names
}
