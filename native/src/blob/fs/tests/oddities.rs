//! Things at a key that no store put there: none is followed, waited for or changed.

use std::os::unix::fs::symlink;
use std::process::Command;

use super::*;

#[tokio::test(flavor = "multi_thread")]
async fn what_is_no_regular_file_is_refused_and_not_listed() {
    let (directory, store) = store();
    let outside = tempfile::NamedTempFile::new().unwrap();
    std::fs::write(&outside, "secret").unwrap();
    let at = |name: &str| directory.path().join(name);
    symlink(outside.path(), at("link")).unwrap();
    symlink("nowhere", at("dangling")).unwrap();
    std::fs::create_dir(at("folder")).unwrap();
    let _socket = std::os::unix::net::UnixListener::bind(at("socket")).unwrap();
    assert!(Command::new("mkfifo").arg(at("pipe")).status().unwrap().success());

    for name in ["link", "dangling", "folder", "socket", "pipe"] {
        let key = key(name);
        let kind = |error: BlobError| (error.kind(), error.key().cloned());
        let refused = (BlobErrorKind::PermissionDenied, Some(key.clone()));
        assert_eq!(kind(store.get(&key, None, None).await.unwrap_err()), refused, "get {name}");
        assert_eq!(kind(store.head(&key).await.unwrap_err()), refused, "head {name}");
        assert_eq!(kind(store.delete(&key).await.unwrap_err()), refused, "delete {name}");
        let overwrite = store.put(&key, body(b"x"), PutMode::Overwrite).await;
        assert_eq!(kind(overwrite.unwrap_err()), refused, "overwrite {name}");
        let create = store.put(&key, body(b"x"), PutMode::Create).await;
        assert_eq!(create.unwrap_err().kind(), BlobErrorKind::AlreadyExists, "create {name}");
    }
    assert_eq!(store.list("", None, 10).await.unwrap().blobs, []);
    assert_eq!(std::fs::read(&outside).unwrap(), b"secret");
    assert_eq!(names(&directory), ["dangling", "folder", "link", "pipe", "socket"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn somebody_elses_file_with_another_name_is_listed_and_not_read() {
    let (directory, store) = store();
    let outside = tempfile::tempdir().unwrap();
    std::fs::write(outside.path().join("secret"), "secret").unwrap();
    std::fs::hard_link(outside.path().join("secret"), directory.path().join("a.backup")).unwrap();
    let key = key("a.backup");
    // One's own is as good as any: tools that keep many states of a directory link what has not changed.
    assert_eq!(read(&store, &key).await.unwrap(), b"secret");
    // Only root can give a file away.
    if std::os::unix::fs::chown(outside.path().join("secret"), Some(65_534), None).is_err() {
        return;
    }
    let error = store.get(&key, None, None).await.unwrap_err();
    assert_eq!(error.kind(), BlobErrorKind::PermissionDenied);
    assert!(error.to_string().contains("hard link"), "{error}");
    assert_eq!(store.head(&key).await.unwrap_err().kind(), BlobErrorKind::PermissionDenied);
    assert_eq!(store.list("", None, 10).await.unwrap().blobs.len(), 1);
    // Replacing and deleting concern the name only.
    store.put(&key, body(b"mine"), PutMode::Overwrite).await.unwrap();
    assert_eq!(read(&store, &key).await.unwrap(), b"mine");
    assert_eq!(std::fs::read(outside.path().join("secret")).unwrap(), b"secret");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_directory_may_be_swapped_for_a_link_and_the_store_stays_where_it_was() {
    let parent = tempfile::tempdir().unwrap();
    let (path, moved) = (parent.path().join("backups"), parent.path().join("moved"));
    let store = FsBlobStore::open(&path, DirectoryPolicy::CreateMissing).unwrap();
    let elsewhere = tempfile::tempdir().unwrap();
    std::fs::rename(&path, &moved).unwrap();
    symlink(elsewhere.path(), &path).unwrap();
    store.put(&key("a"), body(b"x"), PutMode::Create).await.unwrap();
    assert!(moved.join("a").exists());
    assert_eq!(names(&elsewhere), [""; 0]);
}
