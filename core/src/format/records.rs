//! Records from texts that are not backups: JSON lines, and request bodies with an array of records. Both
//! are fed in pieces of any size.

use std::mem;

use super::array::RecordArray;
use super::error::{FormatError, FormatErrorKind, member_segment};
use super::feed::Feed;
use super::json::{Scanner, Validator};
use super::limits::{MAX_MEMBER_BYTES, MAX_RECORD_TEXT_BYTES};
use super::record::{RecordMembers, RecordParser};
use crate::model::RecordBatch;

/// Reads JSON lines: a record a line, blank lines allowed. The first record sets the dimension.
#[derive(Debug)]
pub struct LinesDecoder {
    feed: Feed,
    parser: RecordParser,
    batch: RecordBatch,
    /// The number of the line that is read next, from 1.
    line: u64,
}

impl LinesDecoder {
    /// A decoder that has read nothing.
    pub fn new() -> Self {
        let parser = RecordParser::new(RecordMembers::BACKUP);
        Self { feed: Feed::default(), parser, batch: RecordBatch::new(0), line: 1 }
    }

    /// Reads every complete line of `bytes` and what was left before. The error's path begins with
    /// `line N`.
    pub fn feed(&mut self, bytes: &[u8]) -> Result<(), FormatError> {
        self.feed.push(bytes);
        self.lines(false)
    }

    /// The text has ended: reads its last line.
    pub fn finish(&mut self) -> Result<(), FormatError> {
        self.feed.end();
        self.lines(true)
    }

    /// The records read since the last call. Call it when [`LinesDecoder::is_full`] and at the end.
    pub fn take(&mut self) -> RecordBatch {
        let empty = RecordBatch::new(self.batch.dimension());
        mem::replace(&mut self.batch, empty)
    }

    /// Whether a block's worth of records waits to be taken.
    pub fn is_full(&self) -> bool {
        self.batch.is_full()
    }

    /// The number of the line that will be read next, from 1.
    pub fn line(&self) -> u64 {
        self.line
    }

    fn lines(&mut self, ended: bool) -> Result<(), FormatError> {
        let Self { feed, parser, batch, line } = self;
        loop {
            let read = feed.attempt(MAX_RECORD_TEXT_BYTES, |rest| {
                let (text, used) = match memchr::memchr(b'\n', rest) {
                    Some(end) => (&rest[..end], end + 1),
                    None if ended && !rest.is_empty() => (rest, rest.len()),
                    None if ended => return Ok((0, false)),
                    None => return Err(FormatError::truncated(rest.len() as u64)),
                };
                parse_line(parser, text, batch).map_err(|error| error.within(format_args!("line {line}")))?;
                *line += 1;
                Ok((used, true))
            })?;
            if read != Some(true) {
                return Ok(());
            }
        }
    }
}

impl Default for LinesDecoder {
    fn default() -> Self {
        Self::new()
    }
}

fn parse_line(parser: &mut RecordParser, text: &[u8], batch: &mut RecordBatch) -> Result<(), FormatError> {
    let mut scanner = Scanner::new(text, 0);
    scanner.skip_whitespace();
    if scanner.expect_end().is_ok() {
        return Ok(());
    }
    // A line is whole, so that what it lacks will not come: not `Truncated`, which would ask for more.
    let end = parser.parse(text, 0, batch).map_err(|error| {
        if error.is_truncated() {
            FormatError::invalid(error.offset(), "the line ends before the record does").within(error.path())
        } else {
            error
        }
    })?;
    scanner.seek(end);
    scanner.skip_whitespace();
    scanner.expect_end()
}

/// Members of a body besides its records: each is compared with those before it, so there cannot be many.
const MAX_BODY_MEMBERS: usize = 64;

