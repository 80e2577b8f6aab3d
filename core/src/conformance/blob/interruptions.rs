//! Puts that do not come to their end.

use std::future::ready;

use bytes::Bytes;

use super::BlobSuite;
use super::bodies::{FAILURE, failing, pattern};
use super::steps::{CHUNK, LENGTH, is_absent, is_there, key, put, put_and_drop};
use crate::blob::{BlobErrorKind, BlobKey, PutMode};
use crate::conformance::expect::{Outcome, equal, holds};

/// How much of the body comes before it breaks off: nothing, a chunk, all.
const LENGTHS: [usize; 3] = [0, CHUNK, LENGTH];

pub(super) async fn a_body_that_fails_leaves_nothing(suite: &BlobSuite<'_>) -> Outcome {
    let key = key("failed")?;
    for mode in [PutMode::Create, PutMode::Overwrite] {
        for length in LENGTHS {
            put_failing(suite, &key, length, mode).await?;
            is_absent(suite, &key).await?;
        }
    }
    put(suite, &key, &pattern(2, LENGTH), PutMode::Create).await?;
    is_there(suite, &key, &pattern(2, LENGTH)).await
}

pub(super) async fn a_body_that_fails_leaves_the_old_blob(suite: &BlobSuite<'_>) -> Outcome {
    let (key, old) = (key("failed-overwrite")?, pattern(1, LENGTH));
    let version = put(suite, &key, &old, PutMode::Create).await?.version;
    for length in LENGTHS {
        put_failing(suite, &key, length, PutMode::Overwrite).await?;
        is_there(suite, &key, &old).await?;
    }
    let head = suite.store.head(&key).await.map_err(|error| error.to_string())?;
    equal("version after failed overwrites", head.version, version)
}

pub(super) async fn a_dropped_put_leaves_nothing(suite: &BlobSuite<'_>) -> Outcome {
    let key = key("dropped")?;
    for mode in [PutMode::Create, PutMode::Overwrite] {
        for length in LENGTHS {
            put_and_drop(suite, &key, &pattern(1, length), mode, ready(Ok(()))).await?;
            is_absent(suite, &key).await?;
        }
    }
    put(suite, &key, &pattern(2, LENGTH), PutMode::Create).await?;
    is_there(suite, &key, &pattern(2, LENGTH)).await
}

pub(super) async fn a_dropped_put_leaves_the_old_blob(suite: &BlobSuite<'_>) -> Outcome {
    let (key, old) = (key("dropped-overwrite")?, pattern(1, LENGTH));
    put(suite, &key, &old, PutMode::Create).await?;
    for length in LENGTHS {
        put_and_drop(suite, &key, &pattern(2, length), PutMode::Overwrite, ready(Ok(()))).await?;
        is_there(suite, &key, &old).await?;
    }
    Ok(())
}

pub(super) async fn what_is_being_written_is_not_visible(suite: &BlobSuite<'_>) -> Outcome {
    let (new, old) = (key("unfinished")?, key("unfinished-overwrite")?);
    let (bytes, unfinished): (Bytes, Bytes) = (pattern(1, LENGTH), pattern(2, 2 * LENGTH));
    put(suite, &old, &bytes, PutMode::Create).await?;
    put_and_drop(suite, &new, &unfinished, PutMode::Create, is_absent(suite, &new)).await?;
    put_and_drop(suite, &old, &unfinished, PutMode::Overwrite, is_there(suite, &old, &bytes)).await
}

/// Puts a body that fails after `length` bytes; its own error must come through.
async fn put_failing(suite: &BlobSuite<'_>, key: &BlobKey, length: usize, mode: PutMode) -> Outcome {
    let body = failing(&pattern(1, length), CHUNK);
    let Err(error) = suite.store.put(key, body, mode).await else {
        return Err(format!("a body that fails after {length} bytes: expected its error, saw success"));
    };
    equal("kind of the body's error", error.kind(), BlobErrorKind::Body)?;
    holds("the body's own error comes through", error.to_string().ends_with(FAILURE))
}
