//! Blobs that are looked at before they are published.

use super::*;

#[tokio::test(flavor = "multi_thread")]
async fn a_staged_blob_is_read_and_seen_by_nobody_until_it_is_published_as_it_is() {
    let (directory, store) = store();
    let staged = store.stage(body(b"0123456789")).await.unwrap();
    let inode =
        |name: &str| std::os::unix::fs::MetadataExt::ino(&directory.path().join(name).metadata().unwrap());
    let [temporary] = &names(&directory)[..] else { panic!() };
    let written = inode(temporary);
    assert!(store.list("", None, 10).await.unwrap().blobs.is_empty());
    let look = staged.look().unwrap();
    assert_eq!(read(&look, look.key()).await.unwrap(), b"0123456789");
    let meta = staged.publish(&key("a.backup"), PutMode::Create).unwrap();
    assert_eq!(meta, store.head(&key("a.backup")).await.unwrap());
    assert_eq!(names(&directory), ["a.backup"]);
    assert_eq!(inode("a.backup"), written, "it was not written twice");
    assert_eq!(read(&look, look.key()).await.unwrap(), b"0123456789", "who looks may go on");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_not_published_leaves_nothing() {
    let (directory, store) = store();
    drop(store.stage(body(b"dropped")).await.unwrap());
    assert_eq!(names(&directory), [""; 0]);
    let failing = stream::iter([Err(BlobError::new(BlobErrorKind::Body, "cut off"))]);
    let error = store.stage(Box::pin(body(b"half").chain(failing))).await.unwrap_err();
    assert_eq!(error.kind(), BlobErrorKind::Body);
    until_empty(&directory).await;

    store.put(&key("a.backup"), body(b"first"), PutMode::Create).await.unwrap();
    let refused = store.stage(body(b"second")).await.unwrap().publish(&key("a.backup"), PutMode::Create);
    assert_eq!(refused.unwrap_err().kind(), BlobErrorKind::AlreadyExists);
    let nested = store.stage(body(b"third")).await.unwrap().publish(&key("a/b.backup"), PutMode::Create);
    assert_eq!(nested.unwrap_err().kind(), BlobErrorKind::Other);
    assert_eq!(names(&directory), ["a.backup"]);
    assert_eq!(read(&store, &key("a.backup")).await.unwrap(), b"first");
}
