//! The float codec: `f32` arrays to JSON text and back, exactly and quickly.
//!
//! Writing gives each value the shortest decimal that reads back to the same bits, spelled as
//! `serde_json` spells it. Reading takes every JSON array of numbers and rounds each correctly
//! (half to even), however many digits it has. Both have a portable form and forms for wider
//! instruction sets ([`Tier`]); all of them give the same bytes, values and errors.
//!
//! This crate knows arrays of numbers and nothing else: no objects, strings, files or threads.
//! It is the only package where `unsafe` is allowed, for two reasons: vector
//! instructions that the compiler is not promised at build time, and stores into the spare
//! capacity of a `Vec` (`tail.rs`). Everything it exports is safe to call with any bytes, on any
//! processor.
//!
//! It is a package so that it can be built for speed where all around it is built for size. Therefore its doors are
//! never inlined: what is inlined is optimised as its caller is.
#![allow(unsafe_code)]

use std::fmt;

mod bits;
mod read;
mod tail;
mod tier;
mod write;

#[cfg(test)]
mod tests;

pub use bits::{first_non_finite, same_bits, to_bytes};
pub use tier::Tier;

/// Appends `values` to `out` as a JSON array, `[a,b,c]`.
///
/// Each value is the shortest decimal that reads back to the same `f32`, and of the shortest the
/// closest, spelled as `serde_json` spells it: `1.0`, `-0.0`, `1e-7`, `3.4028235e+38`. There are
/// no spaces. A tier the processor lacks is replaced by the best it has.
///
/// # Errors
///
/// [`NotFinite`] names the first value that is NaN or infinite; `out` is then as it was.
#[inline(never)]
pub fn write_array(tier: Tier, values: &[f32], out: &mut Vec<u8>) -> Result<(), NotFinite> {
    write::array(tier.supported(), values, out).map_err(|index| NotFinite { index })
}

/// Reads a JSON array of numbers and appends its values to `out`, at most `max` of them.
///
/// `input[at]` is the byte after `[`; the result is the offset just after `]`. The grammar is that
/// of RFC 8259: white space is taken wherever JSON allows it, and leading zeros, `+1`, `.5`, `1.`
/// and `NaN` are refused. Values are rounded half to even from decimals of any length; what is too
/// small becomes a subnormal or a zero of its sign, what is too large is an error. A tier the
/// processor lacks is replaced by the best it has.
///
/// No byte outside `input` is read, and bytes behind the array have no influence on the result.
///
/// # Errors
///
/// See [`ArrayErrorKind`]; `out` is then cut back to its former length.
#[inline(never)]
pub fn read_array(
    tier: Tier,
    input: &[u8],
    at: usize,
    max: usize,
    out: &mut Vec<f32>,
) -> Result<usize, ArrayError> {
    let former = out.len();
    read::array(tier.supported(), input, at, max, out).map_err(|failure| {
        let index = out.len() - former;
        out.truncate(former);
        ArrayError { kind: failure.kind, at: failure.at, index }
    })
}

/// A value that JSON has no spelling for.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct NotFinite {
    /// Where it stands among the values given.
    pub index: usize,
}

impl fmt::Display for NotFinite {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "value {} is not a finite number", self.index)
    }
}

impl std::error::Error for NotFinite {}

/// Why, and where, an array could not be read.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct ArrayError {
    /// What is wrong.
    pub kind: ArrayErrorKind,
    /// Offset in the input of the first byte that cannot stand there; see [`ArrayErrorKind`].
    pub at: usize,
    /// Number of values before it: the element in question, counted from 0.
    pub index: usize,
}

impl fmt::Display for ArrayError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} at byte {} (element {})", self.kind, self.at, self.index)
    }
}

impl std::error::Error for ArrayError {}

/// What can be wrong with an array of numbers.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[non_exhaustive]
pub enum ArrayErrorKind {
    /// The input ended inside the array, and more bytes may complete it. `at` is the input's end.
    Incomplete,
    /// A byte that cannot begin or continue a JSON number.
    NotANumber,
    /// After a number, a byte that is neither `,` nor `]` nor white space.
    NotASeparator,
    /// The number rounds to an infinity. `at` is its first byte.
    OutOfRange,
    /// More than `max` values. `at` is the comma that announces the first one too many, or its
    /// first byte where `max` is 0.
    TooMany,
}

impl fmt::Display for ArrayErrorKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Incomplete => "the array is incomplete",
            Self::NotANumber => "not a JSON number",
            Self::NotASeparator => "expected a comma or a closing bracket",
            Self::OutOfRange => "number too large for a 32-bit float",
            Self::TooMany => "too many numbers",
        })
    }
}
