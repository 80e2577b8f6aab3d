//! The suite of [`CollectionSource`] and [`CollectionSink`] over the same collections: their contracts,
//! point by point.

mod commits;
mod content;
mod records;
mod refusals;
mod snapshots;
mod steps;
#[cfg(test)]
mod tests;

use super::{Check, Failure, Running, checks};
use crate::collections::{CollectionSink, CollectionSource};

type Run = for<'a> fn(&'a CollectionSuite<'a>) -> Running<'a>;

/// Every check, in the order in which they run.
const CHECKS: &[Check<Run>] = checks![
    content::every_bit_and_byte_comes_back,
    content::what_is_staged_reads_back_before_the_commit,
    content::a_collection_may_be_empty,
    content::the_largest_record_comes_back,
    content::records_may_come_in_any_order,
    content::many_batches_make_one_collection,
    snapshots::names_ascend_and_heads_tell_what_readers_yield,
    snapshots::readers_are_independent,
    snapshots::a_snapshot_stays_as_of_its_moment,
    snapshots::what_is_absent_is_not_found,
    commits::what_is_staged_is_invisible_until_the_commit,
    commits::a_commit_replaces_records_and_config,
    commits::a_commit_makes_many_collections_live_together,
    commits::other_collections_stay_as_they_are,
    commits::an_abort_leaves_nothing,
    commits::a_dropped_restore_leaves_nothing,
    refusals::an_id_that_comes_twice_is_refused,
    refusals::a_collection_is_restored_by_one_at_a_time,
];

/// The suite, and the collections that it runs against.
#[derive(Clone, Copy)]
pub struct CollectionSuite<'a> {
    source: &'a dyn CollectionSource,
    sink: &'a dyn CollectionSink,
    collections: usize,
}

impl<'a> CollectionSuite<'a> {
    /// The whole suite. What the sink commits, the source must show. The suite has no call to delete a
    /// collection, so it leaves some behind.
    pub fn new(source: &'a dyn CollectionSource, sink: &'a dyn CollectionSink) -> Self {
        Self { source, sink, collections: 100 }
    }

    /// With this many collections in the check of many, instead of 100.
    #[must_use]
    pub fn with_collections(self, collections: usize) -> Self {
        Self { collections, ..self }
    }

    /// The names of all checks.
    pub fn checks() -> impl Iterator<Item = &'static str> {
        CHECKS.iter().map(|check| check.name)
    }

    /// Runs every check, up to the first that fails.
    pub async fn run(&self) -> Result<(), Failure> {
        for check in CHECKS {
            let outcome = (check.run)(self).await;
            outcome.map_err(|message| Failure { check: check.name, message })?;
        }
        Ok(())
    }
}

impl std::fmt::Debug for CollectionSuite<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("CollectionSuite").field("collections", &self.collections).finish_non_exhaustive()
    }
}
