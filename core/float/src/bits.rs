//! Values as bits: whether JSON can hold them, whether they are the same, and their bytes.
//!
//! The loops are short and without an early exit, so that the compiler makes vector code of them; blocks give back the
//! early exit. On WebAssembly they are vector code by hand: a module that is linked for size gets no other.

use blocks::{any_different, any_non_finite};

/// Values that are looked at together.
const BLOCK: usize = 256;

/// Index of the first value that JSON cannot hold: NaN or an infinity.
///
/// ```text
/// x is finite  <=>  exponent field of x != 255  <=>  |bits(x)| < 0x7f80_0000
/// ```
#[must_use]
#[inline(never)]
pub fn first_non_finite(values: &[f32]) -> Option<usize> {
    find_non_finite(values)
}

/// The same, to be compiled once more for each tier.
#[inline(always)]
pub(super) fn find_non_finite(values: &[f32]) -> Option<usize> {
    let from = values.chunks(BLOCK).position(any_non_finite)? * BLOCK;
    values[from..].iter().position(|x| !x.is_finite()).map(|i| from + i)
}

/// Whether both are as many values of the same bits: `0.0` and `-0.0` differ, and a NaN is the same as itself.
#[must_use]
#[inline(never)]
pub fn same_bits(a: &[f32], b: &[f32]) -> bool {
    a.len() == b.len() && !a.chunks(BLOCK).zip(b.chunks(BLOCK)).any(|(a, b)| any_different(a, b))
}

/// Writes the four little-endian bytes of each value.
///
/// # Panics
///
/// If `bytes` are not four times as many.
#[inline(never)]
pub fn to_bytes(values: &[f32], bytes: &mut [u8]) {
    let (fours, rest) = bytes.as_chunks_mut::<4>();
    assert!(fours.len() == values.len() && rest.is_empty(), "four bytes a value");
    for (four, value) in fours.iter_mut().zip(values) {
        *four = value.to_le_bytes();
    }
}

#[cfg(not(all(target_arch = "wasm32", target_feature = "simd128")))]
mod blocks {
    #[inline(always)]
    pub(super) fn any_non_finite(block: &[f32]) -> bool {
        block.iter().fold(false, |bad, x| bad | !x.is_finite())
    }

    /// Both have the same length.
    #[inline(always)]
    pub(super) fn any_different(a: &[f32], b: &[f32]) -> bool {
        a.iter().zip(b).fold(0, |different, (a, b)| different | (a.to_bits() ^ b.to_bits())) != 0
    }
}

#[cfg(all(target_arch = "wasm32", target_feature = "simd128"))]
mod blocks {
    use std::arch::wasm32::*;

    const LANES: usize = 4;

    #[inline(always)]
    pub(super) fn any_non_finite(block: &[f32]) -> bool {
        let (vectors, rest) = block.as_chunks::<LANES>();
        let largest = vectors.iter().fold(u32x4_splat(0), |largest, values| {
            u32x4_max(largest, v128_and(load(values), u32x4_splat(0x7fff_ffff)))
        });
        v128_any_true(u32x4_gt(largest, u32x4_splat(0x7f7f_ffff))) || rest.iter().any(|x| !x.is_finite())
    }

    /// Both have the same length.
    #[inline(always)]
    pub(super) fn any_different(a: &[f32], b: &[f32]) -> bool {
        let (a, rest_of_a) = a.as_chunks::<LANES>();
        let (b, rest_of_b) = b.as_chunks::<LANES>();
        let different = a
            .iter()
            .zip(b)
            .fold(u32x4_splat(0), |different, (a, b)| v128_or(different, v128_xor(load(a), load(b))));
        let differ = |(a, b): (&f32, &f32)| a.to_bits() != b.to_bits();
        v128_any_true(different) || rest_of_a.iter().zip(rest_of_b).any(differ)
    }

    #[inline(always)]
    fn load(values: &[f32; LANES]) -> v128 {
        // SAFETY: `values` are the 16 bytes that are loaded; the load asks for no alignment.
        unsafe { v128_load(values.as_ptr().cast()) }
    }
}

#[cfg(test)]
mod tests {
    use super::{BLOCK, first_non_finite, same_bits, to_bytes};
    #[cfg(target_family = "wasm")]
    use wasm_bindgen_test::wasm_bindgen_test as test;

    /// Values of which none is like another, as many as end in a vector and as do not.
    fn lists() -> impl Iterator<Item = Vec<f32>> {
        [0, 1, 3, 4, 5, 8, BLOCK - 1, BLOCK, BLOCK + 1, 3 * BLOCK + 7]
            .into_iter()
            .map(|len| (0..len).map(|i| i as f32 - 9.5).collect())
    }

    #[test]
    fn one_other_bit_anywhere_is_seen() {
        for values in lists() {
            assert!(same_bits(&values, &values.clone()));
            assert!(!same_bits(&values, &[&*values, &[1.0]].concat()));
            for at in 0..values.len() {
                for bit in [0, 17, 31] {
                    let mut other = values.clone();
                    other[at] = f32::from_bits(other[at].to_bits() ^ 1 << bit);
                    assert!(!same_bits(&values, &other), "bit {bit} of value {at} of {}", values.len());
                }
            }
        }
        assert!(!same_bits(&[0.0], &[-0.0]));
        assert!(same_bits(&[f32::NAN], &[f32::NAN]));
    }

    #[test]
    fn the_first_that_is_not_finite_is_found_anywhere() {
        for values in lists() {
            assert_eq!(first_non_finite(&values), None);
            for at in 0..values.len() {
                for bad in [f32::NAN, f32::INFINITY, f32::NEG_INFINITY] {
                    let mut other = values.clone();
                    other[at] = bad;
                    assert_eq!(first_non_finite(&other), Some(at));
                }
            }
        }
    }

    #[test]
    fn bytes_are_little_endian() {
        for values in lists() {
            let mut bytes = vec![0xaa; 4 * values.len()];
            to_bytes(&values, &mut bytes);
            let expected: Vec<u8> = values.iter().flat_map(|value| value.to_le_bytes()).collect();
            assert_eq!(bytes, expected);
        }
    }
}
