//! A store of blobs that is written in JavaScript.

use std::ops::Range;
use std::sync::Arc;

use async_trait::async_trait;
use vecvault_core::{
    BlobError, BlobErrorKind, BlobKey, BlobMeta, BlobPage, BlobRead, BlobStore, BlobVersion, ByteStream,
    PutMode,
};
use wasm_bindgen::prelude::wasm_bindgen;
use wasm_bindgen::{JsCast, JsValue};

use crate::body::{self, Body};
use crate::errors::of_store;

#[wasm_bindgen]
extern "C" {
    /// A store as `js/bridge.js` hands it in: its answers have the types that are said here.
    #[derive(Debug)]
    pub type Store;

    #[wasm_bindgen(method, catch)]
    async fn put(this: &Store, key: &str, body: Body, overwrite: bool) -> Result<JsValue, JsValue>;
    #[wasm_bindgen(method, catch)]
    async fn get(
        this: &Store,
        key: &str,
        start: Option<f64>,
        end: Option<f64>,
        version: Option<String>,
    ) -> Result<JsValue, JsValue>;
    #[wasm_bindgen(method, catch)]
    async fn head(this: &Store, key: &str) -> Result<JsValue, JsValue>;
    #[wasm_bindgen(method, catch)]
    async fn list(this: &Store, prefix: &str, after: Option<String>, limit: u32) -> Result<JsValue, JsValue>;
    #[wasm_bindgen(method, catch)]
    async fn delete(this: &Store, key: &str) -> Result<JsValue, JsValue>;

    type Meta;
    #[wasm_bindgen(method, getter)]
    fn key(this: &Meta) -> String;
    #[wasm_bindgen(method, getter)]
    fn size(this: &Meta) -> f64;
    #[wasm_bindgen(method, getter)]
    fn version(this: &Meta) -> String;
    /// Milliseconds since 1970; NaN where the store does not know.
    #[wasm_bindgen(method, getter)]
    fn modified(this: &Meta) -> f64;

    type Read;
    #[wasm_bindgen(method, getter)]
    fn meta(this: &Read) -> Meta;
    #[wasm_bindgen(method, getter)]
    fn reader(this: &Read) -> body::Reader;

    type Page;
    #[wasm_bindgen(method, getter)]
    fn blobs(this: &Page) -> js_sys::Array;
    #[wasm_bindgen(method, getter)]
    fn more(this: &Page) -> bool;
}

/// A store, as core shares one.
#[allow(clippy::arc_with_non_send_sync, reason = "it stays on its thread, and core shares by `Arc`")]
pub(crate) fn shared(store: Store) -> Arc<Store> {
    Arc::new(store)
}

#[async_trait(?Send)]
impl BlobStore for Store {
    async fn put(&self, key: &BlobKey, body: ByteStream, mode: PutMode) -> Result<BlobMeta, BlobError> {
        let (guard, body) = Body::lend(body);
        let stored = self.put(key.as_str(), body, mode == PutMode::Overwrite).await;
        match (guard.take_error(), stored) {
            (Some(error), _) => Err(error),
            (None, Ok(meta)) => meta_of(&meta).map_err(|error| error.of(key)),
            (None, Err(thrown)) => Err(of_store(&thrown).of(key)),
        }
    }

    async fn get(
        &self,
        key: &BlobKey,
        range: Option<Range<u64>>,
        version: Option<&BlobVersion>,
    ) -> Result<BlobRead, BlobError> {
        let (start, end) = range.clone().map(|range| (range.start as f64, range.end as f64)).unzip();
        let read = self.get(key.as_str(), start, end, version.map(|version| version.0.clone())).await;
        let read: Read = read.map_err(|thrown| of_store(&thrown).of(key))?.unchecked_into();
        let meta = meta_of(&read.meta()).map_err(|error| error.of(key))?;
        let range = range.unwrap_or(0..meta.size);
        let body = body::stream(read.reader(), range.end - range.start, key.clone());
        Ok(BlobRead { meta, range, body })
    }

    async fn head(&self, key: &BlobKey) -> Result<BlobMeta, BlobError> {
        let meta = self.head(key.as_str()).await.map_err(|thrown| of_store(&thrown).of(key))?;
        meta_of(&meta).map_err(|error| error.of(key))
    }

    async fn list(&self, prefix: &str, after: Option<&BlobKey>, limit: usize) -> Result<BlobPage, BlobError> {
        let after = after.map(|key| key.as_str().to_owned());
        let limit = u32::try_from(limit).unwrap_or(u32::MAX);
        let page = self.list(prefix, after, limit).await.map_err(|thrown| of_store(&thrown))?;
        let page: Page = page.unchecked_into();
        let mut blobs = Vec::new();
        for meta in page.blobs().iter() {
            // What is not spelled as a key is none of core's blobs.
            if BlobKey::parse(&meta.unchecked_ref::<Meta>().key()).is_ok() {
                blobs.push(meta_of(&meta)?);
            }
        }
        Ok(BlobPage { blobs, more: page.more() })
    }

    async fn delete(&self, key: &BlobKey) -> Result<bool, BlobError> {
        let deleted = self.delete(key.as_str()).await.map_err(|thrown| of_store(&thrown).of(key))?;
        Ok(deleted.is_truthy())
    }
}

fn meta_of(meta: &JsValue) -> Result<BlobMeta, BlobError> {
    let meta: &Meta = meta.unchecked_ref();
    let key = BlobKey::parse(&meta.key())
        .map_err(|error| BlobError::new(BlobErrorKind::Corrupt, error.to_string()))?;
    let modified = chrono::DateTime::from_timestamp_millis(meta.modified() as i64);
    Ok(BlobMeta {
        key,
        size: meta.size() as u64,
        version: BlobVersion(meta.version()),
        modified: modified.filter(|_| meta.modified().is_finite()),
    })
}
