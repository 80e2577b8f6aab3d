//! A file of 5 GB, of which only what a page of records needs is there: any other read fails.

use std::collections::BTreeMap;
use std::ops::Range;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use async_trait::async_trait;
use bytes::Bytes;
use chrono::DateTime;
use futures_executor::block_on;
use futures_util::stream;

use super::open;
use crate::blob::{
    BlobError, BlobErrorKind, BlobKey, BlobMeta, BlobPage, BlobRead, BlobStore, BlobVersion, ByteStream,
    PutMode,
};
use crate::format::block::{EncodedBlock, encode};
use crate::format::writer::{BackupWriter, before_block};
use crate::host::Host;
use crate::model::{BackupId, BackupName, CollectionConfig, CollectionName, Metric, Record, RecordBatch};

const DIMENSION: usize = 384;
const RECORDS_PER_BLOCK: u64 = 55;
const BLOCKS: u64 = 20_000;
/// The only block whose bytes are there.
const PRESENT: u64 = 12_345;

#[test]
fn opening_five_gigabytes_and_reading_a_page_reads_less_than_one_megabyte() {
    let id = BackupId::new(1, [0; 10]);
    let store = Arc::new(Sparse::five_gigabytes(id));
    let meta = block_on(store.head(&id.key())).unwrap();
    assert!(meta.size > 5 << 30, "{}", meta.size);
    let dynamic: Arc<dyn BlobStore> = store.clone();
    let host = Host::inline();

    let backup = block_on(open(&dynamic, id, &host)).unwrap();
    assert_eq!(backup.summary().contents[0].proof.count, BLOCKS * RECORDS_PER_BLOCK);
    let opening = store.take();
    assert!(opening.0 <= 3 && opening.1 < 64 << 10, "opening: {opening:?} (calls, bytes)");

    let name = CollectionName::parse("docs").unwrap();
    let first = PRESENT * RECORDS_PER_BLOCK;
    let page = block_on(backup.page(&name, first + 5, 20)).unwrap();
    assert!(page.records.same_bits(&records(first + 5..first + 25)));
    let paging = store.take();
    assert!(paging.0 <= 2 && paging.1 < 512 << 10, "a page: {paging:?} (calls, bytes)");

    let found = block_on(backup.find(&name, &format!("id-{:09}", first + 7))).unwrap().unwrap();
    assert!(found.same_bits(&records(first + 7..first + 8)));
    let finding = store.take();
    assert!(finding.0 <= 2 && finding.1 < 512 << 10, "an id: {finding:?} (calls, bytes)");
}

fn records(numbers: Range<u64>) -> RecordBatch {
    let mut batch = RecordBatch::new(DIMENSION);
    for number in numbers {
        let vector: Vec<f32> = (0..DIMENSION).map(|at| (number + at as u64) as f32 * 1.000_001e-7).collect();
        let record =
            Record { id: &format!("id-{number:09}"), vector: &vector, metadata: Some("{}"), extra: "" };
        batch.push(record).unwrap();
    }
    batch
}

/// One blob with holes. It counts what is read.
#[derive(Debug)]
struct Sparse {
    meta: BlobMeta,
    /// Offsets and bytes of what is there.
    pieces: BTreeMap<u64, Bytes>,
    calls: AtomicU64,
    bytes: AtomicU64,
}

