//! Backup files to and from a server, piece by piece.

use std::fs::File;
use std::io::{self, Read};
use std::sync::Arc;
use std::time::Duration;

use tokio::sync::mpsc;
use ureq::SendBody;
use ureq::http::header::{CONTENT_LENGTH, CONTENT_TYPE, ETAG, EXPECT, IF_RANGE, RANGE};
use ureq::http::request::Builder;
use ureq::http::{HeaderValue, Method, StatusCode};
use vecvault_core::{Monitor, Phase, Progress};

use super::{Remote, blocking};
use crate::cli::document::Document;
use crate::cli::exit::{Exit, Failure, Outcome};
use crate::cli::output::Output;

const PIECE: usize = 256 << 10;

/// How much a download bears.
struct Patience {
    /// How long nothing may come before the connection is taken for dead.
    silence: Duration,
    /// How often it is taken up again without getting further.
    attempts: u32,
    /// How long it waits before the first of those; each further time twice as long.
    pause: Duration,
}

/// Enough for a server that is started anew.
const PATIENCE: Patience =
    Patience { silence: Duration::from_secs(30), attempts: 5, pause: Duration::from_millis(250) };

/// Downloads a file into `output`. A connection that breaks, or over which nothing comes any more, is taken up
/// where it broke, as long as the file is the same. Who drops this leaves a thread behind that waits for the
/// server, and has nothing of `output`.
pub(crate) async fn download(
    server: &Remote,
    path: String,
    output: &mut Output,
    monitor: &dyn Monitor,
) -> Outcome<()> {
    let download = Download { server, path, output, monitor, began: None, received: 0, unwritable: false };
    download.run(&PATIENCE).await
}

struct Download<'a> {
    server: &'a Remote,
    path: String,
    output: &'a mut Output,
    monitor: &'a dyn Monitor,
    /// The first reply.
    began: Option<Reply>,
    received: u64,
    /// Some of a piece may have been written, so that nothing can go on behind it.
    unwritable: bool,
}

/// The head of a reply.
struct Reply {
    status: StatusCode,
    version: Option<HeaderValue>,
    length: Option<u64>,
}

/// What comes of a connection, from the thread that waits for it.
enum Arrival {
    Reply(Reply),
    Piece(Vec<u8>),
    End,
    Failed(Failure),
}

impl Download<'_> {
    async fn run(mut self, patience: &Patience) -> Outcome<()> {
        let mut failures = 0;
        loop {
            let before = self.received;
            let Err(failure) = self.attempt(patience.silence).await else { return Ok(()) };
            // A server that says no means it; what was never there is no server; and what cannot be written here is not
            // the connection's fault.
            if failure.exit != Exit::Failure || self.began.is_none() || self.unwritable {
                return Err(failure);
            }
            failures = if self.received > before { 1 } else { failures + 1 };
            if failures > patience.attempts {
                return Err(failure);
            }
            tokio::time::sleep(patience.pause * 2_u32.pow(failures - 1)).await;
        }
    }

    /// Takes what comes over one connection, up to the file's end.
    async fn attempt(&mut self, silence: Duration) -> Outcome<()> {
        let broken = |reason: io::Error| self.server.no_answer(&reason.into());
        let (silent, cut_off) =
            (broken(io::ErrorKind::TimedOut.into()), broken(io::ErrorKind::UnexpectedEof.into()));
        let mut arrivals = self.ask()?;
        loop {
            let arrival = tokio::time::timeout(silence, arrivals.recv()).await;
            match arrival {
                Err(_elapsed) => return Err(silent),
                Ok(Some(Arrival::Reply(reply))) => self.begin(reply)?,
                Ok(Some(Arrival::Piece(piece))) => {
                    if let Err(failure) = self.output.write(&piece) {
                        self.unwritable = true;
                        return Err(failure);
                    }
                    self.received += piece.len() as u64;
                    self.monitor.progress(progress(Phase::Reading, self.received, self.total()));
                    if self.total() == Some(self.received) {
                        return Ok(());
                    }
                }
                Ok(Some(Arrival::End)) if self.total().is_none_or(|total| total == self.received) => {
                    return Ok(());
                }
                Ok(Some(Arrival::End) | None) => return Err(cut_off),
                Ok(Some(Arrival::Failed(failure))) => return Err(failure),
            }
        }
    }

    /// Asks for what is missing, on a thread of its own.
    fn ask(&self) -> Outcome<mpsc::Receiver<Arrival>> {
        /// How many pieces may wait to be written.
        const AHEAD: usize = 2;
        let mut request = self.server.request(Method::GET, &self.path);
        if let Some(Reply { version, .. }) = &self.began {
            let version = version.as_ref().ok_or_else(changed)?;
            request = request.header(IF_RANGE, version).header(RANGE, format!("bytes={}-", self.received));
        }
        let (server, (arrived, arrivals)) = (self.server.clone(), mpsc::channel(AHEAD));
        tokio::task::spawn_blocking(move || {
            let last = read(&server, request, &arrived).map_or_else(Arrival::Failed, |()| Arrival::End);
            // Where nobody listens any more, nobody minds.
            let _ = arrived.blocking_send(last);
        });
        Ok(arrivals)
    }

    fn begin(&mut self, reply: Reply) -> Outcome<()> {
        match &self.began {
            None => self.began = Some(reply),
            Some(_) if reply.status == StatusCode::PARTIAL_CONTENT => {}
            Some(_) => return Err(changed()),
        }
        Ok(())
    }

    fn total(&self) -> Option<u64> {
        self.began.as_ref().and_then(|reply| reply.length)
    }
}

