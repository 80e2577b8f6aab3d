//! JSON strings: scanned in words of eight bytes, unescaped, written canonically.

use std::borrow::Cow;
use std::fmt;

use crate::format::{FormatError, FormatErrorKind};

/// A string that was stepped over; whether it is UTF-8 has not been looked at.
#[derive(Clone, Copy, Debug)]
pub(crate) struct StringEnd {
    /// The offset of the closing quote.
    pub(crate) quote: usize,
    /// Whether there are escapes in it.
    pub(crate) escaped: bool,
}

/// A string that was stepped over.
#[derive(Clone, Copy, Debug)]
pub(crate) struct StringScan<'a> {
    /// The text between the quotes, escapes as they stand there.
    pub(crate) raw: &'a str,
    /// Whether there are escapes in it.
    pub(crate) escaped: bool,
    /// The offset after the closing quote.
    pub(crate) end: usize,
}

impl<'a> StringScan<'a> {
    /// The text that the string means.
    pub(crate) fn text(&self) -> Cow<'a, str> {
        if self.escaped { Cow::Owned(unescape(self.raw)) } else { Cow::Borrowed(self.raw) }
    }
}

/// Scans a string whose first byte after the quote is at `start`: no control characters, valid escapes,
/// paired surrogates, UTF-8.
#[inline]
pub(crate) fn scan_string(bytes: &[u8], start: usize) -> Result<StringScan<'_>, FormatError> {
    let StringEnd { quote, escaped } = skip_string(bytes, start)?;
    let raw = std::str::from_utf8(&bytes[start..quote])
        .map_err(|error| not_unicode(start + error.valid_up_to()))?;
    Ok(StringScan { raw, escaped, end: quote + 1 })
}

/// Scans a string as [`scan_string`] does, but for UTF-8: where many strings stand in one text, that is
/// checked for all of it at once.
#[inline]
pub(crate) fn skip_string(bytes: &[u8], start: usize) -> Result<StringEnd, FormatError> {
    let (mut at, mut escaped) = (start, false);
    loop {
        at = skip_plain(bytes, at);
        match bytes.get(at) {
            Some(b'"') => return Ok(StringEnd { quote: at, escaped }),
            Some(b'\\') => {
                at = skip_escape(bytes, at)?;
                escaped = true;
            }
            Some(_) => {
                return Err(FormatError::invalid(
                    at as u64,
                    "a control character in a string must be escaped",
                ));
            }
            None => return Err(FormatError::truncated(at as u64)),
        }
    }
}

/// An error for bytes that are not UTF-8.
pub(crate) fn not_unicode(at: usize) -> FormatError {
    FormatError::new(FormatErrorKind::InvalidText, at as u64, "not UTF-8")
}

const ONES: u64 = 0x0101_0101_0101_0101;
const HIGHS: u64 = 0x8080_8080_8080_8080;

/// The offset of the next quote, backslash or control character, or the end. Eight bytes at a time by the
/// zero-byte test of "Bit Twiddling Hacks"
/// (<https://graphics.stanford.edu/~seander/bithacks.html#ZeroInWord>); only its lowest hit is exact.
#[inline]
fn skip_plain(bytes: &[u8], mut at: usize) -> usize {
    while let Some(word) = bytes.get(at..at + 8).and_then(|word| word.try_into().ok()).map(u64::from_le_bytes)
    {
        let zero_byte = |x: u64| x.wrapping_sub(ONES) & !x;
        let quote = zero_byte(word ^ (ONES * b'"' as u64));
        let backslash = zero_byte(word ^ (ONES * b'\\' as u64));
        let control = word.wrapping_sub(ONES * 0x20) & !word;
        let stops = (quote | backslash | control) & HIGHS;
        if stops != 0 {
            return at + (stops.trailing_zeros() / 8) as usize;
        }
        at += 8;
    }
    let stop = |byte: &u8| matches!(byte, b'"' | b'\\' | ..0x20);
    bytes[at..].iter().position(stop).map_or(bytes.len(), |after| at + after)
}

