//! The names of blobs.

use std::fmt;

use crate::format::limits::{MAX_BLOB_KEY_BYTES, MAX_BLOB_KEY_SEGMENT_BYTES};

/// The name of a blob: segments of `[A-Za-z0-9][A-Za-z0-9._-]*` (at most 128 bytes, no dot at the end, no
/// name that Windows reserves), separated by `/`, at most 512 bytes in all.
///
/// It is the only way to reach a store, so that what is not expressible here (`..`, a root, a drive, a
/// NUL) reaches none.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct BlobKey(Box<str>);

/// A text that is no key.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("not a blob's key: letters, digits, '.', '_' and '-' in segments separated by '/' are allowed")]
pub struct InvalidBlobKey;

impl BlobKey {
    /// Parses a key.
    pub fn parse(text: &str) -> Result<Self, InvalidBlobKey> {
        let valid =
            text.len() <= MAX_BLOB_KEY_BYTES && text.as_bytes().split(|byte| *byte == b'/').all(is_segment);
        if valid { Ok(Self(text.into())) } else { Err(InvalidBlobKey) }
    }

    /// A key that this crate composed.
    pub(crate) fn from_trusted(text: String) -> Self {
        debug_assert!(Self::parse(&text).is_ok());
        Self(text.into())
    }

    /// The key as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// Whether a text may stand between two slashes.
fn is_segment(segment: &[u8]) -> bool {
    segment.len() <= MAX_BLOB_KEY_SEGMENT_BYTES
        && segment.first().is_some_and(u8::is_ascii_alphanumeric)
        && segment.iter().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'.' | b'_' | b'-'))
        && segment.last() != Some(&b'.')
        && !is_reserved_on_windows(segment)
}

/// `CON`, `nul.txt`, `COM1` …: devices, whatever follows the first dot.
fn is_reserved_on_windows(segment: &[u8]) -> bool {
    let stem = segment.split(|byte| *byte == b'.').next().unwrap_or(segment).to_ascii_uppercase();
    match stem.as_slice() {
        b"CON" | b"PRN" | b"AUX" | b"NUL" => true,
        [b'C', b'O', b'M', number] | [b'L', b'P', b'T', number] => matches!(number, b'1'..=b'9'),
        _ => false,
    }
}

impl fmt::Display for BlobKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl fmt::Debug for BlobKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // Nothing that stands in a key has to be escaped.
        write!(f, "\"{}\"", self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_are_plain_names() {
        for good in ["a", "a.backup", "tenant/550e8400.backup", "COM0", "console"] {
            assert!(BlobKey::parse(good).is_ok(), "{good}");
        }
    }

    #[test]
    fn nothing_that_could_leave_the_store_is_a_key() {
        for bad in [
            "", ".", "..", "../x", "/etc/x", "a/../b", "a//b", "a/", "a\\b", "C:x", "x:ads", "CON",
            "nul.txt", "com1", ".hidden", "a.", "a b", "a\0", "é", "%2e%2e", "a/.b", "-rf",
        ] {
            assert_eq!(BlobKey::parse(bad), Err(InvalidBlobKey), "{bad:?}");
        }
        assert!(BlobKey::parse(&"a".repeat(129)).is_err());
        assert!(BlobKey::parse(&vec!["a".repeat(100); 6].join("/")).is_err());
    }
}