fn changed() -> Failure {
    Failure::new(Exit::Conflict, "the file changed while it was downloaded: try again")
}

/// Sends a request, and hands on what comes until that ends or nobody wants it.
fn read(server: &Remote, request: Builder, arrived: &mpsc::Sender<Arrival>) -> Outcome<()> {
    let mut reply = server.begin(request.body(()))?;
    let version = reply.headers().get(ETAG).cloned();
    let length = reply.headers().get(CONTENT_LENGTH).and_then(|length| length.to_str().ok());
    let length = length.and_then(|length| length.parse().ok());
    let mut arrival = Arrival::Reply(Reply { status: reply.status(), version, length });
    let mut reader = reply.body_mut().with_config().limit(u64::MAX).reader();
    while arrived.blocking_send(arrival).is_ok() {
        let mut piece = vec![0; PIECE];
        let length = reader.read(&mut piece).map_err(|error| server.no_answer(&error.into()))?;
        if length == 0 {
            break;
        }
        piece.truncate(length);
        arrival = Arrival::Piece(piece);
    }
    Ok(())
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

#[cfg(test)]
mod tests {
    use std::fs;
    use std::io::Write;
    use std::net::{TcpListener, TcpStream};
    use std::sync::atomic::{AtomicUsize, Ordering};
    use std::thread;

    use vecvault_core::Silent;

    use super::*;

    const FILE: &str = "0123456789";
    /// Waits for nothing but silence.
    const QUICK: Patience =
        Patience { silence: Duration::from_millis(100), attempts: 3, pause: Duration::ZERO };

    /// A server's next connection.
    enum Next {
        /// Half of what is asked for, and the end.
        Half,
        /// Half of what is asked for, then nothing.
        Stall,
        /// No answer.
        HangUp,
        All,
        /// A status that is no success.
        Refuse(u16),
    }

    /// A server that does these things, one a connection; gives its URL, and how many connections are left.
    fn serve(script: Vec<Next>) -> (String, Arc<AtomicUsize>) {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let left = Arc::new(AtomicUsize::new(script.len()));
        let count = left.clone();
        thread::spawn(move || {
            let mut held = Vec::new();
            for next in script {
                let (mut client, _) = listener.accept().unwrap();
                count.fetch_sub(1, Ordering::SeqCst);
                let from = asked_from(&mut client);
                let rest = &FILE[from.unwrap_or(0)..];
                let half = &rest[..rest.len() / 2];
                let status = if from.is_some() { "206 Partial Content" } else { "200 OK" };
                let head = format!(
                    "HTTP/1.1 {status}\r\nETag: \"1\"\r\nConnection: close\r\nContent-Length: {}\r\n\r\n",
                    rest.len()
                );
                match next {
                    Next::Half | Next::Stall => client.write_all(format!("{head}{half}").as_bytes()).unwrap(),
                    Next::All => client.write_all(format!("{head}{rest}").as_bytes()).unwrap(),
                    Next::HangUp => {}
                    Next::Refuse(status) => {
                        let head =
                            format!("HTTP/1.1 {status} X\r\nConnection: close\r\nContent-Length: 0\r\n\r\n");
                        client.write_all(head.as_bytes()).unwrap();
                    }
                }
                held.extend(matches!(next, Next::Stall).then_some(client));
            }
        });
        (url, left)
    }

    /// Reads a request; where the range begins that it asks for.
    fn asked_from(client: &mut TcpStream) -> Option<usize> {
        let (mut head, mut byte) = (String::new(), [0]);
        while !head.ends_with("\r\n\r\n") {
            client.read_exact(&mut byte).unwrap();
            head.push(byte[0].into());
        }
        let head = head.to_ascii_lowercase();
        let (_, range) = head.split_once("range: bytes=")?;
        range.split('-').next()?.parse().ok()
    }

    /// Downloads from such a server; what arrived.
    async fn download(script: Vec<Next>) -> Outcome<String> {
        let (url, left) = serve(script);
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("file");
        let mut output = Output::create(Some(&path))?;
        let remote = Remote::new(&url, None)?;
        let (server, monitor) = (&remote, &Silent);
        let download = Download {
            server,
            path: "x".into(),
            output: &mut output,
            monitor,
            began: None,
            received: 0,
            unwritable: false,
        };
        let outcome = download.run(&QUICK).await;
        assert_eq!(left.load(Ordering::SeqCst), 0, "{outcome:?}");
        outcome?;
        output.finish()?;
        Ok(fs::read_to_string(&path).unwrap())
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn a_download_outlasts_silence_and_a_server_that_is_away_for_a_while() {
        use Next::{All, Half, HangUp, Refuse, Stall};
        for script in [
            vec![All],
            vec![Half, All],
            vec![Stall, All],
            vec![Half, HangUp, Refuse(503), All],
            // Attempts are counted anew after each that got further.
            vec![Half, HangUp, HangUp, Half, HangUp, HangUp, Stall, HangUp, HangUp, All],
        ] {
            assert_eq!(download(script).await.unwrap(), FILE);
        }
    }

    /// It could have written some of a piece: what came behind that would be something else.
    #[tokio::test(flavor = "multi_thread")]
    async fn what_cannot_be_written_is_not_asked_for_again() {
        let (url, left) = serve(vec![Next::All, Next::All]);
        let written = tempfile::NamedTempFile::new().unwrap().into_temp_path();
        let read_only = tempfile::NamedTempFile::from_parts(File::open(&written).unwrap(), written);
        let path = read_only.path().to_owned();
        let mut output = Output::File { file: io::BufWriter::with_capacity(0, read_only), path };
        let remote = Remote::new(&url, None).unwrap();
        let (server, monitor, path) = (&remote, &Silent, "x".into());
        let output = &mut output;
        let download =
            Download { server, path, output, monitor, began: None, received: 0, unwritable: false };
        assert_eq!(download.run(&QUICK).await.unwrap_err().exit, Exit::Failure);
        assert_eq!(left.load(Ordering::SeqCst), 1);
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn a_download_gives_up_where_the_server_stays_away_or_says_no() {
        use Next::{Half, HangUp, Refuse};
        for (script, exit) in [
            (vec![HangUp], Exit::Failure),
            (vec![Half, HangUp, HangUp, HangUp], Exit::Failure),
            (vec![Half, HangUp, Refuse(404)], Exit::NotFound),
            (vec![Half, Refuse(401)], Exit::NotAuthorised),
        ] {
            assert_eq!(download(script).await.unwrap_err().exit, exit);
        }
    }
}
