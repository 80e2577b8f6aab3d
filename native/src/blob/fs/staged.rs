//! A blob that is written and not yet published: whole, durable, and seen by whoever holds it alone.

use tokio::runtime::{Handle, RuntimeFlavor};
use vecvault_core::{BlobError, BlobErrorKind, BlobKey, BlobMeta, PutMode};

use super::super::single_file::SingleFile;
use super::check_flat;
use super::upload::Upload;

/// A blob without a key. Dropping it removes it, unless it was published; what a crash leaves of it is swept.
#[derive(Debug)]
pub struct StagedBlob {
    upload: Upload,
}

impl StagedBlob {
    pub(super) fn new(upload: Upload) -> Self {
        Self { upload }
    }

    /// A store of it alone, to read it.
    pub fn look(&self) -> Result<SingleFile, BlobError> {
        SingleFile::of_handle(self.upload.handle()?)
            .map_err(|error| BlobError::new(BlobErrorKind::Other, error.to_string()))
    }

    /// Makes it the blob of a key, in one step and durably: what was staged is what is published. An error
    /// means that nothing new is visible. It blocks, and there is no await in it: a future that publishes has
    /// done so or not, whenever it is dropped.
    pub fn publish(self, key: &BlobKey, mode: PutMode) -> Result<BlobMeta, BlobError> {
        check_flat(key)?;
        let publish = || self.upload.publish(key.as_str(), mode);
        let in_runtime = Handle::try_current().map(|runtime| runtime.runtime_flavor());
        let state = match in_runtime {
            Ok(RuntimeFlavor::MultiThread) => tokio::task::block_in_place(publish),
            _ => publish(),
        };
        Ok(state.map_err(|error| error.of(key))?.meta(key))
    }
}
