//! What part of a file a request asks for (RFC 9110): its `Range`, and the conditions on it.

use std::ops::Range;

use headers::{ETag, Header, IfNoneMatch, IfRange};
use vecvault_core::BlobVersion;
use warp::http::header::{CONTENT_RANGE, HeaderMap, HeaderValue, RANGE};
use warp::http::{Method, StatusCode};

use super::errors::ApiError;

/// The part of a file that is to be sent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Part {
    /// The caller has it already.
    NotModified,
    Whole,
    /// Bytes of it, one at least.
    Range(Range<u64>),
}

/// The strong tag of a version. Hashed, because a version tells of this machine.
pub(super) fn etag(version: &BlobVersion) -> HeaderValue {
    const DIGITS: usize = 32;
    let hash = blake3::hash(version.0.as_bytes()).to_hex();
    HeaderValue::from_str(&format!("\"{}\"", &hash[..DIGITS])).unwrap_or(HeaderValue::from_static("\"\""))
}

/// What a request asks for of a file of `size` bytes. A range that cannot be understood, several ranges, or one
/// under a condition that does not hold, asks for the whole; so does every HEAD.
pub(super) fn asked_for(
    method: &Method,
    headers: &HeaderMap,
    etag: &HeaderValue,
    size: u64,
) -> Result<Part, ApiError> {
    let tag = ETag::decode(&mut [etag].into_iter()).ok();
    let known = find::<IfNoneMatch>(headers);
    if let (Some(known), Some(tag)) = (known, &tag)
        && !known.precondition_passes(tag)
    {
        return Ok(Part::NotModified);
    }
    let conditional = headers.contains_key(IfRange::name());
    let holds = find::<IfRange>(headers).is_some_and(|version| !version.is_modified(tag.as_ref(), None));
    if *method != Method::GET || (conditional && !holds) {
        return Ok(Part::Whole);
    }
    let mut ranges = headers.get_all(RANGE).iter();
    let range =
        ranges.next().filter(|_| ranges.next().is_none()).and_then(|range| parse(range.to_str().ok()?));
    let Some((first, last)) = range else { return Ok(Part::Whole) };
    let (start, end) = match (first, last) {
        (Some(first), last) => (first, last.map_or(size, |last| last.saturating_add(1).min(size))),
        (None, last) => (size.saturating_sub(last.unwrap_or(0)), size),
    };
    if start < end { Ok(Part::Range(start..end)) } else { Err(unsatisfiable(size)) }
}

/// Says which bytes of a file an answer has.
pub(super) fn describe(headers: &mut HeaderMap, range: &Range<u64>, size: u64) {
    let text = format!("bytes {}-{}/{size}", range.start, range.end - 1);
    headers.extend(HeaderValue::from_str(&text).ok().map(|range| (CONTENT_RANGE, range)));
}

/// The first and last byte of one range; without a first one, the last so many.
fn parse(text: &str) -> Option<(Option<u64>, Option<u64>)> {
    let (unit, range) = text.split_once('=')?;
    let (first, last) = range.trim().split_once('-')?;
    let number = |text: &str| match text {
        "" => Some(None),
        // `parse` would take a sign.
        digits if digits.bytes().all(|byte| byte.is_ascii_digit()) => {
            // More than any file has is as much as it has.
            Some(Some(digits.parse().unwrap_or(u64::MAX)))
        }
        _ => None,
    };
    let (first, last) = (number(first)?, number(last)?);
    let sound = match (first, last) {
        (Some(first), Some(last)) => first <= last,
        (first, last) => first.is_some() || last.is_some(),
    };
    (unit.trim().eq_ignore_ascii_case("bytes") && sound).then_some((first, last))
}

fn unsatisfiable(size: u64) -> ApiError {
    let message = format!("the file has {size} bytes, and none of them is in that range");
    let error = ApiError::new(StatusCode::RANGE_NOT_SATISFIABLE, "range_not_satisfiable", message);
    let range = HeaderValue::from_str(&format!("bytes */{size}"));
    error
        .with("size", size)
        .with_header(CONTENT_RANGE, range.unwrap_or(HeaderValue::from_static("bytes */0")))
}

