//! Who may call, decided before anything else is looked at.
//!
//! - `Host` must be a name that this server goes by: a page that rebinds its own name to this address is
//!   refused, reads included.
//! - With a token, every call but `/health` must show it. The page itself, which holds nothing, is no call.
//! - What changes something must not come from a foreign page (`Origin`), unless its origin is allowed.
//! - A body must be `application/json`, which a foreign page's form cannot send, and not compressed. An upload
//!   may be `application/octet-stream`, which a form cannot send either.

use std::net::{Ipv4Addr, Ipv6Addr};

use warp::http::header::{
    AUTHORIZATION, CONTENT_ENCODING, CONTENT_LENGTH, CONTENT_TYPE, HOST, HeaderMap, HeaderName, HeaderValue,
    ORIGIN, TRANSFER_ENCODING, WWW_AUTHENTICATE,
};
use warp::http::uri::{Authority, Uri};
use warp::http::{Method, StatusCode};
use warp::reply::Response;

use super::config::{ServerConfig, Token};
use super::errors::ApiError;
use super::names::HostName;
use super::origins::{self, Origins};
use super::page;

const API_KEY: HeaderName = HeaderName::from_static("x-api-key");

/// The rules for one server.
#[derive(Debug)]
pub(super) struct Guard {
    hosts: Vec<HostName>,
    origins: Origins,
    token: Option<Token>,
}

impl Guard {
    pub(super) fn new(config: &ServerConfig) -> Self {
        let own = [
            HostName::of(&Authority::from_static("localhost")),
            HostName::of_ip(Ipv4Addr::LOCALHOST.into()),
            HostName::of_ip(Ipv6Addr::LOCALHOST.into()),
            HostName::of_ip(config.address.ip()),
        ];
        let hosts = own.into_iter().chain(config.allowed_hosts.iter().cloned()).collect();
        Self { hosts, origins: Origins::new(&config.allowed_origins), token: config.token.clone() }
    }

    /// The answer to a browser that asks what a page may do, before the page's token comes; `None` where that
    /// is not what the request is.
    pub(super) fn preflight(
        &self,
        method: &Method,
        headers: &HeaderMap,
    ) -> Result<Option<Response>, ApiError> {
        let Some(answer) = self.origins.preflight(method, headers) else { return Ok(None) };
        self.host(headers)?;
        answer.map(Some)
    }

    /// Lets a page of an allowed origin see an answer, whatever it is.
    pub(super) fn share(&self, asked: &HeaderMap, answer: &mut HeaderMap) {
        self.origins.share(asked, answer);
    }

    /// Lets a request pass, or says why not.
    pub(super) fn admit(&self, method: &Method, path: &str, headers: &HeaderMap) -> Result<(), ApiError> {
        let host = self.host(headers)?;
        let reads = matches!(*method, Method::GET | Method::HEAD);
        let open = matches!(path, "/health" | "/api/health") || (reads && page::find(path).is_some());
        if !open {
            self.token(headers)?;
        }
        if !reads {
            self.origin(headers, &host)?;
        }
        content(path, headers)
    }

    fn host(&self, headers: &HeaderMap) -> Result<Authority, ApiError> {
        let mut named = headers.get_all(HOST).iter();
        let host = named.next().filter(|_| named.next().is_none());
        host.and_then(|host| Authority::try_from(host.as_bytes()).ok())
            .filter(|host| !host.as_str().contains('@') && self.hosts.contains(&HostName::of(host)))
            .ok_or_else(|| {
                let message = "the Host header does not name this server; a further name must be allowed where it is started";
                ApiError::new(StatusCode::FORBIDDEN, "host_not_allowed", message)
            })
    }

