//! A store that counts and forgets: a sink that costs nothing.

use std::ops::Range;

use async_trait::async_trait;
use futures_util::TryStreamExt;
use vecvault_core::{
    BlobError, BlobErrorKind, BlobKey, BlobMeta, BlobPage, BlobRead, BlobStore, BlobVersion, ByteStream,
    PutMode,
};

#[derive(Debug)]
pub(super) struct DiscardingStore;

#[async_trait]
impl BlobStore for DiscardingStore {
    async fn put(&self, key: &BlobKey, mut body: ByteStream, _: PutMode) -> Result<BlobMeta, BlobError> {
        let mut size = 0;
        while let Some(chunk) = body.try_next().await? {
            size += std::hint::black_box(chunk).len() as u64;
        }
        Ok(BlobMeta { key: key.clone(), size, version: BlobVersion(String::new()), modified: None })
    }

    async fn get(
        &self,
        key: &BlobKey,
        _: Option<Range<u64>>,
        _: Option<&BlobVersion>,
    ) -> Result<BlobRead, BlobError> {
        Err(gone(key))
    }

    async fn head(&self, key: &BlobKey) -> Result<BlobMeta, BlobError> {
        Err(gone(key))
    }

    async fn list(&self, _: &str, _: Option<&BlobKey>, _: usize) -> Result<BlobPage, BlobError> {
        Ok(BlobPage::default())
    }

    async fn delete(&self, _: &BlobKey) -> Result<bool, BlobError> {
        Ok(false)
    }
}

fn gone(key: &BlobKey) -> BlobError {
    BlobError::new(BlobErrorKind::NotFound, "it was discarded").of(key)
}
