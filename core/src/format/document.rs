//! Another writer's file, which has no index: read through once, front to back, whatever the order of its
//! members and its white space, to learn what is in it and where.
//!
//! Everything is checked on the way: grammar, Unicode, keys and ids that come twice, dimensions, numbers,
//! limits. Nothing is kept but the records of about a block.

mod current;

use std::collections::BTreeSet;

use chrono::{DateTime, Utc};

use super::array::RecordArray;
use super::error::{FormatError, FormatErrorKind, member_segment};
use super::feed::Feed;
use super::fingerprint::Fingerprinter;
use super::json::{self, Scanner, Validator};
use super::limits::{MAX_COLLECTIONS, MAX_MEMBER_BYTES, MAX_MEMBERS, MAX_NAME_BYTES, MAX_RECORD_TEXT_BYTES};
use super::record::RecordMembers;
use crate::model::{BackupId, BackupName, CollectionName, CollectionSummary, RecordBatch, parse_date};
use current::Current;

/// What a foreign file says and holds.
#[derive(Debug)]
pub(crate) struct Document {
    pub(crate) id: BackupId,
    pub(crate) name: BackupName,
    pub(crate) date: DateTime<Utc>,
    pub(crate) collections: Vec<DocumentCollection>,
    /// Collections that it lists and does not hold: its writer skipped them.
    pub(crate) missing: Vec<String>,
}

/// A collection of a foreign file.
#[derive(Clone, Debug)]
pub(crate) struct DocumentCollection {
    pub(crate) summary: CollectionSummary,
    /// The offset after the bracket that opens its `vectors`.
    pub(crate) start: u64,
    /// The offset after the bracket that closes them.
    pub(crate) end: u64,
}

/// Reads a foreign file as its bytes arrive.
#[derive(Debug)]
pub(crate) struct DocumentScan {
    feed: Feed,
    state: State,
    reading: Reading,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum State {
    Start,
    Member { first: bool },
    Data { first: bool },
    Collection { first: bool },
    Records,
    End,
}

impl DocumentScan {
    /// A scan that has read nothing.
    pub(crate) fn new() -> Self {
        Self { feed: Feed::default(), state: State::Start, reading: Reading::new() }
    }

    /// Reads what is complete. Errors carry offsets and paths in the whole file.
    pub(crate) fn feed(&mut self, bytes: &[u8]) -> Result<(), FormatError> {
        self.feed.push(bytes);
        while self.state != State::End && self.step()? {}
        if self.state == State::End { self.feed.only_space() } else { Ok(()) }
    }

    /// How many records have been read.
    pub(crate) fn records(&self) -> u64 {
        self.reading.records
    }

    /// The file has ended.
    pub(crate) fn finish(mut self) -> Result<Document, FormatError> {
        self.feed.end();
        while self.state != State::End && self.step()? {}
        self.feed.only_space()?;
        self.reading.document()
    }

    /// Reads one thing; `false` when it needs more bytes.
    fn step(&mut self) -> Result<bool, FormatError> {
        let limit = if self.state == State::Records { MAX_RECORD_TEXT_BYTES } else { MAX_MEMBER_BYTES };
        let Self { feed, state, reading } = self;
        let (offset, begins) = (feed.offset(), *state == State::Start);
        let next = feed.attempt(limit, |rest| {
            let mut scanner = Scanner::new(rest, 0);
            let next = match *state {
                State::Start => scanner.expect(b'{').map(|()| State::Member { first: true })?,
                State::Member { first } => reading.member(&mut scanner, rest, first)?,
                State::Data { first } => reading.data(&mut scanner, first).map_err(|e| e.within("data"))?,
                State::Collection { first } => {
                    reading.collection(&mut scanner, rest, first, offset).map_err(|e| reading.within(e))?
                }
                State::Records => {
                    reading.record(&mut scanner, rest, offset).map_err(|e| reading.within(e))?
                }
                State::End => State::End,
            };
            Ok((scanner.at(), next))
        });
        let next = next.map_err(|error| match error.kind() {
            FormatErrorKind::Invalid | FormatErrorKind::Truncated if begins => error.not_a_backup(),
            _ => error,
        })?;
        if let Some(next) = next {
            *state = next;
        }
        Ok(next.is_some())
    }
}

/// What has been read so far.
#[derive(Debug)]
struct Reading {
    keys: BTreeSet<String>,
    id: Option<BackupId>,
    name: Option<BackupName>,
    date: Option<DateTime<Utc>>,
    listed: Vec<String>,
    names: BTreeSet<String>,
    found: Vec<DocumentCollection>,
    current: Option<Current>,
    validator: Validator,
    array: RecordArray,
    batch: RecordBatch,
    fingerprinter: Fingerprinter,
    records: u64,
}

impl Reading {
    fn new() -> Self {
        Self {
            keys: BTreeSet::new(),
            id: None,
            name: None,
            date: None,
            listed: Vec::new(),
            names: BTreeSet::new(),
            found: Vec::new(),
            current: None,
            validator: Validator::new(),
            array: RecordArray::new(RecordMembers::BACKUP),
            batch: RecordBatch::new(0),
            fingerprinter: Fingerprinter::new(),
            records: 0,
        }
    }

