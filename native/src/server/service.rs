//! One request from its head to its log line: guard, route, handler, response.
//!
//! warp brings method, path, query, head and body here and carries the response back; every answer, errors
//! included, leaves through this one place.

use std::fmt;
use std::future::Future;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Instant;

use bytes::Buf;
use futures_util::Stream;
use tokio::sync::Semaphore;
use warp::Filter;
use warp::filters::path::FullPath;
use warp::http::header::{CACHE_CONTROL, HeaderMap, HeaderName, HeaderValue, X_CONTENT_TYPE_OPTIONS};
use warp::http::{Method, StatusCode};
use warp::reply::Response;

use super::body::Body;
use super::config::{Log, ServerConfig};
use super::errors::ApiError;
use super::guard::Guard;
use super::handlers;
use super::jobs::Jobs;
use super::memory::Memory;
use super::routes::route;
use crate::Vault;

const REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");

/// What every request needs.
pub(super) struct Context {
    pub(super) vault: Vault,
    pub(super) config: ServerConfig,
    pub(super) jobs: Jobs,
    pub(super) began: Instant,
    guard: Guard,
    /// What bodies have, and what is made of them.
    pub(super) bodies: Memory,
    /// What long answers have.
    pub(super) answers: Memory,
    /// Uploads and downloads that may run.
    pub(super) transfers: Arc<Semaphore>,
    request_ids: RequestIds,
}

impl Context {
    pub(super) fn new(config: ServerConfig, vault: Vault) -> Self {
        Self {
            vault,
            jobs: Jobs::new(&config.limits, &config.jobs, &config.log),
            began: Instant::now(),
            guard: Guard::new(&config),
            bodies: Memory::new(config.limits.body_memory),
            answers: Memory::new(config.limits.answer_memory),
            transfers: Arc::new(Semaphore::new(config.limits.transfers.clamp(1, Semaphore::MAX_PERMITS))),
            request_ids: RequestIds::new(),
            config,
        }
    }
}

/// The whole API as a warp filter.
pub(super) fn api(
    context: Arc<Context>,
) -> impl Filter<Extract = (Response,), Error = warp::Rejection> + Clone + Send + Sync + 'static {
    let query = warp::query::raw().or(warp::any().map(String::new)).unify();
    warp::method()
        .and(warp::path::full())
        .and(query)
        .and(warp::header::headers_cloned())
        .and(warp::body::stream())
        .then(move |method, path: FullPath, query, headers, body| {
            answer(context.clone(), method, path, query, headers, body)
        })
}

fn answer<B: Buf>(
    context: Arc<Context>,
    method: Method,
    path: FullPath,
    query: String,
    headers: HeaderMap,
    body: impl Stream<Item = Result<B, warp::Error>> + Send + 'static,
) -> impl Future<Output = Response> + Send {
    let body = Body::new(body, &headers, &context.config.limits, context.bodies.clone());
    async move {
        let id = context.request_ids.next();
        let mut line = LogLine::new(&context.config.log, &method, path.as_str(), &id);
        let request = Request { method: &method, path: path.as_str(), query: &query, headers: &headers };
        let outcome = respond(&context, &request, body).await;
        let mut response = outcome.unwrap_or_else(|error| {
            line.cause = error.for_log();
            error.into_response(&id)
        });
        line.status = Some(response.status());
        let said = response.headers_mut();
        said.entry(CACHE_CONTROL).or_insert(HeaderValue::from_static("no-store"));
        said.insert(X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
        said.extend(HeaderValue::from_str(&id).ok().map(|id| (REQUEST_ID, id)));
        context.guard.share(&headers, said);
        response
    }
}

/// A request without its body.
pub(super) struct Request<'a> {
    pub(super) method: &'a Method,
    pub(super) path: &'a str,
    pub(super) query: &'a str,
    pub(super) headers: &'a HeaderMap,
}

async fn respond(context: &Arc<Context>, request: &Request<'_>, body: Body) -> Result<Response, ApiError> {
    if let Some(answer) = context.guard.preflight(request.method, request.headers)? {
        return Ok(answer);
    }
    context.guard.admit(request.method, request.path, request.headers)?;
    let call = route(request.method, request.path)?;
    handlers::handle(context, call, request, body).await
}

/// Ids of requests: unique within a run of the server, and told from those of another one.
struct RequestIds {
    run: u64,
    next: AtomicU64,
}

impl RequestIds {
    fn new() -> Self {
        Self { run: getrandom::u64().unwrap_or(0) >> 32, next: AtomicU64::new(1) }
    }

    fn next(&self) -> String {
        format!("{:08x}-{}", self.run, self.next.fetch_add(1, Ordering::Relaxed))
    }
}

/// The line that a request leaves in the log, written when it is over, in whatever way.
struct LogLine<'a> {
    log: &'a Log,
    request: String,
    id: &'a str,
    began: Instant,
    status: Option<StatusCode>,
    cause: Option<String>,
}

impl<'a> LogLine<'a> {
    fn new(log: &'a Log, method: &Method, path: &str, id: &'a str) -> Self {
        let request = format!("{method} {path}");
        Self { log, request, id, began: Instant::now(), status: None, cause: None }
    }
}

impl fmt::Display for LogLine<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { request, id, began, status, cause, .. } = self;
        let ms = began.elapsed().as_millis();
        match status {
            Some(status) => write!(f, "{request} {} {ms} ms {id}", status.as_u16())?,
            None => write!(f, "{request} caller left {ms} ms {id}")?,
        }
        cause.as_ref().map_or(Ok(()), |cause| write!(f, " {cause}"))
    }
}

impl Drop for LogLine<'_> {
    fn drop(&mut self) {
        self.log.line(&self.to_string());
    }
}
