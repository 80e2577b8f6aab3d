//! Deleting.

use super::BlobSuite;
use super::bodies::pattern;
use super::steps::{LENGTH, is_absent, is_there, key, put};
use crate::blob::PutMode;
use crate::conformance::expect::{Outcome, Succeeds, equal};

pub(super) async fn a_deleted_blob_is_gone(suite: &BlobSuite<'_>) -> Outcome {
    let (key, other) = (key("deleted")?, key("deleted.not")?);
    put(suite, &key, &pattern(1, LENGTH), PutMode::Create).await?;
    put(suite, &other, &pattern(2, LENGTH), PutMode::Create).await?;
    equal("delete of a blob", suite.store.delete(&key).await.succeeds("delete")?, true)?;
    is_absent(suite, &key).await?;
    is_there(suite, &other, &pattern(2, LENGTH)).await
}

pub(super) async fn deleting_what_is_absent_gives_false(suite: &BlobSuite<'_>) -> Outcome {
    let key = key("never")?;
    equal("delete of nothing", suite.store.delete(&key).await.succeeds("delete of nothing")?, false)?;
    put(suite, &key, &pattern(1, 1), PutMode::Create).await?;
    equal("first delete", suite.store.delete(&key).await.succeeds("first delete")?, true)?;
    equal("second delete", suite.store.delete(&key).await.succeeds("second delete")?, false)
}

pub(super) async fn a_deleted_key_can_be_created_again(suite: &BlobSuite<'_>) -> Outcome {
    let key = key("again")?;
    for seed in 0..3 {
        let bytes = pattern(seed, LENGTH);
        put(suite, &key, &bytes, PutMode::Create).await?;
        is_there(suite, &key, &bytes).await?;
        equal("delete", suite.store.delete(&key).await.succeeds("delete")?, true)?;
    }
    is_absent(suite, &key).await
}
