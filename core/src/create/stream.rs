//! The bytes of a backup as a stream: read, cut into runs of blocks, encoded and proved by the host's
//! workers, and handed over in order. At most a window of runs is in memory, however slow the sink.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, PoisonError};

use bytes::Bytes;
use chrono::DateTime;
use futures_util::stream;

use super::CreateRequest;
use super::buffers::Buffers;
use crate::blob::{BlobError, BlobErrorKind, ByteStream};
use crate::collections::{CollectionHead, CollectionReader, CollectionSnapshot};
use crate::error::{Error, Result};
use crate::format::block::EncodeError;
use crate::format::json::Quoted;
use crate::format::run::{BlockCutter, EncodedRun, Run};
use crate::format::unique::UniqueIds;
use crate::format::writer::{BackupWriter, Ending};
use crate::host::{Host, Phase, Progress, Running};
use crate::model::{BackupSummary, CollectionName, RecordBatch};

/// What became of a stream, for the verb that started it: stores see only their own kind of error.
#[derive(Clone, Default)]
pub(super) struct Outcome(Arc<Mutex<Option<Result<BackupSummary>>>>);

impl Outcome {
    fn set(&self, outcome: Result<BackupSummary>) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = Some(outcome);
    }

    /// What became of it; `None` while the stream has not ended.
    pub(super) fn take(&self) -> Option<Result<BackupSummary>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).take()
    }
}

type EncodeJob = Running<(Result<EncodedRun, EncodeError>, Vec<RecordBatch>)>;

/// A backup being read from its source.
pub(super) struct BackupStream {
    snapshot: Box<dyn CollectionSnapshot>,
    heads: VecDeque<CollectionHead>,
    writer: Option<BackupWriter>,
    collection: Option<OpenCollection>,
    ending: Option<Ending>,
    /// Pieces that are ready to be handed over.
    ready: VecDeque<Bytes>,
    host: Host,
    outcome: Outcome,
    progress: Progress,
    /// Batches whose memory can be used again.
    spare: Vec<RecordBatch>,
    /// Memory for the runs' text, which comes back when the store lets go of it.
    buffers: Buffers,
}

/// The collection that is being read.
struct OpenCollection {
    head: CollectionHead,
    reader: Box<dyn CollectionReader>,
    /// The reader has come to its end.
    exhausted: bool,
    cutter: BlockCutter,
    encoding: VecDeque<EncodeJob>,
    unique: UniqueIds,
}

impl BackupStream {
    /// The stream of a backup of these collections.
    pub(super) fn begin(
        snapshot: Box<dyn CollectionSnapshot>,
        heads: Vec<CollectionHead>,
        request: CreateRequest,
        host: Host,
        outcome: Outcome,
    ) -> ByteStream {
        let CreateRequest { id, name, now, .. } = request;
        let date = DateTime::from_timestamp(now.timestamp(), 0).unwrap_or(now);
        let names: Vec<CollectionName> = heads.iter().map(|head| head.name.clone()).collect();
        let (writer, head_text) = BackupWriter::begin(id, name, date, &names);
        let total_records = heads.iter().map(|head| head.proof.map(|proof| proof.count)).sum();
        let progress =
            Progress { phase: Phase::Writing, records: 0, total_records, bytes: 0, total_bytes: None };
        let this = Self {
            snapshot,
            heads: heads.into(),
            writer: Some(writer),
            collection: None,
            ending: None,
            ready: VecDeque::from([head_text.into()]),
            host,
            outcome,
            progress,
            spare: Vec::new(),
            buffers: Buffers::default(),
        };
        // Boxed, since each step hands it on: it is large.
        Box::pin(stream::try_unfold(Box::new(this), Self::step))
    }

    /// The next piece, or the end.
    async fn step(mut self: Box<Self>) -> Result<Option<(Bytes, Box<Self>)>, BlobError> {
        match self.next_piece().await {
            Ok(Some(piece)) => Ok(Some((piece, self))),
            Ok(None) => Ok(None),
            Err(error) => {
                let message = "the backup could not be made";
                self.outcome.set(Err(error));
                Err(BlobError::new(BlobErrorKind::Body, message))
            }
        }
    }

