//! The matrix of damage: whatever is wrong with a file is found by a full verify, refused by a restore of all
//! that then has changed nothing, and no reason to refuse the collections that it does not touch. What each
//! cell came to is in `tests/.cache/matrix`.
#![allow(clippy::unwrap_used, clippy::panic)] // a test that cannot go on has failed

mod bits;
mod blocks;
mod bounds;
#[path = "../common/mod.rs"]
mod common;
mod foreign;
mod forge;
mod judge;
mod lies;
#[path = "../common/matrix.rs"]
mod matrix;
mod pages;
