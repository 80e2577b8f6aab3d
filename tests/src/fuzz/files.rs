//! Whole backup files: as bytes, as mutants of good ones, as good ones but for a block whose hashes were made
//! right, and as what create writes of arbitrary records.

use arbitrary::{Arbitrary, Unstructured};
use futures_executor::block_on;
use vecvault_core::{
    BackupEntry, BlobStore, Host, ListRemembrance, MemoryCollections, Record, RecordBatch, Selection,
    VerifyDepth, create, list, open, verify,
};

use crate::common::{bytes, cosine, id, name, request, store};
use crate::forge::Forgery;
use crate::judge::{Verdict, judge};

use super::honest_file;

/// A file.
#[derive(Arbitrary, Debug)]
enum File<'a> {
    /// Bytes. First, so that four zeros before any file make it a seed.
    Bytes(&'a [u8]),
    /// A good one with some bytes changed.
    Mutant { foreign: bool, edits: Vec<Edit> },
    /// A good one with other records, every hash and offset made right.
    Sealed { records: &'a [u8] },
    /// What create writes.
    Written { records: Vec<Written<'a>> },
}

#[derive(Arbitrary, Debug)]
struct Edit {
    at: u16,
    remove: u8,
    insert: Vec<u8>,
}

#[derive(Arbitrary, Debug)]
struct Written<'a> {
    id: &'a str,
    vector: [u32; 2],
    metadata: Option<&'a str>,
}

/// Verify and restore agree and nothing half-done is left, whatever the bytes; a backup that is whole is the
/// same to any JSON reader.
pub fn files(input: &[u8]) {
    let Ok(file) = File::arbitrary_take_rest(Unstructured::new(input)) else { return };
    match file {
        File::Bytes(bytes) => check(bytes),
        File::Mutant { foreign, edits } => {
            let mut file = honest_file().to_vec();
            if foreign {
                let ours = file.windows(11).rposition(|part| part == b",\"vecvault\"").unwrap();
                file.truncate(ours);
                file.push(b'}');
            }
            edits.iter().for_each(|edit| edit.apply(&mut file));
            check(&file);
        }
        File::Sealed { records } => {
            let mut forgery = Forgery::of(honest_file());
            if !records.is_empty() {
                forgery.replace_block(0, records);
            }
            check(&forgery.seal());
        }
        File::Written { records } => write(&records),
    }
}

impl Edit {
    fn apply(&self, file: &mut Vec<u8>) {
        let from = usize::from(self.at) % (file.len() + 1);
        let to = file.len().min(from + usize::from(self.remove % 16));
        file.splice(from..to, self.insert.iter().copied());
    }
}

/// Everything that reads a file, on this one.
fn check(file: &[u8]) {
    let Verdict { report, store, .. } = judge(file);
    let host = Host::inline();
    let quick = block_on(verify(&store, &id().key(), Some(id()), VerifyDepth::Quick, &host)).unwrap();
    assert!(quick.ok || !report.ok, "{:?}", quick.findings);
    let rows = block_on(list(&*store, &ListRemembrance::new(), &host)).unwrap();
    assert!(!report.ok || matches!(rows[..], [BackupEntry::Backup(_)]));
    let Ok(backup) = block_on(open(&store, id(), &host)) else { return assert!(!report.ok) };
    let mut counts = Vec::new();
    for collection in &backup.summary().info.collections {
        match block_on(backup.page(collection, 1, 3)) {
            Ok(page) => counts.push((collection.as_str().to_owned(), page.total)),
            Err(error) => assert!(!report.ok, "{error}"),
        }
    }
    if report.ok {
        means_the_same_to_others(file, &counts);
    }
}

/// Another JSON reader sees as many records in the same collections. The depth that it allows is its own.
fn means_the_same_to_others(file: &[u8], counts: &[(String, u64)]) {
    let json: serde_json::Value = match serde_json::from_slice(file) {
        Ok(json) => json,
        // Numbers past a double, in metadata, and depth are a reader's own limits; ours are FORMAT.md's.
        Err(error) => {
            let message = error.to_string();
            return assert!(message.contains("out of range") || message.contains("recursion"), "{message}");
        }
    };
    for (name, count) in counts {
        assert_eq!(json["data"][name]["vectors"].as_array().unwrap().len() as u64, *count, "{name}");
    }
}

/// Records that a batch takes make a backup that verifies, or create says why not.
fn write(records: &[Written<'_>]) {
    let mut batch = RecordBatch::new(2);
    for Written { id, vector, metadata } in records {
        let metadata =
            metadata.filter(|text| serde_json::from_str::<&serde_json::value::RawValue>(text).is_ok());
        let vector = vector.map(f32::from_bits);
        // A batch refuses ids and texts that no backup can hold.
        let _ = batch.push(Record { id, vector: &vector, metadata, extra: "" });
    }
    let source = MemoryCollections::new();
    if source.insert(&name("docs"), cosine(2), &batch).is_err() {
        return;
    }
    let store = store();
    match block_on(create(&*store, &source, request(Selection::All), &Host::inline())) {
        Ok(summary) => {
            let file = bytes(&store);
            assert_eq!(summary.info.size, file.len() as u64);
            check(&file);
            assert!(judge(&file).report.ok);
        }
        Err(_) => {
            let blobs = block_on(blobs_in(&*store));
            assert_eq!(blobs, 0, "nothing is kept of a create that failed");
        }
    }
}

async fn blobs_in(store: &dyn BlobStore) -> usize {
    store.list("", None, 10).await.unwrap().blobs.len()
}
