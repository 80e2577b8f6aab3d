//! The verbs over a store, with the host's clock and randomness where the caller hands in none.

use std::sync::Arc;

use chrono::{DateTime, Utc};
use js_sys::Promise;
use vecvault_core::{
    BackupId, BackupName, CreateRequest, Error, Host, ListRemembrance, Selection, VerifyDepth, create,
    delete, list, verify,
};
use wasm_bindgen::JsValue;
use wasm_bindgen::prelude::wasm_bindgen;

use crate::backup::{id_of, key_of};
use crate::build::Collections;
use crate::errors::{invalid, to_js};
use crate::identity::new_id;
use crate::json;
use crate::output::Output;
use crate::promise::promise;
use crate::store::{Store, shared};
use crate::watch::{Watch, host};

/// What a new backup is called.
#[wasm_bindgen]
pub struct Request {
    id: BackupId,
    name: BackupName,
    now: DateTime<Utc>,
}

#[wasm_bindgen]
impl Request {
    /// Without an id it gets a new one, without a date (milliseconds since 1970) that of now.
    #[wasm_bindgen(constructor)]
    pub fn new(name: &str, id: Option<String>, date: Option<f64>) -> Result<Self, JsValue> {
        let id = match id {
            Some(id) => id_of(&id)?,
            None => new_id().map_err(|error| to_js(&error))?,
        };
        let name = BackupName::parse(name).map_err(|error| to_js(&Error::InvalidName(error)))?;
        let now = match date {
            Some(millis) => DateTime::from_timestamp_millis(millis as i64)
                .filter(|_| millis.is_finite())
                .ok_or_else(|| invalid("date: not a time"))?,
            None => Utc::now(),
        };
        Ok(Self { id, name, now })
    }

    /// The id.
    #[wasm_bindgen(getter)]
    pub fn id(&self) -> String {
        self.id.to_string()
    }
}

impl Request {
    /// As core takes it.
    pub(crate) fn take(self, collections: Selection) -> CreateRequest {
        CreateRequest { id: self.id, name: self.name, now: self.now, collections }
    }
}

/// Builds a backup as a stream.
#[wasm_bindgen(js_name = buildBackup)]
pub fn build_backup(collections: Collections, request: Request, watch: Watch) -> Output {
    let request = request.take(Selection::Only(collections.names()));
    Output::begin(collections.into_source(), request, host(watch))
}

/// Builds a backup into a store; gives its info as JSON.
#[wasm_bindgen(js_name = createBackup)]
pub fn create_backup(store: Store, collections: Collections, request: Request, watch: Watch) -> Promise {
    let request = request.take(Selection::Only(collections.names()));
    let source = collections.into_source();
    promise(async move {
        let made = create(&store, &*source, request, &host(watch)).await.map_err(|error| to_js(&error))?;
        Ok(json::info(&made.info).into())
    })
}

/// Verifies the blob of a key; gives the report as JSON. With `id` it must be that backup.
#[wasm_bindgen(js_name = verifyBackup)]
pub fn verify_backup(store: Store, key: String, id: Option<String>, quick: bool, watch: Watch) -> Promise {
    promise(async move {
        let id = id.map(|id| id_of(&id)).transpose()?;
        let key = key_of(&key)?;
        let depth = if quick { VerifyDepth::Quick } else { VerifyDepth::Full };
        let report = verify(&(shared(store) as Arc<_>), &key, id, depth, &host(watch)).await;
        Ok(json::report(&report.map_err(|error| to_js(&error))?).into())
    })
}

/// Deletes a backup.
#[wasm_bindgen(js_name = deleteBackup)]
pub fn delete_backup(store: Store, id: String) -> Promise {
    promise(async move {
        delete(&store, id_of(&id)?).await.map_err(|error| to_js(&error))?;
        Ok(JsValue::UNDEFINED)
    })
}

/// Lists the backups of a store; it remembers them from one call to the next.
#[wasm_bindgen]
#[derive(Default)]
pub struct Listing(Arc<ListRemembrance>);

#[wasm_bindgen]
impl Listing {
    /// Nothing remembered yet.
    #[wasm_bindgen(constructor)]
    pub fn new() -> Self {
        Self::default()
    }

    /// Every backup, newest first and damaged ones last, as JSON.
    pub fn list(&self, store: Store) -> Promise {
        let remembrance = self.0.clone();
        promise(async move {
            let entries = list(&store, &remembrance, &Host::inline()).await.map_err(|error| to_js(&error))?;
            Ok(json::rows(&entries).into())
        })
    }
}