/// Steps over the escape at `at` (its backslash).
fn skip_escape(bytes: &[u8], at: usize) -> Result<usize, FormatError> {
    match bytes.get(at + 1) {
        Some(b'"' | b'\\' | b'/' | b'b' | b'f' | b'n' | b'r' | b't') => Ok(at + 2),
        Some(b'u') => skip_unicode_escape(bytes, at),
        Some(_) => Err(FormatError::invalid(at as u64, "an escape that JSON does not have")),
        None => Err(FormatError::truncated(bytes.len() as u64)),
    }
}

/// Steps over `\uXXXX`, or over two of them that make a pair.
fn skip_unicode_escape(bytes: &[u8], at: usize) -> Result<usize, FormatError> {
    let lone =
        || FormatError::new(FormatErrorKind::InvalidText, at as u64, "a lone surrogate is not Unicode text");
    let unit = hex4(bytes, at + 2)?;
    match unit {
        0xd800..=0xdbff => {
            for (i, expected) in [(6, b'\\'), (7, b'u')] {
                match bytes.get(at + i) {
                    Some(&found) if found == expected => {}
                    Some(_) => return Err(lone()),
                    None => return Err(FormatError::truncated(bytes.len() as u64)),
                }
            }
            let low = hex4(bytes, at + 8)?;
            if (0xdc00..=0xdfff).contains(&low) { Ok(at + 12) } else { Err(lone()) }
        }
        0xdc00..=0xdfff => Err(lone()),
        _ => Ok(at + 6),
    }
}

fn hex4(bytes: &[u8], at: usize) -> Result<u16, FormatError> {
    let mut unit = 0;
    for i in at..at + 4 {
        let byte = *bytes.get(i).ok_or_else(|| FormatError::truncated(bytes.len() as u64))?;
        let digit = (byte as char)
            .to_digit(16)
            .ok_or_else(|| FormatError::invalid(i as u64, "expected four hexadecimal digits"))?;
        unit = unit << 4 | digit as u16;
    }
    Ok(unit)
}

/// The text that a scanned string means.
pub(crate) fn unescape(raw: &str) -> String {
    let mut text = String::with_capacity(raw.len());
    let mut rest = raw;
    while let Some(at) = memchr::memchr(b'\\', rest.as_bytes()) {
        text.push_str(&rest[..at]);
        rest = &rest[at + 1..];
        let mut used = 1;
        match rest.as_bytes().first() {
            Some(b'b') => text.push('\u{8}'),
            Some(b'f') => text.push('\u{c}'),
            Some(b'n') => text.push('\n'),
            Some(b'r') => text.push('\r'),
            Some(b't') => text.push('\t'),
            Some(b'u') => used = push_unicode_escape(rest.as_bytes(), &mut text),
            Some(&byte) => text.push(byte as char),
            None => used = 0,
        }
        rest = &rest[used..];
    }
    text.push_str(rest);
    text
}

/// Pushes the character of `uXXXX` or `uXXXX\uXXXX`; gives how many bytes it took.
fn push_unicode_escape(rest: &[u8], text: &mut String) -> usize {
    let unit = |at| hex4(rest, at).unwrap_or(0xfffd);
    let high = unit(1);
    let (code, used) = match high {
        0xd800..=0xdbff => (
            0x10000 + ((u32::from(high) - 0xd800) << 10) + (u32::from(unit(7)).wrapping_sub(0xdc00) & 0x3ff),
            11,
        ),
        _ => (u32::from(high), 5),
    };
    text.push(char::from_u32(code).unwrap_or(char::REPLACEMENT_CHARACTER));
    used
}

/// A text as a JSON string, for messages and paths: it can be told from what stands around it, and has no line feed or
/// other control character below U+0020 in it.
#[derive(Clone, Copy, Debug)]
pub struct Quoted<'a>(pub &'a str);

