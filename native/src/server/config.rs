//! How a server is set up: where it listens, who may call it, and how much they may ask of it.

use std::fmt;
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;

use super::jobs::JobJournal;
use super::names::{HostName, Origin};

/// How a server is set up.
#[derive(Clone, Debug)]
pub struct ServerConfig {
    /// Where to listen; port 0 takes a free one. An address that other machines can reach needs a token.
    pub address: SocketAddr,
    /// What callers must show, if anything.
    pub token: Option<Token>,
    /// Names that callers may know this server by (their `Host`), besides `localhost`, the loopback
    /// addresses and that of `address`.
    pub allowed_hosts: Vec<HostName>,
    /// Web pages of these origins (`https://app.example`) may do what any caller may, besides the server's own.
    pub allowed_origins: Vec<Origin>,
    /// The backup directory as it was configured: what `GET /backups/directory` answers.
    pub backup_directory: String,
    /// How much callers may ask for.
    pub limits: Limits,
    /// Where log lines go.
    pub log: Log,
    /// Where the server keeps its jobs.
    pub jobs: JobJournal,
}

impl Default for ServerConfig {
    /// The documented defaults: `127.0.0.1:15002` and `./backups`, no token, lines on standard error; jobs
    /// are forgotten with the process.
    fn default() -> Self {
        Self {
            address: SocketAddr::from((Ipv4Addr::LOCALHOST, 15002)),
            token: None,
            allowed_hosts: Vec::new(),
            allowed_origins: Vec::new(),
            backup_directory: "./backups".into(),
            limits: Limits::default(),
            log: Log::stderr(),
            jobs: JobJournal::default(),
        }
    }
}

/// How much callers may ask of a server.
#[derive(Clone, Debug)]
pub struct Limits {
    /// The body of an insert, in bytes.
    pub insert_bytes: usize,
    /// Any other body, in bytes.
    pub request_bytes: usize,
    /// A backup that is uploaded, in bytes; the room that there is bounds it as well.
    pub upload_bytes: usize,
    /// All bodies that are held at one time, in bytes: an insert that is larger is never taken. What is made of
    /// texts takes its part as well.
    pub body_memory: usize,
    /// All pages of vectors that are being made or sent at one time, in bytes.
    pub answer_memory: usize,
    /// How long a body may take to begin, and how far it may fall behind `body_rate`.
    pub body_grace: Duration,
    /// How fast a body must arrive, in bytes a second.
    pub body_rate: u32,
    /// How long a request's head may take, and how long an idle connection is kept.
    pub head_timeout: Duration,
    /// How long a caller may take nothing of its answer before it is let go.
    pub write_timeout: Duration,
    /// Connections at one time; more wait to be accepted.
    pub connections: usize,
    /// Creates, restores, verifies and looks through large files of other writers at one time.
    pub heavy_jobs: usize,
    /// Uploads and downloads of backups at one time.
    pub transfers: usize,
    /// Records in a page of vectors.
    pub page_records: usize,
    /// About how many bytes of JSON a page of vectors may have; it holds one record at least.
    pub page_bytes: usize,
    /// How long requests may go on after the server was told to stop.
    pub shutdown_grace: Duration,
}

impl Limits {
    /// The same with inserts of up to so many bytes, and memory for one of them and for what is made of it.
    #[must_use]
    pub fn with_insert_bytes(self, insert_bytes: usize) -> Self {
        let body_memory = self.body_memory.max(insert_bytes.saturating_mul(2));
        Self { insert_bytes, body_memory, ..self }
    }
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            insert_bytes: 100 << 20,
            request_bytes: 1 << 20,
            upload_bytes: usize::MAX,
            body_memory: 256 << 20,
            answer_memory: 256 << 20,
            body_grace: Duration::from_secs(30),
            body_rate: 16 << 10,
            head_timeout: Duration::from_secs(30),
            write_timeout: Duration::from_secs(30),
            connections: 2_000,
            heavy_jobs: 4,
            transfers: 32,
            page_records: 1_000,
            page_bytes: 8 << 20,
            shutdown_grace: Duration::from_secs(30),
        }
    }
}

/// A secret that callers show. Only its hash is kept, so that it cannot be printed, and so that comparing
/// takes the same time wherever two tokens differ.
#[derive(Clone)]
pub struct Token(blake3::Hash);

impl Token {
    /// A token of visible ASCII characters, which a header can carry; `None` for any other text.
    pub fn new(text: &str) -> Option<Self> {
        let fit = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_graphic());
        fit.then(|| Self(blake3::hash(text.as_bytes())))
    }

    /// Whether `shown` is the token.
    pub(super) fn is(&self, shown: &[u8]) -> bool {
        self.0 == blake3::hash(shown) // blake3 compares hashes in constant time
    }
}

impl fmt::Debug for Token {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Token(…)")
    }
}

/// Where log lines go. Cloning shares it.
#[derive(Clone)]
pub struct Log(Arc<dyn Fn(&str) + Send + Sync>);

impl Log {
    /// Gives each line, without its end, to `write`.
    pub fn new(write: impl Fn(&str) + Send + Sync + 'static) -> Self {
        Self(Arc::new(write))
    }

    /// Lines on standard error.
    pub fn stderr() -> Self {
        // A closed standard error is no reason to stop serving.
        Self::new(|line| {
            drop(std::io::Write::write_all(&mut std::io::stderr(), format!("{line}\n").as_bytes()))
        })
    }

    /// Writes a line. Control characters are escaped, so no text from outside can forge a second one.
    pub(super) fn line(&self, line: &str) {
        if line.contains(char::is_control) {
            let escape =
                |c: char| if c.is_control() { c.escape_default().to_string() } else { c.to_string() };
            (self.0)(&line.chars().map(escape).collect::<String>());
        } else {
            (self.0)(line);
        }
    }
}

impl fmt::Debug for Log {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Log")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_insert_as_large_as_the_limit_fits_the_memory() {
        let default = Limits::default();
        assert!(default.body_memory >= 2 * default.insert_bytes);
        let limits = |bytes| Limits::default().with_insert_bytes(bytes);
        assert_eq!((limits(1).insert_bytes, limits(1).body_memory), (1, default.body_memory));
        assert_eq!((limits(300 << 20).insert_bytes, limits(300 << 20).body_memory), (300 << 20, 600 << 20));
        assert_eq!(limits(usize::MAX).body_memory, usize::MAX);
    }
}
