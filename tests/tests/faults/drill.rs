//! One verb, one fault, every place: what may come of it.

use vecvault_core::conformance::faults::{Cause, Fault, Strike, dropped_after};
use vecvault_core::{
    BackupEntry, Error, ErrorKind, Host, ListRemembrance, RestoreRequest, VerifyDepth, create, delete, list,
    restore, verify,
};

use crate::matrix::Cell;
use crate::sample::{foreign_id, new_id, old_id};
use crate::world::{World, request};

#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Operation {
    Create,
    Restore,
    RestoreForeign,
    Delete,
    List,
    Verify,
    VerifyForeign,
}

/// What goes wrong.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Trouble {
    Once,
    FromThenOn,
    LostReply,
    ShortRead,
    ShortWrite,
    Dropped,
}

impl Operation {
    pub(crate) const ALL: [Self; 7] = [
        Self::Create,
        Self::Restore,
        Self::RestoreForeign,
        Self::Delete,
        Self::List,
        Self::Verify,
        Self::VerifyForeign,
    ];

    fn name(self) -> &'static str {
        match self {
            Self::Create => "create",
            Self::Restore => "restore",
            Self::RestoreForeign => "restore (foreign)",
            Self::Delete => "delete",
            Self::List => "list",
            Self::Verify => "verify",
            Self::VerifyForeign => "verify (foreign)",
        }
    }

    /// Does it. `Ok` says that it has done what it is for, which a list and a verify here only have where
    /// every backup is well.
    async fn attempt(self, world: &World, remembrance: &ListRemembrance) -> vecvault_core::Result<()> {
        let (store, host) = (&world.store, Host::inline());
        match self {
            Self::Create => create(&**store, &*world.live, request(), &host).await.map(drop),
            Self::Restore => {
                restore(store, &*world.live, RestoreRequest::all(old_id()), &host).await.map(drop)
            }
            Self::RestoreForeign => {
                restore(store, &*world.live, RestoreRequest::all(foreign_id()), &host).await.map(drop)
            }
            Self::Delete => delete(&**store, old_id()).await,
            Self::List => {
                let rows = list(&**store, remembrance, &host).await?;
                assert_eq!(rows.len(), 2);
                match rows.into_iter().find(|row| matches!(row, BackupEntry::Damaged { .. })) {
                    Some(BackupEntry::Damaged { error, .. }) => {
                        assert!(
                            !matches!(*error, Error::Damaged { .. }),
                            "the backup is not damaged: {error}"
                        );
                        Err(Error::InvalidRequest(format!("a row says: {error}")).into())
                    }
                    _ => Ok(()),
                }
            }
            Self::Verify | Self::VerifyForeign => {
                let id = if self == Self::Verify { old_id() } else { foreign_id() };
                let report = verify(store, &id.key(), Some(id), VerifyDepth::Full, &host).await?;
                assert!(report.ok, "the backup is well, whatever the store does: {:?}", report.findings);
                Ok(())
            }
        }
    }

    /// What everything is once it is done.
    fn is_done(self, world: &World, now: &crate::state::State) -> bool {
        let mut expected = world.before.clone();
        match self {
            Self::Create => {
                let Some(new) = now.blobs.get(&new_id().key()) else { return false };
                expected.blobs.insert(new_id().key(), new.clone());
            }
            Self::Restore => expected.live.clone_from(&world.restored.live),
            Self::RestoreForeign => expected.live.clone_from(&world.restored_foreign.live),
            Self::Delete => drop(expected.blobs.remove(&old_id().key())),
            Self::List | Self::Verify | Self::VerifyForeign => {}
        }
        *now == expected
    }
}

impl Trouble {
    fn name(self) -> &'static str {
        match self {
            Self::Once => "the N-th call fails",
            Self::FromThenOn => "all from the N-th fail",
            Self::LostReply => "the N-th reply is lost",
            Self::ShortRead => "the N-th read is short",
            Self::ShortWrite => "the N-th write is short",
            Self::Dropped => "dropped at the N-th poll",
        }
    }

    fn fault(self) -> Fault {
        match self {
            Self::Once => Fault::Error(Cause::NoSpace),
            Self::FromThenOn => Fault::Error(Cause::Unreachable),
            Self::LostReply => Fault::LostReply,
            Self::ShortRead => Fault::ShortRead,
            Self::ShortWrite => Fault::ShortWrite,
            Self::Dropped => Fault::Error(Cause::Other),
        }
    }

    /// Whether an error may come although the operation was done.
    fn is_ambiguous(self) -> bool {
        matches!(self, Self::LostReply | Self::Dropped)
    }
}

