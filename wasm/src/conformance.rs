//! Core's conformance suite as an export: whoever writes a store in JavaScript runs it against theirs.

use vecvault_core::conformance::BlobSuite;
use wasm_bindgen::prelude::wasm_bindgen;
use wasm_bindgen::{JsError, JsValue};

use crate::store::Store;

/// Runs every check of `BlobStore` against a store, up to the first that fails; gives their names. `listed`
/// is how many blobs the checks of long listings write.
#[wasm_bindgen(js_name = checkStore)]
pub async fn check_store(store: Store, listed: u32) -> Result<Vec<String>, JsValue> {
    let suite = BlobSuite::new(&store).with_listed(listed as usize);
    suite.run().await.map_err(|failure| JsError::new(&failure.to_string()))?;
    Ok(BlobSuite::checks().map(str::to_owned).collect())
}
