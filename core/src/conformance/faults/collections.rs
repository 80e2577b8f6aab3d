//! Collections that fail as planned: a source, a sink, and all that they hand out.

use async_trait::async_trait;

use super::Faulty;
use crate::collections::{
    CollectionError, CollectionHead, CollectionReader, CollectionSink, CollectionSnapshot, CollectionSource,
    SinkCapabilities, StagedCollection, StagedRestore,
};
use crate::model::{CollectionName, RecordBatch};

impl<T> Faulty<T> {
    async fn try_call(&self, call: &'static str) -> Result<(), CollectionError> {
        self.enter(call).await.map_err(|cause| cause.of_collections())
    }

    fn reply(&self, call: &'static str) -> Result<(), CollectionError> {
        self.plan.after(call).map_err(|cause| cause.of_collections())
    }

    /// Something that was handed out fails by the same plan.
    fn handing_out<U>(&self, inner: U) -> Faulty<U> {
        Faulty { inner, plan: self.plan.clone(), pace: self.pace }
    }
}

#[cfg_attr(not(target_family = "wasm"), async_trait)]
#[cfg_attr(target_family = "wasm", async_trait(?Send))]
impl<T: CollectionSource> CollectionSource for Faulty<T> {
    async fn snapshot(&self) -> Result<Box<dyn CollectionSnapshot>, CollectionError> {
        self.try_call("snapshot").await?;
        Ok(Box::new(self.handing_out(self.inner.snapshot().await?)))
    }
}

#[cfg_attr(not(target_family = "wasm"), async_trait)]
#[cfg_attr(target_family = "wasm", async_trait(?Send))]
impl CollectionSnapshot for Faulty<Box<dyn CollectionSnapshot>> {
    fn collections(&self) -> &[CollectionHead] {
        self.inner.collections()
    }

    async fn read(&self, name: &CollectionName) -> Result<Box<dyn CollectionReader>, CollectionError> {
        self.try_call("read").await?;
        Ok(Box::new(self.handing_out(self.inner.read(name).await?)))
    }
}

#[cfg_attr(not(target_family = "wasm"), async_trait)]
#[cfg_attr(target_family = "wasm", async_trait(?Send))]
impl CollectionReader for Faulty<Box<dyn CollectionReader>> {
    async fn next(&mut self, mut batch: RecordBatch) -> Result<RecordBatch, CollectionError> {
        // Not through `&self`: a reader is not shared.
        self.pace.wait().await;
        self.plan.before("next").map_err(|cause| cause.of_collections())?;
        if self.plan.ends_read("next") {
            batch.truncate(0);
            return Ok(batch);
        }
        self.inner.next(batch).await
    }
}

#[cfg_attr(not(target_family = "wasm"), async_trait)]
#[cfg_attr(target_family = "wasm", async_trait(?Send))]
impl<T: CollectionSink> CollectionSink for Faulty<T> {
    fn capabilities(&self) -> SinkCapabilities {
        self.inner.capabilities()
    }

    async fn begin(
        &self,
        plan: &[StagedCollection],
        bytes: u64,
    ) -> Result<Box<dyn StagedRestore>, CollectionError> {
        self.try_call("begin").await?;
        let restore = self.inner.begin(plan, bytes).await?;
        self.reply("begin")?;
        Ok(Box::new(self.handing_out(restore)))
    }
}

#[cfg_attr(not(target_family = "wasm"), async_trait)]
#[cfg_attr(target_family = "wasm", async_trait(?Send))]
impl StagedRestore for Faulty<Box<dyn StagedRestore>> {
    async fn write(&mut self, collection: usize, batch: RecordBatch) -> Result<RecordBatch, CollectionError> {
        self.try_call("write").await?;
        let batch = self.inner.write(collection, batch).await?;
        self.reply("write")?;
        Ok(batch)
    }

    async fn read_back(&mut self, collection: usize) -> Result<Box<dyn CollectionReader>, CollectionError> {
        self.try_call("read_back").await?;
        let reader = self.inner.read_back(collection).await?;
        Ok(Box::new(self.handing_out(reader)))
    }

    async fn commit(self: Box<Self>) -> Result<(), CollectionError> {
        self.try_call("commit").await?;
        let Self { inner, plan, pace } = *self;
        inner.commit().await?;
        pace.wait().await;
        plan.after("commit").map_err(|cause| cause.of_collections())
    }

    async fn abort(self: Box<Self>) -> Result<(), CollectionError> {
        self.try_call("abort").await?;
        self.inner.abort().await
    }
}
