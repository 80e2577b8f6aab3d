//! The bodies of blobs across the border: JavaScript's as a stream of core, and core's as a stream of
//! JavaScript. Both are pulled, a chunk at a time.

use std::cell::RefCell;
use std::rc::Rc;

use bytes::Bytes;
use futures_channel::oneshot;
use futures_util::future::{Either, select};
use futures_util::{StreamExt, stream};
use js_sys::{Promise, Uint8Array};
use vecvault_core::{BlobError, BlobErrorKind, BlobKey, ByteStream};
use wasm_bindgen::prelude::wasm_bindgen;
use wasm_bindgen::{JsCast, JsValue};

use crate::errors::{self, of_store};
use crate::promise::promise;

#[wasm_bindgen]
extern "C" {
    /// Bytes that JavaScript reads.
    pub type Reader;
    /// The next `Uint8Array`; `undefined` at the end.
    #[wasm_bindgen(method, catch)]
    async fn next(this: &Reader) -> Result<JsValue, JsValue>;
    /// Nobody wants the rest. It does not throw.
    #[wasm_bindgen(method)]
    fn cancel(this: &Reader);
}

/// A body that is being read; where it is dropped before its end, JavaScript is told.
struct Incoming {
    reader: Reader,
    remaining: u64,
    ended: bool,
    key: BlobKey,
}

impl Drop for Incoming {
    fn drop(&mut self) {
        if !self.ended {
            self.reader.cancel();
        }
    }
}

/// A body of exactly `bytes` bytes out of JavaScript.
pub(crate) fn stream(reader: Reader, bytes: u64, key: BlobKey) -> ByteStream {
    let incoming = Incoming { reader, remaining: bytes, ended: false, key };
    Box::pin(stream::try_unfold(incoming, Incoming::step))
}

impl Incoming {
    async fn step(mut self) -> Result<Option<(Bytes, Self)>, BlobError> {
        if self.remaining == 0 {
            return Ok(None);
        }
        let corrupt = |message| Err(BlobError::new(BlobErrorKind::Corrupt, message).of(&self.key));
        match self.reader.next().await {
            Ok(chunk) => {
                let Some(chunk) = chunk.dyn_ref::<Uint8Array>() else {
                    self.ended = true;
                    return corrupt("the store sent fewer bytes than the range has");
                };
                let Some(remaining) = self.remaining.checked_sub(u64::from(chunk.length())) else {
                    return corrupt("the store sent more bytes than the range has");
                };
                self.remaining = remaining;
                Ok(Some((chunk.to_vec().into(), self)))
            }
            Err(thrown) => {
                self.ended = true;
                Err(of_store(&thrown).of(&self.key))
            }
        }
    }
}

/// A body of core that JavaScript reads while it stores it.
#[wasm_bindgen]
pub struct Body(Rc<RefCell<Outgoing>>);

struct Outgoing {
    /// The body, and the news that nobody waits for it any more; away while a chunk is awaited.
    parts: Option<(ByteStream, oneshot::Receiver<()>)>,
    /// What the body ended with.
    error: Option<BlobError>,
}

/// Held by who lent a body: what became of it, and, once dropped, the end of it.
pub(crate) struct Lent {
    outgoing: Rc<RefCell<Outgoing>>,
    _alive: oneshot::Sender<()>,
}

impl Lent {
    /// The body's own error, where it ended with one.
    pub(crate) fn take_error(&self) -> Option<BlobError> {
        self.outgoing.borrow_mut().error.take()
    }
}

impl Body {
    /// Makes a body readable for as long as the guard lives.
    pub(crate) fn lend(body: ByteStream) -> (Lent, Self) {
        let (alive, dropped) = oneshot::channel();
        let outgoing = Rc::new(RefCell::new(Outgoing { parts: Some((body, dropped)), error: None }));
        (Lent { outgoing: outgoing.clone(), _alive: alive }, Self(outgoing))
    }
}

#[wasm_bindgen]
impl Body {
    /// The next bytes; `undefined` at the end. Rejects where the body fails, or is no longer wanted.
    pub fn next(&self) -> Promise {
        let outgoing = self.0.clone();
        promise(async move {
            let parts = outgoing.borrow_mut().parts.take();
            let Some((mut body, mut dropped)) = parts else {
                return Err(errors::invalid("this body has ended, or another read of it is under way"));
            };
            // Asked first: of a body that nobody waits for, not one byte more is made.
            let next = match select(&mut dropped, body.next()).await {
                Either::Left(_) => return Err(errors::to_js(&vecvault_core::Error::Cancelled)),
                Either::Right((next, _)) => next,
            };
            match next {
                Some(Ok(chunk)) => {
                    outgoing.borrow_mut().parts = Some((body, dropped));
                    Ok(Uint8Array::from(&*chunk).into())
                }
                Some(Err(error)) => {
                    outgoing.borrow_mut().error = Some(error);
                    Err(errors::invalid("the body of the blob could not be made"))
                }
                None => Ok(JsValue::UNDEFINED),
            }
        })
    }
}
