//! A store in memory: for tests, and for hosts that hand bytes over.

use std::collections::BTreeMap;
use std::ops::{Bound, Range};
use std::sync::{Mutex, MutexGuard, PoisonError};

use async_trait::async_trait;
use bytes::{Bytes, BytesMut};
use futures_util::{TryStreamExt, stream};

use super::{
    BlobError, BlobErrorKind, BlobKey, BlobMeta, BlobPage, BlobRead, BlobStore, BlobVersion, ByteStream,
    PutMode,
};

/// Blobs in memory.
#[derive(Debug, Default)]
pub struct MemoryBlobStore {
    state: Mutex<State>,
}

#[derive(Debug, Default)]
struct State {
    blobs: BTreeMap<BlobKey, Blob>,
    writes: u64,
}

#[derive(Clone, Debug)]
struct Blob {
    bytes: Bytes,
    version: BlobVersion,
}

impl Blob {
    fn meta(&self, key: &BlobKey) -> BlobMeta {
        let (size, version) = (self.bytes.len() as u64, self.version.clone());
        BlobMeta { key: key.clone(), size, version, modified: None }
    }
}

impl MemoryBlobStore {
    /// An empty store.
    pub fn new() -> Self {
        Self::default()
    }

    fn state(&self) -> MutexGuard<'_, State> {
        // The map is never left half changed, so a panic elsewhere does not spoil it.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn blob(&self, key: &BlobKey) -> Result<Blob, BlobError> {
        self.state().blobs.get(key).cloned().ok_or_else(|| not_found(key))
    }
}

fn not_found(key: &BlobKey) -> BlobError {
    BlobError::new(BlobErrorKind::NotFound, "no such blob").of(key)
}

#[cfg_attr(not(target_family = "wasm"), async_trait)]
#[cfg_attr(target_family = "wasm", async_trait(?Send))]
impl BlobStore for MemoryBlobStore {
    async fn put(&self, key: &BlobKey, mut body: ByteStream, mode: PutMode) -> Result<BlobMeta, BlobError> {
        let mut bytes = BytesMut::new();
        while let Some(chunk) = body.try_next().await? {
            bytes.extend_from_slice(&chunk);
        }
        let mut state = self.state();
        if mode == PutMode::Create && state.blobs.contains_key(key) {
            return Err(BlobError::new(BlobErrorKind::AlreadyExists, "there is one already").of(key));
        }
        state.writes += 1;
        let blob = Blob { bytes: bytes.freeze(), version: BlobVersion(state.writes.to_string()) };
        let meta = blob.meta(key);
        state.blobs.insert(key.clone(), blob);
        Ok(meta)
    }

    async fn get(
        &self,
        key: &BlobKey,
        range: Option<Range<u64>>,
        version: Option<&BlobVersion>,
    ) -> Result<BlobRead, BlobError> {
        let blob = self.blob(key)?;
        if version.is_some_and(|version| *version != blob.version) {
            return Err(BlobError::new(BlobErrorKind::VersionChanged, "it was replaced meanwhile").of(key));
        }
        let meta = blob.meta(key);
        let range = range.unwrap_or(0..meta.size);
        if range.start > range.end || range.end > meta.size {
            return Err(BlobError::new(BlobErrorKind::InvalidRange, "the range reaches past the end").of(key));
        }
        let bytes = blob.bytes.slice(range.start as usize..range.end as usize);
        let chunks = if bytes.is_empty() { vec![] } else { vec![Ok(bytes)] };
        Ok(BlobRead { meta, range, body: Box::pin(stream::iter(chunks)) })
    }

    async fn head(&self, key: &BlobKey) -> Result<BlobMeta, BlobError> {
        Ok(self.blob(key)?.meta(key))
    }

    async fn list(&self, prefix: &str, after: Option<&BlobKey>, limit: usize) -> Result<BlobPage, BlobError> {
        let state = self.state();
        let start = after.map_or(Bound::Unbounded, Bound::Excluded);
        let mut matching = state
            .blobs
            .range::<BlobKey, _>((start, Bound::Unbounded))
            .filter(|(key, _)| key.as_str().starts_with(prefix))
            .map(|(key, blob)| blob.meta(key));
        let blobs: Vec<_> = matching.by_ref().take(limit).collect();
        Ok(BlobPage { blobs, more: matching.next().is_some() })
    }

    async fn delete(&self, key: &BlobKey) -> Result<bool, BlobError> {
        Ok(self.state().blobs.remove(key).is_some())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::conformance::BlobSuite;

    #[test]
    fn it_keeps_the_contract() {
        let store = MemoryBlobStore::new();
        futures_executor::block_on(BlobSuite::new(&store).run()).unwrap();
    }
}
