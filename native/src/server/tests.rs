//! The API as callers see it, over a real vault in a temporary directory: without a socket, and with one.

mod backups;
mod collections;
mod jobs;
mod openapi;
mod sockets;
mod transfers;
mod vectors;

use std::sync::{Arc, Mutex};

use bytes::Bytes;
use serde_json::{Value, json};
use tempfile::TempDir;
use warp::http::{HeaderMap, Response};

use super::config::{Log, ServerConfig, Token};
use super::service::{Context, api};
use crate::blob::{DirectoryPolicy, FsBlobStore};
use crate::collections::Collections;
use crate::{ThreadPool, Vault};

/// A vault in a directory that goes away with it, and the API over it.
struct Fixture {
    directory: TempDir,
    context: Arc<Context>,
    lines: Arc<Mutex<Vec<String>>>,
}

/// A status, a body and headers.
struct Answer {
    status: u16,
    body: Value,
    headers: HeaderMap,
}

fn vault(directory: &TempDir) -> Vault {
    let backups = directory.path().join("backups");
    std::fs::create_dir(&backups).unwrap();
    let store = FsBlobStore::open(&backups, DirectoryPolicy::MustExist).unwrap();
    let collections = Collections::open(&directory.path().join("data")).unwrap();
    let vault = Vault::new(Arc::new(store.clone()), collections, ThreadPool::new(Some(1)).unwrap());
    vault.accepting_uploads(store)
}

impl Fixture {
    fn new() -> Self {
        Self::with(|_| {}, |vault| vault)
    }

    fn with(configure: impl FnOnce(&mut ServerConfig), change: impl FnOnce(Vault) -> Vault) -> Self {
        let directory = tempfile::tempdir().unwrap();
        let lines = Arc::new(Mutex::new(Vec::new()));
        let log = lines.clone();
        let log = Log::new(move |line| log.lock().unwrap().push(line.to_owned()));
        let mut config = ServerConfig { log, ..ServerConfig::default() };
        configure(&mut config);
        let vault = change(vault(&directory));
        Self { directory, context: Arc::new(Context::new(config, vault)), lines }
    }

    /// Sends a request as a client on this machine would, and holds the answer to the API's description. A
    /// body is JSON unless the headers say otherwise.
    async fn request(
        &self,
        method: &str,
        path: &str,
        headers: &[(&str, &str)],
        body: Option<&[u8]>,
    ) -> Response<Bytes> {
        let mut request = warp::test::request().method(method).path(path).header("host", "localhost:15002");
        if body.is_some() && headers.iter().all(|(name, _)| *name != "content-type") {
            request = request.header("content-type", "application/json");
        }
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        let request = body.into_iter().fold(request, |request, body| request.body(body));
        let response = request.reply(&api(self.context.clone())).await;
        openapi::check(method, path, response.status(), response.headers(), response.body());
        response
    }

    async fn send(&self, method: &str, path: &str, body: Option<&str>) -> Answer {
        let response = self.request(method, path, &[], body.map(str::as_bytes)).await;
        self.answer(&response)
    }

    /// An answer whose body is JSON.
    fn answer(&self, response: &Response<Bytes>) -> Answer {
        let (status, headers) = (response.status().as_u16(), response.headers().clone());
        let body: Value = serde_json::from_slice(response.body()).unwrap();
        for line in &*self.lines.lock().unwrap() {
            let path = self.directory.path().to_str().unwrap();
            assert!(!line.contains(path) && !line.contains(char::is_control), "{line}");
        }
        if status >= 400 {
            assert_eq!(body["status_code"], status, "every error has the envelope: {body}");
            assert!(body["error_type"].is_string() && body["message"].is_string(), "{body}");
            assert_eq!(body["request_id"], headers["x-request-id"].to_str().unwrap());
            let path = self.directory.path().to_str().unwrap();
            assert!(!body.to_string().contains(path), "an answer tells of no path: {body}");
        }
        Answer { status, body, headers }
    }

    async fn get(&self, path: &str) -> Answer {
        self.send("GET", path, None).await
    }

    async fn post(&self, path: &str, body: Value) -> Answer {
        self.send("POST", path, Some(&body.to_string())).await
    }

    async fn delete(&self, path: &str) -> Answer {
        self.send("DELETE", path, None).await
    }

