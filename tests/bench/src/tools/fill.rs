//! Data directories and backup directories to measure with, made in bounded memory.

use std::path::Path;
use std::sync::Arc;

use chrono::Utc;
use vecvault::blob::{DirectoryPolicy, FsBlobStore};
use vecvault::collections::Collections;
use vecvault_core::{
    BackupId, BackupName, CollectionConfig, CollectionName, CollectionSink, CreateRequest, Host,
    MemoryCollections, Metric, RecordBatch, Selection, StagedCollection, create,
};

use crate::Result;
use crate::data::{Kind, Records};

/// A collection `docs` of normally distributed vectors.
pub(crate) fn collection(data: &Path, count: usize, dimension: usize) -> Result<()> {
    let runtime = tokio::runtime::Runtime::new()?;
    runtime.block_on(async {
        let collections = Collections::open(data)?;
        let config = CollectionConfig::new(dimension, Metric::Cosine)?;
        let plan =
            [StagedCollection { name: CollectionName::parse("docs")?, config, proof: None, ordered: true }];
        let mut restore = collections.begin(&plan, 0).await?;
        let mut records = Records::new(Kind::Gauss, dimension, None)?;
        while let Some(block) = records.block(count)? {
            restore.write(0, block).await?;
        }
        restore.commit().await?;
        collections.sweep().await;
        Ok(())
    })
}

/// Backups of ten records each.
pub(crate) fn backups(directory: &Path, count: u64) -> Result<()> {
    const DIMENSION: usize = 384;
    let runtime = tokio::runtime::Runtime::new()?;
    runtime.block_on(async {
        let store = Arc::new(FsBlobStore::open(directory, DirectoryPolicy::MustExist)?);
        let collections = MemoryCollections::new();
        let blocks = Records::new(Kind::Gauss, DIMENSION, None)?.blocks(10)?;
        let records = blocks.into_iter().next().unwrap_or_else(|| RecordBatch::new(DIMENSION));
        let config = CollectionConfig::new(DIMENSION, Metric::Cosine)?;
        collections.insert(&CollectionName::parse("docs")?, config, &records)?;
        for number in 0..count {
            let name = BackupName::parse(&format!("backup {number}"))?;
            let id = BackupId::new(1_700_000_000_000 + number, [7; 10]);
            let request = CreateRequest { id, name, now: Utc::now(), collections: Selection::All };
            create(&*store, &collections, request, &Host::inline()).await?;
        }
        Ok(())
    })
}
