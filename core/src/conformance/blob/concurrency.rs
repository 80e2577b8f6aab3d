//! Several writers at once.

use bytes::Bytes;
use futures_util::future::join_all;

use super::BlobSuite;
use super::bodies::{body, pattern};
use super::steps::{CHUNK, LENGTH, get, is_there, key, refused};
use crate::blob::{BlobError, BlobErrorKind, BlobKey, BlobMeta, PutMode};
use crate::conformance::expect::{Outcome, Succeeds, equal, holds};

const WRITERS: u64 = 8;
/// What a writer wrote, and what came of it.
type Written = (Result<BlobMeta, BlobError>, Bytes);
/// One race proves little.
const ROUNDS: usize = 8;

pub(super) async fn of_many_creators_exactly_one_succeeds(suite: &BlobSuite<'_>) -> Outcome {
    for round in 0..ROUNDS {
        let key = key(&format!("race-{round}"))?;
        let mut winners = Vec::new();
        for (result, bytes) in write_at_once(suite, &key, PutMode::Create).await {
            match result {
                Ok(_) => winners.push(bytes),
                Err(error) => {
                    refused("create by a loser", Err::<(), _>(error), &key, &[BlobErrorKind::AlreadyExists])?;
                }
            }
        }
        equal(&format!("creates of {WRITERS} at once that succeeded"), winners.len(), 1)?;
        is_there(suite, &key, &winners[0]).await?;
    }
    Ok(())
}

pub(super) async fn of_many_overwriters_one_blob_remains_whole(suite: &BlobSuite<'_>) -> Outcome {
    for round in 0..ROUNDS {
        let key = key(&format!("overwrite-race-{round}"))?;
        let mut written = Vec::new();
        for (result, bytes) in write_at_once(suite, &key, PutMode::Overwrite).await {
            result.succeeds("overwrite among others")?;
            written.push(bytes);
        }
        let seen = get(suite, &key, None, None).await?;
        holds("what remains is one of the blobs that were written, whole", written.contains(&seen))?;
    }
    Ok(())
}

/// Blobs of different bytes and lengths, put under one key at once.
async fn write_at_once(suite: &BlobSuite<'_>, key: &BlobKey, mode: PutMode) -> Vec<Written> {
    let mut writers = Vec::new();
    for writer in 0..WRITERS {
        writers.push(write(suite, key, pattern(writer + 1, LENGTH + writer as usize), mode));
    }
    join_all(writers).await
}

async fn write(suite: &BlobSuite<'_>, key: &BlobKey, bytes: Bytes, mode: PutMode) -> Written {
    (suite.store.put(key, body(&bytes, CHUNK), mode).await, bytes)
}
