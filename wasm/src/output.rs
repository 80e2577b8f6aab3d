//! A backup or JSON lines being made, handed to JavaScript a piece at a time as fast as it asks. All of it in one thread,
//! Node's `vecvault/threads` aside: `docs/decisions/` beside this crate's manifest says why.

use std::cell::{Cell, RefCell};
use std::ops::Range;
use std::rc::Rc;
use std::task::Poll;

use async_trait::async_trait;
use bytes::Bytes;
use futures_util::future::{LocalBoxFuture, poll_fn};
use futures_util::{FutureExt, TryStreamExt};
use js_sys::{Promise, Uint8Array};
use vecvault_core::format::float::Tier;
use vecvault_core::format::write_record;
use vecvault_core::{
    BackupSummary, BlobError, BlobErrorKind, BlobKey, BlobMeta, BlobPage, BlobRead, BlobStore, BlobVersion,
    ByteStream, CollectionReader, CollectionSource, CreateRequest, Error, Host, PutMode, RecordBatch, create,
};
use wasm_bindgen::JsValue;
use wasm_bindgen::prelude::wasm_bindgen;

use crate::errors;
use crate::promise::promise;
use crate::records::Records;

/// Pieces are gathered up to this many bytes before they cross.
const PIECE: usize = 128 * 1024;

/// A backup being made. It is made as it is read, and its last bytes come only after its proof.
#[wasm_bindgen]
pub struct Output(Rc<RefCell<Making>>);

struct Making {
    /// Until it has ended.
    running: Option<LocalBoxFuture<'static, vecvault_core::Result<BackupSummary>>>,
    slot: Slot,
}

impl Output {
    /// Begins a backup of what a source has.
    pub(crate) fn begin(source: Box<dyn CollectionSource>, request: CreateRequest, host: Host) -> Self {
        let slot = Slot::default();
        let pipe = Pipe { slot: slot.clone() };
        let running = async move { create(&pipe, &*source, request, &host).await }.boxed_local();
        Self(Rc::new(RefCell::new(Making { running: Some(running), slot })))
    }
}

#[wasm_bindgen]
impl Output {
    /// The next bytes; `undefined` at the end. Rejects where the backup cannot be made; what has been read
    /// is then no backup.
    pub fn next(&self) -> Promise {
        let making = self.0.clone();
        let pieces = poll_fn(move |context| match making.try_borrow_mut() {
            Ok(mut making) => making.poll(context),
            Err(_) => Poll::Ready(Ok(Vec::new())),
        });
        promise(async move {
            let pieces = pieces.await.map_err(|error| errors::to_js(&error))?;
            Ok((!pieces.is_empty()).then(|| joined(&pieces)).into())
        })
    }
}

impl Making {
    /// Runs on until a piece is full, or there is no more.
    fn poll(&mut self, context: &mut std::task::Context<'_>) -> Poll<vecvault_core::Result<Vec<Bytes>>> {
        loop {
            let Some(running) = &mut self.running else { return Poll::Ready(Ok(self.slot.take())) };
            let polled = running.poll_unpin(context);
            if let Poll::Ready(made) = polled {
                self.running = None;
                made?;
            } else if self.slot.bytes() >= PIECE {
                return Poll::Ready(Ok(self.slot.take()));
            } else {
                return Poll::Pending;
            }
        }
    }
}

fn joined(pieces: &[Bytes]) -> Uint8Array {
    if let [piece] = pieces {
        return Uint8Array::from(&**piece);
    }
    let length: usize = pieces.iter().map(Bytes::len).sum();
    let whole = Uint8Array::new_with_length(length as u32);
    let mut at = 0;
    for piece in pieces {
        let end = at + piece.len() as u32;
        whole.subarray(at, end).copy_from(piece);
        at = end;
    }
    whole
}

/// What waits to cross.
#[derive(Clone, Debug, Default)]
struct Slot(Rc<(RefCell<Vec<Bytes>>, Cell<usize>)>);

impl Slot {
    fn bytes(&self) -> usize {
        self.0.1.get()
    }

