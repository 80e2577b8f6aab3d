//! What pages of other origins may do: those that the configuration names, what any caller may; others nothing
//! that changes anything, and they read no answer (CORS, <https://fetch.spec.whatwg.org/#http-cors-protocol>).
//!
//! Before it lets a page send what a plain form could not, a browser asks whether it may (a preflight), without
//! the page's token. It shows the page an answer only where that names the page's origin.

use warp::http::header::{
    ACCESS_CONTROL_ALLOW_HEADERS, ACCESS_CONTROL_ALLOW_METHODS, ACCESS_CONTROL_ALLOW_ORIGIN,
    ACCESS_CONTROL_EXPOSE_HEADERS, ACCESS_CONTROL_MAX_AGE, ACCESS_CONTROL_REQUEST_METHOD, HeaderMap,
    HeaderValue, ORIGIN, VARY,
};
use warp::http::{Method, StatusCode};
use warp::reply::Response;

use super::errors::ApiError;
use super::names::Origin;

/// What pages may send.
const METHODS: &str = "GET, HEAD, POST, DELETE";
const HEADERS: &str = "authorization, content-type, if-match, if-modified-since, if-none-match, if-range, \
     if-unmodified-since, prefer, range, x-api-key";
/// What they may see of an answer, besides what any page may see.
const SHOWN: &str = "accept-ranges, allow, content-disposition, content-range, etag, location, \
     preference-applied, retry-after, www-authenticate, x-request-id";
/// For how many seconds a browser need not ask again.
const MAX_AGE: &str = "600";

/// The origins whose pages may call.
#[derive(Debug)]
pub(super) struct Origins(Vec<Origin>);

impl Origins {
    pub(super) fn new(origins: &[Origin]) -> Self {
        Self(origins.to_vec())
    }

    /// Whether pages of an origin may do what any caller may.
    pub(super) fn allow(&self, origin: &HeaderValue) -> bool {
        self.0.iter().any(|allowed| allowed.as_bytes() == origin.as_bytes())
    }

    /// The answer to a browser that asks beforehand; `None` where that is not what the request is.
    pub(super) fn preflight(
        &self,
        method: &Method,
        headers: &HeaderMap,
    ) -> Option<Result<Response, ApiError>> {
        if *method != Method::OPTIONS || !headers.contains_key(ACCESS_CONTROL_REQUEST_METHOD) {
            return None;
        }
        let origin = headers.get(ORIGIN)?;
        if !self.allow(origin) {
            return Some(Err(not_allowed()));
        }
        let mut response = Response::default();
        *response.status_mut() = StatusCode::NO_CONTENT;
        let said = response.headers_mut();
        said.insert(ACCESS_CONTROL_ALLOW_METHODS, HeaderValue::from_static(METHODS));
        said.insert(ACCESS_CONTROL_ALLOW_HEADERS, HeaderValue::from_static(HEADERS));
        said.insert(ACCESS_CONTROL_MAX_AGE, HeaderValue::from_static(MAX_AGE));
        Some(Ok(response))
    }

    /// Lets the page that asked see the answer, where its origin is allowed.
    pub(super) fn share(&self, asked: &HeaderMap, answer: &mut HeaderMap) {
        if self.0.is_empty() {
            return;
        }
        // Allowed or not: a cache must not give the one the other's.
        answer.append(VARY, HeaderValue::from_static("origin"));
        if let Some(origin) = asked.get(ORIGIN).filter(|origin| self.allow(origin)) {
            answer.insert(ACCESS_CONTROL_ALLOW_ORIGIN, origin.clone());
            answer.insert(ACCESS_CONTROL_EXPOSE_HEADERS, HeaderValue::from_static(SHOWN));
        }
    }
}

/// The request is of a page that may not make it.
pub(super) fn not_allowed() -> ApiError {
    let message = "a page of another origin may not change anything here; its origin must be allowed where the server is started";
    ApiError::new(StatusCode::FORBIDDEN, "origin_not_allowed", message)
}
