//! A restore into memory: new generations beside the live ones, put in their place under one lock.

use std::mem;
use std::sync::Arc;

use async_trait::async_trait;

use super::{Duplicates, Generation, MemoryCollections, MemoryReader};
use crate::collections::{
    CollectionError, CollectionErrorKind, CollectionReader, StagedCollection, StagedRestore,
};
use crate::model::{CollectionName, RecordBatch};

/// It holds its collections' names until it is committed or dropped.
pub(super) struct MemoryRestore {
    collections: MemoryCollections,
    staged: Vec<(CollectionName, Arc<Generation>)>,
}

impl MemoryRestore {
    /// Takes hold of the names of a plan, of all or of none.
    pub(super) fn begin(
        collections: &MemoryCollections,
        plan: &[StagedCollection],
    ) -> Result<Self, CollectionError> {
        let mut restore = Self { collections: collections.clone(), staged: Vec::with_capacity(plan.len()) };
        let mut state = collections.state();
        for StagedCollection { name, config, .. } in plan {
            if !state.held.insert(name.clone()) {
                // Dropping `restore` lets go of the names so far, for which it needs the lock.
                drop(state);
                let message = "another restore into it is under way";
                return Err(CollectionError::new(CollectionErrorKind::Busy, message).of(name));
            }
            restore.staged.push((name.clone(), Arc::new(Generation::new(config.clone()))));
        }
        drop(state);
        Ok(restore)
    }

    fn staged(
        &mut self,
        collection: usize,
    ) -> Result<&mut (CollectionName, Arc<Generation>), CollectionError> {
        self.staged.get_mut(collection).ok_or_else(|| {
            let message = format!("the restore's plan has no collection number {collection}");
            CollectionError::new(CollectionErrorKind::Invalid, message)
        })
    }
}

#[cfg_attr(not(target_family = "wasm"), async_trait)]
#[cfg_attr(target_family = "wasm", async_trait(?Send))]
impl StagedRestore for MemoryRestore {
    async fn write(
        &mut self,
        collection: usize,
        mut batch: RecordBatch,
    ) -> Result<RecordBatch, CollectionError> {
        let (name, generation) = self.staged(collection)?;
        Arc::make_mut(generation).add(&batch, Duplicates::Refuse).map_err(|error| error.of(name))?;
        batch.truncate(0);
        Ok(batch)
    }

    async fn read_back(&mut self, collection: usize) -> Result<Box<dyn CollectionReader>, CollectionError> {
        let (_, generation) = self.staged(collection)?;
        Ok(Box::new(MemoryReader::new(generation.clone())))
    }

    async fn commit(mut self: Box<Self>) -> Result<(), CollectionError> {
        let staged = mem::take(&mut self.staged);
        let mut state = self.collections.state();
        for (name, generation) in staged {
            state.held.remove(&name);
            state.live.insert(name, generation);
        }
        Ok(())
    }

    async fn abort(self: Box<Self>) -> Result<(), CollectionError> {
        Ok(())
    }
}

impl Drop for MemoryRestore {
    fn drop(&mut self) {
        let mut state = self.collections.state();
        for (name, _) in &self.staged {
            state.held.remove(name);
        }
    }
}
