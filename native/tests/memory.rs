//! Memory does not grow with the collection: peak resident memory of each command, read from the kernel's
//! high-water mark (`VmHWM`) while the process runs and once more when its work is done.
//!
//! The long mode (`cargo test --release -p vecvault --test memory -- --ignored --nocapture`) makes, backs up,
//! lists, verifies and restores 1,000,000 vectors of 384 dimensions, about 4.7 GB of JSON, through the
//! command line and through the server. The ordinary one does the same with fewer.
#![cfg(target_os = "linux")]
#![allow(clippy::unwrap_used, clippy::panic)] // a test that cannot go on has failed

use std::fs;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use vecvault_core::Record;
use vecvault_core::format::{float::Tier, write_record};

const DIMENSION: usize = 384;
/// What a process may use beside the engine's cache of 64 MiB.
const LIMIT_KB: u64 = (256 + 64) << 10;
/// An import sorts its lines in buffers that move between threads, and glibc keeps what each thread has freed:
/// 190 MB with `MALLOC_ARENA_MAX=1`, up to three times that without. It does not grow with the file.
const IMPORT_LIMIT_KB: u64 = 768 << 10;

#[test]
fn ten_thousand_records_are_no_matter() {
    measure(10_000);
}

#[test]
#[ignore = "takes minutes and 15 GB of disk: the long mode"]
fn neither_are_a_million() {
    measure(1_000_000);
}

fn measure(records: usize) {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path();
    fs::create_dir(path.join("backups")).unwrap();
    let run = |arguments: &[&str]| {
        let mut child = vecvault(path, arguments);
        child.stdin.take();
        finish(child, arguments[0])
    };
    import(path, records);
    let created: serde_json::Value = serde_json::from_str(&run(&["create", "first", "--json"])).unwrap();
    let id = created["id"].as_str().unwrap();
    let bytes = fs::metadata(path.join(format!("backups/{id}.backup"))).unwrap().len();
    assert_eq!(created["size"], bytes);
    println!("the backup has {bytes} bytes");
    run(&["list"]);
    run(&["verify", id]);
    run(&["restore", id]);
    serve(path, id);
}

/// Imports records that are made on the way.
fn import(path: &Path, records: usize) {
    let mut child = vecvault(path, &["import", "docs", "-"]);
    let mut lines = child.stdin.take().unwrap();
    let feeder = std::thread::spawn(move || {
        let mut state = 1u64;
        let mut text = Vec::new();
        for i in 0..records {
            let vector: Vec<f32> =
                std::iter::repeat_with(|| next_number(&mut state)).take(DIMENSION).collect();
            let metadata =
                format!("{{\"text\":\"record {i} of the memory test\",\"source\":\"file-{}.md\"}}", i % 97);
            let id = format!("vec_{i:09}");
            let record = Record { id: &id, vector: &vector, metadata: Some(&metadata), extra: "" };
            write_record(Tier::detect(), record, &mut text).unwrap();
            text.push(b'\n');
            if text.len() > 1 << 20 {
                lines.write_all(&text).unwrap();
                text.clear();
            }
        }
        lines.write_all(&text).unwrap();
    });
    finish(child, "import");
    feeder.join().unwrap();
}

/// A number in -1 to 1 from a 64-bit linear congruential generator (Knuth's MMIX constants).
fn next_number(state: &mut u64) -> f32 {
    *state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
    (*state >> 40) as f32 / (1 << 23) as f32 - 1.0
}

/// Creates and restores through a server.
fn serve(path: &Path, id: &str) {
    let mut child = vecvault(path, &["serve", "--addr", "127.0.0.1:0"]);
    let mut log = BufReader::new(child.stderr.take().unwrap());
    let mut line = String::new();
    let address = loop {
        line.clear();
        assert!(log.read_line(&mut line).unwrap() > 0, "the server ended");
        if let Some((_, rest)) = line.split_once("http://") {
            break rest.split(|c: char| c.is_whitespace() || c == '/').next().unwrap().to_owned();
        }
    };
    let drain = std::thread::spawn(move || std::io::copy(&mut log, &mut std::io::sink()));
    let before = peak_kb(&child).unwrap();
    let restored = post(&address, "/api/backups/restore", &format!("{{\"backup_id\":\"{id}\"}}"));
    assert!(restored.contains("\"success\":true"), "{restored}");
    post(&address, "/api/backups/create", "{\"name\":\"second\"}");
    let peak = peak_kb(&child).unwrap();
    println!("serve: {peak} kB at most, {before} kB before the first request");
    assert!(peak < LIMIT_KB, "serve: {peak} kB");
    child.kill().unwrap();
    child.wait().unwrap();
    drain.join().unwrap().unwrap();
}

fn post(address: &str, path: &str, body: &str) -> String {
    let mut stream = TcpStream::connect(address).unwrap();
    write!(
        stream,
        "POST {path} HTTP/1.1\r\nHost: {address}\r\nContent-Type: application/json\r\nContent-Length: {}\r\nConnection: close\r\n\r\n{body}",
        body.len()
    )
    .unwrap();
    let mut reply = String::new();
    stream.read_to_string(&mut reply).unwrap();
    assert!(reply.starts_with("HTTP/1.1 200"), "{reply}");
    reply
}

fn vecvault(path: &Path, arguments: &[&str]) -> Child {
    Command::new(env!("CARGO_BIN_EXE_vecvault"))
        .args(arguments)
        .arg("--data")
        .arg(path.join("data"))
        .arg("--backups")
        .arg(path.join("backups"))
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(if arguments[0] == "serve" { Stdio::piped() } else { Stdio::inherit() })
        .spawn()
        .unwrap()
}

/// Waits for a command, watching its high-water mark, and gives what it printed.
fn finish(mut child: Child, what: &str) -> String {
    let mut stdout = child.stdout.take().unwrap();
    let reader = std::thread::spawn(move || {
        let mut text = String::new();
        stdout.read_to_string(&mut text).map(|_| text)
    });
    let mut peak = 0;
    let status = loop {
        peak = peak_kb(&child).unwrap_or(peak).max(peak);
        if let Some(status) = child.try_wait().unwrap() {
            break status;
        }
        std::thread::sleep(Duration::from_millis(5));
    };
    assert!(status.success(), "{what}: {status}");
    println!("{what}: {peak} kB at most");
    let limit = if what == "import" { IMPORT_LIMIT_KB } else { LIMIT_KB };
    assert!(peak < limit, "{what}: {peak} kB");
    reader.join().unwrap().unwrap()
}

/// The most memory that a process has had resident, in kB; `None` when it has gone.
fn peak_kb(child: &Child) -> Option<u64> {
    let status = fs::read_to_string(format!("/proc/{}/status", child.id())).ok()?;
    let line = status.lines().find(|line| line.starts_with("VmHWM:"))?;
    line.split_whitespace().nth(1)?.parse().ok()
}
