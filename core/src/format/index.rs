//! The index: what it says, and its spelling. `layout` knows where its parts must stand.

mod spelling;

use chrono::{DateTime, Utc};

use super::error::{FormatError, FormatErrorKind};
use super::hash::{Hash, HashText, parse_hash, parse_hex};
use super::limits::BLOCKS_PER_PAGE;
use crate::model::{BackupId, BackupName, CollectionConfig, CollectionName, CollectionProof};

pub(crate) use spelling::{parse_page, write_page};

/// The version of the format that is written and read.
pub(crate) const FORMAT_VERSION: u32 = 1;

/// Where a block stands and what is in it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct BlockEntry {
    pub(crate) offset: u64,
    pub(crate) bytes: u64,
    pub(crate) records: u64,
    pub(crate) first_id: String,
    pub(crate) hash: Hash,
}

impl BlockEntry {
    /// The offset after its last byte.
    pub(crate) fn end(&self) -> u64 {
        self.offset.saturating_add(self.bytes)
    }
}

/// Where a page of block entries stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct PageEntry {
    pub(crate) offset: u64,
    pub(crate) bytes: u64,
    /// How many records the blocks have that the page describes.
    pub(crate) records: u64,
    /// The offset and first id of the first of them.
    pub(crate) first_block: u64,
    pub(crate) first_id: String,
    pub(crate) hash: Hash,
}

/// What the root page says of a collection.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct IndexedCollection {
    pub(crate) name: CollectionName,
    pub(crate) config: CollectionConfig,
    pub(crate) proof: CollectionProof,
    pub(crate) ordered: bool,
    /// How many blocks it has.
    pub(crate) blocks: u64,
    /// The offset after the bracket that opens its `vectors`.
    pub(crate) start: u64,
    /// The offset of the bracket that closes its `vectors`.
    pub(crate) end: u64,
}

/// The root page.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Root {
    pub(crate) creator: String,
    pub(crate) id: BackupId,
    pub(crate) name: BackupName,
    pub(crate) date: DateTime<Utc>,
    pub(crate) collections: Vec<IndexedCollection>,
    pub(crate) pages: Vec<PageEntry>,
}

/// The last bytes of a file: where the root page is, and the root hash.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Tail {
    pub(crate) root_offset: u64,
    pub(crate) root_bytes: u64,
    pub(crate) hash: Hash,
}

/// How many pages `blocks` blocks need.
pub(crate) fn page_count(blocks: u64) -> u64 {
    blocks.div_ceil(BLOCKS_PER_PAGE as u64)
}

impl Root {
    /// How many blocks the file has.
    pub(crate) fn block_count(&self) -> u64 {
        self.collections.iter().fold(0, |sum, collection| sum.saturating_add(collection.blocks))
    }
}

const TAIL_FORMAT: &str = ",\"format\":";
const TAIL_ROOT_OFFSET: &str = ",\"root_at\":\"";
const TAIL_ROOT_BYTES: &str = "\",\"root_bytes\":\"";
const TAIL_HASH: &str = "\",\"hash\":\"";
const TAIL_END: &str = "\"}}\n";

/// The length of the tail.
pub(crate) const TAIL_BYTES: usize = TAIL_FORMAT.len()
    + 1
    + TAIL_ROOT_OFFSET.len()
    + 16
    + TAIL_ROOT_BYTES.len()
    + 16
    + TAIL_HASH.len()
    + 64
    + TAIL_END.len();

impl Tail {
    /// The bytes before the root hash's own value: the last that it covers.
    pub(crate) fn hashed_part(root_offset: u64, root_bytes: u64) -> String {
        format!(
            "{TAIL_FORMAT}{FORMAT_VERSION}{TAIL_ROOT_OFFSET}{root_offset:016x}{TAIL_ROOT_BYTES}{root_bytes:016x}{TAIL_HASH}"
        )
    }

    /// Spells the tail.
    pub(crate) fn write(&self) -> String {
        let hashed = Self::hashed_part(self.root_offset, self.root_bytes);
        format!("{hashed}{}{TAIL_END}", HashText(self.hash))
    }

    /// Reads the tail from the last bytes of a file of `size` bytes; `None` where there is none: the file
    /// is another writer's, or damaged at its end.
    pub(crate) fn parse(last: &[u8], size: u64) -> Result<Option<Self>, FormatError> {
        let start = size.saturating_sub(TAIL_BYTES as u64);
        let tail = last.len().checked_sub(TAIL_BYTES).and_then(|at| std::str::from_utf8(&last[at..]).ok());
        let Some(rest) = tail.and_then(|tail| tail.strip_prefix(TAIL_FORMAT)) else { return Ok(None) };
        let (version, rest) = rest.split_at_checked(1).unwrap_or_default();
        let parts = (|| {
            let (root_offset, rest) = rest.strip_prefix(TAIL_ROOT_OFFSET)?.split_at_checked(16)?;
            let (root_bytes, rest) = rest.strip_prefix(TAIL_ROOT_BYTES)?.split_at_checked(16)?;
            let (hash, rest) = rest.strip_prefix(TAIL_HASH)?.split_at_checked(64)?;
            let known = rest == TAIL_END;
            let tail = Self {
                root_offset: parse_hex(root_offset)?,
                root_bytes: parse_hex(root_bytes)?,
                hash: parse_hash(hash)?,
            };
            known.then_some(tail)
        })();
        // Anything but a digit there is damage.
        let version: Option<u32> = version.parse().ok();
        if let Some(version) = version.filter(|version| parts.is_some() && *version > FORMAT_VERSION) {
            let message =
                format!("a backup of format {version}; this program reads {FORMAT_VERSION}: use a later one");
            return Err(
                FormatError::new(FormatErrorKind::Unsupported, start, message).within("vecvault.format")
            );
        }
        Ok(parts.filter(|_| version == Some(FORMAT_VERSION)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_tail_has_one_spelling_and_one_length() {
        let tail = Tail { root_offset: 5, root_bytes: u64::MAX, hash: [0xab; 32] };
        let text = tail.write();
        assert_eq!(text.len(), TAIL_BYTES);
        assert_eq!(Tail::parse(text.as_bytes(), 1000).unwrap(), Some(tail));
        assert_eq!(Tail::parse(b"}", 1).unwrap(), None);
        for (from, to) in
            [("ab\"}}\n", "AB\"}}\n"), ("}}\n", "}} "), ("0005", " 005"), ("root_at", "root_At")]
        {
            assert_eq!(Tail::parse(text.replace(from, to).as_bytes(), 1000).unwrap(), None, "{from}");
        }
        let newer = text.replace("\"format\":1", "\"format\":9");
        assert!(Tail::parse(newer.as_bytes(), 1000).unwrap_err().is_unsupported());
        for damaged in ["0", "q", "\""] {
            let damaged = text.replace("\"format\":1", &format!("\"format\":{damaged}"));
            assert_eq!(Tail::parse(damaged.as_bytes(), 1000).unwrap(), None);
        }
    }
}
