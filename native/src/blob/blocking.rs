//! Work on tokio's blocking threads.

use vecvault_core::{BlobError, BlobErrorKind};

/// Runs `work` where it may block, and waits for it. A future that is dropped does not stop it.
pub(super) async fn blocking<T: Send + 'static>(
    work: impl FnOnce() -> Result<T, BlobError> + Send + 'static,
) -> Result<T, BlobError> {
    tokio::task::spawn_blocking(work).await.unwrap_or_else(|error| Err(lost(error)))
}

/// The error of a blocking task that has no result: it panicked, or the runtime shuts down.
pub(super) fn lost(error: tokio::task::JoinError) -> BlobError {
    BlobError::new(BlobErrorKind::Other, "a file operation was broken off").because(error)
}
