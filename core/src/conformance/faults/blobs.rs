//! A store of blobs that fails as planned.

use std::fmt;
use std::ops::Range;

use async_trait::async_trait;
use futures_util::{TryStreamExt, stream};

use super::{FaultPlan, Faulty};
use crate::blob::{
    BlobError, BlobKey, BlobMeta, BlobPage, BlobRead, BlobStore, BlobVersion, ByteStream, PutMode,
};

#[cfg_attr(not(target_family = "wasm"), async_trait)]
#[cfg_attr(target_family = "wasm", async_trait(?Send))]
impl<T: BlobStore + fmt::Debug> BlobStore for Faulty<T> {
    async fn put(&self, key: &BlobKey, body: ByteStream, mode: PutMode) -> Result<BlobMeta, BlobError> {
        self.check("put", key).await?;
        let body = written(self.pace.body(body), self.plan.clone());
        let done = self.inner.put(key, body, mode).await.map_err(|error| error.of(key))?;
        self.pace.wait().await;
        self.lose("put", key)?;
        Ok(done)
    }

    async fn get(
        &self,
        key: &BlobKey,
        range: Option<Range<u64>>,
        version: Option<&BlobVersion>,
    ) -> Result<BlobRead, BlobError> {
        self.check("get", key).await?;
        let read = self.inner.get(key, range, version).await?;
        let body = read_body(self.pace.body(read.body), self.plan.clone(), key.clone());
        Ok(BlobRead { body, ..read })
    }

    async fn head(&self, key: &BlobKey) -> Result<BlobMeta, BlobError> {
        self.check("head", key).await?;
        self.inner.head(key).await
    }

    async fn list(&self, prefix: &str, after: Option<&BlobKey>, limit: usize) -> Result<BlobPage, BlobError> {
        self.enter("list").await.map_err(|cause| cause.of_blob())?;
        self.inner.list(prefix, after, limit).await
    }

    async fn delete(&self, key: &BlobKey) -> Result<bool, BlobError> {
        self.check("delete", key).await?;
        let deleted = self.inner.delete(key).await?;
        self.pace.wait().await;
        self.lose("delete", key)?;
        Ok(deleted)
    }
}

impl<T> Faulty<T> {
    async fn check(&self, call: &'static str, key: &BlobKey) -> Result<(), BlobError> {
        self.enter(call).await.map_err(|cause| cause.of_blob().of(key))
    }

    fn lose(&self, call: &'static str, key: &BlobKey) -> Result<(), BlobError> {
        self.plan.after(call).map_err(|cause| cause.of_blob().of(key))
    }
}

/// A body on its way into a store. An error in it stands for the store's own: it gives up at this chunk.
fn written(body: ByteStream, plan: FaultPlan) -> ByteStream {
    Box::pin(stream::try_unfold(Some(body), move |body| {
        let plan = plan.clone();
        async move {
            let Some(mut body) = body else { return Ok(None) };
            let chunk = body.try_next().await?;
            plan.before("a chunk of put").map_err(|cause| cause.of_blob())?;
            match chunk {
                Some(chunk) if plan.ends_write("a chunk of put") => {
                    // The store reads on, as one would that writes to a disk which drops what it gets.
                    while body.try_next().await?.is_some() {}
                    Ok(Some((chunk.slice(..chunk.len() / 2), None)))
                }
                Some(chunk) => Ok(Some((chunk, Some(body)))),
                None => Ok(None),
            }
        }
    }))
}

/// A body on its way out of a store.
fn read_body(body: ByteStream, plan: FaultPlan, key: BlobKey) -> ByteStream {
    Box::pin(stream::try_unfold(body, move |mut body| {
        let (plan, key) = (plan.clone(), key.clone());
        async move {
            let chunk = body.try_next().await?;
            plan.before("a chunk of get").map_err(|cause| cause.of_blob().of(&key))?;
            match chunk {
                Some(_) if plan.ends_read("a chunk of get") => Ok(None),
                Some(chunk) => Ok(Some((chunk, body))),
                None => Ok(None),
            }
        }
    }))
}
