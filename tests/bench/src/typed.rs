//! Records as a program without VecVault would type them: what the JSON libraries read and write.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;
use vecvault_core::RecordBatch;

use crate::Result;

/// A record with its metadata as a tree of any library's values.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct TypedRecord<M> {
    pub(crate) id: String,
    pub(crate) vector: Vec<f32>,
    pub(crate) metadata: M,
}

/// With metadata as a tree, and as the text that it was.
pub(crate) type ValueRecord = TypedRecord<serde_json::Value>;
pub(crate) type RawRecord = TypedRecord<Box<RawValue>>;

/// A backup file, as far as the documented format goes.
#[derive(Debug, Deserialize)]
pub(crate) struct TypedBackup {
    pub(crate) data: BTreeMap<String, TypedCollection>,
}

#[derive(Debug, Deserialize)]
pub(crate) struct TypedCollection {
    pub(crate) vectors: Vec<ValueRecord>,
}

/// The records of a batch, metadata parsed as `M`.
pub(crate) fn records<M: for<'a> Deserialize<'a>>(batch: &RecordBatch) -> Result<Vec<TypedRecord<M>>> {
    let typed = |record: vecvault_core::Record<'_>| {
        let metadata = serde_json::from_str(record.metadata.unwrap_or("null"))?;
        Ok(TypedRecord { id: record.id.to_owned(), vector: record.vector.to_vec(), metadata })
    };
    batch.records().map(typed).collect()
}