impl Sparse {
    /// A backup written as every other is, but for the bytes of its blocks.
    fn five_gigabytes(id: BackupId) -> Self {
        let name = CollectionName::parse("docs").unwrap();
        let date = DateTime::UNIX_EPOCH;
        let backup = BackupName::parse("large").unwrap();
        let (mut writer, head) = BackupWriter::begin(id, backup, date, std::slice::from_ref(&name));
        let (mut pieces, mut offset) = (BTreeMap::new(), 0);
        let mut put = |offset: &mut u64, bytes: Vec<u8>| {
            let len = bytes.len() as u64;
            pieces.insert(*offset, Bytes::from(bytes));
            *offset += len;
        };
        put(&mut offset, head);
        let config = CollectionConfig::new(DIMENSION, Metric::Cosine).unwrap();
        put(&mut offset, writer.open_collection(name, config));
        for number in 0..BLOCKS {
            offset += before_block(number == 0).len() as u64;
            let (block, text) = block(number);
            let end = offset + block.bytes as u64;
            text.into_iter().for_each(|text| put(&mut offset, text));
            offset = end;
            writer.block(block);
        }
        put(&mut offset, writer.close_collection().1);
        writer.finish().for_each(|piece| put(&mut offset, piece));
        let meta = BlobMeta { key: id.key(), size: offset, version: BlobVersion("1".into()), modified: None };
        Self { meta, pieces, calls: AtomicU64::new(0), bytes: AtomicU64::new(0) }
    }

    /// Reads and bytes since the last time.
    fn take(&self) -> (u64, u64) {
        (self.calls.swap(0, Ordering::Relaxed), self.bytes.swap(0, Ordering::Relaxed))
    }
}

/// A block of as many records as its weight makes, and its text where that is there.
fn block(number: u64) -> (EncodedBlock, Option<Vec<u8>>) {
    let first = number * RECORDS_PER_BLOCK;
    if number == PRESENT {
        let (batch, mut text) = (records(first..first + RECORDS_PER_BLOCK), Vec::new());
        let slice = (&batch, 0..batch.len());
        let block = encode(&[slice], &mut text, &mut RecordBatch::default()).unwrap();
        return (block, Some(text));
    }
    let id = |number: u64| format!("id-{number:09}");
    let proof = crate::CollectionProof { count: RECORDS_PER_BLOCK, ..Default::default() };
    let (first_id, last_id) = (id(first), id(first + RECORDS_PER_BLOCK - 1));
    (EncodedBlock { bytes: 270_000, hash: [0; 32], proof, first_id, last_id, ordered: true }, None)
}

#[cfg_attr(not(target_family = "wasm"), async_trait)]
#[cfg_attr(target_family = "wasm", async_trait(?Send))]
impl BlobStore for Sparse {
    async fn get(
        &self,
        key: &BlobKey,
        range: Option<Range<u64>>,
        _: Option<&BlobVersion>,
    ) -> Result<BlobRead, BlobError> {
        assert_eq!(*key, self.meta.key);
        let range = range.unwrap_or(0..self.meta.size);
        let mut chunks = Vec::new();
        let mut at = range.start;
        while at < range.end {
            let (start, piece) = self.pieces.range(..=at).next_back().unwrap();
            let from = (at - start) as usize;
            assert!(from < piece.len(), "bytes {range:?} were read; {at} is in a hole");
            let to = piece.len().min((range.end - start) as usize);
            chunks.push(Ok(piece.slice(from..to)));
            at = start + to as u64;
        }
        self.calls.fetch_add(1, Ordering::Relaxed);
        self.bytes.fetch_add(range.end - range.start, Ordering::Relaxed);
        Ok(BlobRead { meta: self.meta.clone(), range, body: Box::pin(stream::iter(chunks)) })
    }

    async fn head(&self, _: &BlobKey) -> Result<BlobMeta, BlobError> {
        Ok(self.meta.clone())
    }

    async fn put(&self, key: &BlobKey, _: ByteStream, _: PutMode) -> Result<BlobMeta, BlobError> {
        Err(read_only(key))
    }

    async fn list(&self, _: &str, _: Option<&BlobKey>, _: usize) -> Result<BlobPage, BlobError> {
        Ok(BlobPage { blobs: vec![self.meta.clone()], more: false })
    }

    async fn delete(&self, key: &BlobKey) -> Result<bool, BlobError> {
        Err(read_only(key))
    }
}

fn read_only(key: &BlobKey) -> BlobError {
    BlobError::new(BlobErrorKind::PermissionDenied, "it can only be read").of(key)
}
