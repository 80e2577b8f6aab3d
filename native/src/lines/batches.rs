//! JSON lines to batches of records, on a thread of its own.

use std::io::{self, Read};
use std::ops::Range;
use std::time::Duration;

use tokio::sync::mpsc;
use vecvault_core::format::LinesDecoder;
use vecvault_core::format::fingerprint;
use vecvault_core::{CollectionProof, Error, Monitor, RecordBatch};

use super::ImportError;

/// The records of JSON lines, decoded a few batches ahead of whoever takes them.
#[derive(Debug)]
pub struct Batches {
    receiver: mpsc::Receiver<Piece>,
    ended: bool,
}

/// What the thread that decodes hands on: `None` is the end. Without it the thread has panicked.
type Piece = Result<Option<Decoded>, ImportError>;

/// About a block of decoded records.
#[derive(Debug)]
pub struct Decoded {
    /// The records; there is one at least.
    pub batch: RecordBatch,
    /// Their count and fingerprint.
    pub proof: CollectionProof,
    /// How many bytes of the lines have been read so far.
    pub bytes: u64,
    /// The lines that the records stand on, counted from 1; blank ones may be among them.
    pub lines: Range<u64>,
}

impl Decoded {
    /// On which line a record of the batch stands, for a message; where blank lines leave that open, among
    /// which.
    pub fn place(&self, index: usize) -> String {
        let Range { start, end } = self.lines;
        if end - start == self.batch.len() as u64 {
            return format!("line {}", start + index as u64);
        }
        format!("lines {start} to {}", end - 1)
    }
}

type Sender = mpsc::Sender<Piece>;

impl Batches {
    /// Begins to read. Where nobody takes batches any more, the thread ends with the read that it is in.
    /// Needs a tokio runtime.
    pub fn read(mut lines: impl Read + Send + 'static) -> Self {
        const AHEAD: usize = 4;
        let (sender, receiver) = mpsc::channel(AHEAD);
        tokio::task::spawn_blocking(move || {
            let last = decode(&mut lines, &sender).map(|()| None);
            // Where nobody listens any more, the import has failed already.
            let _ = sender.blocking_send(last);
        });
        Self { receiver, ended: false }
    }

    /// The next batch; `None` at the end. It does not outlast a cancellation: lines that are typed or piped
    /// may be long in coming.
    pub async fn next(&mut self, monitor: &dyn Monitor) -> Result<Option<Decoded>, ImportError> {
        const LOOK_UP: Duration = Duration::from_millis(100);
        while !self.ended {
            if monitor.cancelled() {
                return Err(Error::Cancelled.into());
            }
            if let Ok(next) = tokio::time::timeout(LOOK_UP, self.receiver.recv()).await {
                let next = next.unwrap_or_else(|| Err(Error::WorkerLost.into()));
                self.ended = !matches!(next, Ok(Some(_)));
                return next;
            }
        }
        Ok(None)
    }
}

fn decode(lines: &mut impl Read, sender: &Sender) -> Result<(), ImportError> {
    const CHUNK_BYTES: usize = 128 << 10;
    let mut decoder = LinesDecoder::new();
    let mut chunk = vec![0; CHUNK_BYTES];
    let mut bytes = 0;
    let mut first_line = decoder.line();
    loop {
        let read = match lines.read(&mut chunk) {
            Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
            read => read?,
        };
        let ended = read == 0;
        bytes += read as u64;
        if ended {
            decoder.finish()?;
        } else {
            decoder.feed(&chunk[..read])?;
        }
        if decoder.is_full() || ended {
            let batch = decoder.take();
            let proof = fingerprint::of_batch(&batch);
            let lines = first_line..decoder.line();
            first_line = lines.end;
            let decoded = Decoded { proof, bytes, lines, batch };
            let unheard = !decoded.batch.is_empty() && sender.blocking_send(Ok(Some(decoded))).is_err();
            if ended || unheard {
                return Ok(());
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use vecvault_core::{ErrorKind, Silent};

    use super::*;

    /// A line, and then a bug.
    struct Panics(&'static [u8]);

    impl Read for Panics {
        fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
            assert!(!self.0.is_empty(), "this panic belongs to the test");
            self.0.read(buffer)
        }
    }

    #[tokio::test]
    async fn a_panic_is_not_taken_for_the_end() {
        let mut batches = Batches::read(Panics(b"{\"id\":\"a\",\"vector\":[1]}\n"));
        let error = batches.next(&Silent).await.unwrap_err();
        assert!(matches!(error, ImportError::Vault(error) if error.kind() == ErrorKind::Internal));
    }

    #[tokio::test]
    async fn the_end_stays_the_end() {
        let mut batches =
            Batches::read(&b"{\"id\":\"a\",\"vector\":[1]}\n\n{\"id\":\"b\",\"vector\":[2]}"[..]);
        let decoded = batches.next(&Silent).await.unwrap().unwrap();
        assert_eq!((decoded.batch.len(), &decoded.lines, &*decoded.place(1)), (2, &(1..4), "lines 1 to 3"));
        for _ in 0..2 {
            assert!(batches.next(&Silent).await.unwrap().is_none());
        }
    }
}
