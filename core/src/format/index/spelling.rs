//! The index as bytes, and back. It is JSON of which there is one legal spelling: members in their order, and
//! no white space but the line feeds of a page. So reading it is stepping over what must be there, and at the end
//! a comparison with what is written of it.

use std::borrow::Cow;

use super::{BlockEntry, IndexedCollection, PageEntry, Root};
use crate::format::error::{FormatError, FormatErrorKind};
use crate::format::glue::{EDGE, SEPARATOR};
use crate::format::hash::{Hash, parse_hash, parse_hex};
use crate::format::json::{Quoted, Validator, scan_string, write_string};
use crate::model::{
    BackupId, BackupName, CollectionConfig, CollectionName, CollectionProof, Fingerprint, date_text,
    parse_date,
};

/// Spells a page: a line an entry.
pub(crate) fn write_page(entries: &[BlockEntry]) -> Vec<u8> {
    let mut text = vec![b'['];
    for (index, entry) in entries.iter().enumerate() {
        text.extend_from_slice(if index == 0 { EDGE } else { SEPARATOR });
        text.push(b'[');
        push_hex(&mut text, &entry.offset.to_be_bytes());
        push(&mut text, format_args!(",{},{},", entry.bytes, entry.records));
        write_string(&entry.first_id, &mut text);
        text.push(b',');
        push_hex(&mut text, &entry.hash);
        text.push(b']');
    }
    text.extend_from_slice(b"\n]");
    text
}

/// Reads a page that stands at `offset` of the file.
pub(crate) fn parse_page(text: &[u8], offset: u64) -> Result<Vec<BlockEntry>, FormatError> {
    let mut reader = Reader { bytes: text, at: 0, offset };
    let mut entries = Vec::new();
    reader.literal("[\n")?;
    loop {
        entries.push(reader.entry()?);
        if reader.accept("\n]") {
            reader.is_spelled(&write_page(&entries))?;
            return Ok(entries);
        }
        reader.literal(",\n")?;
    }
}

impl Root {
    /// Spells the root page.
    pub(crate) fn write(&self) -> Vec<u8> {
        let mut out = b"{\"creator\":".to_vec();
        write_string(&self.creator, &mut out);
        push(&mut out, format_args!(",\"id\":\"{}\",\"name\":", self.id));
        write_string(self.name.as_str(), &mut out);
        push(&mut out, format_args!(",\"date\":\"{}\",\"collections\":[", date_text(&self.date)));
        for (index, collection) in self.collections.iter().enumerate() {
            out.extend_from_slice(if index == 0 { b"" } else { b"," });
            write_collection(collection, &mut out);
        }
        out.extend_from_slice(b"],\"pages\":[");
        for (index, page) in self.pages.iter().enumerate() {
            out.extend_from_slice(if index == 0 { b"" } else { b"," });
            let PageEntry { offset, bytes, records, first_block, .. } = page;
            out.push(b'[');
            push_hex(&mut out, &offset.to_be_bytes());
            push(&mut out, format_args!(",{bytes},{records},"));
            push_hex(&mut out, &first_block.to_be_bytes());
            out.push(b',');
            write_string(&page.first_id, &mut out);
            out.push(b',');
            push_hex(&mut out, &page.hash);
            out.push(b']');
        }
        out.extend_from_slice(b"]}");
        out
    }

    /// Reads the root page, which stands at `offset` of the file. What it says is not checked against the
    /// file yet.
    pub(crate) fn parse(text: &[u8], offset: u64) -> Result<Self, FormatError> {
        let mut reader = Reader { bytes: text, at: 0, offset };
        let creator = reader.member("{\"creator\":")?.into_owned();
        let id = reader.member(",\"id\":")?;
        let id = BackupId::parse(&id).ok_or_else(|| reader.invalid("a backup's id comes before this"))?;
        let name = reader.member(",\"name\":")?;
        let name = BackupName::parse(&name).map_err(|error| reader.invalid(&error.to_string()))?;
        let date = reader.member(",\"date\":")?;
        let date = parse_date(&date).ok_or_else(|| reader.invalid("an RFC 3339 date comes before this"))?;
        reader.literal(",\"collections\":[")?;
        let collections = reader.list(Reader::collection)?;
        reader.literal(",\"pages\":[")?;
        let pages = reader.list(Reader::page)?;
        reader.literal("}")?;
        let root = Self { creator, id, name, date, collections, pages };
        reader.is_spelled(&root.write())?;
        Ok(root)
    }
}

