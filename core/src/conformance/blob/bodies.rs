//! Bodies to put: whole ones, ones that fail and ones that never end.

use std::task::Poll;

use bytes::Bytes;
use futures_channel::oneshot;
use futures_util::{StreamExt, stream};

use crate::blob::{BlobError, BlobErrorKind, ByteStream};

/// What a failing body's error says.
pub(super) const FAILURE: &str = "the conformance suite broke the body off";

/// `len` bytes that differ from those of another seed almost everywhere.
pub(super) fn pattern(seed: u64, len: usize) -> Bytes {
    let mut state = seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1;
    let mut next = || {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (state >> 56) as u8
    };
    (0..len).map(|_| next()).collect()
}

/// Bytes in chunks of `chunk`.
pub(super) fn body(bytes: &Bytes, chunk: usize) -> ByteStream {
    Box::pin(stream::iter(cut(bytes, chunk).into_iter().map(Ok)))
}

/// The same, with an error at the end.
pub(super) fn failing(bytes: &Bytes, chunk: usize) -> ByteStream {
    let error = Err(BlobError::new(BlobErrorKind::Body, FAILURE));
    Box::pin(body(bytes, chunk).chain(stream::iter([error])))
}

/// The same, with no end: the receiver hears when all bytes were taken and more were asked for.
pub(super) fn stalling(bytes: &Bytes, chunk: usize) -> (ByteStream, oneshot::Receiver<()>) {
    let (sender, receiver) = oneshot::channel();
    let mut sender = Some(sender);
    let stall = stream::poll_fn(move |_| {
        if let Some(sender) = sender.take() {
            // Whoever listened may have gone.
            let _ = sender.send(());
        }
        Poll::Pending
    });
    (Box::pin(body(bytes, chunk).chain(stall)), receiver)
}

fn cut(bytes: &Bytes, chunk: usize) -> Vec<Bytes> {
    (0..bytes.len()).step_by(chunk).map(|at| bytes.slice(at..bytes.len().min(at + chunk))).collect()
}
