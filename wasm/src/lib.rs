//! VecVault where there is JavaScript: core's verbs for browsers, Node and edge workers.
//!
//! Thin: names, types, streams and errors become JavaScript's here, and clock and randomness come from it.
//! Formats and rules are `vecvault-core`'s; what needs an operating system is not in reach. No export
//! panics: a panic would leave the instance unusable.
//!
//! What is exported is for the package's own JavaScript (`wasm/js/`), which gives it the form that its
//! users see: plain objects, `ReadableStream`s and `AbortSignal`s.

// What needs no JavaScript is tested on the host too.
#[cfg(any(target_family = "wasm", test))]
mod codes;
#[cfg(any(target_family = "wasm", test))]
mod identity;
#[cfg(any(target_family = "wasm", test))]
mod json;
#[cfg(any(target_family = "wasm", test))]
mod utf16;

// JavaScript's values belong to one thread, so that these keep core's contracts on wasm only.
#[cfg(target_family = "wasm")]
mod backup;
#[cfg(target_family = "wasm")]
mod body;
#[cfg(target_family = "wasm")]
mod build;
#[cfg(all(target_family = "wasm", feature = "conformance"))]
mod conformance;
#[cfg(target_family = "wasm")]
mod diff;
#[cfg(target_family = "wasm")]
mod errors;
#[cfg(target_family = "wasm")]
mod output;
#[cfg(target_family = "wasm")]
mod projection;
#[cfg(target_family = "wasm")]
mod records;
#[cfg(target_family = "wasm")]
mod statistics;
#[cfg(target_family = "wasm")]
mod store;
#[cfg(target_family = "wasm")]
mod vault;
#[cfg(target_family = "wasm")]
mod watch;

#[cfg(all(target_family = "wasm", feature = "conformance"))]
pub use conformance::check_store;
#[cfg(target_family = "wasm")]
pub use {
    backup::{OpenBackup, open_backup},
    body::{Body, Reader},
    build::{Collections, Feed},
    output::{Output, RecordReader},
    projection::Projecting,
    records::Records,
    store::Store,
    vault::{Listing, Request, build_backup, create_backup, delete_backup, verify_backup},
    watch::Watch,
};
