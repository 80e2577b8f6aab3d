//! The index: what it says, and its spelling. `layout` knows where its parts must stand.

use chrono::{DateTime, SecondsFormat, Utc};
use serde::de::Error as _;
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use serde_json::value::RawValue;

use super::error::{FormatError, FormatErrorKind};
use super::glue::SEPARATOR;
use super::hash::{Hash, HashText, parse_hash, parse_hex};
use super::limits::BLOCKS_PER_PAGE;
use crate::model::{BackupId, BackupName, CollectionConfig, CollectionName, CollectionProof, Fingerprint};

/// The version of the format that is written: 0, a draft.
pub(crate) const FORMAT_VERSION: u32 = 0;

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

/// The date as the format spells it.
pub(crate) fn date_text(date: &DateTime<Utc>) -> String {
    date.to_rfc3339_opts(SecondsFormat::AutoSi, true)
}

/// How many pages `blocks` blocks need.
pub(crate) fn page_count(blocks: u64) -> u64 {
    blocks.div_ceil(BLOCKS_PER_PAGE as u64)
}

/// Spells a page: a line an entry.
pub(crate) fn write_page(entries: &[BlockEntry]) -> Vec<u8> {
    let mut text = vec![b'['];
    for (index, entry) in entries.iter().enumerate() {
        text.extend_from_slice(if index == 0 { b"\n" } else { SEPARATOR });
        let row = (Offset(entry.offset), entry.bytes, entry.records, &entry.first_id, HashText(entry.hash));
        write_json(&row, &mut text);
    }
    text.extend_from_slice(b"\n]");
    text
}

/// Reads a page that stands at `offset` of the file.
pub(crate) fn parse_page(text: &[u8], offset: u64) -> Result<Vec<BlockEntry>, FormatError> {
    let rows: Vec<(Offset, u64, u64, String, HashText)> = parse_json(text, offset)?;
    let entry = |(Offset(offset), bytes, records, first_id, HashText(hash))| BlockEntry {
        offset,
        bytes,
        records,
        first_id,
        hash,
    };
    Ok(rows.into_iter().map(entry).collect())
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct RootText {
    creator: String,
    id: String,
    name: BackupName,
    date: String,
    collections: Vec<CollectionText>,
    pages: Vec<(Offset, u64, u64, Offset, String, HashText)>,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct CollectionText {
    name: CollectionName,
    config: Box<RawValue>,
    count: u64,
    fingerprint: Fingerprint,
    ordered: bool,
    blocks: u64,
    start: Offset,
    end: Offset,
}

impl Root {
    /// How many blocks the file has.
    pub(crate) fn block_count(&self) -> u64 {
        self.collections.iter().fold(0, |sum, collection| sum.saturating_add(collection.blocks))
    }

    /// Spells the root page.
    pub(crate) fn write(&self) -> Vec<u8> {
        let collection = |c: &IndexedCollection| CollectionText {
            name: c.name.clone(),
            // A config is valid JSON by its type; the empty object is never written.
            config: RawValue::from_string(c.config.json().into()).unwrap_or_default(),
            count: c.proof.count,
            fingerprint: c.proof.fingerprint,
            ordered: c.ordered,
            blocks: c.blocks,
            start: Offset(c.start),
            end: Offset(c.end),
        };
        let page = |p: &PageEntry| {
            (
                Offset(p.offset),
                p.bytes,
                p.records,
                Offset(p.first_block),
                p.first_id.clone(),
                HashText(p.hash),
            )
        };
        let text = RootText {
            creator: self.creator.clone(),
            id: self.id.to_string(),
            name: self.name.clone(),
            date: date_text(&self.date),
            collections: self.collections.iter().map(collection).collect(),
            pages: self.pages.iter().map(page).collect(),
        };
        let mut out = Vec::new();
        write_json(&text, &mut out);
        out
    }

    /// Reads the root page, which stands at `offset` of the file. What it says is not checked against the
    /// file yet.
    pub(crate) fn parse(text: &[u8], offset: u64) -> Result<Self, FormatError> {
        let invalid = |what: &str| {
            FormatError::new(FormatErrorKind::InvalidIndex, offset, format!("the root page's {what}"))
        };
        let text: RootText = parse_json(text, offset)?;
        let collection = |c: CollectionText| {
            let config = CollectionConfig::parse(c.config.get().as_bytes())
                .map_err(|error| invalid(&format!("config of {:?}: {error}", c.name)))?;
            let proof = CollectionProof { count: c.count, fingerprint: c.fingerprint };
            let (start, end) = (c.start.0, c.end.0);
            Ok(IndexedCollection {
                name: c.name,
                config,
                proof,
                ordered: c.ordered,
                blocks: c.blocks,
                start,
                end,
            })
        };
        let page = |(Offset(offset), bytes, records, Offset(first_block), first_id, HashText(hash))| {
            PageEntry { offset, bytes, records, first_block, first_id, hash }
        };
        Ok(Self {
            creator: text.creator,
            id: BackupId::parse(&text.id).ok_or_else(|| invalid("id is not a UUID"))?,
            name: text.name,
            date: DateTime::parse_from_rfc3339(&text.date)
                .map_err(|_| invalid("date is not RFC 3339"))?
                .to_utc(),
            collections: text.collections.into_iter().map(collection).collect::<Result<_, FormatError>>()?,
            pages: text.pages.into_iter().map(page).collect(),
        })
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
        if parts.is_some() && version != FORMAT_VERSION.to_string() {
            let message =
                format!("a backup of format {version}; this program reads {FORMAT_VERSION}: use a later one");
            return Err(
                FormatError::new(FormatErrorKind::Unsupported, start, message).within("vecvault.format")
            );
        }
        Ok(parts)
    }
}

/// An offset: 16 lower-case hexadecimal digits, so that its length does not depend on its value.
struct Offset(u64);

impl Serialize for Offset {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(&format_args!("{:016x}", self.0))
    }
}

impl<'de> Deserialize<'de> for Offset {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        parse_hex(&text)
            .map(Self)
            .ok_or_else(|| D::Error::custom("expected 16 lower-case hexadecimal digits"))
    }
}

fn write_json(value: &impl Serialize, out: &mut Vec<u8>) {
    // Writing plain structs to memory has no way to fail.
    let written = serde_json::to_writer(out, value);
    debug_assert!(written.is_ok());
}

fn parse_json<T: for<'de> Deserialize<'de>>(text: &[u8], offset: u64) -> Result<T, FormatError> {
    serde_json::from_slice(text).map_err(|error| {
        FormatError::new(FormatErrorKind::InvalidIndex, offset, format!("the index is not readable: {error}"))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn entry(n: u64) -> BlockEntry {
        BlockEntry {
            offset: n * 1000,
            bytes: 998,
            records: 7,
            first_id: format!("id \"{n}\""),
            hash: [n as u8; 32],
        }
    }

    #[test]
    fn pages_read_back_and_are_json() {
        let entries: Vec<_> = (0..5).map(entry).collect();
        let text = write_page(&entries);
        assert_eq!(parse_page(&text, 0).unwrap(), entries);
        let json: serde_json::Value = serde_json::from_slice(&text).unwrap();
        assert_eq!(json[1][0], "00000000000003e8");
        assert_eq!(*parse_page(b"[[1]]", 9).unwrap_err().kind(), FormatErrorKind::InvalidIndex);
    }

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
        let newer = text.replace("\"format\":0", "\"format\":9");
        assert!(Tail::parse(newer.as_bytes(), 1000).unwrap_err().is_unsupported());
    }
}