fn find<H: Header>(headers: &HeaderMap) -> Option<H> {
    let mut values = headers.get_all(H::name()).iter();
    H::decode(&mut values).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    const SIZE: u64 = 1_000;

    /// What is asked for, or the status of the refusal.
    fn part(size: u64, pairs: &[(&str, &str)]) -> Result<Part, u16> {
        let pairs = pairs.iter().map(|(name, value)| (name.parse().unwrap(), value.parse().unwrap()));
        let headers: HeaderMap = pairs.collect();
        asked_for(&Method::GET, &headers, &HeaderValue::from_static("\"now\""), size)
            .map_err(|error| error.into_response("").status().as_u16())
    }

    fn range(text: &str) -> Result<Part, u16> {
        part(SIZE, &[("range", text)])
    }

    #[test]
    fn one_range_is_cut_to_the_file() {
        for (text, expected) in [
            ("bytes=0-0", 0..1),
            ("bytes=0-999", 0..1_000),
            ("bytes=10-", 10..1_000),
            ("bytes=999-99999999999999999999999", 999..1_000),
            ("bytes=-1", 999..1_000),
            ("bytes=-5000", 0..1_000),
            ("Bytes= 5-6", 5..7),
        ] {
            assert_eq!(range(text), Ok(Part::Range(expected)), "{text}");
        }
    }

    #[test]
    fn what_is_no_single_range_asks_for_the_whole() {
        for text in [
            "bytes=0-1,5-6",
            "bytes=5-4",
            "bytes=-",
            "bytes=",
            "bytes",
            "lines=0-1",
            "bytes=+1-2",
            "bytes=a-b",
            "bytes=1-2-3",
            "",
        ] {
            assert_eq!(range(text), Ok(Part::Whole), "{text}");
        }
        assert_eq!(part(SIZE, &[("range", "bytes=0-1"), ("range", "bytes=2-3")]), Ok(Part::Whole));
        assert_eq!(part(SIZE, &[]), Ok(Part::Whole));
    }

    #[test]
    fn a_range_past_the_end_is_refused_with_the_size() {
        for text in ["bytes=1000-", "bytes=1000-2000", "bytes=-0", "bytes=99999999999999999999999-"] {
            assert_eq!(range(text), Err(416), "{text}");
        }
        for text in ["bytes=0-", "bytes=-1", "bytes=0-0"] {
            assert_eq!(part(0, &[("range", text)]), Err(416), "{text} of nothing");
        }
        assert_eq!(unsatisfiable(7).into_response("").headers()[CONTENT_RANGE], "bytes */7");
    }

    #[test]
    fn conditions_decide_before_the_range_does() {
        let ranged = |name, value| part(SIZE, &[("range", "bytes=0-1"), (name, value)]);
        assert_eq!(ranged("if-range", "\"now\""), Ok(Part::Range(0..2)));
        for old in ["\"then\"", "W/\"now\"", "Sat, 29 Oct 1994 19:43:31 GMT", "odd"] {
            assert_eq!(ranged("if-range", old), Ok(Part::Whole), "{old}");
        }
        for known in ["\"now\"", "\"then\", \"now\"", "W/\"now\"", "*"] {
            assert_eq!(ranged("if-none-match", known), Ok(Part::NotModified), "{known}");
        }
        assert_eq!(ranged("if-none-match", "\"then\""), Ok(Part::Range(0..2)));
        assert_eq!(part(SIZE, &[("if-none-match", "\"now\"")]), Ok(Part::NotModified));
        let headers = HeaderMap::from_iter([(RANGE, HeaderValue::from_static("bytes=0-1"))]);
        let head = asked_for(&Method::HEAD, &headers, &HeaderValue::from_static("\"now\""), SIZE);
        assert_eq!(head.unwrap(), Part::Whole, "a range is a GET's");
    }

    #[test]
    fn a_tag_is_strong_and_tells_nothing_of_the_machine() {
        let tag = etag(&BlobVersion("803-1a2b3c-10-65.0".into()));
        let tag = tag.to_str().unwrap();
        assert!(tag.len() == 34 && tag.starts_with('"') && tag.ends_with('"'), "{tag}");
        assert!(!tag.contains("1a2b3c"));
        assert_ne!(etag(&BlobVersion("a".into())), etag(&BlobVersion("b".into())));
    }
}
