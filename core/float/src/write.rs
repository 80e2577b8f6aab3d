//! Values to text.
//!
//! Every tier writes a list in which each value is preceded by a comma, in blocks that go through
//! the same stages:
//!
//! 1. scale (`scale.rs`): the value as an integer of 8 or 9 decimal digits and a power of ten;
//! 2. digits (`digits.rs`): that integer as one byte per digit;
//! 3. spelling: sign, point and zeros around the digits, into the output.
//!
//! Within a block each stage runs over all values before the next begins. One value is a chain of
//! about 130 dependent cycles, which fills the processor's scheduler; in short loops over arrays in
//! the first cache level, many values are under way at once.
//!
//! The values a wide tier does not spell itself (tiny, huge, subnormal) go to `portable.rs`, and those for
//! which the first stage is too coarse (huge, subnormal, a few powers of two) through `exact.rs`.

#[cfg(target_arch = "x86_64")]
mod avx2;
#[cfg(target_arch = "x86_64")]
mod avx512;
mod digits;
mod exact;
mod portable;
mod scale;
#[cfg(any(target_arch = "x86_64", all(target_arch = "wasm32", target_feature = "simd128")))]
mod shapes;
#[cfg(all(target_arch = "wasm32", target_feature = "simd128"))]
mod simd128;

use super::tier::Tier;

/// Bytes of the longest spelling, `-0.00000123456789`, and its comma.
const LONGEST: usize = 18;

/// Bytes of the widest store, of which the last one may pass the text's end.
const WIDEST: usize = 64;

/// Appends `[a,b,c]`; or the index of the first value that is not finite. The processor has `tier`.
pub(super) fn array(tier: Tier, values: &[f32], out: &mut Vec<u8>) -> Result<(), usize> {
    if let Some(index) = first_non_finite(tier, values) {
        return Err(index);
    }
    let open = out.len();
    if values.is_empty() {
        out.push(b'[');
    }
    match tier {
        #[cfg(target_arch = "x86_64")]
        // SAFETY: the caller vouches for the tier, `Tier::supported` for the processor.
        Tier::Avx512 => unsafe { avx512::list(values, out) },
        #[cfg(target_arch = "x86_64")]
        // SAFETY: as above.
        Tier::Avx2 => unsafe { avx2::list(values, out) },
        #[cfg(all(target_arch = "wasm32", target_feature = "simd128"))]
        Tier::Simd128 => simd128::list(values, out),
        _ => portable::list(values, out),
    }
    // The comma before the first value is not wanted, the bracket is.
    out[open] = b'[';
    out.push(b']');
    Ok(())
}

fn first_non_finite(tier: Tier, values: &[f32]) -> Option<usize> {
    match tier {
        #[cfg(target_arch = "x86_64")]
        // SAFETY: as in `array`.
        Tier::Avx512 => unsafe { avx512::first_non_finite(values) },
        #[cfg(target_arch = "x86_64")]
        // SAFETY: as in `array`.
        Tier::Avx2 => unsafe { avx2::first_non_finite(values) },
        _ => super::first_non_finite(values),
    }
}
