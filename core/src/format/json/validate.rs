//! Validation of values that are kept as text.

use std::borrow::Cow;

use super::scan::Scanner;
use super::string::{StringEnd, not_unicode, unescape};
use crate::format::limits::MAX_DEPTH;
use crate::format::{FormatError, FormatErrorKind};

/// Checks values that stay text: grammar, Unicode, depth, no key twice in an object. It keeps its memory
/// from one value to the next, and none of the value's.
#[derive(Debug, Default)]
pub struct Validator {
    /// Whether each open container is an object, and where its keys begin in `keys`.
    open: Vec<Frame>,
    /// The keys of the open objects: where they stand, between the quotes, and whether they are escaped.
    keys: Vec<Key>,
}

#[derive(Clone, Copy, Debug)]
struct Frame {
    is_object: bool,
    first_key: usize,
}

#[derive(Clone, Copy, Debug)]
struct Key {
    start: usize,
    end: usize,
    escaped: bool,
}

impl Key {
    fn text<'a>(&self, bytes: &'a [u8]) -> Cow<'a, [u8]> {
        let raw = &bytes[self.start..self.end];
        match std::str::from_utf8(raw) {
            Ok(raw) if self.escaped => Cow::Owned(unescape(raw).into_bytes()),
            _ => Cow::Borrowed(raw),
        }
    }
}

impl Validator {
    /// A validator.
    pub fn new() -> Self {
        Self::default()
    }

    /// Checks the value that begins at `at`, white space before it allowed; gives its text and the offset
    /// after it. A number at the very end of `bytes` is taken to end there.
    pub fn value<'a>(&mut self, bytes: &'a [u8], at: usize) -> Result<(&'a str, usize), FormatError> {
        let mut scanner = Scanner::new(bytes, at);
        scanner.skip_whitespace();
        let start = scanner.at();
        let end = self.grammar(bytes, start)?;
        // All strings at once: outside of them the grammar has let nothing through but ASCII.
        let text = std::str::from_utf8(&bytes[start..end])
            .map_err(|error| not_unicode(start + error.valid_up_to()))?;
        Ok((text, end))
    }

    /// The same where `text` is the value and nothing else, but for white space around it: see
    /// [`validate`](super::validate).
    pub fn whole<'a>(&mut self, text: &'a [u8]) -> Result<&'a str, FormatError> {
        let (value, end) = self.value(text, 0)?;
        let mut scanner = Scanner::new(text, end);
        scanner.skip_whitespace();
        scanner.expect_end()?;
        Ok(value)
    }

    /// Checks all but UTF-8.
    fn grammar(&mut self, bytes: &[u8], at: usize) -> Result<usize, FormatError> {
        self.open.clear();
        self.keys.clear();
        let mut scanner = Scanner::new(bytes, at);
        self.begin_value(&mut scanner)?;
        while let Some(frame) = self.open.last().copied() {
            let closing = if frame.is_object { b'}' } else { b']' };
            match scanner.peek_token()? {
                b',' => {
                    scanner.step();
                    if frame.is_object {
                        self.key(&mut scanner)?;
                    }
                    self.begin_value(&mut scanner)?;
                }
                byte if byte == closing => {
                    scanner.step();
                    self.close(bytes, frame)?;
                }
                _ => {
                    return Err(scanner.unexpected(if frame.is_object {
                        "expected ',' or '}'"
                    } else {
                        "expected ',' or ']'"
                    }));
                }
            }
        }
        Ok(scanner.at())
    }

    /// Steps into or over a value; of a container that is not empty, into its first member's value.
    fn begin_value(&mut self, scanner: &mut Scanner<'_>) -> Result<(), FormatError> {
        loop {
            match scanner.peek_token()? {
                b'"' => return scanner.skip_string().map(drop),
                b'-' | b'0'..=b'9' => return number(scanner),
                b't' => return literal(scanner, b"true"),
                b'f' => return literal(scanner, b"false"),
                b'n' => return literal(scanner, b"null"),
                opening @ (b'{' | b'[') => {
                    let is_object = opening == b'{';
                    if self.open.len() == MAX_DEPTH {
                        return Err(FormatError::too_large(
                            scanner.at() as u64,
                            "the depth of the value",
                            MAX_DEPTH,
                        ));
                    }
                    scanner.step();
                    if scanner.accept(if is_object { b'}' } else { b']' })? {
                        return Ok(());
                    }
                    self.open.push(Frame { is_object, first_key: self.keys.len() });
                    if is_object {
                        self.key(scanner)?;
                    }
                }
                _ => return Err(scanner.unexpected("expected a value")),
            }
        }
    }

    fn key(&mut self, scanner: &mut Scanner<'_>) -> Result<(), FormatError> {
        scanner.skip_whitespace();
        let start = scanner.at() + 1;
        let StringEnd { quote, escaped } = scanner.skip_string()?;
        self.keys.push(Key { start, end: quote, escaped });
        scanner.expect(b':')
    }

    /// Ends a container: its keys must differ.
    fn close(&mut self, bytes: &[u8], frame: Frame) -> Result<(), FormatError> {
        if let Some(twice) = duplicate(bytes, &mut self.keys[frame.first_key..]) {
            let message = "this key is in the object twice";
            return Err(FormatError::new(FormatErrorKind::DuplicateKey, twice.start as u64, message));
        }
        self.keys.truncate(frame.first_key);
        self.open.pop();
        Ok(())
    }
}

