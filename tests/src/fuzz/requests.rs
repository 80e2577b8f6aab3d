//! Requests to the server, without a socket: whatever they ask, the answer is one of the API's, nothing inside
//! breaks, and the log has a line each.

use std::path::Path;
use std::sync::{Arc, Mutex, OnceLock};

use arbitrary::{Arbitrary, Unstructured};
use tempfile::TempDir;
use tokio::runtime::Runtime;
use vecvault::collections::{Collections, OpenOptions};
use vecvault::server::{Log, ServerConfig, api};
use vecvault::{ThreadPool, Vault};
use vecvault_core::MemoryBlobStore;
use warp::http::{HeaderValue, Method, Uri};

/// A request; several make a story.
#[derive(Arbitrary, Debug)]
struct Request<'a> {
    method: Verb,
    path: Target<'a>,
    header: Option<(Header, &'a [u8])>,
    body: Body<'a>,
}

#[derive(Arbitrary, Clone, Copy, Debug)]
enum Verb {
    Get,
    Post,
    Delete,
    Put,
    Head,
}

#[derive(Arbitrary, Debug)]
enum Target<'a> {
    Any(&'a str),
    Backups,
    Create,
    Restore,
    Backup(Option<&'a str>),
    Verify,
    Collections,
    Collection(Option<&'a str>),
    Vectors(u8, u8),
    Vector(&'a str),
    InsertVectors,
    InsertTexts,
}

#[derive(Arbitrary, Clone, Copy, Debug)]
enum Header {
    Host,
    Origin,
    ContentType,
    ContentEncoding,
    Authorization,
}

#[derive(Arbitrary, Debug)]
enum Body<'a> {
    Any(&'a [u8]),
    None,
    CreateCollection { dimension: u8 },
    CreateBackup,
    RestoreBackup,
    Insert { id: &'a str, numbers: [u32; 2], metadata: &'a str },
    Text { id: &'a str, text: &'a str },
}

/// A server's inside, its log, and the backup that was made last.
struct World {
    directory: TempDir,
    collections: Collections,
    workers: Arc<ThreadPool>,
    vault: Vault,
    lines: Arc<Mutex<Vec<String>>>,
    last: String,
}

/// Sends at most six requests to a server that holds nothing.
pub fn requests(input: &[u8]) {
    let Ok(requests) = Vec::<Request<'_>>::arbitrary_take_rest(Unstructured::new(input)) else { return };
    static WORLD: OnceLock<Mutex<(Runtime, World)>> = OnceLock::new();
    let world = WORLD.get_or_init(|| {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        Mutex::new((runtime, World::new()))
    });
    let (runtime, world) = &mut *world.lock().unwrap();
    runtime.block_on(async {
        world.empty().await;
        for request in requests.iter().take(6) {
            world.send(request).await;
        }
    });
}

impl World {
    fn new() -> Self {
        // Memory, where there is such a folder: nothing here is about the disk.
        let memory = Path::new("/dev/shm");
        let directory =
            if memory.is_dir() { tempfile::tempdir_in(memory) } else { tempfile::tempdir() }.unwrap();
        let options = OpenOptions { cache_bytes: 1 << 20, ..OpenOptions::default() };
        let collections = Collections::open_with(&directory.path().join("data"), options).unwrap();
        let workers = ThreadPool::new(Some(1)).unwrap();
        let vault = Vault::new(Arc::new(MemoryBlobStore::new()), collections.clone(), workers.clone());
        Self { directory, collections, workers, vault, lines: Arc::default(), last: String::new() }
    }

    /// As it was at first: opening collections anew takes longer than all requests together.
    async fn empty(&mut self) {
        for state in self.collections.list().await.unwrap() {
            self.collections.delete(&state.head.name).await.unwrap();
        }
        let store = Arc::new(MemoryBlobStore::new());
        self.vault = Vault::new(store, self.collections.clone(), self.workers.clone());
        self.last = "550e8400-e29b-41d4-a716-446655440000".into();
    }

    async fn send(&mut self, request: &Request<'_>) {
        let log = self.lines.clone();
        let log = Log::new(move |line| log.lock().unwrap().push(line.to_owned()));
        let api = api(ServerConfig { log, ..ServerConfig::default() }, self.vault.clone());
        let Some(built) = self.build(request) else { return };
        let response = built.reply(&api).await;
        let (status, text) = (response.status().as_u16(), response.body().clone());
        let about = || format!("{status} {}: {request:?}", String::from_utf8_lossy(&text));
        // 501 is what a search is told; every other fault would be the server's own.
        assert!(status < 500 || status == 501, "{}", about());
        assert!(response.headers().contains_key("x-request-id"), "{}", about());
        let directory = self.directory.path().to_str().unwrap();
        assert!(!String::from_utf8_lossy(&text).contains(directory), "{}", about());
        let kind = response.headers().get("content-type");
        // Whatever is no JSON is the page.
        let json = kind.is_some_and(|kind| kind == "application/json");
        assert!(json || status < 400, "{}", about());
        if json && !matches!(request.method, Verb::Head) {
            let answer: serde_json::Value = serde_json::from_slice(&text).unwrap();
            assert!(status < 400 || answer["error_type"].is_string(), "{}", about());
            if let (200, Target::Create, Some(id)) = (status, &request.path, answer["id"].as_str()) {
                self.last = id.to_owned();
            }
        }
        let lines = std::mem::take(&mut *self.lines.lock().unwrap());
        assert_eq!(lines.len(), 1, "{lines:?}");
        assert!(!lines[0].contains(char::is_control), "{lines:?}");
    }

    /// The request, where it is one that can be sent at all.
    fn build(&self, request: &Request<'_>) -> Option<warp::test::RequestBuilder> {
        let path = self.path(&request.path);
        path.parse::<Uri>().ok()?;
        let method = match request.method {
            Verb::Get => Method::GET,
            Verb::Post => Method::POST,
            Verb::Delete => Method::DELETE,
            Verb::Put => Method::PUT,
            Verb::Head => Method::HEAD,
        };
        let mut built = warp::test::request().method(method.as_str()).path(&path);
        let mut usual = vec![("host", HeaderValue::from_static("localhost"))];
        let body = self.body(&request.body);
        if body.is_some() {
            usual.push(("content-type", HeaderValue::from_static("application/json")));
        }
        if let Some((header, value)) = request.header {
            let name = header.name();
            usual.retain(|(usual, _)| *usual != name);
            usual.push((name, HeaderValue::from_bytes(value).ok()?));
        }
        for (name, value) in usual {
            built = built.header(name, value);
        }
        Some(match body {
            Some(body) => built.header("content-length", body.len()).body(body),
            None => built,
        })
    }

    fn path(&self, path: &Target<'_>) -> String {
        let last = &self.last;
        match path {
            Target::Any(path) => format!("/{path}"),
            Target::Backups => "/backups".into(),
            Target::Create => "/api/backups/create".into(),
            Target::Restore => "/api/backups/restore".into(),
            Target::Backup(id) => format!("/backups/{}", id.unwrap_or(last)),
            Target::Verify => format!("/backups/{last}/verify"),
            Target::Collections => "/collections".into(),
            Target::Collection(name) => format!("/collections/{}", name.unwrap_or("docs")),
            Target::Vectors(limit, offset) => {
                format!("/collections/docs/vectors?limit={limit}&offset={offset}")
            }
            Target::Vector(id) => format!("/collections/docs/vectors/{id}"),
            Target::InsertVectors => "/insert_vectors".into(),
            Target::InsertTexts => "/insert_texts".into(),
        }
    }

    fn body(&self, body: &Body<'_>) -> Option<Vec<u8>> {
        let quoted = |text: &str| serde_json::to_string(text).unwrap();
        Some(match body {
            Body::None => return None,
            Body::Any(bytes) => bytes.to_vec(),
            Body::CreateCollection { dimension } => {
                format!(r#"{{"name":"docs","dimension":{dimension},"metric":"cosine"}}"#).into()
            }
            Body::CreateBackup => br#"{"name":"a"}"#.to_vec(),
            Body::RestoreBackup => format!(r#"{{"backup_id":"{}"}}"#, self.last).into(),
            Body::Insert { id, numbers, metadata } => {
                let [one, two] = numbers.map(f32::from_bits);
                let id = quoted(id);
                format!(
                    r#"{{"collection":"docs","vectors":[{{"id":{id},"embedding":[{one},{two}],"payload":{metadata}}}]}}"#
                )
                .into()
            }
            Body::Text { id, text } => {
                let (id, text) = (quoted(id), quoted(text));
                format!(r#"{{"collection":"docs","texts":[{{"id":{id},"text":{text}}}]}}"#).into()
            }
        })
    }
}

impl Header {
    fn name(self) -> &'static str {
        match self {
            Self::Host => "host",
            Self::Origin => "origin",
            Self::ContentType => "content-type",
            Self::ContentEncoding => "content-encoding",
            Self::Authorization => "authorization",
        }
    }
}
