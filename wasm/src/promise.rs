//! Work as a promise.
//!
//! `async fn` exports would do, but each brings all that makes a promise of a future along: a kilobyte and a half
//! for each of a dozen. Here that is in the .wasm once.

use std::future::Future;

use futures_util::FutureExt;
use futures_util::future::LocalBoxFuture;
use js_sys::Promise;
use wasm_bindgen::JsValue;
use wasm_bindgen_futures::future_to_promise;

/// Begins the work; the promise is kept or broken as it ends.
pub(crate) fn promise(work: impl Future<Output = Result<JsValue, JsValue>> + 'static) -> Promise {
    begin(work.boxed_local())
}

fn begin(work: LocalBoxFuture<'static, Result<JsValue, JsValue>>) -> Promise {
    future_to_promise(work)
}
