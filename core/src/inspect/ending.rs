//! What stands behind the collections of an indexed file: glue and pages, up to the root page.

use super::{PieceReader, check_bytes, check_page_text};
use crate::blob::{BlobMeta, BlobStore};
use crate::error::{Error, Result};
use crate::format::glue::{BEFORE_ROOT, EDGE, SEPARATOR, ending};
use crate::format::layout::Layout;

/// Reads and checks it all.
pub(crate) async fn check_ending(store: &dyn BlobStore, meta: &BlobMeta, layout: &Layout) -> Result<()> {
    let damaged = |error| Error::damaged(&meta.key, error);
    let mut pieces = PieceReader::begin(store, meta, layout.data_end..layout.tail.root_offset).await?;
    let mut glue = ending(layout.size);
    for (number, page) in layout.root.pages.iter().enumerate() {
        glue.extend_from_slice(if number == 0 { EDGE } else { SEPARATOR });
        expect(&mut pieces, &glue).await?.map_err(damaged)?;
        glue.clear();
        let text = pieces.take(page.bytes as usize).await?;
        check_page_text(layout, number, &text).map_err(damaged)?;
    }
    if !layout.root.pages.is_empty() {
        glue.extend_from_slice(EDGE);
    }
    glue.extend_from_slice(BEFORE_ROOT);
    expect(&mut pieces, &glue).await?.map_err(damaged)
}

/// Whether the next bytes are these.
async fn expect(
    pieces: &mut PieceReader,
    canonical: &[u8],
) -> Result<Result<(), crate::format::FormatError>> {
    let offset = pieces.offset();
    let found = pieces.take(canonical.len()).await?;
    Ok(check_bytes(&found, canonical, offset))
}
