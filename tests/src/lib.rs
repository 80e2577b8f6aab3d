//! What crosses crates. The tests are in `tests/`; this library is what fuzzers and ordinary tests run alike.
#![allow(clippy::unwrap_used, clippy::panic)] // what cannot go on has found something

#[path = "../../core/tests/common/mod.rs"]
mod common;
#[allow(dead_code)] // a forger's tools, of which the fuzzers use some
#[path = "../../core/tests/damage/forge.rs"]
mod forge;
pub mod fuzz;
#[allow(dead_code)] // what must hold for a mutant, and what the tests of damage ask beyond it
#[path = "../../core/tests/damage/judge.rs"]
mod judge;
#[path = "../../core/tests/common/matrix.rs"]
mod matrix;
