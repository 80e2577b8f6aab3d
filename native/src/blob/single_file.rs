//! One file anywhere, to look into: `verify FILE`, `inspect FILE`, and a blob that is staged. It writes nothing.

use std::fs::{File, OpenOptions};
use std::ops::Range;
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use async_trait::async_trait;
use rustix::fs::OFlags;
use vecvault_core::{
    BlobError, BlobErrorKind, BlobKey, BlobMeta, BlobPage, BlobRead, BlobStore, BlobVersion, ByteStream,
    InvalidBlobKey, PutMode,
};

use super::blocking::blocking;
use super::errno::blob_error;
use super::open_file::{OpenFile, read_blob};

/// The key of a file whose name is none.
const KEY: &str = "file";

/// A store that holds one file under the key [`SingleFile::key`], its name where that can be a key, and refuses to
/// change it. The path is its user's own, so links in it are followed; a pipe or a device is refused, since it
/// cannot be read by position.
#[derive(Clone, Debug)]
pub struct SingleFile {
    key: BlobKey,
    place: Place,
}

/// Where the file is.
#[derive(Clone, Debug)]
enum Place {
    Path(PathBuf),
    /// It is open, and perhaps nowhere to be found.
    Handle(Arc<File>),
}

impl SingleFile {
    /// A store of the file at `path`, which is looked for when it is read.
    pub fn new(path: &Path) -> Result<Self, InvalidBlobKey> {
        let name = path.file_name().and_then(|name| name.to_str()).unwrap_or(KEY);
        let key = BlobKey::parse(name).or_else(|_| BlobKey::parse(KEY))?;
        Ok(Self { key, place: Place::Path(path.to_owned()) })
    }

    /// A store of a file that is open for reading.
    pub(super) fn of_handle(file: File) -> Result<Self, InvalidBlobKey> {
        Ok(Self { key: BlobKey::parse(KEY)?, place: Place::Handle(Arc::new(file)) })
    }

    /// The file's key, whatever it is called.
    pub fn key(&self) -> &BlobKey {
        &self.key
    }

    /// What opens the file of a key, on a thread that may block.
    fn opener(&self, key: &BlobKey) -> impl FnOnce() -> Result<OpenFile, BlobError> + Send + 'static {
        let place = (*key == self.key).then(|| self.place.clone());
        move || {
            let place = place.ok_or_else(|| BlobError::new(BlobErrorKind::NotFound, "no such blob"))?;
            let file = match place {
                Place::Path(path) => {
                    let mut options = OpenOptions::new();
                    options.read(true).custom_flags((OFlags::NONBLOCK | OFlags::NOCTTY).bits() as i32);
                    options.open(&path)
                }
                Place::Handle(file) => file.try_clone(),
            };
            OpenFile::new(file.map_err(|error| blob_error("open the file", error))?.into())
        }
    }

    fn refusal(&self, key: &BlobKey) -> BlobError {
        BlobError::new(BlobErrorKind::PermissionDenied, "a single file is only read, never changed").of(key)
    }
}

#[async_trait]
impl BlobStore for SingleFile {
    async fn put(&self, key: &BlobKey, _: ByteStream, _: PutMode) -> Result<BlobMeta, BlobError> {
        Err(self.refusal(key))
    }

    async fn get(
        &self,
        key: &BlobKey,
        range: Option<Range<u64>>,
        version: Option<&BlobVersion>,
    ) -> Result<BlobRead, BlobError> {
        read_blob(key, range, version, self.opener(key)).await
    }

    async fn head(&self, key: &BlobKey) -> Result<BlobMeta, BlobError> {
        let (open, owned) = (self.opener(key), key.clone());
        blocking(move || Ok(open()?.meta(&owned))).await.map_err(|error| error.of(key))
    }

    async fn list(&self, prefix: &str, after: Option<&BlobKey>, _: usize) -> Result<BlobPage, BlobError> {
        let matches = self.key.as_str().starts_with(prefix) && after.is_none_or(|after| *after < self.key);
        if !matches {
            return Ok(BlobPage::default());
        }
        Ok(BlobPage { blobs: vec![self.head(&self.key).await?], more: false })
    }

    async fn delete(&self, key: &BlobKey) -> Result<bool, BlobError> {
        Err(self.refusal(key))
    }
}

#[cfg(test)]
mod tests {
    use futures_util::{TryStreamExt, stream};

    use super::*;

    #[tokio::test]
    async fn it_reads_its_file_under_its_key_and_refuses_to_change_it() {
        let directory = tempfile::tempdir().unwrap();
        let (path, link) = (directory.path().join("any name"), directory.path().join("link"));
        std::fs::write(&path, "0123456789").unwrap();
        std::os::unix::fs::symlink(&path, &link).unwrap();
        let store = SingleFile::new(&link).unwrap();
        let unsayable = SingleFile::new(&path).unwrap();
        assert_eq!((store.key().as_str(), unsayable.key().as_str()), ("link", "file"));
        let meta = store.head(store.key()).await.unwrap();
        assert_eq!(store.list("", None, 1).await.unwrap().blobs, std::slice::from_ref(&meta));
        let read = store.get(store.key(), Some(2..5), Some(&meta.version)).await.unwrap();
        assert_eq!(read.body.try_collect::<Vec<_>>().await.unwrap(), ["234"]);

        let put = store.put(store.key(), Box::pin(stream::empty()), PutMode::Overwrite).await;
        assert_eq!(put.unwrap_err().kind(), BlobErrorKind::PermissionDenied);
        let delete = store.delete(store.key()).await;
        assert_eq!(delete.unwrap_err().kind(), BlobErrorKind::PermissionDenied);
        assert_eq!(std::fs::read(&path).unwrap(), b"0123456789");
    }

    #[tokio::test]
    async fn what_cannot_be_read_by_position_is_refused() {
        let directory = tempfile::tempdir().unwrap();
        let (pipe, absent) = (directory.path().join("pipe"), directory.path().join("absent"));
        assert!(std::process::Command::new("mkfifo").arg(&pipe).status().unwrap().success());
        for (path, kind) in [
            (pipe.as_path(), BlobErrorKind::PermissionDenied),
            (directory.path(), BlobErrorKind::PermissionDenied),
            (absent.as_path(), BlobErrorKind::NotFound),
        ] {
            let store = SingleFile::new(path).unwrap();
            assert_eq!(store.head(store.key()).await.unwrap_err().kind(), kind, "{path:?}");
        }
    }
}
