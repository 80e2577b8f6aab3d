//! Bad days on demand: wrappers that make any store and any collections fail, and a store that loses power.
//!
//! [`Faulty`] stands before a [`BlobStore`](crate::BlobStore), a [`CollectionSource`](crate::CollectionSource)
//! or a [`CollectionSink`](crate::CollectionSink) and lets a [`FaultPlan`] decide, call by call, what happens.
//! A plan counts the places where its fault could strike, so that a test first counts them and then strikes
//! each one in turn:
//!
//! ```ignore
//! let counting = FaultPlan::new(Fault::Error(Cause::NoSpace), Strike::Never);
//! run(&counting);
//! for n in 1..=counting.places() {
//!     run(&FaultPlan::new(Fault::Error(Cause::NoSpace), Strike::At(n)));
//! }
//! ```
//!
//! [`dropped_after`] drops a verb's future at its n-th poll; with [`Pace::slow`] every call is polled more
//! than once. [`CrashStore`] keeps what was written and what is durable apart. Nothing here has a clock, a
//! thread or randomness of its own: what looks random comes from a seed, so that a failure can be repeated.

mod blobs;
mod collections;
mod crash;
mod pace;
mod plan;
mod random;
#[cfg(test)]
mod tests;

pub use crash::{CrashStore, Discipline};
pub use pace::{Pace, dropped_after};
pub use plan::{Cause, Fault, FaultPlan, Strike};
pub use random::SplitMix64;

/// A store, a source or a sink that fails as planned.
#[derive(Clone, Debug)]
pub struct Faulty<T> {
    inner: T,
    plan: FaultPlan,
    pace: Pace,
}

impl<T> Faulty<T> {
    /// One that fails as planned, and is otherwise as quick and sends chunks as large as it did.
    pub fn new(inner: T, plan: &FaultPlan) -> Self {
        Self { inner, plan: plan.clone(), pace: Pace::default() }
    }

    /// The same at another pace.
    #[must_use]
    pub fn at(self, pace: Pace) -> Self {
        Self { pace, ..self }
    }

    /// What it stands before: to look at what has become of it, and to change it behind the verbs' backs.
    pub fn inner(&self) -> &T {
        &self.inner
    }

    /// Waits as long as every call takes; then fails where the plan says so.
    async fn enter(&self, call: &'static str) -> Result<(), Cause> {
        self.pace.wait().await;
        self.plan.before(call)
    }
}
