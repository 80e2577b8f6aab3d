//! Backup files to and from a server, piece by piece.

use std::fs::File;
use std::io::{self, Read};
use std::sync::Arc;

use ureq::SendBody;
use ureq::http::header::{CONTENT_LENGTH, CONTENT_TYPE, ETAG, EXPECT, IF_RANGE, RANGE};
use ureq::http::{HeaderValue, Method, Response, StatusCode};
use vecvault_core::{Monitor, Phase, Progress};

use super::{Remote, blocking};
use crate::cli::document::Document;
use crate::cli::exit::{Exit, Failure, Outcome};
use crate::cli::output::Output;

const PIECE: usize = 256 << 10;
/// How often a download that breaks off is taken up again without getting further.
const ATTEMPTS: u32 = 3;

/// Downloads a file into `output`, and gives it back. A connection that breaks is taken up where it broke, as
/// long as the file is the same.
pub(crate) async fn download(
    server: &Remote,
    path: String,
    output: Output,
    monitor: Arc<dyn Monitor>,
) -> Outcome<Output> {
    let server = server.clone();
    blocking(move || {
        let mut download = Download::begin(&server, &path, output)?;
        let mut failures = 0;
        loop {
            let before = download.received;
            match download.take(&*monitor)? {
                None => return Ok(download.output),
                Some(_) if failures < ATTEMPTS => {}
                Some(error) => return Err(server.no_answer(&error.into())),
            }
            failures = if download.received > before { 0 } else { failures + 1 };
            download.resume(&server, &path)?;
        }
    })
    .await
}

struct Download {
    output: Output,
    reply: Response<ureq::Body>,
    version: Option<HeaderValue>,
    received: u64,
    total: Option<u64>,
}

impl Download {
    fn begin(server: &Remote, path: &str, output: Output) -> Outcome<Self> {
        let reply = server.begin(server.request(Method::GET, path).body(()))?;
        let version = reply.headers().get(ETAG).cloned();
        let length = reply.headers().get(CONTENT_LENGTH).and_then(|length| length.to_str().ok());
        let total = length.and_then(|length| length.parse().ok());
        Ok(Self { output, reply, version, received: 0, total })
    }

    /// Takes what comes; `None` at the file's end, else why it broke off.
    fn take(&mut self, monitor: &dyn Monitor) -> Outcome<Option<io::Error>> {
        let mut piece = vec![0; PIECE];
        let mut reader = self.reply.body_mut().with_config().limit(u64::MAX).reader();
        loop {
            if monitor.cancelled() {
                return Err(Failure::interrupted());
            }
            match reader.read(&mut piece) {
                Ok(0) if self.total.is_none_or(|total| total == self.received) => return Ok(None),
                Ok(0) => return Ok(Some(io::ErrorKind::UnexpectedEof.into())),
                Ok(length) => {
                    self.output.write(&piece[..length])?;
                    self.received += length as u64;
                    monitor.progress(progress(Phase::Reading, self.received, self.total));
                }
                Err(error) => return Ok(Some(error)),
            }
        }
    }

    fn resume(&mut self, server: &Remote, path: &str) -> Outcome<()> {
        let changed = || Failure::new(Exit::Conflict, "the file changed while it was downloaded: try again");
        let version = self.version.as_ref().ok_or_else(changed)?;
        let request = server.request(Method::GET, path).header(IF_RANGE, version);
        let reply = server.begin(request.header(RANGE, format!("bytes={}-", self.received)).body(()))?;
        if reply.status() != StatusCode::PARTIAL_CONTENT {
            return Err(changed());
        }
        self.reply = reply;
        Ok(())
    }
}

/// Uploads a file; the server's reply.
pub(crate) async fn upload(
    server: &Remote,
    path: &str,
    file: File,
    length: u64,
    monitor: Arc<dyn Monitor>,
) -> Outcome<Document> {
    let request = server.request(Method::POST, path).header(CONTENT_TYPE, "application/octet-stream");
    // Who is not wanted is told so before it sends.
    let request = request.header(CONTENT_LENGTH, length).header(EXPECT, "100-continue");
    let (server, watched) = (server.clone(), Watched { file, read: 0, length, monitor });
    blocking(move || server.send(request.body(SendBody::from_owned_reader(watched)))).await
}

/// A file that is read for a request, and who watches that.
struct Watched {
    file: File,
    read: u64,
    length: u64,
    monitor: Arc<dyn Monitor>,
}

impl Read for Watched {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if self.monitor.cancelled() {
            return Err(io::Error::other("interrupted"));
        }
        let length = self.file.read(buffer)?;
        self.read += length as u64;
        self.monitor.progress(progress(Phase::Reading, self.read, Some(self.length)));
        Ok(length)
    }
}

fn progress(phase: Phase, bytes: u64, total_bytes: Option<u64>) -> Progress {
    Progress { phase, records: 0, total_records: None, bytes, total_bytes }
}
