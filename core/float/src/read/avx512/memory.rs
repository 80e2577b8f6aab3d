//! Vectors from memory and back, and the constant ones: the unsafe part of reading with AVX-512.

use std::arch::x86_64::*;

use super::super::round::POWERS;

#[inline]
#[target_feature(enable = "avx512f")]
pub(super) fn bytes(byte: u8) -> __m512i {
    _mm512_set1_epi8(byte as i8)
}

#[inline]
#[target_feature(enable = "avx512f")]
pub(super) fn load(bytes: &[u8; 64]) -> __m512i {
    // SAFETY: the array has the 64 bytes that are loaded; the load asks for no alignment.
    unsafe { _mm512_loadu_si512(bytes.as_ptr().cast()) }
}

#[inline]
#[target_feature(enable = "avx512f")]
pub(super) fn load_masks(masks: &[u64; 8]) -> __m512i {
    // SAFETY: the array has the 64 bytes that are loaded; the load asks for no alignment.
    unsafe { _mm512_loadu_si512(masks.as_ptr().cast()) }
}

#[inline]
#[target_feature(enable = "avx512f")]
pub(super) fn load_starts(starts: &[u32; 8]) -> __m256i {
    // SAFETY: the array has the 32 bytes that are loaded; the load asks for no alignment.
    unsafe { _mm256_loadu_si256(starts.as_ptr().cast()) }
}

/// Eight powers of ten, from the one to the power of `FROM` on.
#[inline]
#[target_feature(enable = "avx512f")]
pub(super) fn load_powers<const FROM: usize>() -> __m512d {
    const { assert!(FROM + 8 <= POWERS.len()) };
    // SAFETY: `FROM` and the seven behind it are inside the table; the load asks for no alignment.
    unsafe { _mm512_loadu_pd(POWERS.as_ptr().add(FROM)) }
}

#[inline]
#[target_feature(enable = "avx512f")]
pub(super) fn store(to: &mut [u32; 16], offsets: __m512i) {
    // SAFETY: the array has the 64 bytes that are stored; the store asks for no alignment.
    unsafe { _mm512_storeu_si512(to.as_mut_ptr().cast(), offsets) };
}

#[inline]
#[target_feature(enable = "avx512f")]
pub(super) fn store_values(to: &mut [f32; 8], values: __m256i) {
    // SAFETY: the array has the 32 bytes that are stored; the store asks for no alignment.
    unsafe { _mm256_storeu_si256(to.as_mut_ptr().cast(), values) };
}

/// 1 to 64: for each byte of a chunk, the offset behind it.
pub(super) static BEHIND: [u8; 64] = table(1, 1, 0);
/// To which of four lanes of 16 bytes a byte belongs, from 0 on.
pub(super) static LANE: [u8; 64] = table(0, 0, 1);
/// The same from 1 on.
pub(super) static NEXT_LANE: [u8; 64] = table(1, 0, 1);
/// In each lane -16 to -1.
pub(super) static BACK: [u8; 64] = table(240, 1, 240);

/// `start + step * i + lane_step * (i / 16)` modulo 256, for `i` from 0 to 63.
const fn table(start: u8, step: u8, lane_step: u8) -> [u8; 64] {
    let mut table = [0; 64];
    let mut i = 0;
    while i < 64 {
        let lane = i as u8 / 16;
        table[i] = start.wrapping_add(step * i as u8).wrapping_add(lane_step.wrapping_mul(lane));
        i += 1;
    }
    table
}
