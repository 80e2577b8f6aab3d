//! What proves that a collection is what was written.

use std::fmt;

/// The order-independent fingerprint of a collection's records: the sum modulo 2^128 of each record's
/// XXH3-128 hash (`format::fingerprint` has the exact bytes). It guards against accident, not malice: the
/// backup's root hash is the cryptographic one.
#[derive(Clone, Copy, Default, PartialEq, Eq, Hash)]
pub struct Fingerprint(u128);

impl Fingerprint {
    /// The fingerprint of no records.
    pub const EMPTY: Self = Self(0);

    /// A fingerprint from its number.
    pub const fn from_u128(number: u128) -> Self {
        Self(number)
    }

    /// The fingerprint as a number.
    pub const fn as_u128(self) -> u128 {
        self.0
    }

    /// Parses 32 lower-case hexadecimal digits.
    pub fn parse(text: &str) -> Option<Self> {
        let canonical = text.len() == 32 && text.bytes().all(|b| matches!(b, b'0'..=b'9' | b'a'..=b'f'));
        if canonical { u128::from_str_radix(text, 16).ok().map(Self) } else { None }
    }

    /// With the records of `other` added.
    #[must_use]
    pub const fn plus(self, other: Self) -> Self {
        Self(self.0.wrapping_add(other.0))
    }

    /// With the records of `other` taken out.
    #[must_use]
    pub const fn minus(self, other: Self) -> Self {
        Self(self.0.wrapping_sub(other.0))
    }
}

impl fmt::Display for Fingerprint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:032x}", self.0)
    }
}

impl fmt::Debug for Fingerprint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl serde::Serialize for Fingerprint {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

/// How many records a collection holds and their fingerprint. Two collections with equal proofs (and equal
/// configs) hold the same records.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, serde::Serialize)]
pub struct CollectionProof {
    /// The number of records.
    pub count: u64,
    /// The sum over the records.
    pub fingerprint: Fingerprint,
}

impl CollectionProof {
    /// The proof of a collection without records.
    pub const EMPTY: Self = Self { count: 0, fingerprint: Fingerprint::EMPTY };

    /// With the records of `other` added.
    #[must_use]
    pub const fn plus(self, other: Self) -> Self {
        Self {
            count: self.count.wrapping_add(other.count),
            fingerprint: self.fingerprint.plus(other.fingerprint),
        }
    }

    /// With the records of `other` taken out.
    #[must_use]
    pub const fn minus(self, other: Self) -> Self {
        Self {
            count: self.count.wrapping_sub(other.count),
            fingerprint: self.fingerprint.minus(other.fingerprint),
        }
    }
}

impl fmt::Display for CollectionProof {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} records, fingerprint {}", self.count, self.fingerprint)
    }
}
