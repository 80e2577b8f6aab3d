//! Text to values.
//!
//! An array is read by two hands. A tier's `run` takes as many values as it can while they are
//! spelled plainly; it reports no errors, it stops before what it does not know. Then `element`
//! takes one value with everything JSON allows in it and around it, and is the only place where
//! errors are made. So all tiers fail alike.

#[cfg(target_arch = "x86_64")]
mod avx2;
#[cfg(target_arch = "x86_64")]
mod avx512;
mod exact;
mod number;
mod plain;
mod round;
#[cfg(all(target_arch = "wasm32", target_feature = "simd128"))]
mod simd128;
// The portable tier does without; its tests run everywhere.
#[cfg(any(test, target_arch = "x86_64", all(target_arch = "wasm32", target_feature = "simd128")))]
mod tokens;

use super::ArrayErrorKind;
use super::tier::Tier;

/// What is wrong, and at which byte.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) struct Failure {
    pub(super) kind: ArrayErrorKind,
    pub(super) at: usize,
}

/// How far a run came.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
struct Run {
    /// Offset behind the last comma, or bracket, that was read.
    at: usize,
    /// Whether that was the bracket.
    closed: bool,
}

/// Reads up to `max` values and the closing bracket; see `read_array`. On failure `out` has grown
/// by the values before it. The processor has `tier`.
pub(super) fn array(
    tier: Tier,
    input: &[u8],
    at: usize,
    max: usize,
    out: &mut Vec<f32>,
) -> Result<usize, Failure> {
    let former = out.len();
    let first = skip_space(input, at);
    match input.get(first) {
        Some(b']') => return Ok(first + 1),
        Some(b'-' | b'0'..=b'9') if max == 0 => return fail(ArrayErrorKind::TooMany, first),
        _ => {}
    }
    let mut run = Run { at: first, closed: false };
    let mut tier_of_run = tier;
    loop {
        let before = out.len();
        run = take_run(tier_of_run, input, run.at, max - (before - former), out);
        // A tier that soon comes to a stop costs more than it gives.
        tier_of_run = if out.len() - before < SHORT { Tier::Portable } else { tier };
        if !run.closed && (out.len() - former < max || max == 0) {
            let (value, next) = element(input, run.at)?;
            out.push(value);
            run = next;
        }
        if run.closed {
            return Ok(run.at);
        }
        if out.len() - former == max {
            return fail(ArrayErrorKind::TooMany, run.at - 1);
        }
    }
}

/// Values of a run below which the next one is portable.
const SHORT: usize = 16;

fn take_run(tier: Tier, input: &[u8], at: usize, max: usize, out: &mut Vec<f32>) -> Run {
    match tier {
        #[cfg(target_arch = "x86_64")]
        // SAFETY: the caller vouches for the tier, `Tier::supported` for the processor.
        Tier::Avx512 => unsafe { avx512::run(input, at, max, out) },
        #[cfg(target_arch = "x86_64")]
        // SAFETY: as above.
        Tier::Avx2 => unsafe { avx2::run(input, at, max, out) },
        #[cfg(all(target_arch = "wasm32", target_feature = "simd128"))]
        Tier::Simd128 => simd128::run(input, at, max, out),
        _ => plain::run(input, at, max, out),
    }
}

/// Reads one value and the comma or bracket behind it, with the white space around.
fn element(input: &[u8], at: usize) -> Result<(f32, Run), Failure> {
    let (value, end) = number::read(input, skip_space(input, at))?;
    let end = skip_space(input, end);
    match input.get(end) {
        Some(b',') => Ok((value, Run { at: end + 1, closed: false })),
        Some(b']') => Ok((value, Run { at: end + 1, closed: true })),
        Some(_) => fail(ArrayErrorKind::NotASeparator, end),
        None => fail(ArrayErrorKind::Incomplete, end),
    }
}

/// Offset of the first byte from `at` on that is not JSON white space.
#[inline(always)]
fn skip_space(input: &[u8], mut at: usize) -> usize {
    while let Some(b' ' | b'\n' | b'\r' | b'\t') = input.get(at) {
        at += 1;
    }
    at
}

fn fail<T>(kind: ArrayErrorKind, at: usize) -> Result<T, Failure> {
    Err(Failure { kind, at })
}
