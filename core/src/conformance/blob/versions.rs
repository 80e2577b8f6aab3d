//! Reading the version that one began with, or nothing.

use bytes::Bytes;
use futures_util::TryStreamExt;

use super::BlobSuite;
use super::bodies::pattern;
use super::steps::{LENGTH, get, key, put, refused, whole};
use crate::blob::{BlobErrorKind, BlobKey, PutMode};
use crate::conformance::expect::{Outcome, Succeeds, same_bytes};

/// Enough that a store does not read it at once.
const LONG: usize = 8 << 20;

pub(super) async fn a_version_reads_as_long_as_it_is_the_blobs(suite: &BlobSuite<'_>) -> Outcome {
    let (key, bytes) = (key("pinned")?, pattern(1, LENGTH));
    let version = put(suite, &key, &bytes, PutMode::Create).await?.version;
    same_bytes("a version read whole", &get(suite, &key, None, Some(&version)).await?, &bytes)?;
    same_bytes("a range of a version", &get(suite, &key, Some(5..9), Some(&version)).await?, &bytes[5..9])
}

pub(super) async fn an_overwritten_version_is_refused(suite: &BlobSuite<'_>) -> Outcome {
    let key = key("overwritten")?;
    let old = put(suite, &key, &pattern(1, LENGTH), PutMode::Create).await?.version;
    // Of the same length, so that it is not the length that tells.
    let new = pattern(2, LENGTH);
    let version = put(suite, &key, &new, PutMode::Overwrite).await?.version;
    for range in [None, Some(0..1)] {
        let read = suite.store.get(&key, range, Some(&old)).await;
        refused("get of an overwritten version", read, &key, &[BlobErrorKind::VersionChanged])?;
    }
    same_bytes("the new version", &get(suite, &key, None, Some(&version)).await?, &new)
}

pub(super) async fn a_version_of_a_deleted_blob_is_refused(suite: &BlobSuite<'_>) -> Outcome {
    let key = key("recreated")?;
    let old = put(suite, &key, &pattern(1, LENGTH), PutMode::Create).await?.version;
    suite.store.delete(&key).await.succeeds("delete")?;
    let read = suite.store.get(&key, None, Some(&old)).await;
    let kinds = [BlobErrorKind::NotFound, BlobErrorKind::VersionChanged];
    refused("get of a deleted version", read, &key, &kinds)?;
    put(suite, &key, &pattern(2, LENGTH), PutMode::Create).await?;
    let read = suite.store.get(&key, None, Some(&old)).await;
    let what = "get of a version that was deleted and created anew";
    refused(what, read, &key, &[BlobErrorKind::VersionChanged]).map(drop)
}

pub(super) async fn a_reader_that_began_before_an_overwrite_sees_no_mix(suite: &BlobSuite<'_>) -> Outcome {
    let (key, old) = (key("replaced-while-read")?, pattern(1, LONG));
    put(suite, &key, &old, PutMode::Create).await?;
    read_while(suite, &key, &old, async {
        put(suite, &key, &pattern(2, LONG), PutMode::Overwrite).await.map(drop)
    })
    .await
}

pub(super) async fn a_reader_that_began_before_a_delete_sees_no_mix(suite: &BlobSuite<'_>) -> Outcome {
    let (key, old) = (key("deleted-while-read")?, pattern(1, LONG));
    put(suite, &key, &old, PutMode::Create).await?;
    read_while(suite, &key, &old, async {
        suite.store.delete(&key).await.succeeds("delete")?;
        put(suite, &key, &pattern(2, LONG), PutMode::Create).await.map(drop)
    })
    .await
}

/// Reads a part, runs `change` and reads on: the old bytes or an error.
async fn read_while(
    suite: &BlobSuite<'_>,
    key: &BlobKey,
    old: &Bytes,
    change: impl Future<Output = Outcome>,
) -> Outcome {
    let mut begun = suite.store.get(key, None, None).await.succeeds("get")?;
    let first = begun.body.try_next().await.succeeds("read the first chunk")?.unwrap_or_default();
    let unread = suite.store.get(key, None, None).await.succeeds("get")?;
    change.await?;
    if let Ok(rest) = whole(begun).await {
        let seen = [first, rest].concat();
        same_bytes("a reader that was in the middle", &seen, old)?;
    }
    match whole(unread).await {
        Ok(seen) => same_bytes("a reader that had not read yet", &seen, old),
        Err(_) => Ok(()),
    }
}
