//! One record: JSON text to a row of a batch and back.

use std::collections::BTreeSet;

use super::error::{FormatError, FormatErrorKind, member_segment};
use super::float::{self, ArrayError, ArrayErrorKind, Tier};
use super::json::{Scanner, Validator, write_string};
use super::limits::{MAX_DIMENSION, MAX_ID_BYTES, MAX_RECORD_BYTES, WEIGHT_PER_NUMBER};
use crate::model::{Record, RecordBatch, RecordError, RecordProblem};

/// Under which names a record's vector and metadata stand. Any other member but `id` is kept as unknown.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RecordMembers {
    /// Names of the vector.
    pub vector: &'static [&'static str],
    /// Names of the metadata.
    pub metadata: &'static [&'static str],
}

impl RecordMembers {
    /// A backup's records, and JSON lines.
    pub const BACKUP: Self = Self { vector: &["vector"], metadata: &["metadata"] };
    /// The records of an insert request, with the names that clients of the API use.
    pub const INSERT: Self =
        Self { vector: &["embedding", "vector", "data"], metadata: &["payload", "metadata"] };
}

/// Appends a record in its canonical spelling: `{"id":"…","vector":[…],"metadata":…}` and its unknown
/// members, without white space of our own. `out` is as it was where a number is not finite.
pub fn write_record(tier: Tier, record: Record<'_>, out: &mut Vec<u8>) -> Result<(), RecordError> {
    let start = out.len();
    out.extend_from_slice(b"{\"id\":");
    write_string(record.id, out);
    out.extend_from_slice(b",\"vector\":");
    if let Err(error) = float::write_array(tier, record.vector, out) {
        out.truncate(start);
        let problem = RecordProblem::NotFinite { position: error.index };
        return Err(RecordError { id: record.id.into(), problem });
    }
    if let Some(metadata) = record.metadata {
        out.extend_from_slice(b",\"metadata\":");
        out.extend_from_slice(metadata.as_bytes());
    }
    if !record.extra.is_empty() {
        out.push(b',');
        out.extend_from_slice(record.extra.as_bytes());
    }
    out.push(b'}');
    Ok(())
}

/// Reads records; its buffers are reused from one to the next.
#[derive(Debug)]
pub(crate) struct RecordParser {
    members: RecordMembers,
    tier: Tier,
    validator: Validator,
    id: String,
    extra: String,
    extra_keys: BTreeSet<String>,
}

/// Which members of a record have been seen.
#[derive(Default)]
struct Seen<'a> {
    id: bool,
    vector: bool,
    metadata: Option<&'a str>,
}

impl RecordParser {
    /// A parser of records whose members have these names.
    pub(crate) fn new(members: RecordMembers) -> Self {
        Self::with_tier(members, Tier::detect())
    }

    /// A parser that reads numbers with these instructions.
    pub(crate) fn with_tier(members: RecordMembers, tier: Tier) -> Self {
        Self {
            members,
            tier,
            validator: Validator::new(),
            id: String::new(),
            extra: String::new(),
            extra_keys: BTreeSet::new(),
        }
    }

    /// Reads the record that begins at `at`, white space before it allowed, and appends it to `batch`, whose
    /// dimension it must have; a batch of dimension 0 takes the record's. Gives the offset after the record.
    /// On an error the batch is as it was.
    pub(crate) fn parse(
        &mut self,
        bytes: &[u8],
        at: usize,
        batch: &mut RecordBatch,
    ) -> Result<usize, FormatError> {
        let (len, dimension) = (batch.len(), batch.dimension());
        let result = self.object(bytes, at, batch);
        if result.is_err() {
            batch.vectors_mut().truncate(len * dimension);
            batch.set_dimension(dimension);
        }
        result
    }

    fn object(&mut self, bytes: &[u8], at: usize, batch: &mut RecordBatch) -> Result<usize, FormatError> {
        self.id.clear();
        self.extra.clear();
        self.extra_keys.clear();
        let mut seen = Seen::default();
        let mut scanner = Scanner::new(bytes, at);
        scanner.expect(b'{')?;
        let start = scanner.at() - 1;
        if !scanner.accept(b'}')? {
            loop {
                self.member(bytes, &mut scanner, batch, &mut seen)?;
                if scanner.accept(b',')? {
                    continue;
                }
                scanner.expect(b'}')?;
                break;
            }
        }
        for (present, name) in [(seen.id, "id"), (seen.vector, self.members.vector[0])] {
            if !present {
                return Err(FormatError::missing(start as u64, name));
            }
        }
        let metadata = seen.metadata.unwrap_or("");
        let weight =
            batch.dimension() * WEIGHT_PER_NUMBER + self.id.len() + metadata.len() + self.extra.len();
        if weight > MAX_RECORD_BYTES {
            return Err(FormatError::too_large(start as u64, "the record", MAX_RECORD_BYTES));
        }
        batch.finish_record(&self.id, metadata, &self.extra);
        Ok(scanner.at())
    }

