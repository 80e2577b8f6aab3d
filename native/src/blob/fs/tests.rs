//! What the conformance suite cannot see through the trait: the directory, other processes, and crashes.

mod crash;
mod directory;
mod oddities;
mod staging;
mod sweep;

use std::fs::File;
use std::time::SystemTime;

use bytes::Bytes;
use futures_util::{StreamExt, TryStreamExt, future, stream};
use tempfile::TempDir;
use vecvault_core::conformance::BlobSuite;
use vecvault_core::{BlobError, BlobErrorKind, BlobKey, BlobStore, ByteStream, PutMode};

use super::{DirectoryPolicy, FsBlobStore};

/// A store in a directory that goes with the test.
fn store() -> (TempDir, FsBlobStore) {
    let directory = tempfile::tempdir().unwrap();
    let store = FsBlobStore::open(directory.path(), DirectoryPolicy::MustExist).unwrap();
    (directory, store)
}

fn key(text: &str) -> BlobKey {
    BlobKey::parse(text).unwrap()
}

fn body(text: &'static [u8]) -> ByteStream {
    Box::pin(stream::iter([Ok(Bytes::from_static(text))]))
}

/// A first chunk, and then nothing for ever.
fn endless() -> ByteStream {
    Box::pin(body(b"unfinished").chain(stream::pending()))
}

async fn read(store: &dyn BlobStore, key: &BlobKey) -> Result<Vec<u8>, BlobError> {
    let chunks: Vec<Bytes> = store.get(key, None, None).await?.body.try_collect().await?;
    Ok(chunks.concat())
}

/// Every name in a directory, ascending.
fn names(directory: &TempDir) -> Vec<String> {
    let entries = std::fs::read_dir(directory).unwrap();
    let mut names: Vec<_> = entries.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
    names.sort();
    names
}

/// Waits for writers that were dropped.
async fn until_empty(directory: &TempDir) {
    while !names(directory).is_empty() {
        tokio::task::yield_now().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn it_keeps_the_contract() {
    let (directory, store) = store();
    BlobSuite::new(&store).without_nested_keys().with_listed(200).run().await.unwrap();
    // The suite deletes what it puts; the writers of dropped puts remove their files themselves.
    until_empty(&directory).await;
}

#[tokio::test]
async fn it_keeps_the_contract_on_a_runtime_of_one_thread() {
    let (_directory, store) = store();
    BlobSuite::new(&store).without_nested_keys().with_listed(50).run().await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn of_two_stores_over_one_directory_one_creates() {
    let (directory, one) = store();
    let other = FsBlobStore::open(directory.path(), DirectoryPolicy::MustExist).unwrap();
    for round in 0..20 {
        let key = key(&format!("{round}.backup"));
        let puts = future::join(
            one.put(&key, body(b"one"), PutMode::Create),
            other.put(&key, body(b"other"), PutMode::Create),
        );
        let (winner, loser) = match puts.await {
            (Ok(_), Err(loser)) => (b"one".as_slice(), loser),
            (Err(loser), Ok(_)) => (b"other".as_slice(), loser),
            neither => panic!("expected one winner, saw {neither:?}"),
        };
        assert_eq!(loser.kind(), BlobErrorKind::AlreadyExists);
        assert_eq!(read(&one, &key).await.unwrap(), winner);
    }
    assert_eq!(names(&directory).len(), 20, "losers remove what they wrote");
}

#[tokio::test(flavor = "multi_thread")]
async fn keys_that_need_a_subdirectory_are_refused_by_name() {
    let (directory, store) = store();
    let nested = key("a/b.backup");
    let error = store.put(&nested, body(b"x"), PutMode::Create).await.unwrap_err();
    assert!(error.to_string().contains("flat"), "{error}");
    assert_eq!(store.head(&nested).await.unwrap_err().kind(), BlobErrorKind::NotFound);
    assert!(!store.delete(&nested).await.unwrap());
    assert_eq!(names(&directory), [""; 0]);
}

#[tokio::test(flavor = "multi_thread")]
async fn ten_thousand_backups_are_listed_in_order() {
    let (directory, store) = store();
    for number in 0..10_000 {
        std::fs::write(directory.path().join(format!("{number:05}.backup")), b"").unwrap();
    }
    std::fs::write(directory.path().join("not a key"), b"").unwrap();
    let page = store.list("", Some(&key("00002.backup")), 9_000).await.unwrap();
    assert_eq!((page.blobs.len(), page.more), (9_000, true));
    assert_eq!(page.blobs[0].key, key("00003.backup"));
    let page = store.list("099", None, 200).await.unwrap();
    assert_eq!((page.blobs.len(), page.more), (100, false));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_file_that_is_changed_in_place_while_it_is_read_is_noticed() {
    let (directory, store) = store();
    let path = directory.path().join("a.backup");
    let long = vec![1; 8 << 20];
    for changed in [vec![2; 8 << 20], vec![1; 10]] {
        std::fs::write(&path, &long).unwrap();
        // A clock that ticks slowly may not tell the two writes apart.
        File::open(&path).unwrap().set_modified(SystemTime::UNIX_EPOCH).unwrap();
        let read = store.get(&key("a.backup"), None, None).await.unwrap();
        std::fs::write(&path, &changed).unwrap();
        let error = read.body.try_collect::<Vec<_>>().await.unwrap_err();
        assert_eq!(error.kind(), BlobErrorKind::VersionChanged, "{error}");
        assert_eq!(error.key(), Some(&key("a.backup")));
    }
}