    /// A collection of dimension 2 with `count` records, `r0`, `r1` …
    async fn collection(&self, name: &str, count: usize) {
        let created = self.post("/collections", json!({"name": name, "dimension": 2, "metric": "dot"})).await;
        assert_eq!(created.status, 200, "{}", created.body);
        let vectors: Vec<_> = (0..count)
            .map(|i| json!({"id": format!("r{i}"), "embedding": [i, 0.1], "payload": {"i": i}}))
            .collect();
        let inserted = self.post("/insert_vectors", json!({"collection": name, "vectors": vectors})).await;
        assert_eq!(inserted.status, 200, "{}", inserted.body);
    }

    /// Makes a backup of everything; gives its id.
    async fn backup(&self, name: &str) -> String {
        let made = self.post("/api/backups/create", json!({"name": name})).await;
        assert_eq!(made.status, 200, "{}", made.body);
        made.body["id"].as_str().unwrap().to_owned()
    }

    /// The file of a backup.
    fn file(&self, id: &str) -> std::path::PathBuf {
        self.directory.path().join("backups").join(format!("{id}.backup"))
    }

    /// All records of a collection, as the API shows them.
    async fn records(&self, name: &str) -> Value {
        self.get(&format!("/collections/{name}/vectors?limit=1000")).await.body["vectors"].take()
    }
}

impl Answer {
    /// The status and the type of an error.
    fn error(&self) -> (u16, &str) {
        (self.status, self.body["error_type"].as_str().unwrap_or("none"))
    }

    fn message(&self) -> &str {
        self.body["message"].as_str().unwrap_or("")
    }
}

#[tokio::test]
async fn health_tells_what_clients_read() {
    let fixture = Fixture::new();
    for path in ["/health", "/api/health"] {
        let health = fixture.get(path).await.body;
        assert_eq!(health["status"], "healthy");
        assert!(health["version"].is_string() && health["timestamp"].as_str().unwrap().ends_with('Z'));
    }
}

#[tokio::test]
async fn what_is_not_there_is_said_in_the_envelope() {
    let fixture = Fixture::new();
    assert_eq!(fixture.get("/nothing").await.error(), (404, "not_found"));
    let wrong = fixture.get("/backups/create").await;
    assert_eq!(wrong.error(), (405, "method_not_allowed"));
    assert_eq!(wrong.headers["allow"], "POST");
    let search = fixture.post("/collections/docs/search", json!({"query": "x"})).await;
    assert_eq!(search.error(), (501, "not_implemented"));
    assert!(search.message().contains("does not search"));
}

#[tokio::test]
async fn a_browser_gets_the_page_which_may_call_this_server_only() {
    let fixture = Fixture::new();
    let api = api(fixture.context.clone());
    let page = |host: &'static str| warp::test::request().path("/").header("host", host).reply(&api);
    let answer = page("localhost:15002").await;
    assert_eq!(answer.status(), 200);
    assert_eq!(answer.headers()["content-type"], "text/html; charset=utf-8");
    assert_eq!(answer.headers()["x-content-type-options"], "nosniff");
    assert_eq!(answer.headers()["referrer-policy"], "no-referrer");
    let policy = answer.headers()["content-security-policy"].to_str().unwrap();
    assert!(policy.starts_with("default-src 'none'; script-src 'self'"), "{policy}");
    assert!(policy.contains("frame-ancestors 'none'") && !policy.contains("  "), "{policy}");
    assert_eq!(page("evil.test").await.status(), 403);
    assert_eq!(fixture.send("POST", "/", None).await.error(), (405, "method_not_allowed"));
}