    fn push(&self, piece: Bytes) {
        self.0.1.set(self.bytes() + piece.len());
        self.0.0.borrow_mut().push(piece);
    }

    fn take(&self) -> Vec<Bytes> {
        self.0.1.set(0);
        self.0.0.take()
    }
}

/// A store that keeps nothing: what is put into it is read by JavaScript, at JavaScript's pace.
#[derive(Debug)]
struct Pipe {
    slot: Slot,
}

#[async_trait(?Send)]
impl BlobStore for Pipe {
    async fn put(&self, key: &BlobKey, mut body: ByteStream, _: PutMode) -> Result<BlobMeta, BlobError> {
        let mut size = 0;
        while let Some(piece) = body.try_next().await? {
            size += piece.len() as u64;
            self.slot.push(piece);
            // Whoever takes from the slot polls anew.
            poll_fn(|_| if self.slot.bytes() < PIECE { Poll::Ready(()) } else { Poll::Pending }).await;
        }
        Ok(BlobMeta { key: key.clone(), size, version: BlobVersion(String::new()), modified: None })
    }

    async fn get(
        &self,
        key: &BlobKey,
        _: Option<Range<u64>>,
        _: Option<&BlobVersion>,
    ) -> Result<BlobRead, BlobError> {
        Err(nothing(key))
    }

    async fn head(&self, key: &BlobKey) -> Result<BlobMeta, BlobError> {
        Err(nothing(key))
    }

    async fn list(&self, _: &str, _: Option<&BlobKey>, _: usize) -> Result<BlobPage, BlobError> {
        Ok(BlobPage::default())
    }

    async fn delete(&self, _: &BlobKey) -> Result<bool, BlobError> {
        Ok(false)
    }
}

fn nothing(key: &BlobKey) -> BlobError {
    BlobError::new(BlobErrorKind::NotFound, "what was written here has been read").of(key)
}

/// The records of a collection, proved as they are read: as records, or as JSON lines.
#[wasm_bindgen]
pub struct RecordReader(Rc<RefCell<Option<Reading>>>);

pub(crate) struct Reading {
    pub(crate) reader: Box<dyn CollectionReader>,
    pub(crate) position: u64,
    pub(crate) total: u64,
}

impl RecordReader {
    pub(crate) fn new(reading: Reading) -> Self {
        Self(Rc::new(RefCell::new(Some(reading))))
    }

    /// The next batch, its position and how many records there are; an empty one at the end.
    async fn batch(shared: Rc<RefCell<Option<Reading>>>) -> Result<(RecordBatch, u64, u64), JsValue> {
        let taken = shared.borrow_mut().take();
        let Some(mut reading) = taken else {
            return Err(errors::invalid("this reader has failed, or another read of it is under way"));
        };
        let batch = reading.reader.next(RecordBatch::default()).await;
        let batch = batch.map_err(|error| errors::to_js(&Error::Collections(error)))?;
        let (position, total) = (reading.position, reading.total);
        reading.position += batch.len() as u64;
        *shared.borrow_mut() = Some(reading);
        Ok((batch, position, total))
    }
}

#[wasm_bindgen]
impl RecordReader {
    /// The next records; `undefined` at the end, when all of the collection has been proved.
    pub fn next(&self) -> Promise {
        let batch = Self::batch(self.0.clone());
        promise(async move {
            let (batch, position, total) = batch.await?;
            Ok((!batch.is_empty()).then(|| Records::new(batch, position, total)).into())
        })
    }

    /// The next records as JSON lines; `undefined` at the end, when all of the collection has been proved.
    #[wasm_bindgen(js_name = nextLines)]
    pub fn next_lines(&self) -> Promise {
        let batch = Self::batch(self.0.clone());
        promise(async move {
            let (batch, ..) = batch.await?;
            let mut text = Vec::with_capacity(batch.weight());
            for record in batch.records() {
                write_record(Tier::detect(), record, &mut text)
                    .map_err(|error| errors::invalid(error.to_string()))?;
                text.push(b'\n');
            }
            Ok((!text.is_empty()).then(|| Uint8Array::from(&*text)).into())
        })
    }
}