    fn token(&self, headers: &HeaderMap) -> Result<(), ApiError> {
        let Some(token) = &self.token else { return Ok(()) };
        let bearer = headers.get(AUTHORIZATION).and_then(|value| {
            let (scheme, credentials) = value.as_bytes().split_at_checked("Bearer ".len())?;
            scheme.eq_ignore_ascii_case(b"Bearer ").then_some(credentials)
        });
        let shown = bearer.or_else(|| headers.get(API_KEY).map(HeaderValue::as_bytes));
        if shown.is_some_and(|shown| token.is(shown)) {
            return Ok(());
        }
        let message = "a token is required: Authorization: Bearer TOKEN, or X-API-Key: TOKEN";
        Err(ApiError::new(StatusCode::UNAUTHORIZED, "unauthorized", message)
            .with_header(WWW_AUTHENTICATE, HeaderValue::from_static("Bearer")))
    }

    fn origin(&self, headers: &HeaderMap, host: &Authority) -> Result<(), ApiError> {
        let allowed = |origin: &HeaderValue| {
            let own = Uri::try_from(origin.as_bytes())
                .is_ok_and(|uri| uri.scheme().is_some() && uri.authority() == Some(host));
            own || self.origins.allow(origin)
        };
        if headers.get_all(ORIGIN).iter().all(allowed) { Ok(()) } else { Err(origins::not_allowed()) }
    }
}

