//! What stands behind the collections of an indexed file: glue and pages, up to the root page.

use super::{PieceReader, check_bytes, check_page_text};
use crate::blob::{BlobMeta, BlobStore};
use crate::error::Result;
use crate::format::FormatError;
use crate::format::glue::{BEFORE_ROOT, EDGE, SEPARATOR, ending};
use crate::format::layout::Layout;
use crate::host::Host;

/// Reads and checks it all, past any damage: what is wrong, in the order of the file, with the page that it is about.
pub(crate) async fn check_ending(
    store: &dyn BlobStore,
    meta: &BlobMeta,
    layout: &Layout,
    host: &Host,
) -> Result<Vec<(Option<usize>, FormatError)>> {
    let mut pieces = PieceReader::begin(store, meta, layout.data_end..layout.tail.root_offset).await?;
    let (mut wrong, mut glue) = (Vec::new(), ending(layout.size));
    for (number, page) in layout.root.pages.iter().enumerate() {
        glue.extend_from_slice(if number == 0 { EDGE } else { SEPARATOR });
        wrong.extend(expect(&mut pieces, &glue).await?.map(|error| (None, error)));
        glue.clear();
        host.check_cancelled()?;
        let text = pieces.take(page.bytes as usize).await?;
        wrong.extend(check_page_text(layout, number, &text).err().map(|error| (Some(number), error)));
    }
    if !layout.root.pages.is_empty() {
        glue.extend_from_slice(EDGE);
    }
    glue.extend_from_slice(BEFORE_ROOT);
    wrong.extend(expect(&mut pieces, &glue).await?.map(|error| (None, error)));
    Ok(wrong)
}

/// What is wrong with the next bytes, if they are not these.
async fn expect(pieces: &mut PieceReader, canonical: &[u8]) -> Result<Option<FormatError>> {
    let offset = pieces.offset();
    let found = pieces.take(canonical.len()).await?;
    Ok(check_bytes(&found, canonical, offset).err())
}
