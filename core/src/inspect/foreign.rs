//! The records of a foreign file: a collection is streamed from where the scan has found it.

use std::sync::Arc;

use async_trait::async_trait;
use futures_util::TryStreamExt;

use super::{as_collection_error, from_collection_error, in_collection, short_body};
use crate::blob::{BlobMeta, BlobStore, ByteStream};
use crate::collections::{CollectionError, CollectionReader};
use crate::error::{Error, Result};
use crate::format::array::RecordArray;
use crate::format::document::DocumentCollection;
use crate::format::feed::Feed;
use crate::format::fingerprint;
use crate::format::limits::MAX_RECORD_TEXT_BYTES;
use crate::format::{FormatError, FormatErrorKind, RecordMembers};
use crate::host::Host;
use crate::model::{CollectionProof, RecordBatch};

/// Reads a collection of a foreign file front to back. The scan has checked it; the reader sees that it is
/// still what the scan has seen.
pub(crate) struct ForeignReader {
    store: Arc<dyn BlobStore>,
    meta: BlobMeta,
    collection: DocumentCollection,
    host: Host,
    body: Option<ByteStream>,
    /// How many bytes have arrived.
    received: u64,
    /// With the host's workers while they read.
    parsing: Option<Parsing>,
    found: CollectionProof,
    ended: bool,
}

/// What has arrived, and how far it has been read.
struct Parsing {
    feed: Feed,
    array: RecordArray,
}

impl Parsing {
    /// Reads records until the batch is a full block or more bytes are needed; `true` at the array's end.
    fn fill(&mut self, batch: &mut RecordBatch) -> Result<bool, FormatError> {
        while !batch.is_full() {
            let Self { feed, array } = self;
            match feed.attempt(MAX_RECORD_TEXT_BYTES, |rest| array.step(rest, batch))? {
                Some(false) => {}
                Some(true) => return Ok(true),
                None => break,
            }
        }
        Ok(false)
    }
}

impl ForeignReader {
    /// A reader of a collection that a scan has found.
    pub(crate) fn new(
        store: Arc<dyn BlobStore>,
        meta: BlobMeta,
        collection: DocumentCollection,
        host: Host,
    ) -> Self {
        let parsing = Parsing { feed: Feed::default(), array: RecordArray::new(RecordMembers::BACKUP) };
        Self {
            store,
            meta,
            collection,
            host,
            body: None,
            received: 0,
            parsing: Some(parsing),
            found: CollectionProof::EMPTY,
            ended: false,
        }
    }

    async fn advance(&mut self, mut batch: RecordBatch) -> Result<RecordBatch> {
        batch.reset(self.collection.summary.config.dimension());
        while !self.ended && !batch.is_full() {
            let Some(mut parsing) = self.parsing.take() else { return Err(Error::WorkerLost.into()) };
            let job = self.host.spawn(move || {
                let filled = parsing.fill(&mut batch);
                (filled, parsing, batch)
            });
            let (filled, parsing, lent) = job.await?;
            (self.parsing, batch) = (Some(parsing), lent);
            self.ended = filled.map_err(|error| self.damaged(error.within("vectors")))?;
            if !self.ended && !batch.is_full() {
                self.fetch().await?;
            }
        }
        self.found = self.found.plus(fingerprint::of_batch(&batch));
        if batch.is_empty() && self.found != self.collection.summary.proof {
            let message = format!("the records come to {}, at first they were others", self.found);
            let error = FormatError::new(FormatErrorKind::ProofMismatch, 0u64, message);
            return Err(self.damaged(error));
        }
        Ok(batch)
    }

    /// Reads more bytes, or learns that there are no more.
    async fn fetch(&mut self) -> Result<()> {
        let body = match &mut self.body {
            Some(body) => body,
            none => {
                let range = self.collection.start..self.collection.end;
                let read = self.store.get(&self.meta.key, Some(range), Some(&self.meta.version)).await?;
                none.insert(read.body)
            }
        };
        let chunk = body.try_next().await?;
        self.received += chunk.as_ref().map_or(0, |chunk| chunk.len() as u64);
        if chunk.is_none() && self.received != self.collection.end - self.collection.start {
            return Err(short_body(&self.meta.key).into());
        }
        if let Some(parsing) = &mut self.parsing {
            match chunk {
                Some(chunk) => parsing.feed.push(&chunk),
                None => parsing.feed.end(),
            }
        }
        Ok(())
    }

    fn damaged(&self, error: FormatError) -> Box<Error> {
        let error = error.shifted(self.collection.start);
        Error::damaged(&self.meta.key, in_collection(error, &self.collection.summary.name))
    }
}

#[cfg_attr(not(target_family = "wasm"), async_trait)]
#[cfg_attr(target_family = "wasm", async_trait(?Send))]
impl CollectionReader for ForeignReader {
    async fn next(&mut self, batch: RecordBatch) -> Result<RecordBatch, CollectionError> {
        self.advance(batch).await.map_err(as_collection_error)
    }
}

/// Appends up to `limit` records from position `offset` on, by reading up to there.
pub(super) async fn page(
    reader: &mut dyn CollectionReader,
    offset: u64,
    limit: usize,
    records: &mut RecordBatch,
) -> Result<()> {
    let mut position = 0;
    let mut batch = RecordBatch::default();
    while records.len() < limit {
        batch = reader.next(batch).await.map_err(from_collection_error)?;
        if batch.is_empty() {
            break;
        }
        for record in batch.records() {
            if position >= offset && records.len() < limit {
                records.push_checked(record);
            }
            position += 1;
        }
    }
    Ok(())
}

/// The record of an id, by reading up to it.
pub(super) async fn find(reader: &mut dyn CollectionReader, id: &str) -> Result<Option<RecordBatch>> {
    let mut batch = RecordBatch::default();
    loop {
        batch = reader.next(batch).await.map_err(from_collection_error)?;
        if batch.is_empty() {
            return Ok(None);
        }
        if let Some(record) = batch.records().find(|record| record.id == id) {
            let mut one = RecordBatch::new(batch.dimension());
            one.push_checked(record);
            return Ok(Some(one));
        }
    }
}
