//! Request bodies as they arrive: counted against a limit, against the memory that all bodies share, and
//! against the clock. What a request declares of its length is used to refuse it, never to trust it.

use std::pin::Pin;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use bytes::{Buf, Bytes, BytesMut};
use futures_util::{Stream, StreamExt, stream};
use tokio::time::{Instant, timeout, timeout_at};
use vecvault_core::{BlobError, BlobErrorKind, ByteStream};
use warp::http::StatusCode;
use warp::http::header::{CONTENT_LENGTH, EXPECT, HeaderMap, TRANSFER_ENCODING};

use super::config::Limits;
use super::errors::ApiError;
use super::memory::{Memory, Share};

/// How much of an unwanted body is thrown away, and for how long, so that a caller who is still sending
/// gets to read why it is not wanted: closing at once would take the answer back.
const DISCARD_BYTES: usize = 64 << 20;
const DISCARD_TIME: Duration = Duration::from_secs(2);
/// Pieces are gathered to about this size before they are handed over.
const PIECE_BYTES: usize = 256 << 10;

type Chunks = Pin<Box<dyn Stream<Item = Result<Bytes, warp::Error>> + Send>>;

/// A body that is being received. Its share of the memory is given back when it is dropped: keep it for as
/// long as what was made of it.
pub(super) struct Body {
    stream: Chunks,
    /// Whether the caller sends, or may be sending, what was not received yet.
    pending: bool,
    /// Whether the caller waits to be asked for it.
    waits: bool,
    declared: Option<u64>,
    began: Instant,
    grace: Duration,
    rate: u32,
    limit: usize,
    received: usize,
    memory: Memory,
    held: Option<Share>,
    /// Whether pieces go on as they come, so that what has arrived is not what is held.
    passing: bool,
}

impl Body {
    /// A body with the limit of small requests.
    pub(super) fn new<B: Buf>(
        stream: impl Stream<Item = Result<B, warp::Error>> + Send + 'static,
        headers: &HeaderMap,
        limits: &Limits,
        memory: Memory,
    ) -> Self {
        let bytes = |chunk: Result<B, _>| chunk.map(|mut chunk| chunk.copy_to_bytes(chunk.remaining()));
        Self {
            stream: Box::pin(stream.map(bytes)),
            pending: headers.contains_key(CONTENT_LENGTH) || headers.contains_key(TRANSFER_ENCODING),
            waits: headers.contains_key(EXPECT),
            declared: headers.get(CONTENT_LENGTH).and_then(|length| length.to_str().ok()?.parse().ok()),
            began: Instant::now(),
            grace: limits.body_grace,
            rate: limits.body_rate.max(1),
            limit: limits.request_bytes,
            received: 0,
            memory,
            held: None,
            passing: false,
        }
    }

    /// The same body with another limit.
    #[must_use]
    pub(super) fn limited(mut self, limit: usize) -> Self {
        self.limit = limit;
        self
    }

    /// The body as a stream of pieces that are not kept here, and its length where the caller has said it.
    /// Where the stream fails, `failure` gets to know why.
    pub(super) fn into_stream(mut self, failure: Failure) -> (ByteStream, Option<u64>) {
        self.passing = true;
        let declared = self.declared;
        let pieces = stream::try_unfold((self, failure), |(mut body, failure)| async move {
            match body.next_piece().await {
                Ok(piece) => Ok(piece.map(|piece| (piece, (body, failure)))),
                Err(error) => {
                    failure.set(error);
                    Err(BlobError::new(BlobErrorKind::Body, "the request's body has failed"))
                }
            }
        });
        (Box::pin(pieces), declared)
    }

    /// The next piece, of about 256 KiB; `None` at the end.
    pub(super) async fn next_piece(&mut self) -> Result<Option<Bytes>, ApiError> {
        let Some(first) = self.next_chunk().await? else { return Ok(None) };
        if first.len() >= PIECE_BYTES {
            return Ok(Some(first));
        }
        let mut piece = BytesMut::from(first);
        while piece.len() < PIECE_BYTES
            && let Some(chunk) = self.next_chunk().await?
        {
            piece.extend_from_slice(&chunk);
        }
        Ok(Some(piece.freeze()))
    }

