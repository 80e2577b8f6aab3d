//! Slow calls, chunks of odd sizes, and futures that are dropped on the way.

use std::future::poll_fn;
use std::pin::{Pin, pin};
use std::task::Poll;

use bytes::Bytes;
use futures_util::{StreamExt, stream};

use crate::blob::ByteStream;

/// How quickly calls answer, and in what chunks bodies come.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Pace {
    /// How often a call, and each chunk of a body, is pending before it is ready. It wakes its task at once:
    /// there is no clock.
    pub pending: u32,
    /// The largest chunk of a body, in bytes; 0 leaves chunks as they are.
    pub chunk: usize,
}

impl Pace {
    /// Every call and chunk is pending once: whoever polls sees every await.
    pub fn slow() -> Self {
        Self { pending: 1, chunk: 0 }
    }

    /// Bodies in chunks of this many bytes, with an empty one between them now and then.
    pub fn in_chunks_of(chunk: usize) -> Self {
        Self { pending: 0, chunk }
    }

    /// Is pending as often as a call is.
    pub(super) async fn wait(self) {
        let mut left = self.pending;
        poll_fn(|context| {
            if left == 0 {
                return Poll::Ready(());
            }
            left -= 1;
            context.waker().wake_by_ref();
            Poll::Pending
        })
        .await;
    }

    /// A body at this pace.
    pub(super) fn body(self, body: ByteStream) -> ByteStream {
        if self == Self::default() {
            return body;
        }
        let cut = body.flat_map(move |chunk| {
            stream::iter(match chunk {
                Ok(chunk) => self.cut(&chunk).into_iter().map(Ok).collect(),
                Err(error) => vec![Err(error)],
            })
        });
        Box::pin(cut.then(move |chunk| async move {
            self.wait().await;
            chunk
        }))
    }

    fn cut(self, bytes: &Bytes) -> Vec<Bytes> {
        if self.chunk == 0 {
            return vec![bytes.clone()];
        }
        let mut pieces = vec![Bytes::new()];
        let starts = (0..bytes.len()).step_by(self.chunk);
        pieces.extend(starts.map(|start| bytes.slice(start..bytes.len().min(start + self.chunk))));
        pieces
    }
}

/// Polls a future this often and then drops it; `None` where it was not ready by then.
pub async fn dropped_after<F: Future>(polls: u64, future: F) -> Option<F::Output> {
    let mut future: Pin<&mut F> = pin!(future);
    let mut left = polls;
    poll_fn(move |context| {
        if left == 0 {
            return Poll::Ready(None);
        }
        left -= 1;
        match future.as_mut().poll(context) {
            Poll::Ready(output) => Poll::Ready(Some(output)),
            // It would have been polled again some time; that time does not come.
            Poll::Pending if left == 0 => Poll::Ready(None),
            Poll::Pending => Poll::Pending,
        }
    })
    .await
}
