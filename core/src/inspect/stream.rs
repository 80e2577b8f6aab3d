//! A body, handed out in the pieces that the index cuts it into.

use std::ops::Range;

use bytes::Bytes;
use futures_util::TryStreamExt;

use crate::blob::{BlobError, BlobErrorKind, BlobKey, BlobMeta, BlobStore, ByteStream};

/// Reads a range of a blob piece by piece. A piece that lies in one chunk of the store is not copied.
pub(crate) struct PieceReader {
    key: BlobKey,
    body: ByteStream,
    chunk: Bytes,
    offset: u64,
}

impl PieceReader {
    /// Begins to read a range.
    pub(crate) async fn begin(
        store: &dyn BlobStore,
        meta: &BlobMeta,
        range: Range<u64>,
    ) -> Result<Self, BlobError> {
        let offset = range.start;
        let read = store.get(&meta.key, Some(range), Some(&meta.version)).await?;
        Ok(Self { key: meta.key.clone(), body: read.body, chunk: Bytes::new(), offset })
    }

    /// The offset in the blob of the next byte.
    pub(crate) fn offset(&self) -> u64 {
        self.offset
    }

    /// The next `bytes` bytes.
    pub(crate) async fn take(&mut self, bytes: usize) -> Result<Bytes, BlobError> {
        self.offset += bytes as u64;
        if self.chunk.is_empty() && bytes > 0 {
            self.chunk = self.next_chunk().await?;
        }
        if self.chunk.len() >= bytes {
            return Ok(self.chunk.split_to(bytes));
        }
        // What has arrived bounds the memory, not what the index declares.
        let mut piece = std::mem::take(&mut self.chunk).to_vec();
        while piece.len() < bytes {
            let mut chunk = self.next_chunk().await?;
            let wanted = (bytes - piece.len()).min(chunk.len());
            piece.extend_from_slice(&chunk.split_to(wanted));
            self.chunk = chunk;
        }
        Ok(piece.into())
    }

    async fn next_chunk(&mut self) -> Result<Bytes, BlobError> {
        loop {
            match self.body.try_next().await? {
                Some(chunk) if chunk.is_empty() => {}
                Some(chunk) => return Ok(chunk),
                None => {
                    return Err(short_body(&self.key));
                }
            }
        }
    }
}

/// A body that ended before it had all bytes of its range: the store broke its word, and nothing can be said
/// of the backup.
pub(crate) fn short_body(key: &BlobKey) -> BlobError {
    BlobError::new(BlobErrorKind::Corrupt, "the store sent fewer bytes than the range has").of(key)
}
