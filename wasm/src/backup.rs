//! An open backup.

use std::sync::Arc;

use js_sys::Promise;
use vecvault_core::{Backup, BackupId, BlobKey, BlobStore, CollectionName, Error, open_blob};
use wasm_bindgen::JsValue;
use wasm_bindgen::prelude::wasm_bindgen;

use crate::errors::{invalid, to_js};
use crate::json;
use crate::promise::promise;
use crate::store::{Store, shared};
use crate::watch::{Watch, reading_host};

/// A backup that was opened by its head and its tail.
#[wasm_bindgen]
pub struct OpenBackup(pub(crate) Arc<Backup>);

/// Opens the blob of a key as a backup; with `id`, it must be that one.
#[wasm_bindgen(js_name = openBackup)]
pub fn open_backup(store: Store, key: String, id: Option<String>, watch: Watch) -> Promise {
    promise(async move {
        let id = id.map(|id| id_of(&id)).transpose()?;
        let key = key_of(&key)?;
        let store: Arc<dyn BlobStore> = shared(store);
        let backup =
            open_blob(&store, &key, id, &reading_host(watch)).await.map_err(|error| to_js(&error))?;
        Ok(OpenBackup(Arc::new(backup)).into())
    })
}

#[wasm_bindgen]
impl OpenBackup {
    /// What is known of it, as JSON.
    pub fn summary(&self) -> String {
        json::backup(&self.0)
    }
}

pub(crate) fn name_of(text: &str) -> Result<CollectionName, JsValue> {
    CollectionName::parse(text).map_err(|error| to_js(&Error::InvalidName(error)))
}

pub(crate) fn id_of(text: &str) -> Result<BackupId, JsValue> {
    text.parse().map_err(|error: Error| to_js(&error))
}

pub(crate) fn key_of(text: &str) -> Result<BlobKey, JsValue> {
    BlobKey::parse(text).map_err(|error| invalid(error.to_string()))
}
