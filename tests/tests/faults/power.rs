//! The power goes at every step of a create and of a delete, and comes back to what the disk has kept.

use std::sync::Arc;

use vecvault_core::conformance::faults::{CrashStore, Discipline};
use vecvault_core::{
    BackupEntry, BlobStore, CreateRequest, Host, ListRemembrance, MemoryCollections, VerifyDepth, create,
    delete, list, verify,
};

use crate::matrix::Cell;
use crate::sample::{collections, old_id};
use crate::world::request;

/// How many ways a disk may look after a crash are tried at each step.
const SEEDS: u64 = 12;

fn source() -> MemoryCollections {
    let source = MemoryCollections::new();
    for collection in collections(0) {
        let staged = collection.staged;
        source.insert(&staged.name, staged.config, &collection.records).unwrap();
    }
    source
}

/// What a disk that lost its power shows.
struct Aftermath {
    /// The old and the new backup are there, and whole.
    old: bool,
    new: bool,
    /// Something is listed that does not open, or does not verify.
    damaged: Option<String>,
}

async fn aftermath(store: CrashStore) -> Aftermath {
    let (store, host): (Arc<dyn BlobStore>, _) = (Arc::new(store), Host::inline());
    let mut seen = Aftermath { old: false, new: false, damaged: None };
    for row in list(&*store, &ListRemembrance::new(), &host).await.unwrap() {
        let BackupEntry::Backup(summary) = row else {
            seen.damaged = Some(format!("{row:?}"));
            continue;
        };
        let id = summary.info.id;
        let report = verify(&store, &id.key(), Some(id), VerifyDepth::Full, &host).await.unwrap();
        if !report.ok {
            seen.damaged = Some(format!("{:?}", report.findings));
        }
        *(if id == old_id() { &mut seen.old } else { &mut seen.new }) |= report.ok;
    }
    seen
}

/// A store with the old backup in it, safely.
async fn store_with_old(discipline: Discipline, source: &MemoryCollections) -> CrashStore {
    let store = CrashStore::new();
    let request = CreateRequest { id: old_id(), ..request() };
    create(&store, source, request, &Host::inline()).await.unwrap();
    store.restart(0).under(discipline)
}

const CAREFUL: Discipline = Discipline { sync_files: true, sync_names: true };

#[tokio::test]
async fn what_create_confirmed_survives_and_the_rest_is_whole_or_gone() {
    let (source, mut cell) = (source(), Cell::default());
    for step in 1.. {
        let store = store_with_old(CAREFUL, &source).await;
        store.fail_power_at(step);
        let made = create(&store, &source, request(), &Host::inline()).await;
        for seed in 0..SEEDS {
            let seen = aftermath(store.restart(seed)).await;
            let about = format!("create, power gone at step {step}, seed {seed}: {made:?}");
            assert!(seen.old && seen.damaged.is_none(), "{about}: {:?}", seen.damaged);
            assert!(seen.new || made.is_err(), "{about}: confirmed, and gone");
            match &made {
                Ok(_) => cell.succeeded += 1,
                Err(_) => cell.cut_off += 1,
            }
        }
        if made.is_ok() {
            break;
        }
    }
    cell.tell("power lost at step N", "create", "crash store");
}

#[tokio::test]
async fn what_delete_confirmed_stays_deleted_and_else_the_backup_is_whole_or_gone() {
    let (source, mut cell) = (source(), Cell::default());
    for step in 1.. {
        let store = store_with_old(CAREFUL, &source).await;
        store.fail_power_at(step);
        let deleted = delete(&store, old_id()).await;
        for seed in 0..SEEDS {
            let seen = aftermath(store.restart(seed)).await;
            let about = format!("delete, power gone at step {step}, seed {seed}: {deleted:?}");
            assert!(seen.damaged.is_none(), "{about}: {:?}", seen.damaged);
            assert!(deleted.is_err() || !seen.old, "{about}: confirmed, and back");
            match &deleted {
                Ok(()) => cell.succeeded += 1,
                Err(_) => cell.cut_off += 1,
            }
        }
        if deleted.is_ok() {
            break;
        }
    }
    cell.tell("power lost at step N", "delete", "crash store");
}

/// The two tests above would notice a store that forgets to sync.
#[tokio::test]
async fn a_store_that_does_not_sync_is_found_out() {
    let source = source();
    let (mut torn, mut lost) = (0, 0);
    for seed in 0..SEEDS {
        for (sync_files, sync_names) in [(false, true), (true, false)] {
            let store = store_with_old(Discipline { sync_files, sync_names }, &source).await;
            create(&store, &source, request(), &Host::inline()).await.unwrap();
            let seen = aftermath(store.restart(seed)).await;
            assert!(seen.old, "what was synced before is not touched");
            torn += u32::from(seen.damaged.is_some());
            lost += u32::from(!sync_names && !seen.new);
        }
    }
    assert!(torn > 0 && lost > 0, "{torn} torn, {lost} lost");
}
