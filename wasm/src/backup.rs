//! An open backup.

use std::sync::Arc;

use async_trait::async_trait;
use vecvault_core::{
    Backup, BlobKey, BlobStore, CollectionError, CollectionName, CollectionSnapshot, CollectionSource,
    Selection, open_blob,
};
use wasm_bindgen::JsValue;
use wasm_bindgen::prelude::wasm_bindgen;

use crate::errors::to_js;
use crate::json;
use crate::output::{Output, Reading, RecordReader};
use crate::records::Records;
use crate::store::Store;
use crate::vault::{Request, id_of, key_of, shared};
use crate::watch::{Watch, host};

/// A backup that was opened by its head and its tail.
#[wasm_bindgen]
pub struct OpenBackup(pub(crate) Arc<Backup>);

/// Opens the blob of a key as a backup; with `id`, it must be that one.
#[wasm_bindgen(js_name = openBackup)]
pub async fn open_backup(
    store: Store,
    key: String,
    id: Option<String>,
    watch: Option<Watch>,
) -> Result<OpenBackup, JsValue> {
    let id = id.map(|id| id_of(&id)).transpose()?;
    let key = key_of(&key)?;
    let store: Arc<dyn BlobStore> = shared(store);
    let backup = open(&store, &key, id, watch).await.map_err(|error| to_js(&error))?;
    Ok(OpenBackup(backup))
}

#[allow(clippy::arc_with_non_send_sync, reason = "wasm has one thread, and core shares by `Arc`")]
async fn open(
    store: &Arc<dyn BlobStore>,
    key: &BlobKey,
    id: Option<vecvault_core::BackupId>,
    watch: Option<Watch>,
) -> vecvault_core::Result<Arc<Backup>> {
    let backup = open_blob(store, key, id, &host(watch)).await;
    match (backup, id) {
        (Err(vecvault_core::Error::Blob(error)), Some(id))
            if error.kind() == vecvault_core::BlobErrorKind::NotFound =>
        {
            Err(vecvault_core::Error::BackupNotFound { id })
        }
        (backup, _) => backup.map(Arc::new),
    }
}

#[wasm_bindgen]
impl OpenBackup {
    /// What is known of it, as JSON.
    pub fn summary(&self) -> String {
        json::backup(&self.0)
    }

    /// Up to `limit` records from a position on.
    pub async fn page(&self, collection: String, offset: f64, limit: u32) -> Result<Records, JsValue> {
        let backup = self.0.clone();
        let name = name_of(&collection)?;
        let page = backup.page(&name, offset as u64, limit as usize).await.map_err(|error| to_js(&error))?;
        Ok(Records::new(page.records, page.offset, page.total))
    }

    /// The record of an id; `undefined` where there is none.
    pub async fn find(&self, collection: String, id: String) -> Result<Option<Records>, JsValue> {
        let backup = self.0.clone();
        let name = name_of(&collection)?;
        let found = backup.find(&name, &id).await.map_err(|error| to_js(&error))?;
        Ok(found.map(|batch| Records::new(batch, 0, 1)))
    }

    /// All records of a collection, proved as they are read.
    pub fn records(&self, collection: &str) -> Result<RecordReader, JsValue> {
        let collection = name_of(collection)?;
        let reader = self.0.records(&collection).map_err(|error| to_js(&error))?;
        let contents = self.0.summary().contents.iter().find(|contents| contents.name == collection);
        let total = contents.map_or(0, |contents| contents.proof.count);
        Ok(RecordReader::new(Reading { reader, position: 0, total }))
    }

    /// Some collections, in this order, as a new backup.
    pub fn extract(
        &self,
        collections: Vec<String>,
        request: Request,
        watch: Option<Watch>,
    ) -> Result<Output, JsValue> {
        let names = collections.iter().map(|name| name_of(name)).collect::<Result<_, _>>()?;
        let request = request.take(Selection::Only(names));
        Ok(Output::begin(Contents(self.0.clone()), request, host(watch)))
    }
}

/// The collections of a backup as the source of another.
struct Contents(Arc<Backup>);

#[async_trait(?Send)]
impl CollectionSource for Contents {
    async fn snapshot(&self) -> Result<Box<dyn CollectionSnapshot>, CollectionError> {
        Ok(Box::new(Shared(self.0.clone())))
    }
}

struct Shared(Arc<Backup>);

#[async_trait(?Send)]
impl CollectionSnapshot for Shared {
    fn collections(&self) -> &[vecvault_core::CollectionHead] {
        self.0.collections()
    }

    async fn read(
        &self,
        name: &CollectionName,
    ) -> Result<Box<dyn vecvault_core::CollectionReader>, CollectionError> {
        self.0.read(name).await
    }
}

pub(crate) fn name_of(text: &str) -> Result<CollectionName, JsValue> {
    CollectionName::parse(text).map_err(|error| to_js(&error.into()))
}