impl fmt::Display for Quoted<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut quoted = Vec::with_capacity(self.0.len() + 2);
        write_string(self.0, &mut quoted);
        f.write_str(std::str::from_utf8(&quoted).unwrap_or_default())
    }
}

/// Appends a string in its canonical spelling, serde_json's: only `"`, `\` and control characters are
/// escaped, in their short forms where there are such.
pub fn write_string(text: &str, out: &mut Vec<u8>) {
    out.push(b'"');
    let mut rest = text.as_bytes();
    loop {
        let stop = skip_plain(rest, 0);
        out.extend_from_slice(&rest[..stop]);
        let Some(&byte) = rest.get(stop) else { break };
        match byte {
            b'"' => out.extend_from_slice(b"\\\""),
            b'\\' => out.extend_from_slice(b"\\\\"),
            0x08 => out.extend_from_slice(b"\\b"),
            0x0c => out.extend_from_slice(b"\\f"),
            b'\n' => out.extend_from_slice(b"\\n"),
            b'\r' => out.extend_from_slice(b"\\r"),
            b'\t' => out.extend_from_slice(b"\\t"),
            _ => out.extend_from_slice(format!("\\u{byte:04x}").as_bytes()),
        }
        rest = &rest[stop + 1..];
    }
    out.push(b'"');
}

#[cfg(test)]
mod tests {
    use super::*;

    const TEXTS: [&str; 8] = [
        "",
        "plain ascii that is longer than a word",
        "é\u{1f600}",
        "\"\\/\u{8}\u{c}\n\r\t",
        "\0\u{1f}\u{7f}",
        "a\u{2028}b",
        "ends with \\",
        "1234567\"8",
    ];

    #[test]
    fn strings_are_spelled_as_serde_json_spells_them_and_read_back() {
        for text in TEXTS {
            let mut ours = Vec::new();
            write_string(text, &mut ours);
            assert_eq!(String::from_utf8(ours.clone()).unwrap(), serde_json::to_string(text).unwrap());
            assert_eq!(Quoted(text).to_string().as_bytes(), ours);
            let scan = scan_string(&ours, 1).unwrap();
            assert_eq!(scan.text(), text);
            assert_eq!(scan.end, ours.len());
            for cut in 1..ours.len() {
                assert!(scan_string(&ours[..cut], 1).unwrap_err().is_truncated(), "{text:?} cut at {cut}");
            }
        }
    }

    #[test]
    fn escapes_mean_what_json_says() {
        for raw in [r"\u0041\/\u00e9", r"\ud83d\ude00!", r#"\"\\\b\f\n\r\t"#, r"\u0000"] {
            let quoted = format!("\"{raw}\"");
            let scan = scan_string(quoted.as_bytes(), 1).unwrap();
            assert_eq!(scan.text(), serde_json::from_str::<String>(&quoted).unwrap());
        }
    }

    #[test]
    fn what_is_no_unicode_text_is_refused() {
        for raw in [r"\ud800", r"\udc00", r"\ud800x", r"\ud800\n", r"\ud800\ud800"] {
            let quoted = format!("\"{raw}\"");
            let error = scan_string(quoted.as_bytes(), 1).unwrap_err();
            assert_eq!(*error.kind(), FormatErrorKind::InvalidText, "{raw}");
        }
        assert_eq!(*scan_string(b"a\xff\"", 0).unwrap_err().kind(), FormatErrorKind::InvalidText);
        assert_eq!(scan_string(b"a\n\"", 0).unwrap_err().offset(), 1);
    }

    #[test]
    fn the_word_scan_stops_where_a_byte_scan_stops() {
        for stop in [b'"', b'\\', 0u8, 0x1f] {
            for at in 0..20 {
                let mut bytes = vec![b'!'; 24];
                bytes[at] = stop;
                assert_eq!(skip_plain(&bytes, 0), at);
                bytes[..at].fill(0xff);
                assert_eq!(skip_plain(&bytes, 0), at);
            }
        }
    }
}
