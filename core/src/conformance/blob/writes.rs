//! Whole blobs, written and read again.

use bytes::Bytes;
use futures_util::stream;

use super::BlobSuite;
use super::bodies::{body, pattern};
use super::steps::{CHUNK, LENGTH, get, is_absent, is_there, key, put, refused};
use crate::blob::{BlobErrorKind, BlobKey, PutMode};
use crate::conformance::expect::{Outcome, Succeeds, equal, holds, same_bytes};
use crate::format::limits::{MAX_BLOB_KEY_BYTES, MAX_BLOB_KEY_SEGMENT_BYTES};

pub(super) async fn a_blob_is_told_of_alike_everywhere(suite: &BlobSuite<'_>) -> Outcome {
    let (key, bytes) = (key("alike")?, pattern(1, LENGTH));
    is_absent(suite, &key).await?;
    let meta = put(suite, &key, &bytes, PutMode::Create).await?;
    let head = suite.store.head(&key).await.succeeds("head")?;
    let read = suite.store.get(&key, None, None).await.succeeds("get")?;
    let page = suite.store.list(key.as_str(), None, 10).await.succeeds("list")?;
    equal("blobs listed", page.blobs.len(), 1)?;
    for (who, seen) in [("head", &head), ("get", &read.meta), ("list", &page.blobs[0])] {
        equal(&format!("key told by {who}"), &seen.key, &meta.key)?;
        equal(&format!("size told by {who}"), seen.size, meta.size)?;
        equal(&format!("version told by {who}"), &seen.version, &meta.version)?;
    }
    is_there(suite, &key, &bytes).await
}

pub(super) async fn an_empty_blob_is_a_blob(suite: &BlobSuite<'_>) -> Outcome {
    let (key, empty) = (key("empty")?, Bytes::new());
    put(suite, &key, &empty, PutMode::Create).await?;
    is_there(suite, &key, &empty).await?;
    let again = suite.store.put(&key, body(&empty, CHUNK), PutMode::Create).await;
    refused("create over an empty blob", again, &key, &[BlobErrorKind::AlreadyExists]).map(drop)
}

pub(super) async fn chunks_of_any_size_make_the_same_blob(suite: &BlobSuite<'_>) -> Outcome {
    let key = key("chunks")?;
    for (length, chunk) in
        [(1, 1), (1_000, 1), (LENGTH, 4_096), ((3 << 20) + 1, 64 << 10), (5 << 20, 5 << 20)]
    {
        let bytes = pattern(length as u64, length);
        suite.store.put(&key, body(&bytes, chunk), PutMode::Overwrite).await.succeeds("put")?;
        let what = format!("{length} bytes put in chunks of {chunk}");
        same_bytes(&what, &get(suite, &key, None, None).await?, &bytes)?;
    }
    let chunks = ["", "a", "", "", "bc", ""].map(|text| Ok(Bytes::from_static(text.as_bytes())));
    suite.store.put(&key, Box::pin(stream::iter(chunks)), PutMode::Overwrite).await.succeeds("put")?;
    same_bytes("empty chunks among others", &get(suite, &key, None, None).await?, b"abc")
}

pub(super) async fn create_refuses_an_existing_blob_and_leaves_it(suite: &BlobSuite<'_>) -> Outcome {
    let (key, bytes) = (key("create")?, pattern(1, LENGTH));
    let meta = put(suite, &key, &bytes, PutMode::Create).await?;
    let again = suite.store.put(&key, body(&pattern(2, LENGTH), CHUNK), PutMode::Create).await;
    refused("create over a blob", again, &key, &[BlobErrorKind::AlreadyExists])?;
    is_there(suite, &key, &bytes).await?;
    let head = suite.store.head(&key).await.succeeds("head")?;
    equal("version after a refused create", head.version, meta.version)
}

pub(super) async fn overwrite_replaces_the_whole_blob(suite: &BlobSuite<'_>) -> Outcome {
    let key = key("overwrite")?;
    // Created, shorter, longer, as long, empty.
    let mut versions = Vec::new();
    for (seed, length) in [(1, LENGTH), (2, 10), (3, 2 * LENGTH), (4, 2 * LENGTH), (5, 0)] {
        let bytes = pattern(seed, length);
        versions.push(put(suite, &key, &bytes, PutMode::Overwrite).await?.version);
        is_there(suite, &key, &bytes).await?;
    }
    let distinct = versions.iter().enumerate().all(|(at, version)| !versions[..at].contains(version));
    holds("each overwrite makes another version", distinct)
}

pub(super) async fn the_longest_segment_is_a_key(suite: &BlobSuite<'_>) -> Outcome {
    let prefix = key("long-")?;
    let name = "x".repeat(MAX_BLOB_KEY_SEGMENT_BYTES - prefix.as_str().len());
    let key = key(&format!("long-{name}"))?;
    put(suite, &key, &pattern(1, 10), PutMode::Create).await?;
    is_there(suite, &key, &pattern(1, 10)).await
}

pub(super) async fn nested_keys_are_keys(suite: &BlobSuite<'_>) -> Outcome {
    if !suite.nested {
        return Ok(());
    }
    let deep = vec!["y".repeat(98); 5].join("/");
    let longest = key(&format!("nest/{deep}"))?;
    holds("the longest key is long", longest.as_str().len() > MAX_BLOB_KEY_BYTES - 10)?;
    // One key is another's beginning, with and without a slash.
    let keys: Vec<BlobKey> = vec![key("nest")?, key("nest/a")?, key("nest/a/b")?, key("nest-a")?, longest];
    for (seed, key) in keys.iter().enumerate() {
        put(suite, key, &pattern(seed as u64, 100), PutMode::Create).await?;
    }
    for (seed, key) in keys.iter().enumerate() {
        is_there(suite, key, &pattern(seed as u64, 100)).await?;
    }
    holds("a nested blob can be deleted", suite.store.delete(&keys[1]).await.succeeds("delete")?)?;
    is_absent(suite, &keys[1]).await?;
    is_there(suite, &keys[2], &pattern(2, 100)).await
}
