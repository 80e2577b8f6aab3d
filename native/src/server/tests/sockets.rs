use std::net::SocketAddr;
use std::time::Duration;

use futures_util::stream;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::sync::mpsc;
use tokio::task::JoinHandle;

use super::super::{BindError, Server};
use super::*;

/// A server on a free port, and what stops it.
struct Running {
    directory: TempDir,
    address: SocketAddr,
    stop: mpsc::UnboundedSender<()>,
    ended: JoinHandle<()>,
}

async fn serve(configure: impl FnOnce(&mut ServerConfig)) -> Running {
    let directory = tempfile::tempdir().unwrap();
    let mut config = ServerConfig { log: Log::new(|_| {}), ..ServerConfig::default() };
    config.address.set_port(0);
    configure(&mut config);
    let server = Server::bind(config, vault(&directory)).await.unwrap();
    let address = server.address();
    let (stop, stops) = mpsc::unbounded_channel();
    let stops = stream::unfold(stops, |mut stops| async move { stops.recv().await.map(|()| ((), stops)) });
    Running { directory, address, stop, ended: tokio::spawn(server.run(stops)) }
}

impl Running {
    async fn connect(&self) -> TcpStream {
        TcpStream::connect(self.address).await.unwrap()
    }

    /// Sends bytes and gives all that comes back before the server closes.
    async fn exchange(&self, request: &str) -> String {
        let mut socket = self.connect().await;
        let _ = socket.write_all(request.as_bytes()).await;
        rest(&mut socket).await
    }

    async fn stop(self) {
        self.stop.send(()).unwrap();
        self.ended.await.unwrap();
    }
}

/// What comes before the connection closes.
async fn rest(socket: &mut TcpStream) -> String {
    let mut answer = Vec::new();
    let _ = socket.read_to_end(&mut answer).await;
    String::from_utf8(answer).unwrap()
}

const HEALTH: &str = "GET /health HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n";
const POST: &str = "POST /backups/create HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n";