#[tokio::test]
async fn a_page_of_an_allowed_origin_asks_first_and_sees_the_answer() {
    let configure = |config: &mut ServerConfig| {
        config.allowed_origins = vec!["https://app.test".parse().unwrap()];
        config.token = Token::new("s3cret");
    };
    let fixture = Fixture::with(configure, |vault| vault);
    let api = api(fixture.context.clone());
    let ask = async |host: &'static str, origin: &'static str| {
        let request = warp::test::request().method("OPTIONS").path("/api/backups/create");
        let request = request.header("host", host).header("origin", origin);
        let request = request.header("access-control-request-method", "POST");
        request.header("access-control-request-headers", "authorization,content-type").reply(&api).await
    };
    let text = |answer: &Response<Bytes>, name: &str| answer.headers()[name].to_str().unwrap().to_owned();
    let allowed = ask("localhost:15002", "https://app.test").await;
    assert_eq!((allowed.status().as_u16(), allowed.body().len()), (204, 0));
    assert_eq!(text(&allowed, "access-control-allow-origin"), "https://app.test");
    assert_eq!(text(&allowed, "access-control-allow-methods"), "GET, HEAD, POST, DELETE");
    for name in ["authorization", "content-type", "prefer", "range", "x-api-key"] {
        assert!(text(&allowed, "access-control-allow-headers").contains(name), "{name}");
    }
    for (host, origin) in [("localhost", "https://evil.test"), ("evil.test", "https://app.test")] {
        let refused = ask(host, origin).await;
        assert_eq!(refused.status(), 403);
        assert!(!refused.headers().contains_key("access-control-allow-methods"));
        assert_eq!(text(&refused, "vary"), "origin");
    }

    // The token is still needed, and that it is can be read.
    for (origin, token, status) in [
        ("https://app.test", "Bearer s3cret", 200),
        ("https://app.test", "Bearer wrong", 401),
        ("https://evil.test", "Bearer s3cret", 403),
    ] {
        let headers = [("origin", origin), ("authorization", token)];
        let body = br#"{"name":"docs","dimension":2}"#;
        let answer = fixture.request("POST", "/collections", &headers, Some(body)).await;
        assert_eq!((answer.status().as_u16(), text(&answer, "vary").as_str()), (status, "origin"));
        let seen = answer.headers().get("access-control-allow-origin");
        assert_eq!(seen.is_some(), origin == "https://app.test", "{origin}");
        if seen.is_some() {
            assert!(text(&answer, "access-control-expose-headers").contains("location"));
        }
    }
}

#[tokio::test]
async fn without_allowed_origins_nothing_is_said_of_any() {
    let fixture = Fixture::new();
    let answer = fixture.request("GET", "/backups", &[("origin", "https://app.test")], None).await;
    assert_eq!(answer.status(), 200);
    let said = |name: &str| name.starts_with("access-control") || name == "vary";
    assert!(!answer.headers().keys().any(|name| said(name.as_str())));
    let asked = [("origin", "https://app.test"), ("access-control-request-method", "POST")];
    let refused = fixture.request("OPTIONS", "/backups/create", &asked, None).await;
    assert_eq!(fixture.answer(&refused).error(), (403, "origin_not_allowed"));
    assert_eq!(fixture.send("OPTIONS", "/backups/create", None).await.error(), (405, "method_not_allowed"));
}

#[tokio::test]
async fn the_guard_stands_before_everything() {
    let fixture = Fixture::new();
    let api = api(fixture.context.clone());
    let rebound = warp::test::request().path("/backups").header("host", "evil.test").reply(&api).await;
    assert_eq!(rebound.status(), 403);
    let form = warp::test::request().method("POST").path("/backups/create").header("host", "localhost");
    let form = form.header("content-type", "text/plain").body(r#"{"name":"x"}"#).reply(&api).await;
    assert_eq!(form.status(), 415);
    assert_eq!(fixture.get("/backups").await.body["backups"], json!([]));
}

#[tokio::test]
async fn a_request_leaves_one_line_that_no_name_can_forge() {
    let fixture = Fixture::new();
    fixture.get("/collections/a%0aGET%20%2Fforged%20200?token=s3cret").await;
    fixture.send("POST", "/backups/create", Some(r#"{"name":"a\nb"}"#)).await;
    let unknown = fixture.get("/nothing").await;
    let mut lines = fixture.lines.lock().unwrap().clone();
    let line = lines.pop().unwrap();
    assert!(line.ends_with(unknown.headers["x-request-id"].to_str().unwrap()), "{line}");
    assert_eq!(lines.len(), 2, "{lines:?}");
    assert!(lines[0].starts_with("GET /collections/a%0aGET%20%2Fforged%20200 400 "), "{lines:?}");
    assert!(lines[1].starts_with("POST /backups/create 400 "), "{lines:?}");
    assert!(
        !lines.iter().any(|line| line.contains("s3cret") || line.contains(char::is_control)),
        "{lines:?}"
    );
}