    async fn next_piece(&mut self) -> Result<Option<Bytes>> {
        loop {
            if let Some(piece) = self.ready.pop_front() {
                self.progress.bytes += piece.len() as u64;
                return Ok(Some(piece));
            }
            if let Some(ending) = &mut self.ending {
                let piece = ending.next().map(Bytes::from);
                if piece.is_none() {
                    self.outcome.set(Ok(ending.summary().clone()));
                }
                return Ok(piece);
            }
            self.host.report(self.progress)?;
            if self.collection.is_some() {
                self.advance_collection().await?;
            } else if let Some(head) = self.heads.pop_front() {
                self.open_collection(head).await?;
            } else if let Some(writer) = self.writer.take() {
                self.ending = Some(writer.finish());
            }
        }
    }

    async fn open_collection(&mut self, head: CollectionHead) -> Result<()> {
        let reader = self.snapshot.read(&head.name).await?;
        if let Some(writer) = &mut self.writer {
            self.ready.push_back(writer.open_collection(head.name.clone(), head.config.clone()).into());
        }
        self.collection = Some(OpenCollection {
            unique: UniqueIds::new(head.ordered),
            cutter: BlockCutter::new(head.config.dimension()),
            head,
            reader,
            exhausted: false,
            encoding: VecDeque::new(),
        });
        Ok(())
    }

    /// Keeps the workers busy, and hands over the oldest run, or ends the collection.
    async fn advance_collection(&mut self) -> Result<()> {
        let Some(collection) = &mut self.collection else { return Ok(()) };
        while collection.encoding.len() < self.host.window() {
            let Some(run) = collection.next_run(&mut self.spare).await? else { break };
            let text = self.buffers.take();
            let mut scratch = self.spare.pop().unwrap_or_default();
            collection.encoding.push_back(self.host.spawn(move || {
                let encoded = run.encode(text, &mut scratch);
                let mut memory = run.into_memory();
                memory.push(scratch);
                (encoded, memory)
            }));
        }
        let Some(job) = collection.encoding.pop_front() else { return self.close_collection() };
        let (encoded, memory) = job.await?;
        self.spare.extend(memory);
        let name = &collection.head.name;
        let EncodedRun { text, blocks } = encoded.map_err(|error| match error {
            EncodeError::Record(error) => Error::InvalidRecord { collection: name.clone(), error },
            EncodeError::Proof(reason) => Error::BlockProofFailed { collection: name.clone(), reason },
        })?;
        self.ready.push_back(self.buffers.lend(text));
        for block in blocks {
            self.progress.records += block.proof.count;
            if let Some(writer) = &mut self.writer {
                writer.block(block);
            }
        }
        Ok(())
    }

    fn close_collection(&mut self) -> Result<()> {
        let (Some(collection), Some(writer)) = (self.collection.take(), &mut self.writer) else {
            return Ok(());
        };
        let (found, text) = writer.close_collection();
        self.ready.push_back(text.into());
        match collection.head.proof {
            Some(expected) if expected != found => {
                let (collection, during) = (collection.head.name, "reading the source");
                Err(Error::ProofFailed { collection, during, expected, found }.into())
            }
            _ => Ok(()),
        }
    }
}

impl OpenCollection {
    /// The next run; `None` at the end.
    async fn next_run(&mut self, spare: &mut Vec<RecordBatch>) -> Result<Option<Run>> {
        loop {
            let run = self.cutter.next(spare);
            if run.is_some() || self.exhausted {
                return Ok(run.or_else(|| self.cutter.rest()));
            }
            let batch = self.reader.next(spare.pop().unwrap_or_default()).await?;
            if batch.is_empty() {
                self.exhausted = true;
                continue;
            }
            self.check(&batch)?;
            self.cutter.push(batch);
        }
    }

    /// What the source promised: the dimension, and ids that are unique.
    fn check(&mut self, batch: &RecordBatch) -> Result<()> {
        let collection = || self.head.name.clone();
        if batch.dimension() != self.head.config.dimension() {
            let message = format!(
                "collection {:?} yields vectors of {} numbers; its config says {}",
                collection(),
                batch.dimension(),
                self.head.config.dimension()
            );
            return Err(Error::InvalidRequest(message).into());
        }
        let name = self.head.name.clone();
        self.unique.check(batch.records()).map_err(|twice| {
            let id = twice.id;
            let message =
                format!("collection {name:?} has two records of the id {}, or not in order", Quoted(id));
            Error::InvalidRequest(message).into()
        })
    }
}
