//! The suite of [`BlobStore`]: its contract, point by point.

mod bodies;
mod concurrency;
mod deletes;
mod interruptions;
mod lists;
mod reads;
mod steps;
#[cfg(test)]
mod tests;
mod versions;
mod writes;

use super::{Check, Failure, Running, checks};
use crate::blob::BlobStore;

type Run = for<'a> fn(&'a BlobSuite<'a>) -> Running<'a>;

/// Every check, in the order in which they run.
const CHECKS: &[Check<Run>] = checks![
    writes::a_blob_is_told_of_alike_everywhere,
    writes::an_empty_blob_is_a_blob,
    writes::chunks_of_any_size_make_the_same_blob,
    writes::create_refuses_an_existing_blob_and_leaves_it,
    writes::overwrite_replaces_the_whole_blob,
    writes::the_longest_segment_is_a_key,
    writes::nested_keys_are_keys,
    reads::what_is_absent_is_not_found,
    reads::a_range_yields_exactly_its_bytes,
    reads::an_empty_range_yields_nothing,
    reads::a_range_past_the_end_is_refused,
    versions::a_version_reads_as_long_as_it_is_the_blobs,
    versions::an_overwritten_version_is_refused,
    versions::a_version_of_a_deleted_blob_is_refused,
    versions::a_reader_that_began_before_an_overwrite_sees_no_mix,
    versions::a_reader_that_began_before_a_delete_sees_no_mix,
    deletes::a_deleted_blob_is_gone,
    deletes::deleting_what_is_absent_gives_false,
    deletes::a_deleted_key_can_be_created_again,
    interruptions::a_body_that_fails_leaves_nothing,
    interruptions::a_body_that_fails_leaves_the_old_blob,
    interruptions::a_dropped_put_leaves_nothing,
    interruptions::a_dropped_put_leaves_the_old_blob,
    interruptions::what_is_being_written_is_not_visible,
    concurrency::of_many_creators_exactly_one_succeeds,
    concurrency::of_many_overwriters_one_blob_remains_whole,
    lists::keys_ascend_by_their_bytes,
    lists::a_prefix_is_compared_byte_by_byte,
    lists::pages_of_any_size_make_the_whole,
    lists::a_listing_is_whole_while_blobs_are_deleted,
];

/// The suite, and what is known of the store that it runs against.
#[derive(Clone, Copy, Debug)]
pub struct BlobSuite<'a> {
    store: &'a dyn BlobStore,
    listed: usize,
    nested: bool,
}

impl<'a> BlobSuite<'a> {
    /// The whole suite.
    pub fn new(store: &'a dyn BlobStore) -> Self {
        Self { store, listed: 1_100, nested: true }
    }

    /// With this many blobs in the checks of long listings instead of 1,100, which is more than the pages
    /// of common object stores hold. For stores that write slowly.
    #[must_use]
    pub fn with_listed(self, listed: usize) -> Self {
        Self { listed, ..self }
    }

    /// For a store that refuses keys with `/`: no such key is used.
    #[must_use]
    pub fn without_nested_keys(self) -> Self {
        Self { nested: false, ..self }
    }

    /// The names of all checks.
    pub fn checks() -> impl Iterator<Item = &'static str> {
        CHECKS.iter().map(|check| check.name)
    }

    /// Runs every check, up to the first that fails.
    pub async fn run(&self) -> Result<(), Failure> {
        for check in CHECKS {
            let outcome = async {
                steps::clear(self).await?;
                (check.run)(self).await?;
                steps::clear(self).await
            };
            outcome.await.map_err(|message| Failure { check: check.name, message })?;
        }
        Ok(())
    }
}