    /// The path to the current collection before that of an error.
    fn within(&self, error: FormatError) -> FormatError {
        match &self.current {
            Some(current) => error.within(member_segment(current.name.as_str())).within("data"),
            None => error.within("data"),
        }
    }

    /// A top-level member, or the closing brace.
    fn member(&mut self, scanner: &mut Scanner<'_>, rest: &[u8], first: bool) -> Result<State, FormatError> {
        if scanner.accept(b'}')? {
            return Ok(State::End);
        }
        let (key_at, key) = next_key(scanner, first)?;
        if self.keys.contains(&key) {
            return Err(twice(key_at).within(member_segment(&key)));
        }
        if self.keys.len() == MAX_MEMBERS {
            return Err(FormatError::too_large(key_at, "the number of members", MAX_MEMBERS));
        }
        if key.len() > MAX_NAME_BYTES {
            return Err(FormatError::too_large(key_at, "the length of a member's name", MAX_NAME_BYTES));
        }
        let at = scanner.at() as u64;
        if key == "vecvault" {
            let message = "the file has an index that its end does not lead to: the end is damaged, or the file was \
                           written anew; without this member it reads as another writer's";
            return Err(FormatError::new(FormatErrorKind::InvalidIndex, at, message).within(key));
        }
        if key == "data" {
            scanner.expect(b'{').map_err(|error| error.within("data"))?;
            self.keys.insert(key);
            return Ok(State::Data { first: true });
        }
        let text =
            value(&mut self.validator, scanner, rest).map_err(|error| error.within(member_segment(&key)))?;
        self.known_member(&key, &text, at).map_err(|error| error.within(member_segment(&key)))?;
        self.keys.insert(key);
        Ok(State::Member { first: false })
    }

    fn known_member(&mut self, key: &str, text: &str, at: u64) -> Result<(), FormatError> {
        let invalid = |what: String| FormatError::invalid(at, what);
        let string = || json::text(text).ok_or_else(|| invalid("expected a string".into()));
        match key {
            "id" => {
                self.id = Some(BackupId::parse(&string()?).ok_or_else(|| invalid("expected a UUID".into()))?)
            }
            "name" => {
                self.name = Some(BackupName::parse(&string()?).map_err(|error| invalid(error.to_string()))?)
            }
            "date" => {
                let date = parse_date(&string()?);
                self.date = Some(date.ok_or_else(|| invalid("expected an RFC 3339 date".into()))?);
            }
            "collections" => {
                let names = json::texts(text);
                self.listed = names.ok_or_else(|| invalid("expected an array of strings".into()))?;
            }
            _ => {}
        }
        Ok(())
    }

    /// The key of a collection, or the brace that closes `data`.
    fn data(&mut self, scanner: &mut Scanner<'_>, first: bool) -> Result<State, FormatError> {
        if scanner.accept(b'}')? {
            return Ok(State::Member { first: false });
        }
        let (key_at, key) = next_key(scanner, first)?;
        let name =
            CollectionName::parse(&key).map_err(|error| FormatError::invalid(key_at, error.to_string()))?;
        scanner.expect(b'{').map_err(|error| error.within(member_segment(&key)))?;
        if self.names.len() == MAX_COLLECTIONS {
            return Err(FormatError::too_large(key_at, "the number of collections", MAX_COLLECTIONS));
        }
        if !self.names.insert(key.clone()) {
            return Err(twice(key_at).within(member_segment(&key)));
        }
        self.current = Some(Current::new(name));
        Ok(State::Collection { first: true })
    }

