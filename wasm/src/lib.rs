//! VecVault where there is JavaScript: core's verbs for browsers, Node and edge workers.
//!
//! Thin: names, types, streams and errors become JavaScript's here, and clock and randomness come from it.
//! Formats and rules are `vecvault-core`'s; what needs an operating system is not in reach. No export
//! panics: a panic would leave the instance unusable.
//!
//! What is exported is for the package's own JavaScript (`wasm/js/`), which gives it the form that its
//! users see: plain objects, `ReadableStream`s and `AbortSignal`s.
//!
//! Two modules are made of it for everybody. `vecvault.wasm` (feature `backups`) opens, reads, lists, verifies and builds.
//! `vecvault-analysis.wasm` (feature `analysis`) opens and looks closer: what differs, statistics, pictures. That is as
//! much code again, which is wanted seldom and loaded when it is. A third, `vecvault-threads.wasm`, is the first compiled
//! with atomics, and has threads: for Node.

// Of what both modules share, the one that looks closer leaves some unused.
#![cfg_attr(not(feature = "backups"), allow(dead_code))]

// What needs no JavaScript is tested on the host too.
#[cfg(any(target_family = "wasm", test))]
mod codes;
#[cfg(any(all(target_family = "wasm", feature = "backups"), test))]
mod identity;
#[cfg(any(target_family = "wasm", test))]
mod json;
#[cfg(any(target_feature = "atomics", test))]
mod threads;
#[cfg(any(target_family = "wasm", test))]
mod utf16;

// JavaScript's values belong to one thread, so that these keep core's contracts on wasm only.
#[cfg(target_family = "wasm")]
mod backup;
#[cfg(target_family = "wasm")]
mod body;
#[cfg(all(target_family = "wasm", feature = "conformance"))]
mod conformance;
#[cfg(target_family = "wasm")]
mod errors;
#[cfg(target_family = "wasm")]
mod promise;
#[cfg(target_family = "wasm")]
mod records;
#[cfg(target_family = "wasm")]
mod store;
#[cfg(target_family = "wasm")]
mod watch;

#[cfg(all(target_family = "wasm", feature = "backups"))]
mod build;
#[cfg(all(target_family = "wasm", feature = "backups"))]
mod contents;
#[cfg(all(target_family = "wasm", feature = "backups"))]
mod output;
#[cfg(all(target_family = "wasm", feature = "backups"))]
mod vault;

#[cfg(all(target_family = "wasm", feature = "analysis"))]
mod diff;
#[cfg(all(target_family = "wasm", feature = "analysis"))]
mod projection;
#[cfg(all(target_family = "wasm", feature = "analysis"))]
mod statistics;

#[cfg(all(target_family = "wasm", feature = "conformance"))]
pub use conformance::check_store;
#[cfg(all(target_family = "wasm", feature = "analysis"))]
pub use projection::Projecting;
#[cfg(target_feature = "atomics")]
pub use threads::{Keeper, Teller, keep_alive, work};
#[cfg(target_family = "wasm")]
pub use {
    backup::{OpenBackup, open_backup},
    body::{Body, Reader},
    records::Records,
    store::Store,
    watch::Watch,
};
#[cfg(all(target_family = "wasm", feature = "backups"))]
pub use {
    build::{Collections, Feed},
    output::{Output, RecordReader},
    vault::{Listing, Request, build_backup, create_backup, delete_backup, verify_backup},
};