/// Reads a JSON object one of whose members is an array of records, such as the body of an insert.
#[derive(Debug)]
pub struct BodyDecoder {
    feed: Feed,
    records: RecordArray,
    validator: Validator,
    records_member: &'static str,
    state: BodyState,
    body: Body,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum BodyState {
    Start,
    Member { first: bool },
    Record,
    End,
}

/// What a [`BodyDecoder`] has read.
#[derive(Debug, Default)]
pub struct Body {
    /// The other members: name and raw JSON text, in order.
    pub members: Vec<(String, String)>,
    /// The records; `None` where the member is missing. An empty array is a batch of dimension 0.
    pub records: Option<RecordBatch>,
}

impl BodyDecoder {
    /// A decoder for records under the member `records` (such as `vectors`).
    pub fn new(records: &'static str, members: RecordMembers) -> Self {
        Self {
            feed: Feed::default(),
            records: RecordArray::new(members),
            validator: Validator::new(),
            records_member: records,
            state: BodyState::Start,
            body: Body::default(),
        }
    }

    /// Reads what is complete.
    pub fn feed(&mut self, bytes: &[u8]) -> Result<(), FormatError> {
        self.feed.push(bytes);
        while self.state != BodyState::End && self.step()? {}
        if self.state == BodyState::End { self.feed.only_space() } else { Ok(()) }
    }

    /// The body has ended.
    pub fn finish(mut self) -> Result<Body, FormatError> {
        self.feed.end();
        while self.state != BodyState::End && self.step()? {}
        self.feed.only_space()?;
        Ok(self.body)
    }

    /// Reads one thing; `false` when it needs more bytes.
    fn step(&mut self) -> Result<bool, FormatError> {
        let limit = match self.state {
            BodyState::Record => MAX_RECORD_TEXT_BYTES,
            _ => MAX_MEMBER_BYTES,
        };
        let Self { feed, records, validator, records_member, state, body } = self;
        let next = feed.attempt(limit, |rest| {
            let mut scanner = Scanner::new(rest, 0);
            let next = match *state {
                BodyState::Start => {
                    scanner.expect(b'{')?;
                    BodyState::Member { first: true }
                }
                BodyState::Member { first } => {
                    read_member(&mut scanner, rest, first, records_member, validator, body)?
                }
                BodyState::Record => {
                    let batch = body.records.get_or_insert_default();
                    let (end, ended) =
                        records.step(rest, batch).map_err(|error| error.within(*records_member))?;
                    scanner.seek(end);
                    if ended { BodyState::Member { first: false } } else { BodyState::Record }
                }
                BodyState::End => BodyState::End,
            };
            Ok((scanner.at(), next))
        })?;
        if let Some(next) = next {
            *state = next;
        }
        Ok(next.is_some())
    }
}

/// Reads a member, or steps into the array of records, or over the closing brace.
fn read_member(
    scanner: &mut Scanner<'_>,
    rest: &[u8],
    first: bool,
    records_member: &str,
    validator: &mut Validator,
    body: &mut Body,
) -> Result<BodyState, FormatError> {
    if scanner.accept(b'}')? {
        return Ok(BodyState::End);
    }
    if !first {
        scanner.expect(b',')?;
    }
    scanner.skip_whitespace();
    let key_at = scanner.at();
    let name = scanner.string()?.text().into_owned();
    scanner.expect(b':')?;
    if body.members.len() == MAX_BODY_MEMBERS {
        return Err(FormatError::too_large(key_at as u64, "the number of members", MAX_BODY_MEMBERS));
    }
    let twice = body.members.iter().any(|(known, _)| *known == name)
        || (name == records_member && body.records.is_some());
    if twice {
        return Err(FormatError::new(
            FormatErrorKind::DuplicateKey,
            key_at as u64,
            "this member is there twice",
        )
        .within(member_segment(&name)));
    }
    if name == records_member {
        scanner.expect(b'[').map_err(|error| error.within(records_member))?;
        body.records = Some(RecordBatch::new(0));
        return Ok(BodyState::Record);
    }
    let (text, end) =
        validator.value(rest, scanner.at()).map_err(|error| error.within(member_segment(&name)))?;
    scanner.seek(end);
    scanner.peek_token()?; // a number is whole only when something follows it
    body.members.push((name, text.to_owned()));
    Ok(BodyState::Member { first: false })
}

#[cfg(test)]
mod tests {
    use super::*;

    const LINES: &str =
        "{\"id\":\"a\",\"vector\":[1,2]}\r\n\n {\"id\":\"b\",\"vector\":[3,4],\"metadata\":{}}";

