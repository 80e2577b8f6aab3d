//! What holds an implementation to the contract of its trait: one suite a trait, for anyone's store.
//!
//! ```ignore
//! #[tokio::test]
//! async fn my_store_conforms() {
//!     let store = MyStore::new();
//!     BlobSuite::new(&store).run().await.unwrap();
//! }
//! ```
//!
//! A suite has no runtime, threads or clock of its own: it is a future that the caller drives, on wasm
//! too. It proves what can be seen through the trait. Durability cannot: crashes and failing disks are
//! tested from outside; for those who test what stands on a store, [`faults`] has wrappers that fail. Give it a store of its own; it writes and deletes under names that begin with
//! `conformance`.

mod blob;
mod collections;
mod expect;
pub mod faults;

pub use blob::BlobSuite;
pub use collections::CollectionSuite;

use std::fmt;

/// A check that failed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Failure {
    /// The check's name: what it proves.
    pub check: &'static str,
    /// What was expected and what was seen.
    pub message: String,
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.check, self.message)
    }
}

impl std::error::Error for Failure {}

/// A check under way.
#[cfg(not(target_family = "wasm"))]
type Running<'a> = futures_util::future::BoxFuture<'a, expect::Outcome>;
/// A check under way.
#[cfg(target_family = "wasm")]
type Running<'a> = futures_util::future::LocalBoxFuture<'a, expect::Outcome>;

/// A check of a suite; `R` is what runs it.
struct Check<R> {
    name: &'static str,
    run: R,
}

/// The table of a suite: a check is named as its function.
macro_rules! checks {
    ($($module:ident::$check:ident,)*) => {
        &[$($crate::conformance::Check {
            name: stringify!($check),
            run: |suite| Box::pin($module::$check(suite)),
        },)*]
    };
}
use checks;
