//! The pages of an index: read and checked.

use crate::blob::{BlobMeta, BlobStore, BlobStoreExt};
use crate::error::{Error, Result};
use crate::format::hash::hash;
use crate::format::index::{BlockEntry, parse_page};
use crate::format::layout::Layout;
use crate::format::{FormatError, FormatErrorKind};

/// Reads a page of the index and checks it.
pub(crate) async fn load_page(
    store: &dyn BlobStore,
    meta: &BlobMeta,
    layout: &Layout,
    page: usize,
) -> Result<Vec<BlockEntry>> {
    let entry = &layout.root.pages[page];
    let text = store.read_range(meta, entry.offset..entry.offset + entry.bytes).await?;
    check_page_text(layout, page, &text).map_err(|error| Error::damaged(&meta.key, error))
}

/// Checks and reads the text of a page.
pub(crate) fn check_page_text(
    layout: &Layout,
    page: usize,
    text: &[u8],
) -> Result<Vec<BlockEntry>, FormatError> {
    let entry = &layout.root.pages[page];
    if hash(text) != entry.hash {
        let message = format!("page {page} of the index has another hash than the root page says");
        return Err(FormatError::new(FormatErrorKind::HashMismatch, entry.offset, message));
    }
    let entries = parse_page(text, entry.offset)?;
    layout.check_page(page, &entries)?;
    Ok(entries)
}
