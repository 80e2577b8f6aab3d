//! A writer that is killed.

use std::process::{Child, Command, Stdio};
use std::time::Duration;

use super::*;

/// Where the child finds the directory; without it the child's test does nothing.
const DIRECTORY: &str = "VECVAULT_TEST_CRASH_DIRECTORY";

#[tokio::test(flavor = "multi_thread")]
async fn a_writer_that_is_killed_in_the_middle_leaves_nothing_that_is_listed() {
    let (directory, store) = store();
    store.put(&key("replaced"), body(b"old"), PutMode::Create).await.unwrap();
    for writer in ["create_without_end", "overwrite_without_end"] {
        let mut child = spawn(writer, &directory);
        while !is_being_written(&directory) {
            assert!(child.try_wait().unwrap().is_none(), "the child writes until it is killed");
            tokio::task::yield_now().await;
        }
        assert_eq!(store.sweep(Duration::ZERO).unwrap(), 0, "another process's live file is not swept");
        kill(child);

        let listed = store.list("", None, 10).await.unwrap().blobs;
        assert_eq!(listed.iter().map(|meta| &meta.key).collect::<Vec<_>>(), [&key("replaced")]);
        assert_eq!(read(&store, &key("replaced")).await.unwrap(), b"old");
        assert_eq!(store.sweep(Duration::ZERO).unwrap(), 1, "its lock died with it");
    }
    assert_eq!(names(&directory), ["replaced"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_writer_that_is_killed_at_any_moment_leaves_a_whole_blob() {
    let (directory, store) = store();
    let key = key("replaced");
    store.put(&key, filled(0), PutMode::Create).await.unwrap();
    for round in 0..20 {
        let mut child = spawn("overwrite_again_and_again", &directory);
        // As many overwrites as rounds, and then at once: each time somewhere else in the next one.
        for _ in 0..=round {
            let version = store.head(&key).await.unwrap().version;
            while store.head(&key).await.unwrap().version == version {
                assert!(child.try_wait().unwrap().is_none(), "the child writes until it is killed");
            }
        }
        kill(child);
        let bytes = read(&store, &key).await.unwrap();
        assert_eq!(bytes.len(), LENGTH + usize::from(bytes[0]));
        assert!(bytes.iter().all(|byte| *byte == bytes[0]));
        store.sweep(Duration::ZERO).unwrap();
        assert_eq!(names(&directory), ["replaced"]);
    }
}

fn spawn(writer: &str, directory: &TempDir) -> Child {
    Command::new(std::env::current_exe().unwrap())
        .args(["--exact", &format!("blob::fs::tests::crash::{writer}")])
        .env(DIRECTORY, directory.path())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .unwrap()
}

fn kill(mut child: Child) {
    child.kill().unwrap();
    child.wait().unwrap();
}

/// Whether a temporary file has bytes.
fn is_being_written(directory: &TempDir) -> bool {
    let temporary = names(directory).into_iter().find(|name| name.starts_with(".tmp-"));
    temporary
        .is_some_and(|name| std::fs::metadata(directory.path().join(name)).is_ok_and(|file| file.len() > 0))
}

#[tokio::test(flavor = "multi_thread")]
async fn create_without_end() {
    let Some(store) = store_of_child() else { return };
    store.put(&key("created"), endless(), PutMode::Create).await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn overwrite_without_end() {
    let Some(store) = store_of_child() else { return };
    store.put(&key("replaced"), endless(), PutMode::Overwrite).await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn overwrite_again_and_again() {
    let Some(store) = store_of_child() else { return };
    for byte in (0..=u8::MAX).cycle() {
        store.put(&key("replaced"), filled(byte), PutMode::Overwrite).await.unwrap();
    }
}

/// The store to write to, in a child; in the test run itself, nothing.
fn store_of_child() -> Option<FsBlobStore> {
    let directory = std::env::var_os(DIRECTORY)?;
    Some(FsBlobStore::open(directory.as_ref(), DirectoryPolicy::MustExist).unwrap())
}

/// How long a blob of [`filled`] is, its byte's value apart.
const LENGTH: usize = 1 << 20;

/// A blob that tells of itself whether it is whole: its length says which byte fills it.
fn filled(byte: u8) -> ByteStream {
    let chunk = Bytes::from(vec![byte; LENGTH / 16]);
    let last = Bytes::from(vec![byte; byte.into()]);
    Box::pin(stream::iter((0..16).map(move |_| Ok(chunk.clone())).chain([Ok(last)])))
}