/// The second of two equal keys. Few keys are compared pairwise; many are sorted first.
fn duplicate(bytes: &[u8], keys: &mut [Key]) -> Option<Key> {
    const FEW: usize = 12;
    if keys.len() <= FEW {
        let same = |a: &Key, b: &Key| {
            if a.escaped || b.escaped {
                a.text(bytes) == b.text(bytes)
            } else {
                bytes[a.start..a.end] == bytes[b.start..b.end]
            }
        };
        let earlier_equal = |i: &usize| keys[..*i].iter().any(|earlier| same(earlier, &keys[*i]));
        return (1..keys.len()).find(earlier_equal).map(|i| keys[i]);
    }
    let mut sorted: Vec<_> = keys.iter().map(|key| (key.text(bytes), *key)).collect();
    sorted.sort_unstable_by(|a, b| a.0.cmp(&b.0).then(a.1.start.cmp(&b.1.start)));
    sorted.windows(2).find(|pair| pair[0].0 == pair[1].0).map(|pair| pair[1].1)
}

fn literal(scanner: &mut Scanner<'_>, word: &[u8]) -> Result<(), FormatError> {
    for &byte in word {
        if scanner.peek()? != byte {
            return Err(scanner.unexpected("expected a value"));
        }
        scanner.step();
    }
    Ok(())
}

/// Steps over a number: `-? (0 | [1-9][0-9]*) (. [0-9]+)? ([eE] [+-]? [0-9]+)?`.
fn number(scanner: &mut Scanner<'_>) -> Result<(), FormatError> {
    if scanner.peek()? == b'-' {
        scanner.step();
    }
    if scanner.peek()? == b'0' {
        scanner.step();
        if matches!(scanner.peek(), Ok(b'0'..=b'9')) {
            return Err(scanner.unexpected("a number has no leading zeros"));
        }
    } else {
        digits(scanner)?;
    }
    if scanner.peek().is_ok_and(|byte| byte == b'.') {
        scanner.step();
        digits(scanner)?;
    }
    if matches!(scanner.peek(), Ok(b'e' | b'E')) {
        scanner.step();
        if matches!(scanner.peek()?, b'+' | b'-') {
            scanner.step();
        }
        digits(scanner)?;
    }
    Ok(())
}

/// Steps over one digit or more.
fn digits(scanner: &mut Scanner<'_>) -> Result<(), FormatError> {
    if !scanner.peek()?.is_ascii_digit() {
        return Err(scanner.unexpected("expected a digit"));
    }
    scanner.skip_digits();
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn kind(text: &str) -> FormatErrorKind {
        Validator::new().value(text.as_bytes(), 0).unwrap_err().kind().clone()
    }

    #[test]
    fn a_key_twice_is_refused_however_it_is_spelled_and_however_many_there_are() {
        for text in [r#"{"a":1,"a":2}"#, r#"{"a":1,"\u0061":2}"#, r#"[{"b":{"c":1,"d":2,"c":3}}]"#] {
            assert_eq!(kind(text), FormatErrorKind::DuplicateKey, "{text}");
        }
        let many: Vec<_> = (0..1000).map(|i| format!("\"k{i}\":{i}")).collect();
        let text = format!("{{{}}}", many.join(","));
        assert_eq!(Validator::new().value(text.as_bytes(), 0).unwrap(), (&*text, text.len()));
        let text = format!("{{{},\"k500\":0}}", many.join(","));
        let error = Validator::new().value(text.as_bytes(), 0).unwrap_err();
        assert_eq!(*error.kind(), FormatErrorKind::DuplicateKey);
        assert_eq!(error.offset() as usize, text.rfind("k500").unwrap(), "the second one is named");
        assert!(
            Validator::new().value(br#"{"a":{"a":1},"b":{"a":2}}"#, 0).is_ok(),
            "other objects' keys do not count"
        );
    }

    #[test]
    fn depth_is_bounded_without_recursion() {
        let nested = |depth: usize| format!("{}{}", "[".repeat(depth), "]".repeat(depth));
        assert!(Validator::new().value(nested(128).as_bytes(), 0).is_ok());
        assert_eq!(kind(&nested(129)), FormatErrorKind::TooLarge);
        assert_eq!(kind(&nested(200_000)), FormatErrorKind::TooLarge);
        assert_eq!(kind(&"{\"a\":".repeat(200_000)), FormatErrorKind::TooLarge);
    }

    #[test]
    fn every_prefix_is_truncated_or_a_whole_number() {
        let text = r#"{"a":[1.5e+3,-0,"x\u00e9",true,null],"b":{}}"#;
        for cut in 0..text.len() {
            assert_eq!(kind(&text[..cut]), FormatErrorKind::Truncated, "{}", &text[..cut]);
        }
    }
}
