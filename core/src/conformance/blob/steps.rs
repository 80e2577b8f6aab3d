//! What the checks are made of.

use std::ops::Range;

use bytes::Bytes;
use futures_util::TryStreamExt;
use futures_util::future::{Either, select, try_join_all};

use super::BlobSuite;
use super::bodies::{body, stalling};
use crate::blob::{
    BlobError, BlobErrorKind, BlobKey, BlobMeta, BlobRead, BlobStoreExt, BlobVersion, PutMode,
};
use crate::conformance::expect::{Outcome, Succeeds, equal, holds, same_bytes};

/// What every key of the suite begins with.
const PREFIX: &str = "conformance.";
/// How long most blobs are, and in what chunks: neither a power of two nor a multiple.
pub(super) const LENGTH: usize = 10_007;
pub(super) const CHUNK: usize = 1_000;

/// A key of the suite.
pub(super) fn key(name: &str) -> Outcome<BlobKey> {
    BlobKey::parse(&format!("{PREFIX}{name}")).succeeds("parse a key")
}

/// Deletes what the suite has left.
pub(super) async fn clear(suite: &BlobSuite<'_>) -> Outcome {
    for meta in suite.store.list_all(PREFIX).await.succeeds("list the suite's blobs")? {
        suite.store.delete(&meta.key).await.succeeds("delete one of the suite's blobs")?;
    }
    Ok(())
}

/// Puts a blob, which must succeed.
pub(super) async fn put(
    suite: &BlobSuite<'_>,
    key: &BlobKey,
    bytes: &Bytes,
    mode: PutMode,
) -> Outcome<BlobMeta> {
    let meta = suite.store.put(key, body(bytes, CHUNK), mode).await.succeeds("put a blob")?;
    equal("key told by put", &meta.key, key)?;
    equal("size told by put", meta.size, bytes.len() as u64)?;
    Ok(meta)
}

/// Puts many small blobs, a few at a time.
pub(super) async fn put_many(suite: &BlobSuite<'_>, keys: &[BlobKey]) -> Outcome {
    for some in keys.chunks(16) {
        let mut puts = Vec::with_capacity(some.len());
        for key in some {
            puts.push(put_small(suite, key));
        }
        try_join_all(puts).await?;
    }
    Ok(())
}

async fn put_small(suite: &BlobSuite<'_>, key: &BlobKey) -> Outcome {
    put(suite, key, &Bytes::copy_from_slice(key.as_str().as_bytes()), PutMode::Create).await.map(drop)
}

/// Reads a blob or a range of it, which must succeed.
pub(super) async fn get(
    suite: &BlobSuite<'_>,
    key: &BlobKey,
    range: Option<Range<u64>>,
    version: Option<&BlobVersion>,
) -> Outcome<Bytes> {
    let read = suite.store.get(key, range.clone(), version).await.succeeds("get a blob")?;
    equal("range told by get", read.range.clone(), range.unwrap_or(0..read.meta.size))?;
    whole(read).await.succeeds("read a blob's body")
}

/// The bytes of a body.
pub(super) async fn whole(read: BlobRead) -> Result<Bytes, BlobError> {
    Ok(read.body.try_collect::<Vec<_>>().await?.concat().into())
}

/// Fails unless the blob of a key is this one.
pub(super) async fn is_there(suite: &BlobSuite<'_>, key: &BlobKey, bytes: &Bytes) -> Outcome {
    let meta = suite.store.head(key).await.succeeds("head of a blob that must be there")?;
    equal("size told by head", meta.size, bytes.len() as u64)?;
    same_bytes("the blob", &get(suite, key, None, None).await?, bytes)?;
    holds("a blob that is there is listed", listed(suite, key).await?)
}

/// Fails unless a key has no blob, whichever way one looks.
pub(super) async fn is_absent(suite: &BlobSuite<'_>, key: &BlobKey) -> Outcome {
    refused("head of an absent blob", suite.store.head(key).await, key, &[BlobErrorKind::NotFound])?;
    refused(
        "get of an absent blob",
        suite.store.get(key, None, None).await,
        key,
        &[BlobErrorKind::NotFound],
    )?;
    holds("an absent blob is not listed", !listed(suite, key).await?)
}

async fn listed(suite: &BlobSuite<'_>, key: &BlobKey) -> Outcome<bool> {
    let listing = suite.store.list_all(key.as_str()).await.succeeds("list")?;
    Ok(listing.iter().any(|meta| meta.key == *key))
}

/// Fails unless an operation was refused with one of these kinds and names the key.
pub(super) fn refused<T>(
    what: &str,
    result: Result<T, BlobError>,
    key: &BlobKey,
    kinds: &[BlobErrorKind],
) -> Outcome<BlobError> {
    let Err(error) = result else {
        return Err(format!("{what}: expected an error of kind {kinds:?}, saw success"));
    };
    if !kinds.contains(&error.kind()) {
        let kind = error.kind();
        return Err(format!("{what}: expected an error of kind {kinds:?}, saw {kind:?}: {error}"));
    }
    equal(&format!("{what}: the error's key"), error.key(), Some(key))?;
    Ok(error)
}

/// Puts these bytes with a body that does not end, runs `meanwhile` once the store waits for more, and
/// then drops the put.
pub(super) async fn put_and_drop(
    suite: &BlobSuite<'_>,
    key: &BlobKey,
    bytes: &Bytes,
    mode: PutMode,
    meanwhile: impl Future<Output = Outcome>,
) -> Outcome {
    let (body, stalled) = stalling(bytes, CHUNK);
    match select(suite.store.put(key, body, mode), stalled).await {
        Either::Left((result, _)) => {
            Err(format!("a put whose body has not ended: expected that it waits, saw {result:?}"))
        }
        Either::Right((_, put)) => {
            meanwhile.await?;
            drop(put);
            Ok(())
        }
    }
}