    #[test]
    fn lines_are_records_however_the_bytes_are_cut() {
        for size in 1..=LINES.len() {
            let mut decoder = LinesDecoder::new();
            for piece in LINES.as_bytes().chunks(size) {
                decoder.feed(piece).unwrap();
            }
            decoder.finish().unwrap();
            let ids: Vec<_> = decoder.take().records().map(|record| record.id.to_owned()).collect();
            assert_eq!(ids, ["a", "b"], "in pieces of {size}");
            assert!(decoder.take().is_empty());
        }
    }

    #[test]
    fn an_error_names_the_line_and_the_byte() {
        for (text, path, offset) in [
            ("{\"id\":\"a\",\"vector\":[1]}\n{\"id\":\"b\",\"vector\":[1e39]}\n", "line 2.vector[0]", 44),
            ("\n{\"id\":\"a\",\"vector\":[1]} x\n", "line 2", 25),
            ("{\"id\":\"a\"\n,\"vector\":[1]}\n", "line 1", 9),
            ("{\"id\":\"a\",\"vector\":[1]}\n{\"id\":\"b\",\"vector\":[1,2]}\n", "line 2.vector", 45),
        ] {
            let mut decoder = LinesDecoder::new();
            let error = decoder.feed(text.as_bytes()).and_then(|()| decoder.finish()).unwrap_err();
            assert_eq!((error.path(), error.offset()), (path, offset), "{error}");
        }
    }

    fn body(text: &str, size: usize) -> Result<Body, FormatError> {
        let mut decoder = BodyDecoder::new("vectors", RecordMembers::INSERT);
        for piece in text.as_bytes().chunks(size) {
            decoder.feed(piece)?;
        }
        decoder.finish()
    }

    #[test]
    fn a_body_is_read_however_it_is_cut_and_ordered() {
        let text = r#" {"n": 12 , "vectors":[{"id":"a","embedding":[1,2],"payload":{"t":1}},
            {"data":[3,4],"id":"b"}], "collection":"docs"} "#;
        for size in 1..=text.len() {
            let body = body(text, size).unwrap();
            let records = body.records.unwrap();
            assert_eq!(records.len(), 2);
            assert_eq!(records.record(0).metadata, Some("{\"t\":1}"));
            assert_eq!(records.vectors(), [1.0, 2.0, 3.0, 4.0]);
            assert_eq!(body.members, [("n".into(), "12".into()), ("collection".into(), "\"docs\"".into())]);
        }
        assert!(body(r#"{"collection":"docs"}"#, 100).unwrap().records.is_none());
        assert_eq!(body(r#"{"vectors":[]}"#, 100).unwrap().records.unwrap().dimension(), 0);
    }

    #[test]
    fn a_body_has_few_members() {
        let members = |count| {
            let members: Vec<_> = (0..count).map(|i| format!("\"m{i}\":{i}")).collect();
            body(&format!("{{{}}}", members.join(",")), 1_000)
        };
        assert_eq!(members(MAX_BODY_MEMBERS).unwrap().members.len(), MAX_BODY_MEMBERS);
        assert_eq!(*members(MAX_BODY_MEMBERS + 1).unwrap_err().kind(), FormatErrorKind::TooLarge);
    }

    #[test]
    fn a_bad_body_is_refused_with_the_place() {
        for (text, path) in [
            (
                r#"{"vectors":[{"id":"a","embedding":[1]},{"id":"b","embedding":[NaN]}]}"#,
                "vectors[1].embedding[0]",
            ),
            (r#"{"vectors":[{"id":"a"}]}"#, "vectors[0].embedding"),
            (r#"{"a":1,"a":2}"#, "a"),
            (r#"{"vectors":[],"vectors":[]}"#, "vectors"),
            (r#"{"vectors":7}"#, "vectors"),
            (r#"{"vectors":[]} x"#, ""),
            (r#"{"vectors":[] "#, ""),
            (r#"{"a":{"x":1,"x":1}}"#, "a"),
            ("", ""),
        ] {
            for size in [1, 7, 1000] {
                assert_eq!(body(text, size).unwrap_err().path(), path, "{text}");
            }
        }
    }
}
