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
    receiver: mpsc::Receiver<Result<Decoded, ImportError>>,
}

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

type Sender = mpsc::Sender<Result<Decoded, ImportError>>;

impl Batches {
    /// Begins to read. Where nobody takes batches any more, the thread ends with the read that it is in.
    /// Needs a tokio runtime.
    pub fn read(mut lines: impl Read + Send + 'static) -> Self {
        const AHEAD: usize = 4;
        let (sender, receiver) = mpsc::channel(AHEAD);
        tokio::task::spawn_blocking(move || {
            if let Err(error) = decode(&mut lines, &sender) {
                // Nobody listens any more: the import has failed already.
                let _ = sender.blocking_send(Err(error));
            }
        });
        Self { receiver }
    }

    /// The next batch; `None` at the end. It does not outlast a cancellation: lines that are typed or piped
    /// may be long in coming.
    pub async fn next(&mut self, monitor: &dyn Monitor) -> Result<Option<Decoded>, ImportError> {
        const LOOK_UP: Duration = Duration::from_millis(100);
        loop {
            if monitor.cancelled() {
                return Err(Error::Cancelled.into());
            }
            if let Ok(next) = tokio::time::timeout(LOOK_UP, self.receiver.recv()).await {
                return next.transpose();
            }
        }
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
            let unheard = !batch.is_empty()
                && sender.blocking_send(Ok(Decoded { batch, proof, bytes, lines })).is_err();
            if ended || unheard {
                return Ok(());
            }
        }
    }
}