fn write_collection(collection: &IndexedCollection, out: &mut Vec<u8>) {
    let IndexedCollection { name, config, proof, ordered, blocks, start, end } = collection;
    out.extend_from_slice(b"{\"name\":");
    write_string(name.as_str(), out);
    out.extend_from_slice(b",\"config\":");
    out.extend_from_slice(config.json().as_bytes());
    push(out, format_args!(",\"count\":{},\"fingerprint\":", proof.count));
    push_hex(out, &proof.fingerprint.as_u128().to_be_bytes());
    push(out, format_args!(",\"ordered\":{ordered},\"blocks\":{blocks},\"start\":"));
    push_hex(out, &start.to_be_bytes());
    out.extend_from_slice(b",\"end\":");
    push_hex(out, &end.to_be_bytes());
    out.push(b'}');
}

/// Two lower-case hexadecimal digits a byte, in quotes: their number does not depend on the value.
fn push_hex(out: &mut Vec<u8>, bytes: &[u8]) {
    const DIGITS: &[u8; 16] = b"0123456789abcdef";
    out.push(b'"');
    for byte in bytes {
        out.extend([DIGITS[usize::from(byte >> 4)], DIGITS[usize::from(byte & 15)]]);
    }
    out.push(b'"');
}

fn push(out: &mut Vec<u8>, text: std::fmt::Arguments<'_>) {
    // Writing to memory has no way to fail.
    let written = std::io::Write::write_fmt(out, text);
    debug_assert!(written.is_ok());
}

/// Steps through the text of an index.
struct Reader<'a> {
    bytes: &'a [u8],
    at: usize,
    /// Where the text stands in the file, for errors.
    offset: u64,
}

impl<'a> Reader<'a> {
    /// `["<offset>",<bytes>,<records>,<first id>,"<hash>"]`
    fn entry(&mut self) -> Result<BlockEntry, FormatError> {
        self.literal("[")?;
        let offset = self.offset()?;
        let bytes = self.number(",")?;
        let records = self.number(",")?;
        let first_id = self.member(",")?.into_owned();
        Ok(BlockEntry { offset, bytes, records, first_id, hash: self.hash()? })
    }

    /// `["<offset>",<bytes>,<records>,"<first block>",<first id>,"<hash>"]`
    fn page(&mut self) -> Result<PageEntry, FormatError> {
        self.literal("[")?;
        let offset = self.offset()?;
        let bytes = self.number(",")?;
        let records = self.number(",")?;
        self.literal(",")?;
        let first_block = self.offset()?;
        let first_id = self.member(",")?.into_owned();
        Ok(PageEntry { offset, bytes, records, first_block, first_id, hash: self.hash()? })
    }

    fn collection(&mut self) -> Result<IndexedCollection, FormatError> {
        let name = self.member("{\"name\":")?;
        let name = CollectionName::parse(&name).map_err(|error| self.invalid(&error.to_string()))?;
        self.literal(",\"config\":")?;
        let begin = self.at;
        let (_, end) = Validator::new().value(self.bytes, begin).map_err(|error| self.within(&error))?;
        let config = CollectionConfig::parse(&self.bytes[begin..end]).map_err(|error| self.within(&error))?;
        self.at = end;
        let count = self.number(",\"count\":")?;
        let fingerprint = self.member(",\"fingerprint\":")?;
        let fingerprint = Fingerprint::parse(&fingerprint)
            .ok_or_else(|| self.invalid("32 lower-case hexadecimal digits come before this"))?;
        self.literal(",\"ordered\":")?;
        let ordered = self.accept("true");
        if !ordered {
            self.literal("false")?;
        }
        let blocks = self.number(",\"blocks\":")?;
        self.literal(",\"start\":")?;
        let start = self.offset()?;
        self.literal(",\"end\":")?;
        let end = self.offset()?;
        self.literal("}")?;
        let proof = CollectionProof { count, fingerprint };
        Ok(IndexedCollection { name, config, proof, ordered, blocks, start, end })
    }

    /// What stands up to the closing bracket, with commas between.
    fn list<T>(&mut self, item: fn(&mut Self) -> Result<T, FormatError>) -> Result<Vec<T>, FormatError> {
        let mut items = Vec::new();
        while !self.accept("]") {
            if !items.is_empty() {
                self.literal(",")?;
            }
            items.push(item(self)?);
        }
        Ok(items)
    }