    fn member<'a>(
        &mut self,
        bytes: &'a [u8],
        scanner: &mut Scanner<'a>,
        batch: &mut RecordBatch,
        seen: &mut Seen<'a>,
    ) -> Result<(), FormatError> {
        scanner.skip_whitespace();
        let key_at = scanner.at();
        let key = scanner.string()?;
        let name = key.text();
        scanner.expect(b':')?;
        let twice = || {
            FormatError::new(FormatErrorKind::DuplicateKey, key_at as u64, "the record has this member twice")
        };
        let name = &*name;
        let within = |error: FormatError| error.within(member_segment(name));
        if name == "id" {
            if std::mem::replace(&mut seen.id, true) {
                return Err(within(twice()));
            }
            self.read_id(scanner).map_err(within)
        } else if self.members.vector.contains(&name) {
            if std::mem::replace(&mut seen.vector, true) {
                return Err(within(twice()));
            }
            self.read_vector(bytes, scanner, batch).map_err(|error| error.within(name))
        } else if self.members.metadata.contains(&name) {
            if seen.metadata.is_some() {
                return Err(within(twice()));
            }
            seen.metadata = Some(self.raw_value(bytes, scanner).map_err(within)?);
            Ok(())
        } else {
            if !self.extra_keys.insert(name.into()) {
                return Err(within(twice()));
            }
            let value = self.raw_value(bytes, scanner).map_err(within)?;
            let comma = if self.extra.is_empty() { "" } else { "," };
            self.extra.extend([comma, "\"", key.raw, "\":", value]);
            Ok(())
        }
    }

    fn read_id(&mut self, scanner: &mut Scanner<'_>) -> Result<(), FormatError> {
        scanner.skip_whitespace();
        let at = scanner.at();
        let scan = scanner.string()?;
        self.id.push_str(&scan.text());
        match self.id.len() {
            1..=MAX_ID_BYTES => Ok(()),
            0 => Err(FormatError::invalid(at as u64, "an id must not be empty")),
            _ => Err(FormatError::too_large(at as u64, "the id's length", MAX_ID_BYTES)),
        }
    }

    fn read_vector(
        &mut self,
        bytes: &[u8],
        scanner: &mut Scanner<'_>,
        batch: &mut RecordBatch,
    ) -> Result<(), FormatError> {
        scanner.expect(b'[')?;
        let at = scanner.at();
        let expected = batch.dimension();
        let most = if expected == 0 { MAX_DIMENSION } else { expected };
        let before = batch.vectors_mut().len();
        let end = float::read_array(self.tier, bytes, at, most, batch.vectors_mut())
            .map_err(|error| array_error(error, expected))?;
        let found = batch.vectors_mut().len() - before;
        if found == 0 {
            return Err(FormatError::dimension_out_of_range(at as u64, 0));
        }
        if expected == 0 {
            batch.set_dimension(found);
        } else if found != expected {
            return Err(wrong_dimension(at, expected, found));
        }
        scanner.seek(end);
        Ok(())
    }

    /// A value that is kept as it is.
    fn raw_value<'a>(&mut self, bytes: &'a [u8], scanner: &mut Scanner<'a>) -> Result<&'a str, FormatError> {
        let (text, end) = self.validator.value(bytes, scanner.at())?;
        scanner.seek(end);
        Ok(text)
    }
}

fn wrong_dimension(at: usize, expected: usize, found: usize) -> FormatError {
    let message = format!("a vector of {found} numbers; the collection's dimension is {expected}");
    FormatError::new(FormatErrorKind::WrongDimension { expected, found }, at as u64, message)
}