    /// The whole body.
    pub(super) async fn whole(&mut self) -> Result<Bytes, ApiError> {
        let mut whole = BytesMut::new();
        while let Some(chunk) = self.next_chunk().await? {
            whole.extend_from_slice(&chunk);
        }
        Ok(whole.freeze())
    }

    async fn next_chunk(&mut self) -> Result<Option<Bytes>, ApiError> {
        if self.declared.is_some_and(|declared| declared > self.limit as u64) {
            return Err(self.too_large());
        }
        let earned = Duration::from_secs(self.received as u64 / u64::from(self.rate));
        let deadline = self.began + self.grace + earned;
        self.waits = false;
        let chunk = timeout_at(deadline, self.stream.next()).await.map_err(|_| too_slow())?;
        let Some(Ok(chunk)) = chunk else {
            self.pending = false;
            return if chunk.is_none() { Ok(None) } else { Err(cut_off()) };
        };
        self.received += chunk.len();
        if self.received > self.limit {
            return Err(self.too_large());
        }
        if !self.passing {
            self.hold()?;
        }
        Ok(Some(chunk))
    }

    /// Takes a share of the memory for what has arrived.
    fn hold(&mut self) -> Result<(), ApiError> {
        let held = self.held.as_ref().map_or(0, Share::bytes);
        if self.received <= held {
            return Ok(());
        }
        let more = self.memory.take_now(self.received - held);
        let more =
            more.ok_or_else(|| ApiError::busy("the server holds as many request bodies as it can", 1))?;
        match &mut self.held {
            Some(held) => held.merge(more),
            None => self.held = Some(more),
        }
        Ok(())
    }

    fn too_large(&self) -> ApiError {
        let limit = self.limit;
        let message = format!("the body is over the limit of {limit} bytes; send less at a time");
        ApiError::new(StatusCode::PAYLOAD_TOO_LARGE, "payload_too_large", message).with("limit", limit)
    }
}

/// Why a body that was handed on as a stream has failed. Cloning shares it.
#[derive(Clone, Debug, Default)]
pub(super) struct Failure(Arc<Mutex<Option<ApiError>>>);

impl Failure {
    fn set(&self, error: ApiError) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = Some(error);
    }

    /// The failure, where there was one.
    pub(super) fn take(&self) -> Option<ApiError> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).take()
    }
}

impl Drop for Body {
    fn drop(&mut self) {
        if self.pending && !self.waits {
            let rest = std::mem::replace(&mut self.stream, Box::pin(stream::empty()));
            tokio::spawn(timeout(DISCARD_TIME, discard(rest)));
        }
    }
}

async fn discard(mut rest: Chunks) {
    let mut bytes = 0;
    while bytes < DISCARD_BYTES
        && let Some(Ok(chunk)) = rest.next().await
    {
        bytes += chunk.len();
    }
}

fn too_slow() -> ApiError {
    ApiError::new(StatusCode::REQUEST_TIMEOUT, "request_timeout", "the body arrives too slowly")
}

