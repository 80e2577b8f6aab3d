//! A thousand callers at once who are slow, send too much or do not listen: others are answered meanwhile.

use std::fs;
use std::io::{ErrorKind, Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::time::{Duration, Instant};

use super::bench::Bench;
use super::server::Served;

/// What a caller does to the server.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Manner {
    SlowHead,
    SlowBody,
    /// Says how much it will send: too much.
    Oversized,
    /// Does not say, and does not stop.
    Endless,
    /// Asks for megabytes and takes none.
    Deaf,
}

const MANNERS: [Manner; 5] =
    [Manner::SlowHead, Manner::SlowBody, Manner::Oversized, Manner::Endless, Manner::Deaf];

struct Caller {
    manner: Manner,
    socket: TcpStream,
}

impl Caller {
    fn new(address: SocketAddr, manner: Manner) -> Self {
        let mut socket = TcpStream::connect(address).unwrap();
        let post = "POST /insert_vectors HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n";
        let begin = match manner {
            Manner::SlowHead => "GET /health HTTP/1.1\r\nHost: local".to_owned(),
            Manner::SlowBody => format!("{post}Content-Length: 100000\r\n\r\n{{"),
            Manner::Oversized => format!("{post}Content-Length: 10000000000\r\n\r\n"),
            Manner::Endless => format!("{post}Transfer-Encoding: chunked\r\n\r\n"),
            Manner::Deaf => {
                "GET /collections/c/vectors?limit=1000 HTTP/1.1\r\nHost: localhost\r\n\r\n".to_owned()
            }
        };
        // The server may have hung up already.
        let _ = socket.write_all(begin.as_bytes());
        socket.set_nonblocking(true).unwrap();
        Self { manner, socket }
    }

    /// Does what it does for a moment; `false` once the server has had enough of it.
    fn go_on(&mut self, filler: &[u8]) -> bool {
        let piece = match self.manner {
            Manner::SlowHead => &b"x"[..],
            Manner::SlowBody => b" ",
            Manner::Oversized | Manner::Endless => filler,
            Manner::Deaf => return true,
        };
        let written = self.socket.write(piece);
        let full = |error: &std::io::Error| error.kind() == ErrorKind::WouldBlock;
        let mut answer = [0; 4_096];
        let read = self.socket.read(&mut answer);
        written.map_or_else(|error| full(&error), |_| true) && read.is_err_and(|error| full(&error))
    }
}

#[test]
#[ignore = "long: 1,000 connections for 45 seconds"]
fn a_thousand_bad_callers_do_not_keep_the_server_from_answering() {
    const SECONDS: u64 = 45;
    let bench = Bench::new();
    let vector = vec!["0.12345678"; 1_000].join(",");
    let line = |number| format!("{{\"id\":\"{number:06}\",\"vector\":[{vector}]}}\n");
    bench.write("c.jsonl", (0..1_000).map(line).collect::<String>());
    bench.run(&["import", "c", "c.jsonl"]).expect(0);
    let served = Served::start(&bench, &[], "backups are in");
    let address: SocketAddr = served.url.strip_prefix("http://").unwrap().parse().unwrap();
    let filler = [b"8000\r\n".to_vec(), vec![b' '; 0x8000], b"\r\n".to_vec()].concat();

    let mut callers: Vec<Caller> =
        (0..1_000).map(|number| Caller::new(address, MANNERS[number % MANNERS.len()])).collect();
    let began = Instant::now();
    let (mut answers, mut slowest, mut refused) = (0, Duration::ZERO, [0; MANNERS.len()]);
    while began.elapsed() < Duration::from_secs(SECONDS) {
        for caller in &mut callers {
            if !caller.go_on(&filler) {
                refused[MANNERS.iter().position(|manner| *manner == caller.manner).unwrap()] += 1;
                *caller = Caller::new(address, caller.manner);
            }
        }
        let asked = Instant::now();
        let answer = ureq::get(format!("{}/health", served.url)).call().unwrap();
        assert_eq!(answer.status(), 200);
        slowest = slowest.max(asked.elapsed());
        answers += 1;
    }
    let memory = peak_memory(served.id());
    println!(
        "1,000 callers for {SECONDS} s; refused and come again: {MANNERS:?} {refused:?}\n\
         /health: {answers} answers, the slowest after {slowest:?}; peak memory {} MiB",
        memory >> 20
    );
    drop(callers);
    assert!(slowest < Duration::from_secs(1));
    // The parts that bodies and answers share, twice, and what a connection takes.
    assert!(memory < 1 << 30);
    assert_eq!(served.stop(), Some(0));
}

/// What a process has had in memory at most, in bytes.
fn peak_memory(process: u32) -> u64 {
    let status = fs::read_to_string(format!("/proc/{process}/status")).unwrap();
    let line = status.lines().find(|line| line.starts_with("VmHWM:")).unwrap();
    line.split_whitespace().nth(1).unwrap().parse::<u64>().unwrap() << 10
}
