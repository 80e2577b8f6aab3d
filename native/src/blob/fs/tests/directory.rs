//! Opening a directory, and directories that cannot take a backup.

use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::process::Command;

use super::*;
use crate::blob::OpenDirectoryError;

#[test]
fn a_missing_directory_is_refused_unless_it_may_be_created() {
    let parent = tempfile::tempdir().unwrap();
    let path = parent.path().join("backups");
    let error = FsBlobStore::open(&path, DirectoryPolicy::MustExist).unwrap_err();
    assert!(matches!(error, OpenDirectoryError::Missing { .. }), "{error}");
    assert!(error.to_string().contains("backups"), "it names the directory: {error}");

    FsBlobStore::open(&path, DirectoryPolicy::CreateMissing).unwrap();
    assert_eq!(path.metadata().unwrap().permissions().mode() & 0o777, 0o700);
    FsBlobStore::open(&path, DirectoryPolicy::CreateMissing).unwrap();

    let deeper = parent.path().join("not/there");
    let error = FsBlobStore::open(&deeper, DirectoryPolicy::CreateMissing).unwrap_err();
    assert!(matches!(error, OpenDirectoryError::Missing { .. }), "{error}");
}

#[test]
fn a_file_is_no_directory() {
    let file = tempfile::NamedTempFile::new().unwrap();
    for policy in [DirectoryPolicy::MustExist, DirectoryPolicy::CreateMissing] {
        let error = FsBlobStore::open(file.path(), policy).unwrap_err();
        assert!(matches!(error, OpenDirectoryError::NotADirectory { .. }), "{error}");
    }
}

#[test]
fn a_directory_that_cannot_be_written_is_refused_at_the_start() {
    if permissions_do_not_bind() {
        println!("skipped: root may write to any directory; see the read-only file system below");
        return;
    }
    let directory = tempfile::tempdir().unwrap();
    std::fs::set_permissions(&directory, PermissionsExt::from_mode(0o500)).unwrap();
    let error = FsBlobStore::open(directory.path(), DirectoryPolicy::MustExist).unwrap_err();
    assert!(matches!(error, OpenDirectoryError::PermissionDenied { .. }), "{error}");
}

#[test]
fn a_read_only_file_system_is_refused_at_the_start() {
    let Some(mount) = Mount::tmpfs("ro") else { return };
    let error = FsBlobStore::open(mount.path(), DirectoryPolicy::MustExist).unwrap_err();
    assert!(matches!(error, OpenDirectoryError::PermissionDenied { .. }), "{error}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_full_disk_is_said_to_be_full_and_keeps_nothing_of_the_blob() {
    let Some(mount) = Mount::tmpfs("size=1m") else { return };
    let store = FsBlobStore::open(mount.path(), DirectoryPolicy::MustExist).unwrap();
    let free = store.free_bytes().unwrap();
    assert!(free > 0 && free <= 1 << 20, "{free}");
    store.put(&key("old"), body(b"old"), PutMode::Create).await.unwrap();
    for (name, mode) in [("new", PutMode::Create), ("old", PutMode::Overwrite)] {
        let chunks = stream::iter((0..64).map(|_| Ok(Bytes::from(vec![1; 64 << 10]))));
        let error = store.put(&key(name), Box::pin(chunks), mode).await.unwrap_err();
        assert_eq!(error.kind(), BlobErrorKind::NoSpace, "{error}");
        assert_eq!(error.key(), Some(&key(name)));
        assert_eq!(names(&mount.directory), ["old"], "the temporary file is gone");
    }
    assert_eq!(read(&store, &key("old")).await.unwrap(), b"old");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_directory_that_was_removed_is_an_error_and_not_an_empty_list() {
    let (directory, store) = store();
    std::fs::remove_dir(directory.path()).unwrap();
    let error = store.list("", None, 10).await.unwrap_err();
    assert!(error.to_string().contains("removed"), "{error}");
    let error = store.put(&key("a"), body(b"x"), PutMode::Create).await.unwrap_err();
    assert!(error.to_string().contains("removed"), "{error}");
}

/// A file system of its own, unmounted with the test.
struct Mount {
    directory: TempDir,
}

impl Mount {
    /// Mounts a tmpfs with these options; says so where this user may not.
    fn tmpfs(options: &str) -> Option<Self> {
        let directory = tempfile::tempdir().unwrap();
        let mount = Command::new("mount")
            .args(["-t", "tmpfs", "-o", options, "tmpfs"])
            .arg(directory.path())
            .output();
        match mount {
            Ok(output) if output.status.success() => Some(Self { directory }),
            _ => {
                println!("skipped: a tmpfs cannot be mounted here");
                None
            }
        }
    }

    fn path(&self) -> &Path {
        self.directory.path()
    }
}

impl Drop for Mount {
    fn drop(&mut self) {
        let _ = Command::new("umount").arg(self.path()).status();
    }
}

/// Whether permissions do not bind this user: it can read what nobody may.
fn permissions_do_not_bind() -> bool {
    let file = tempfile::NamedTempFile::new().unwrap();
    std::fs::set_permissions(&file, PermissionsExt::from_mode(0o000)).unwrap();
    File::open(&file).is_ok()
}
