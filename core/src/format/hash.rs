//! BLAKE3 hashes, and their spelling in the index.

use std::fmt;

/// A BLAKE3 hash.
pub(crate) type Hash = [u8; 32];

/// The hash of a block's or page's bytes.
pub(crate) fn hash(bytes: &[u8]) -> Hash {
    // Not `blake3::hash`: the hasher is there for the skeleton anyway, and code is downloaded.
    blake3::Hasher::new().update(bytes).finalize().into()
}

/// A hash: 64 lower-case hexadecimal digits.
pub(crate) struct HashText(pub(crate) Hash);

impl fmt::Display for HashText {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

/// Reads 16 lower-case hexadecimal digits.
pub(super) fn parse_hex(text: &str) -> Option<u64> {
    let canonical = text.len() == 16 && text.bytes().all(|b| matches!(b, b'0'..=b'9' | b'a'..=b'f'));
    if canonical { u64::from_str_radix(text, 16).ok() } else { None }
}

/// Reads 64 lower-case hexadecimal digits.
pub(super) fn parse_hash(text: &str) -> Option<Hash> {
    let mut hash = [0; 32];
    for (word, digits) in hash.chunks_exact_mut(8).zip(text.as_bytes().chunks(16)) {
        word.copy_from_slice(&parse_hex(std::str::from_utf8(digits).ok()?)?.to_be_bytes());
    }
    (text.len() == 64).then_some(hash)
}