    /// A member of a collection, or its closing brace.
    fn collection(
        &mut self,
        scanner: &mut Scanner<'_>,
        rest: &[u8],
        first: bool,
        offset: u64,
    ) -> Result<State, FormatError> {
        if scanner.accept(b'}')? {
            if let Some(current) = &self.current {
                self.found.push(current.finish(scanner.at() as u64)?);
            }
            return Ok(State::Data { first: false });
        }
        let (key_at, key) = next_key(scanner, first)?;
        let Self { current: Some(current), validator, .. } = self else {
            return Ok(State::Data { first: false });
        };
        if current.has(&key) {
            return Err(twice(key_at).within(member_segment(&key)));
        }
        if key != "vectors" {
            let text = value(validator, scanner, rest).map_err(|error| error.within(member_segment(&key)))?;
            current.member(key, text, key_at)?;
            return Ok(State::Collection { first: false });
        }
        scanner.expect(b'[').map_err(|error| error.within("vectors"))?;
        let start = offset + scanner.at() as u64;
        self.array.restart();
        // Where the config comes first, the first vector is already held to it.
        self.batch.reset(current.config(key_at).map_or(0, |config| config.dimension()));
        current.begin_vectors(start);
        Ok(State::Records)
    }

    /// A record, or the bracket that closes `vectors`.
    fn record(&mut self, scanner: &mut Scanner<'_>, rest: &[u8], offset: u64) -> Result<State, FormatError> {
        let (end, ended) = self.array.step(rest, &mut self.batch).map_err(|error| error.within("vectors"))?;
        scanner.seek(end);
        let Some(current) = &mut self.current else { return Ok(State::Data { first: false }) };
        if ended {
            current.proof = current.proof.plus(self.fingerprinter.records(self.batch.records()));
            if let Some((_, vectors_end)) = &mut current.vectors {
                *vectors_end = offset + end as u64;
            }
            return Ok(State::Collection { first: false });
        }
        self.records += 1;
        let record = self.batch.record(self.batch.len() - 1);
        if !current.unique.insert(record.id) {
            let count = current.proof.count + self.batch.len() as u64 - 1;
            return Err(
                super::block::not_unique(0, None, record.id).within(format_args!("vectors[{count}].id"))
            );
        }
        current.ordered &= current.last_id.as_bytes() < record.id.as_bytes();
        current.last_id.clear();
        current.last_id.push_str(record.id);
        current.dimension = self.batch.dimension();
        if self.batch.is_full() {
            current.proof = current.proof.plus(self.fingerprinter.records(self.batch.records()));
            self.batch.truncate(0);
        }
        Ok(State::Records)
    }

    fn document(self) -> Result<Document, FormatError> {
        if !self.keys.contains("data") {
            return Err(FormatError::missing(0u64, "data").not_a_backup());
        }
        let mut missing = self.listed;
        missing.retain(|listed| !self.names.contains(listed));
        Ok(Document {
            id: self.id.ok_or_else(|| FormatError::missing(0u64, "id"))?,
            name: self.name.ok_or_else(|| FormatError::missing(0u64, "name"))?,
            date: self.date.ok_or_else(|| FormatError::missing(0u64, "date"))?,
            missing,
            collections: self.found,
        })
    }
}

/// A value that is kept as text. A number is whole only when something follows it.
fn value(validator: &mut Validator, scanner: &mut Scanner<'_>, rest: &[u8]) -> Result<String, FormatError> {
    let (text, end) = validator.value(rest, scanner.at())?;
    scanner.seek(end);
    scanner.peek_token()?;
    Ok(text.to_owned())
}

/// The next key of an object, and its offset; steps over the comma before it and the colon after it.
fn next_key(scanner: &mut Scanner<'_>, first: bool) -> Result<(u64, String), FormatError> {
    if !first {
        scanner.expect(b',')?;
    }
    scanner.skip_whitespace();
    let at = scanner.at() as u64;
    let key = scanner.string()?.text().into_owned();
    scanner.expect(b':')?;
    Ok((at, key))
}

fn twice(at: u64) -> FormatError {
    FormatError::new(FormatErrorKind::DuplicateKey, at, "this key is there twice")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::Metric;

    /// As a Vectorizer server writes it: pretty, keys in another order, `size` wrong, no config.
    const FOREIGN: &str = r#"{
  "size": 24, "date": "2026-07-13T10:30:00.123456789+02:00", "name": "nightly",
  "data": {
    "docs": { "vectors": [
        { "id": "b", "vector": [ 0.1, -2 ], "metadata": { "n": 18446744073709551617 } },
        { "id": "a", "vector": [ 1e-3, 2.5 ], "metadata": null } ],
      "dimension": 2, "metric": "Euclidean" },
    "empty": { "metric": "DotProduct", "vectors": [], "dimension": 7 }
  },
  "collections": [ "docs", "empty" ], "id": "550e8400-e29b-41d4-a716-446655440000"
}
"#;

