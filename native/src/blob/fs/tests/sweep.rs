//! Temporary files that writers leave behind.

use std::time::Duration;

use futures_util::future::{Either, select};

use super::*;

// Temporary files, named as uploads name them.
const OLD: &str = ".tmp-00000000000000000000000000000000";
const YOUNG: &str = ".tmp-11111111111111111111111111111111";
const WRITTEN: &str = ".tmp-22222222222222222222222222222222";
const PUBLISHED: &str = ".tmp-33333333333333333333333333333333";

const MINUTE: Duration = Duration::from_secs(60);

/// A temporary file as a crashed writer leaves it, last written to `age` ago.
fn litter(directory: &TempDir, name: &str, age: Duration) {
    let file = File::create(directory.path().join(name)).unwrap();
    file.set_modified(SystemTime::now() - age).unwrap();
}

#[test]
fn opening_removes_what_crashed_writers_left_more_than_a_minute_ago_and_nothing_else() {
    let directory = tempfile::tempdir().unwrap();
    litter(&directory, OLD, 2 * MINUTE);
    litter(&directory, YOUNG, Duration::ZERO);
    litter(&directory, ".other", 2 * MINUTE);
    litter(&directory, ".tmp-others", 2 * MINUTE);
    litter(&directory, "a.backup", 2 * MINUTE);
    let store = FsBlobStore::open(directory.path(), DirectoryPolicy::MustExist).unwrap();
    assert_eq!(names(&directory), [".other", YOUNG, ".tmp-others", "a.backup"]);
    assert_eq!(store.sweep(Duration::ZERO).unwrap(), 1);
    assert_eq!(names(&directory), [".other", ".tmp-others", "a.backup"]);
}

#[test]
fn asking_for_room_makes_it() {
    let (directory, store) = store();
    litter(&directory, OLD, 2 * MINUTE);
    litter(&directory, YOUNG, Duration::ZERO);
    litter(&directory, WRITTEN, 2 * MINUTE);
    // Another process, or this one, opens the file for itself and has its own lock.
    let written = File::open(directory.path().join(WRITTEN)).unwrap();
    written.try_lock().unwrap();
    store.free_bytes().unwrap();
    assert_eq!(names(&directory), [YOUNG, WRITTEN]);
    drop(written);
    store.free_bytes().unwrap();
    assert_eq!(names(&directory), [YOUNG]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_live_writers_file_is_not_swept_however_old() {
    let (directory, store) = store();
    let (key, mut swept) = (key("a"), None);
    let put = store.put(&key, endless(), PutMode::Create);
    let watch = async {
        while names(&directory).is_empty() {
            tokio::task::yield_now().await;
        }
        // Its writer locks it a moment after it has created it.
        let path = directory.path().join(&names(&directory)[0]);
        while std::fs::metadata(&path).unwrap().len() == 0 {
            tokio::task::yield_now().await;
        }
        swept = Some(store.sweep(Duration::ZERO).unwrap());
    };
    match select(put, Box::pin(watch)).await {
        Either::Left((result, _)) => panic!("a put without an end has ended: {result:?}"),
        Either::Right(((), put)) => drop(put),
    }
    assert_eq!(swept, Some(0));
    // The writer of a dropped put removes its file itself.
    until_empty(&directory).await;
}

#[test]
fn the_second_name_of_a_blob_whose_writer_died_is_swept_at_once() {
    let (directory, store) = store();
    litter(&directory, PUBLISHED, Duration::ZERO);
    std::fs::hard_link(directory.path().join(PUBLISHED), directory.path().join("a.backup")).unwrap();
    assert_eq!(store.sweep(MINUTE).unwrap(), 1);
    assert_eq!(names(&directory), ["a.backup"]);
}