fn array_error(error: ArrayError, expected: usize) -> FormatError {
    let at = error.at as u64;
    match error.kind {
        ArrayErrorKind::Incomplete => FormatError::truncated(at),
        ArrayErrorKind::TooMany if expected > 0 => wrong_dimension(error.at, expected, error.index + 1),
        ArrayErrorKind::TooMany => FormatError::too_large(at, "the dimension", MAX_DIMENSION),
        ArrayErrorKind::OutOfRange => FormatError::new(
            FormatErrorKind::NumberOutOfRange,
            at,
            "the number is out of the range of a 32-bit float",
        )
        .within(format_args!("[{}]", error.index)),
        ArrayErrorKind::NotASeparator => FormatError::invalid(at, "expected ',' or ']' after a number"),
        _ => FormatError::invalid(at, "expected a number").within(format_args!("[{}]", error.index)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(text: &str, dimension: usize) -> Result<RecordBatch, FormatError> {
        let mut batch = RecordBatch::new(dimension);
        let end = RecordParser::new(RecordMembers::BACKUP).parse(text.as_bytes(), 0, &mut batch)?;
        assert_eq!(end, text.len());
        Ok(batch)
    }

    #[test]
    fn a_record_reads_back_as_it_was_written() {
        for record in [
            Record {
                id: "a",
                vector: &[1.0, -0.0, 1e-45],
                metadata: Some(r#"{ "n": 18446744073709551617 }"#),
                extra: "",
            },
            Record {
                id: "q\"\n\u{1f600}",
                vector: &[f32::MAX, f32::MIN_POSITIVE, 0.1],
                metadata: None,
                extra: r#""sparse":[1, 2],"x\\y":null"#,
            },
            Record { id: "n", vector: &[0.0; 3], metadata: Some("null"), extra: "" },
        ] {
            let mut text = Vec::new();
            write_record(Tier::detect(), record, &mut text).unwrap();
            let text = String::from_utf8(text).unwrap();
            let batch = parse(&text, 3).unwrap();
            let read = batch.record(0);
            assert_eq!(read, record, "{text}");
            assert!(read.vector.iter().zip(record.vector).all(|(a, b)| a.to_bits() == b.to_bits()));
        }
    }

    #[test]
    fn members_come_in_any_order_and_with_white_space() {
        let batch =
            parse("{ \"x\" : 1 , \"metadata\" : { } , \"vector\" : [ 1 , 2.5 ] , \"id\" : \"\\u0061\" }", 0)
                .unwrap();
        assert_eq!(
            batch.record(0),
            Record { id: "a", vector: &[1.0, 2.5], metadata: Some("{ }"), extra: "\"x\":1" }
        );
    }

    #[test]
    fn what_is_wrong_is_named_with_its_place() {
        use FormatErrorKind as K;
        for (text, kind, path) in [
            (r#"{"vector":[1,2]}"#, K::Missing, "id"),
            (r#"{"id":"a"}"#, K::Missing, "vector"),
            (r#"{"id":"","vector":[1,2]}"#, K::Invalid, "id"),
            (r#"{"id":7,"vector":[1,2]}"#, K::Invalid, "id"),
            (r#"{"id":"a","vector":[1,2,3]}"#, K::WrongDimension { expected: 2, found: 3 }, "vector"),
            (r#"{"id":"a","vector":[1]}"#, K::WrongDimension { expected: 2, found: 1 }, "vector"),
            (r#"{"id":"a","vector":[]}"#, K::DimensionOutOfRange { found: 0 }, "vector"),
            (r#"{"id":"a","vector":[1,1e39]}"#, K::NumberOutOfRange, "vector[1]"),
            (r#"{"id":"a","vector":[1,NaN]}"#, K::Invalid, "vector[1]"),
            (r#"{"id":"a","vector":[null,1]}"#, K::Invalid, "vector[0]"),
            (r#"{"id":"a","id":"b","vector":[1,2]}"#, K::DuplicateKey, "id"),
            (r#"{"id":"a","vector":[1,2],"x":1,"x":1}"#, K::DuplicateKey, "x"),
            (r#"{"id":"a","vector":[1,2],"metadata":{"a":1,"a":2}}"#, K::DuplicateKey, "metadata"),
            (r#"{"id":"a","vector":[1,2],"metadata":"\ud800"}"#, K::InvalidText, "metadata"),
            (r#"{"id":"a","vector":[1,2],}"#, K::Invalid, ""),
        ] {
            let error = parse(text, 2).unwrap_err();
            assert_eq!((error.kind(), error.path()), (&kind, path), "{text}");
        }
    }

    #[test]
    fn every_prefix_is_truncated_and_leaves_the_batch_as_it_was() {
        let text = r#"{"id":"a","vector":[1.5,-2e-3],"metadata":{"k":["v",1]},"x":true}"#;
        let mut batch = RecordBatch::new(0);
        let mut parser = RecordParser::new(RecordMembers::BACKUP);
        for cut in 0..text.len() {
            let error = parser.parse(&text.as_bytes()[..cut], 0, &mut batch).unwrap_err();
            assert!(error.is_truncated(), "{}: {error}", &text[..cut]);
            assert_eq!((batch.len(), batch.dimension(), batch.vectors().len()), (0, 0, 0));
        }
        parser.parse(text.as_bytes(), 0, &mut batch).unwrap();
        assert_eq!((batch.len(), batch.dimension()), (1, 2));
    }
}