    fn scan(text: &str, size: usize) -> Result<Document, FormatError> {
        let mut scan = DocumentScan::new();
        for piece in text.as_bytes().chunks(size) {
            scan.feed(piece)?;
        }
        scan.finish()
    }

    #[test]
    fn a_vectorizer_file_is_read_in_pieces_of_any_size() {
        for size in [1, 2, 3, 7, 64, 10_000] {
            let document = scan(FOREIGN, size).unwrap();
            assert_eq!(document.name.as_str(), "nightly");
            let [docs, empty] = &document.collections[..] else { panic!("two collections") };
            assert_eq!(
                (docs.summary.config.dimension(), docs.summary.config.metric()),
                (2, &Metric::Euclidean)
            );
            assert_eq!((docs.summary.proof.count, docs.summary.ordered), (2, false));
            let range = &FOREIGN[docs.start as usize..docs.end as usize];
            assert!(range.trim_start().starts_with("{ \"id\": \"b\"") && range.ends_with(']'), "{range}");
            assert_eq!((empty.summary.proof.count, empty.summary.config.dimension()), (0, 7));
            assert!(document.missing.is_empty());
        }
    }

    #[test]
    fn every_truncation_is_refused() {
        let end = FOREIGN.trim_end().len();
        for cut in 0..end {
            assert!(scan(&FOREIGN[..cut], 50).is_err(), "{cut}");
        }
        assert_eq!(*scan(" \n", 50).unwrap_err().kind(), FormatErrorKind::NotABackup);
    }

    #[test]
    fn what_is_wrong_is_named_with_its_path() {
        use FormatErrorKind as K;
        let replaced = |from: &str, to: &str| {
            assert!(FOREIGN.contains(from), "{from}");
            scan(&FOREIGN.replacen(from, to, 1), 1000).unwrap_err()
        };
        for (from, to, kind, path) in [
            ("\"id\": \"a\"", "\"id\": \"b\"", K::DuplicateId, "data.docs.vectors[1].id"),
            ("-2 ]", "-2, 3 ]", K::WrongDimension { expected: 3, found: 2 }, "data.docs.vectors"),
            (
                "\"dimension\": 2",
                "\"dimension\": 3",
                K::WrongDimension { expected: 3, found: 2 },
                "data.docs",
            ),
            ("-2 ]", "1e39 ]", K::NumberOutOfRange, "data.docs.vectors[0].vector[1]"),
            ("-2 ]", "null ]", K::Invalid, "data.docs.vectors[0].vector[1]"),
            ("\"empty\": {", "\"docs\": {", K::DuplicateKey, "data.docs"),
            ("\"name\": \"nightly\"", "\"date\": \"nightly\"", K::DuplicateKey, "date"),
            (", \"metric\": \"Euclidean\"", "", K::Missing, "data.docs.config.metric"),
            ("}\n  },", "}\n  }, \"vecvault\": {},", K::InvalidIndex, "vecvault"),
            ("\"empty\" ]", "\"empty\" ] }", K::TrailingBytes, ""),
            ("{\n  \"size\"", "[\n  \"size\"", K::NotABackup, ""),
            ("\"data\":", "\"date2\":", K::NotABackup, "data"),
            ("446655440000\"\n}", "446655440000\"\n} x", K::TrailingBytes, ""),
        ] {
            let mut error = replaced(from, to);
            if path == "data.docs.vectors" {
                assert!(error.path().starts_with(path));
                error = FormatError::new(error.kind().clone(), 0u64, "").within(path);
            }
            assert_eq!((error.kind(), error.path()), (&kind, path), "{to}: {error}");
        }
        let document = scan(&FOREIGN.replace("[ \"docs\",", "[ \"docs\", \"gone\","), 99).unwrap();
        assert_eq!(document.missing, ["gone"]);
    }
}