fn cut_off() -> ApiError {
    ApiError::new(StatusCode::BAD_REQUEST, "bad_request", "the body was cut off")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn limits() -> Limits {
        Limits { request_bytes: 10_000, body_rate: 1_000, ..Limits::default() }
    }

    fn body(chunks: Vec<Bytes>, memory: &Memory) -> Body {
        let chunks = stream::iter(chunks.into_iter().map(Ok::<_, warp::Error>));
        Body::new(chunks, &HeaderMap::new(), &limits(), memory.clone())
    }

    async fn status(mut body: Body) -> u16 {
        match body.whole().await {
            Ok(_) => 200,
            Err(error) => error.into_response("").status().as_u16(),
        }
    }

    #[tokio::test]
    async fn a_body_is_counted_as_it_arrives_whatever_its_length_was_said_to_be() {
        let memory = Memory::new(1 << 20);
        let chunk = Bytes::from(vec![b'x'; 5_000]);
        assert_eq!(status(body(vec![chunk.clone(); 2], &memory)).await, 200);
        assert_eq!(status(body(vec![chunk.clone(), chunk.clone(), Bytes::from("x")], &memory)).await, 413);
        let endless = Body::new(
            stream::repeat_with(move || Ok::<_, warp::Error>(chunk.clone())),
            &HeaderMap::new(),
            &limits(),
            memory.clone(),
        );
        assert_eq!(status(endless).await, 413);
        let declared = HeaderMap::from_iter([(CONTENT_LENGTH, "10001".parse().unwrap())]);
        let never = stream::pending::<Result<Bytes, warp::Error>>();
        assert_eq!(
            status(Body::new(never, &declared, &limits(), memory)).await,
            413,
            "refused before it is read"
        );
    }

    #[tokio::test]
    async fn bodies_share_a_memory_and_give_it_back() {
        let memory = Memory::new(8 << 10);
        let chunks = || vec![Bytes::from(vec![b'x'; 5_000])];
        let mut first = body(chunks(), &memory);
        first.whole().await.unwrap();
        assert_eq!(status(body(chunks(), &memory)).await, 429);
        drop(first);
        assert_eq!(status(body(chunks(), &memory)).await, 200);
    }

    #[tokio::test(start_paused = true)]
    async fn a_body_that_stalls_or_trickles_times_out() {
        let memory = Memory::new(1 << 20);
        let never = stream::pending::<Result<Bytes, warp::Error>>();
        assert_eq!(status(Body::new(never, &HeaderMap::new(), &limits(), memory.clone())).await, 408);
        let trickle = |bytes: usize| {
            stream::unfold(0, move |sent| async move {
                tokio::time::sleep(Duration::from_secs(20)).await;
                (sent < 5).then(|| (Ok::<_, warp::Error>(Bytes::from(vec![b'x'; bytes])), sent + 1))
            })
        };
        assert_eq!(status(Body::new(trickle(1), &HeaderMap::new(), &limits(), memory.clone())).await, 408);
        let fast = Limits { body_rate: 50, ..limits() };
        assert_eq!(status(Body::new(trickle(2_000), &HeaderMap::new(), &fast, memory)).await, 200);
    }

    #[tokio::test]
    async fn a_body_that_passes_through_holds_no_memory_and_says_why_it_fails() {
        let memory = Memory::new(8 << 10);
        let long = vec![Bytes::from(vec![b'x'; 5_000]); 100];
        let failure = Failure::default();
        let (stream, length) = body(long.clone(), &memory).limited(500_000).into_stream(failure.clone());
        assert_eq!(length, None);
        let pieces: Result<Vec<Bytes>, _> = stream.collect::<Vec<_>>().await.into_iter().collect();
        assert_eq!(pieces.unwrap().concat().len(), 500_000);
        assert!(failure.take().is_none());
        let (stream, _) = body(long, &memory).limited(499_999).into_stream(failure.clone());
        assert!(stream.collect::<Vec<_>>().await.pop().unwrap().is_err());
        assert_eq!(failure.take().unwrap().into_response("").status(), 413);
        assert!(memory.take_now(8 << 10).is_some());
    }

    #[tokio::test]
    async fn pieces_are_gathered() {
        let memory = Memory::new(2 << 20);
        let mut body = body(vec![Bytes::from(vec![b'x'; 1_000]); 600], &memory).limited(1 << 20);
        let sizes = [
            body.next_piece().await.unwrap().unwrap().len(),
            body.next_piece().await.unwrap().unwrap().len(),
        ];
        assert_eq!(sizes, [263_000, 263_000]);
        assert_eq!(body.next_piece().await.unwrap().unwrap().len(), 74_000);
        assert!(body.next_piece().await.unwrap().is_none());
    }
}