    /// A string and what must stand before it.
    fn member(&mut self, before: &str) -> Result<Cow<'a, str>, FormatError> {
        self.literal(before)?;
        self.literal("\"")?;
        let scan = scan_string(self.bytes, self.at).map_err(|error| self.within(&error))?;
        self.at = scan.end;
        Ok(scan.text())
    }

    /// A whole number, and what must stand before it.
    fn number(&mut self, before: &str) -> Result<u64, FormatError> {
        self.literal(before)?;
        let digits = self.bytes[self.at..].iter().take_while(|byte| byte.is_ascii_digit()).count();
        let text = std::str::from_utf8(&self.bytes[self.at..self.at + digits]).unwrap_or_default();
        let canonical = digits == 1 || !text.starts_with('0');
        let number = text.parse().ok().filter(|_| canonical);
        let number = number.ok_or_else(|| self.invalid("expected a whole number below 2^64"))?;
        self.at += digits;
        Ok(number)
    }

    /// 16 lower-case hexadecimal digits in quotes: their length does not depend on the value.
    fn offset(&mut self) -> Result<u64, FormatError> {
        let text = self.member("")?;
        parse_hex(&text).ok_or_else(|| self.invalid("16 lower-case hexadecimal digits come before this"))
    }

    /// The hash that ends a row, and the bracket.
    fn hash(&mut self) -> Result<Hash, FormatError> {
        let text = self.member(",")?;
        let hash = parse_hash(&text)
            .ok_or_else(|| self.invalid("64 lower-case hexadecimal digits come before this"))?;
        self.literal("]")?;
        Ok(hash)
    }

    fn literal(&mut self, text: &str) -> Result<(), FormatError> {
        if self.accept(text) { Ok(()) } else { Err(self.invalid(&format!("expected {}", Quoted(text)))) }
    }

    fn accept(&mut self, text: &str) -> bool {
        let found = self.bytes[self.at..].starts_with(text.as_bytes());
        self.at += if found { text.len() } else { 0 };
        found
    }

    /// Whether what was read is spelled as it is written: dates, ids and strings have other spellings too.
    fn is_spelled(&self, canonical: &[u8]) -> Result<(), FormatError> {
        if self.bytes == canonical {
            return Ok(());
        }
        let same = self.bytes.iter().zip(canonical).take_while(|(found, expected)| found == expected).count();
        Err(Self { at: same, ..*self }.invalid("it is not spelled as the format has it"))
    }

    #[cold]
    fn within(&self, error: &FormatError) -> FormatError {
        self.invalid(error.message())
    }

    #[cold]
    fn invalid(&self, what: &str) -> FormatError {
        let at = self.offset.saturating_add(self.at as u64);
        FormatError::new(FormatErrorKind::InvalidIndex, at, format!("the index is not readable: {what}"))
    }
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

    fn root() -> Root {
        let collection = |name: &str, config: &str| IndexedCollection {
            name: CollectionName::parse(name).unwrap(),
            config: CollectionConfig::parse(config.as_bytes()).unwrap(),
            proof: CollectionProof { count: u64::MAX, fingerprint: Fingerprint::from_u128(0xfe) },
            ordered: name == "docs",
            blocks: 0,
            start: 1,
            end: u64::MAX,
        };
        let page = |n: u64| PageEntry {
            offset: n,
            bytes: 5,
            records: 70,
            first_block: 3,
            first_id: "é\n".into(),
            hash: [n as u8; 32],
        };
        Root {
            creator: "a \"test\"".into(),
            id: BackupId::parse("550e8400-e29b-41d4-a716-446655440000").unwrap(),
            name: BackupName::parse("näme").unwrap(),
            date: "2024-01-15T10:30:00Z".parse().unwrap(),
            collections: vec![
                collection("docs", r#"{"dimension":3,"metric":"Cosine","more":[{"a":1e3}]}"#),
                collection("a b", r#"{ "metric" : "l2", "dimension" : 1 }"#),
            ],
            pages: vec![page(1), page(2)],
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
    fn the_root_page_reads_back_and_is_json() {
        let root = root();
        let text = root.write();
        assert_eq!(Root::parse(&text, 0).unwrap(), root);
        let json: serde_json::Value = serde_json::from_slice(&text).unwrap();
        assert_eq!(json["collections"][0]["count"], u64::MAX);
        assert_eq!(json["collections"][1]["config"]["metric"], "l2");
        assert_eq!(json["pages"][1][4], "é\n");
        let empty = Root { collections: Vec::new(), pages: Vec::new(), ..root };
        assert_eq!(Root::parse(&empty.write(), 0).unwrap(), empty);
    }

    /// Any byte that is gone, doubled or another one: refused with a place, or read as another value that is
    /// spelled so. There is no second spelling of the same.
    #[test]
    fn every_text_has_one_spelling() {
        let text = root().write();
        for at in 0..text.len() {
            let mut texts = vec![[&text[..at], &text[at + 1..]].concat(), text[..at].to_vec()];
            for byte in b" 0a\"}],\n" {
                texts.push([&text[..at], &[*byte], &text[at..]].concat());
                texts.push([&text[..at], &[*byte], &text[at + 1..]].concat());
            }
            for other in texts.into_iter().filter(|other| *other != text) {
                match Root::parse(&other, 100) {
                    Ok(root) => assert_eq!(root.write(), other, "at {at}"),
                    Err(error) => {
                        assert!((100..=100 + other.len() as u64).contains(&error.offset()), "{error}")
                    }
                }
            }
        }
    }
}