/// One cell of the matrix: every N. Nothing where the fault has no place in the operation.
pub(crate) async fn run(world: &World, operation: Operation, trouble: Trouble) {
    let remembrance = ListRemembrance::new();
    world.plan.set(trouble.fault(), Strike::Never);
    operation.attempt(world, &remembrance).await.unwrap();
    let places = world.plan.places();
    world.plan.end();
    let now = world.state().await;
    assert!(operation.is_done(world, &now), "{operation:?} without a fault");
    world.mend(&now).await;
    let mut cell = Cell::default();
    for n in 1.. {
        if trouble != Trouble::Dropped && n > places {
            break;
        }
        let completed = case(world, operation, trouble, n, &mut cell).await;
        if trouble == Trouble::Dropped && completed {
            break;
        }
    }
    if cell.cases() > 0 {
        cell.tell(trouble.name(), operation.name(), world.name);
    }
}

/// One case; whether the operation came to its end.
async fn case(world: &World, operation: Operation, trouble: Trouble, n: u64, cell: &mut Cell) -> bool {
    let about = format!("{}, {} (N = {n}), {}", operation.name(), trouble.name(), world.name);
    let remembrance = ListRemembrance::new();
    let strike = match trouble {
        Trouble::Dropped => Strike::Never,
        Trouble::FromThenOn => Strike::From(n),
        _ => Strike::At(n),
    };
    world.plan.set(trouble.fault(), strike);
    let attempt = operation.attempt(world, &remembrance);
    let polls = if trouble == Trouble::Dropped { n } else { u64::MAX };
    let result = dropped_after(polls, attempt).await;
    let struck = world.plan.struck();
    world.plan.end();

    let now = if result.is_some() { world.state().await } else { world.settled_state().await };
    let (done, untouched) = (operation.is_done(world, &now), now == world.before);
    match &result {
        Some(Ok(())) => assert!(done, "{about}: success, but it is not done (struck {struck:?})"),
        Some(Err(error)) => {
            assert!(
                untouched || (trouble.is_ambiguous() && done),
                "{about}: {error} (struck {struck:?}), but something has changed"
            );
            judge_error(operation, trouble, error, untouched, &about);
        }
        None => assert!(untouched || done, "{about}: half done"),
    }
    if let Some(result) = &result {
        assert!(!struck.is_empty() || result.is_ok(), "{about}: an error without a fault");
        cell.count(result);
    } else {
        cell.cut_off += 1;
    }
    judge_rest(world, &remembrance, &about).await;
    // A commit that was dropped may still be on its way, whatever can be seen.
    if now != world.before || result.is_none() {
        world.mend(&now).await;
    }
    assert_eq!(world.litter().await, [""; 0], "{about}: litter");
    result.is_some()
}

/// The error must say what it was: the store's, by its kind, and what may have been kept.
fn judge_error(operation: Operation, trouble: Trouble, error: &Error, untouched: bool, about: &str) {
    if trouble == Trouble::Once && operation != Operation::List {
        assert_eq!(error.kind(), ErrorKind::NoSpace, "{about}: {error}");
    }
    if operation == Operation::Create && !untouched {
        assert!(matches!(error, Error::BackupUnconfirmed { id, .. } if *id == new_id()), "{about}: {error}");
    }
    if matches!(error, Error::Damaged { .. }) {
        panic!("{about}: no backup is damaged, but: {error}");
    }
}

/// Whatever has happened: every backup that is listed opens and verifies, and nothing bad is remembered.
async fn judge_rest(world: &World, remembrance: &ListRemembrance, about: &str) {
    let host = Host::inline();
    for row in list(&*world.store, remembrance, &host).await.unwrap() {
        let BackupEntry::Backup(summary) = row else { panic!("{about}: listed as {row:?}") };
        let id = summary.info.id;
        if world.before.blobs.contains_key(&id.key()) {
            // Its bytes are those of before, as has been compared.
            continue;
        }
        let report = verify(&world.store, &id.key(), Some(id), VerifyDepth::Full, &host).await.unwrap();
        assert!(report.ok, "{about}: {id} is listed and {:?}", report.findings);
    }
}

/// Every operation without a fault, at the world's pace.
pub(crate) async fn in_peace(world: &World) {
    for operation in Operation::ALL {
        let (remembrance, mut cell) = (ListRemembrance::new(), Cell::default());
        let result = operation.attempt(world, &remembrance).await;
        cell.count(&result);
        result.unwrap();
        let now = world.state().await;
        assert!(operation.is_done(world, &now), "{operation:?}, {}", world.name);
        world.mend(&now).await;
        cell.tell("slow, in odd chunks", operation.name(), world.name);
    }
}