/// What a body must be, where there is one.
fn content(path: &str, headers: &HeaderMap) -> Result<(), ApiError> {
    let length = headers.get(CONTENT_LENGTH).is_some_and(|length| length.as_bytes() != b"0");
    if !length && !headers.contains_key(TRANSFER_ENCODING) {
        return Ok(());
    }
    let essence = headers.get(CONTENT_TYPE).map(|value| value.as_bytes().split(|byte| *byte == b';').next());
    let upload = matches!(path, "/backups/upload" | "/api/backups/upload");
    let fit = essence.flatten().map(<[u8]>::trim_ascii).is_some_and(|essence| {
        essence.eq_ignore_ascii_case(b"application/json")
            || (upload && essence.eq_ignore_ascii_case(b"application/octet-stream"))
    });
    let plain = headers
        .get(CONTENT_ENCODING)
        .is_none_or(|coding| coding.as_bytes().eq_ignore_ascii_case(b"identity"));
    if fit && plain {
        return Ok(());
    }
    let kinds = if upload { "application/octet-stream or application/json" } else { "application/json" };
    let message = format!("a body here must have Content-Type: {kinds}, and no Content-Encoding");
    Err(ApiError::new(StatusCode::UNSUPPORTED_MEDIA_TYPE, "unsupported_media_type", message))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn headers(pairs: &[(HeaderName, &str)]) -> HeaderMap {
        pairs.iter().map(|(name, value)| (name.clone(), HeaderValue::from_str(value).unwrap())).collect()
    }

    /// The status that a request gets from the guard; 200 where it passes.
    fn status(guard: &Guard, method: Method, path: &str, pairs: &[(HeaderName, &str)]) -> u16 {
        match guard.admit(&method, path, &headers(pairs)) {
            Ok(()) => 200,
            Err(error) => error.into_response("").status().as_u16(),
        }
    }

    fn open() -> Guard {
        Guard::new(&ServerConfig {
            allowed_hosts: vec!["Vault.Example".parse().unwrap()],
            ..ServerConfig::default()
        })
    }

    #[test]
    fn only_a_name_of_this_server_is_served() {
        for host in
            ["localhost", "LOCALHOST:15002", "127.0.0.1:1", "[::1]", "[0:0::1]:15002", "vault.example"]
        {
            assert_eq!(status(&open(), Method::GET, "/backups", &[(HOST, host)]), 200, "{host}");
        }
        for host in
            ["evil.test", "", "user@localhost", "[2001:db8::1]", "127.0.0.1.evil.test", "localhost.evil.test"]
        {
            assert_eq!(status(&open(), Method::GET, "/health", &[(HOST, host)]), 403, "{host}");
        }
        assert_eq!(status(&open(), Method::GET, "/health", &[]), 403, "no Host");
        let mut twice = headers(&[(HOST, "localhost")]);
        twice.append(HOST, HeaderValue::from_static("evil.test"));
        assert!(open().admit(&Method::GET, "/health", &twice).is_err());
    }

    #[test]
    fn a_token_is_asked_for_everywhere_but_at_health() {
        let guard = Guard::new(&ServerConfig { token: Token::new("s3cret"), ..ServerConfig::default() });
        let with = |path, name: HeaderName, value| {
            status(&guard, Method::GET, path, &[(HOST, "localhost"), (name, value)])
        };
        assert_eq!(with("/backups", AUTHORIZATION, "Bearer s3cret"), 200);
        assert_eq!(with("/backups", AUTHORIZATION, "bearer s3cret"), 200);
        assert_eq!(with("/backups", API_KEY, "s3cret"), 200);
        assert_eq!(with("/api/health", CONTENT_TYPE, "text/plain"), 200);
        for wrong in ["Bearer s3cre", "Bearer s3cret1", "Bearer ", "s3cret", "Basic s3cret", ""] {
            assert_eq!(with("/backups", AUTHORIZATION, wrong), 401, "{wrong:?}");
        }
        assert_eq!(with("/", CONTENT_TYPE, "text/plain"), 200, "the page is no secret");
        assert_eq!(status(&guard, Method::POST, "/", &[(HOST, "localhost")]), 401);
        assert_eq!(status(&guard, Method::GET, "/", &[(HOST, "evil.test")]), 403);
        assert_eq!(with("/health/x", CONTENT_TYPE, "text/plain"), 401);
        assert_eq!(
            with("/nothing", CONTENT_TYPE, "text/plain"),
            401,
            "nor is anything told of what there is"
        );
    }

    #[test]
    fn a_foreign_page_changes_nothing() {
        let from =
            |method, origin| status(&open(), method, "/x", &[(HOST, "localhost:15002"), (ORIGIN, origin)]);
        assert_eq!(from(Method::POST, "http://localhost:15002"), 200);
        assert_eq!(from(Method::GET, "http://evil.test"), 200, "it cannot read the answer");
        for origin in ["http://evil.test", "null", "http://localhost:3000", "localhost:15002", ""] {
            assert_eq!(from(Method::POST, origin), 403, "{origin:?}");
            assert_eq!(from(Method::DELETE, origin), 403, "{origin:?}");
        }
        let allowing = Guard::new(&ServerConfig {
            allowed_origins: vec!["https://app.test".parse().unwrap()],
            ..ServerConfig::default()
        });
        let pairs = [(HOST, "localhost"), (ORIGIN, "https://app.test")];
        assert_eq!(status(&allowing, Method::POST, "/x", &pairs), 200);
    }

    #[test]
    fn an_upload_may_be_bytes_of_any_kind_and_nothing_else_may() {
        let body = |path, kind| {
            let pairs = [(HOST, "localhost"), (CONTENT_LENGTH, "2"), (CONTENT_TYPE, kind)];
            status(&open(), Method::POST, path, &pairs)
        };
        for path in ["/backups/upload", "/api/backups/upload"] {
            assert_eq!(body(path, "application/octet-stream"), 200);
            assert_eq!(body(path, "application/json"), 200);
            assert_eq!(body(path, "multipart/form-data; boundary=x"), 415);
        }
        for path in ["/backups/create", "/backups/upload/", "/api/api/backups/upload", "/insert_vectors"] {
            assert_eq!(body(path, "application/octet-stream"), 415, "{path}");
        }
    }

    #[test]
    fn a_body_is_plain_json() {
        let body = |kind, coding| {
            let length = (CONTENT_LENGTH, "2");
            status(
                &open(),
                Method::POST,
                "/x",
                &[(HOST, "localhost"), length, (CONTENT_TYPE, kind), (CONTENT_ENCODING, coding)],
            )
        };
        assert_eq!(body("application/json", "identity"), 200);
        assert_eq!(body("Application/JSON; charset=utf-8", "identity"), 200);
        for kind in ["text/plain", "application/x-www-form-urlencoded", "application/jsonp", ""] {
            assert_eq!(body(kind, "identity"), 415, "{kind:?}");
        }
        assert_eq!(body("application/json", "gzip"), 415);
        let chunked = [(HOST, "localhost"), (TRANSFER_ENCODING, "chunked")];
        assert_eq!(status(&open(), Method::POST, "/x", &chunked), 415);
    }
}