#[tokio::test]
async fn it_answers_on_the_port_it_was_given() {
    let server = serve(|_| {}).await;
    let answer = server.exchange(HEALTH).await;
    assert!(
        answer.starts_with("HTTP/1.1 200 OK\r\n") && answer.contains(r#""status":"healthy""#),
        "{answer}"
    );
    assert!(
        server.exchange("GET /health HTTP/1.1\r\nConnection: close\r\n\r\n").await.contains("403 Forbidden")
    );
    server.stop().await;
}

#[tokio::test]
async fn an_address_that_others_reach_needs_a_token() {
    let directory = tempfile::tempdir().unwrap();
    let config = ServerConfig { address: "0.0.0.0:0".parse().unwrap(), ..ServerConfig::default() };
    let error = Server::bind(config, vault(&directory)).await.unwrap_err();
    assert!(matches!(error, BindError::TokenRequired { .. }), "{error}");
}

#[tokio::test]
async fn a_chunked_body_is_cut_off_at_the_limit() {
    let server = serve(|config| config.limits.request_bytes = 1_000).await;
    let body = format!("3e9\r\n{}\r\n", "x".repeat(1_001));
    let answer = server.exchange(&format!("{POST}Transfer-Encoding: chunked\r\n\r\n{body}")).await;
    assert!(answer.starts_with("HTTP/1.1 413"), "{answer}");
    let answer = server.exchange(&format!("{POST}Content-Length: 1001\r\n\r\n")).await;
    assert!(answer.starts_with("HTTP/1.1 413"), "before it is read: {answer}");
    server.stop().await;
}

#[tokio::test]
async fn a_caller_who_is_still_sending_gets_to_read_why_it_is_not_wanted() {
    let server = serve(|config| config.limits.request_bytes = 1_000).await;
    let body = "x".repeat(8 << 20);
    for refused in [
        POST.to_owned(),
        POST.replace("application/json", "text/plain"),
        POST.replace("localhost", "evil.test"),
        POST.replace("/backups/create", "/nothing"),
    ] {
        let request = format!("{refused}Connection: close\r\nContent-Length: {}\r\n\r\n{body}", body.len());
        let answer = server.exchange(&request).await;
        assert!(answer.starts_with("HTTP/1.1 4") && answer.contains("error_type"), "{refused}: {answer}");
    }
    server.stop().await;
}

#[tokio::test]
async fn a_caller_who_asks_first_is_refused_before_it_sends() {
    let server = serve(|_| {}).await;
    let answer =
        server.exchange(&format!("{POST}Content-Length: 2000000\r\nExpect: 100-continue\r\n\r\n")).await;
    assert!(answer.starts_with("HTTP/1.1 413"), "{answer}");
    server.stop().await;
}

#[tokio::test]
async fn slow_callers_are_let_go_and_others_are_served_meanwhile() {
    let server = serve(|config| {
        config.limits.body_grace = Duration::from_millis(100);
        config.limits.head_timeout = Duration::from_millis(100);
    })
    .await;
    let mut slow_body = server.connect().await;
    slow_body.write_all(format!("{POST}Content-Length: 10\r\n\r\n{{").as_bytes()).await.unwrap();
    let mut slow_head = server.connect().await;
    slow_head.write_all(b"GET /health HTTP/1.1\r\nHos").await.unwrap();
    assert!(server.exchange(HEALTH).await.contains("healthy"));
    let answer = rest(&mut slow_body).await;
    assert!(answer.starts_with("HTTP/1.1 408") && answer.contains("request_timeout"), "{answer}");
    rest(&mut slow_head).await;
    server.stop().await;
}

#[tokio::test]
async fn connections_beyond_the_limit_wait_their_turn() {
    let server = serve(|config| config.limits.connections = 1).await;
    let mut first = server.connect().await;
    first.write_all(b"GET /health HTTP/1.1\r\nHost: localhost\r\n\r\n").await.unwrap();
    assert!(first.read(&mut [0; 10]).await.unwrap() > 0, "the first one is being served");
    let second = server.exchange(HEALTH);
    let (_, second) = tokio::join!(async { drop(first) }, second);
    assert!(second.contains("healthy"));
    server.stop().await;
}

#[tokio::test]
async fn a_request_that_has_begun_is_finished_when_the_server_stops() {
    let server = serve(|_| {}).await;
    let mut socket = server.connect().await;
    let body = r#"{"name":"last"}"#;
    let head = format!("{POST}Content-Length: {}\r\nExpect: 100-continue\r\n\r\n", body.len());
    socket.write_all(head.as_bytes()).await.unwrap();
    let mut begun = [0; 25];
    socket.read_exact(&mut begun).await.unwrap();
    assert_eq!(&begun, b"HTTP/1.1 100 Continue\r\n\r\n");
    server.stop.send(()).unwrap();
    socket.write_all(body.as_bytes()).await.unwrap();
    let answer = rest(&mut socket).await;
    assert!(answer.starts_with("HTTP/1.1 200 OK") && answer.contains(r#""name":"last""#), "{answer}");
    server.ended.await.unwrap();
    assert!(TcpStream::connect(server.address).await.is_err(), "nobody listens any more");
}

#[tokio::test]
async fn a_job_that_nobody_waits_for_is_finished_when_the_server_stops() {
    let server = serve(|_| {}).await;
    let body = r#"{"name":"last"}"#;
    let detached = format!("{POST}Prefer: respond-async\r\nContent-Length: {}\r\n", body.len());
    let answer = server.exchange(&format!("{detached}Connection: close\r\n\r\n{body}")).await;
    assert!(answer.starts_with("HTTP/1.1 202"), "{answer}");
    server.stop.send(()).unwrap();
    server.ended.await.unwrap();
    let backups = std::fs::read_dir(server.directory.path().join("backups")).unwrap();
    assert_eq!(backups.count(), 1);
}

#[tokio::test]
async fn a_second_stop_waits_for_nobody() {
    let server = serve(|config| config.limits.shutdown_grace = Duration::from_secs(3600)).await;
    let mut socket = server.connect().await;
    socket.write_all(format!("{POST}Content-Length: 10\r\n\r\n{{").as_bytes()).await.unwrap();
    server.stop.send(()).unwrap();
    server.stop.send(()).unwrap();
    drop(socket);
    server.ended.await.unwrap();
}

#[tokio::test]
async fn a_caller_who_does_not_take_its_answer_is_let_go() {
    let server = serve(|config| {
        config.limits.connections = 1;
        config.limits.write_timeout = Duration::from_millis(100);
    })
    .await;
    let insert = |path: &str, body: &str| {
        let length = body.len();
        format!(
            "POST {path} HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nConnection: close\r\nContent-Length: {length}\r\n\r\n{body}"
        )
    };
    let answer = server.exchange(&insert("/collections", r#"{"name":"c","dimension":1}"#)).await;
    assert!(answer.starts_with("HTTP/1.1 200"), "{answer}");
    // More than the sockets of both ends hold.
    let heavy = format!(
        r#"{{"collection":"c","vectors":[{{"id":"a","vector":[1],"metadata":"{}"}}]}}"#,
        "m".repeat(14 << 20)
    );
    let answer = server.exchange(&insert("/insert_vectors", &heavy)).await;
    assert!(answer.starts_with("HTTP/1.1 200"), "{answer}");
    let mut deaf = server.connect().await;
    deaf.write_all(b"GET /collections/c/vectors HTTP/1.1\r\nHost: localhost\r\n\r\n").await.unwrap();
    // The only place is free again although the first one is still connected.
    assert!(server.exchange(HEALTH).await.contains("healthy"));
    assert!(rest(&mut deaf).await.len() < 14 << 20, "its answer was broken off");
    server.stop().await;
}

const UPLOAD: &str =
    "POST /backups/upload HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/octet-stream\r\n";

/// Waits until nothing is in the directory of backups.
async fn until_no_files(server: &Running) {
    while std::fs::read_dir(server.directory.path().join("backups")).unwrap().next().is_some() {
        tokio::time::sleep(Duration::from_millis(1)).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_upload_that_is_given_up_or_cut_off_leaves_nothing() {
    let server = serve(|config| config.limits.upload_bytes = 1 << 30).await;
    let part = "x".repeat(3 << 20);
    let mut leaving = server.connect().await;
    leaving.write_all(format!("{UPLOAD}Content-Length: 90000000\r\n\r\n{part}").as_bytes()).await.unwrap();
    while std::fs::read_dir(server.directory.path().join("backups")).unwrap().next().is_none() {
        tokio::time::sleep(Duration::from_millis(1)).await;
    }
    drop(leaving);
    until_no_files(&server).await;
    let mut half = server.connect().await;
    half.write_all(format!("{UPLOAD}Transfer-Encoding: chunked\r\n\r\n3\r\nabc\r\nzz").as_bytes())
        .await
        .unwrap();
    half.shutdown().await.unwrap();
    rest(&mut half).await;
    until_no_files(&server).await;
    let long = format!("{UPLOAD}Content-Length: 2000000000\r\nExpect: 100-continue\r\n\r\n");
    let answer = server.exchange(&long).await;
    assert!(answer.starts_with("HTTP/1.1 413"), "before it is sent: {answer}");
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_caller_who_does_not_take_its_download_gives_its_place_back() {
    let server = serve(|config| {
        config.limits.transfers = 1;
        config.limits.write_timeout = Duration::from_millis(100);
    })
    .await;
    const ID: &str = "550e8400-e29b-41d4-a716-446655440000";
    let file = std::fs::File::create(server.directory.path().join(format!("backups/{ID}.backup"))).unwrap();
    // More than the sockets of both ends hold; what it is made of is nobody's business here.
    file.set_len(64 << 20).unwrap();
    let get = |range: &str| {
        format!("GET /backups/{ID}/download HTTP/1.1\r\nHost: localhost\r\n{range}Connection: close\r\n\r\n")
    };
    let mut deaf = server.connect().await;
    deaf.write_all(get("").as_bytes()).await.unwrap();
    assert!(deaf.read(&mut [0; 10]).await.unwrap() > 0, "it is being sent");
    let range = get("Range: bytes=0-4\r\n");
    while server.exchange(&range).await.starts_with("HTTP/1.1 429") {}
    let answer = server.exchange(&range).await;
    assert!(answer.starts_with("HTTP/1.1 206"), "{answer}");
    assert!(rest(&mut deaf).await.len() < 64 << 20, "it was broken off");
    let head = server.exchange(&get("").replace("GET", "HEAD")).await;
    assert!(head.contains("content-length: 67108864\r\n") && head.ends_with("\r\n\r\n"), "{head}");
    server.stop().await;
}

#[tokio::test]
async fn nothing_is_answered_without_the_token_whatever_the_method_and_path() {
    let server = serve(|config| config.token = Token::new("s3cret")).await;
    const ID: &str = "550e8400-e29b-41d4-a716-446655440000";
    let paths = [
        "/api/".into(),
        "/index.html".into(),
        "/nothing".into(),
        "/api/openapi.json".into(),
        "/backups".into(),
        "/api/backups".into(),
        "/backups/create".into(),
        "/backups/restore".into(),
        "/backups/directory".into(),
        format!("/backups/{ID}"),
        format!("/api/backups/{ID}/verify"),
        format!("/backups/{ID}/download"),
        format!("/api/backups/{ID}/diff/{ID}"),
        "/api/backups/upload".into(),
        "/collections".into(),
        "/collections/c".into(),
        "/collections/c/search".into(),
        "/collections/c/vectors".into(),
        "/collections/c/vectors/a".into(),
        "/insert_vectors".into(),
        "/api/insert_texts".into(),
        "/batch_insert".into(),
        "/jobs".into(),
        format!("/jobs/{ID}"),
        format!("/api/jobs/{ID}/events"),
        format!("/api/jobs/{ID}/cancel"),
        "/health/".into(),
        "/HEALTH".into(),
        "//health".into(),
        "/health%2f".into(),
    ];
    for method in ["GET", "HEAD", "POST", "PUT", "DELETE", "PATCH", "OPTIONS", "TRACE", "BREW"] {
        for path in &paths {
            for wrong in ["", "Authorization: Bearer s3cre\r\n", "X-API-Key: s3cret1\r\n"] {
                let request = format!(
                    "{method} {path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n{wrong}\r\n"
                );
                let answer = server.exchange(&request).await;
                assert!(answer.starts_with("HTTP/1.1 401"), "{request}{answer}");
            }
        }
    }
    assert!(server.exchange(HEALTH).await.contains("healthy"));
    let shown = HEALTH.replace("/health", "/backups").replace("Host", "X-API-Key: s3cret\r\nHost");
    assert!(server.exchange(&shown).await.starts_with("HTTP/1.1 200"));
    server.stop().await;
}
