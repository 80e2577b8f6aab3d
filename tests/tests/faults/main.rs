//! Every verb under every fault: on the stores in memory, on files and embedded collections, and on a store
//! that loses power. What each cell of the matrix came to is in `tests/.cache/matrix`.
#![allow(clippy::unwrap_used, clippy::panic)] // a test that cannot go on has failed

mod drill;
#[path = "../../../core/tests/common/matrix.rs"]
mod matrix;
mod power;
mod sample;
mod state;
mod world;

use drill::{Operation, Trouble};
use vecvault_core::conformance::faults::Pace;
use world::World;

/// What can go wrong, for every N.
const TROUBLES: [Trouble; 6] = [
    Trouble::Once,
    Trouble::FromThenOn,
    Trouble::LostReply,
    Trouble::ShortRead,
    Trouble::ShortWrite,
    Trouble::Dropped,
];

#[tokio::test(flavor = "multi_thread")]
async fn every_verb_survives_every_fault_at_every_place_in_memory() {
    let world = World::in_memory(Pace::slow()).await;
    for operation in Operation::ALL {
        for trouble in TROUBLES {
            drill::run(&world, operation, trouble).await;
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn every_verb_survives_every_fault_at_every_place_on_disk() {
    let world = World::on_disk(Pace::slow()).await;
    for operation in Operation::ALL {
        for trouble in TROUBLES {
            drill::run(&world, operation, trouble).await;
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn chunks_of_any_size_and_slow_calls_change_nothing() {
    for chunk in [0, 997, 4_096, 100_003] {
        let pace = Pace { pending: 2, chunk };
        drill::in_peace(&World::in_memory(pace).await).await;
        drill::in_peace(&World::on_disk(pace).await).await;
    }
}
