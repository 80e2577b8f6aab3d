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
pub(crate) fn promise<T: Into<JsValue>>(work: impl Future<Output = Result<T, JsValue>> + 'static) -> Promise {
    begin(async move { work.await.map(Into::into) }.boxed_local())
}

fn begin(work: LocalBoxFuture<'static, Result<JsValue, JsValue>>) -> Promise {
    future_to_promise(work)
}
