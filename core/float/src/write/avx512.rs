//! Writing with AVX-512: eight values to a vector, one to a 64-bit lane.
//!
//! The arithmetic is that of `scale.rs` and `digits.rs`. Spelling is one byte compression for four
//! values at a time: in 16 bytes for each value stand a comma, a sign, `0.000` and nine digits, and
//! a mask says which of them stay. Values of 1 and more have their point moved in first.

#[cfg(test)]
mod tests;

use std::arch::x86_64::*;

use super::super::tail::Tail;
use super::digits::{HALF, LEAD, ZEROS};
use super::scale::{FACTOR, FRACTION, LOG10_2, NINE_DIGITS, POWER_OF_TWO};
use super::{LONGEST, WIDEST, portable};

/// Values in a vector.
const LANES: usize = 8;

/// Vectors that go through a stage before the next stage begins.
const VECTORS: usize = 8;

/// Appends each value, preceded by a comma. The values are finite.
#[target_feature(
    enable = "avx512f,avx512bw,avx512cd,avx512dq,avx512vl,avx512vbmi,avx512vbmi2,avx512ifma,bmi1,bmi2,lzcnt,popcnt"
)]
pub(super) fn list(values: &[f32], out: &mut Vec<u8>) {
    let (vectors, rest) = values.as_chunks::<LANES>();
    let mut block = Block::new();
    for vectors in vectors.chunks(VECTORS) {
        let mut text = Tail::with_room(out, VECTORS * LANES * LONGEST + WIDEST);
        block.multiply(vectors);
        block.scale(vectors);
        block.split(vectors.len());
        block.spell(vectors, &mut text);
        text.finish();
    }
    portable::list(rest, out);
}

/// See the function of this name at the module's front.
#[target_feature(enable = "avx512f,avx512bw,avx512vl")]
pub(super) fn first_non_finite(values: &[f32]) -> Option<usize> {
    super::super::bits::find_non_finite(values)
}

/// What the stages hand to each other, by vector. Each stage replaces what it has used: few arrays,
/// since they are cleared for every list.
struct Block {
    /// The product, then the nine digits, then the last eight of them a byte each.
    digits: [__m512i; VECTORS],
    /// Half an ulp, then the exponent.
    exponent: [__m512i; VECTORS],
    /// The first digit.
    lead: [__m512i; VECTORS],
    spelling: [Spelling; VECTORS],
}

/// What a vector's values have in common.
#[derive(Clone, Copy)]
enum Spelling {
    /// `0.000d`: all exponents are -4 to -1.
    Fractions,
    /// Exponents of -4 to 8.
    Mixed,
    /// Anything.
    Odd,
}

impl Block {
    #[target_feature(enable = "avx512f")]
    fn new() -> Self {
        let zero = [_mm512_setzero_si512(); VECTORS];
        Self { digits: zero, exponent: zero, lead: zero, spelling: [Spelling::Odd; VECTORS] }
    }

    /// Products `sig * factor`, and half an ulp: see `scale::shortest`.
    #[inline]
    #[target_feature(enable = "avx512f")]
    fn multiply(&mut self, vectors: &[[f32; LANES]]) {
        for (j, values) in vectors.iter().enumerate().take(VECTORS) {
            let bits = bits(values);
            let factor = factors(bits);
            let sig = _mm512_or_si512(_mm512_and_si512(bits, all(0x7f_ffff)), all(0x80_0000));
            let rounded_up = _mm512_add_epi64(factor, all(1));
            let high = _mm512_mul_epu32(_mm512_srli_epi64::<32>(rounded_up), sig);
            let low = _mm512_mul_epu32(rounded_up, sig);
            self.digits[j] = _mm512_add_epi64(
                _mm512_slli_epi64::<{ FRACTION - 32 }>(high),
                _mm512_srli_epi64::<{ 64 - FRACTION }>(low),
            );
            let even = _mm512_andnot_si512(sig, all(1));
            self.exponent[j] = _mm512_add_epi64(_mm512_srli_epi64::<{ 65 - FRACTION }>(factor), even);
        }
    }

    /// Nine digits and their exponent, and how to spell them.
    #[inline]
    #[target_feature(enable = "avx512f,avx512ifma")]
    fn scale(&mut self, vectors: &[[f32; LANES]]) {
        for (j, values) in vectors.iter().enumerate().take(VECTORS) {
            let bits = bits(values);
            let mut s = shortest(self.digits[j], self.exponent[j]);
            let zero = _mm512_testn_epi64_mask(bits, all(0x7fff_ffff));
            let irregular = _mm512_testn_epi64_mask(bits, all(0x7f_ffff)) & !zero;
            if irregular != 0 {
                // The powers of two that are missing there are far from the exponents of `Mixed`.
                s = _mm512_mask_mov_epi64(s, irregular, look_up(&POWER_OF_TWO, bits));
            }
            let below_9 = _mm512_cmplt_epu64_mask(s, all(NINE_DIGITS));
            let below_8 = _mm512_cmplt_epu64_mask(s, all(NINE_DIGITS / 10));
            let times = _mm512_mask_mov_epi64(all(1), below_9, all(10));
            let times = _mm512_mask_mov_epi64(times, below_8, all(100));
            self.digits[j] = _mm512_maskz_madd52lo_epu64(!zero, all(0), s, times);
            let unit = exponent_of_unit(bits);
            let exponent = _mm512_mask_sub_epi64(unit, below_9, unit, all(1));
            let exponent = _mm512_mask_sub_epi64(exponent, below_8, exponent, all(1));
            let exponent = _mm512_mask_mov_epi64(exponent, zero, all(-1i64 as u64));
            self.exponent[j] = exponent;
            let above = _mm512_add_epi64(exponent, all(4));
            self.spelling[j] = if _mm512_cmple_epu64_mask(above, all(3)) == u8::MAX {
                Spelling::Fractions
            } else if _mm512_cmple_epu64_mask(above, all(12)) == u8::MAX {
                Spelling::Mixed
            } else {
                Spelling::Odd
            };
        }
    }

    /// Single digits: see `digits::split`.
    #[inline]
    #[target_feature(enable = "avx512f,avx512bw")]
    fn split(&mut self, vectors: usize) {
        for j in 0..vectors.min(VECTORS) {
            let nine = self.digits[j];
            let lead = _mm512_srli_epi64::<{ LEAD.1 }>(_mm512_mul_epu32(nine, all(LEAD.0)));
            let rest = _mm512_sub_epi64(nine, _mm512_mul_epu32(lead, all(NINE_DIGITS)));
            self.lead[j] = lead;
            self.digits[j] = eight_digits(rest);
        }
    }

    /// Puts the text.
    #[inline]
    #[target_feature(enable = "avx512f,avx512bw,avx512cd,avx512vbmi2,popcnt")]
    fn spell(&self, vectors: &[[f32; LANES]], text: &mut Tail<'_, u8>) {
        for (j, values) in vectors.iter().enumerate().take(VECTORS) {
            let (lead, eight, exponent) = (self.lead[j], self.digits[j], self.exponent[j]);
            let negative = _mm512_srli_epi64::<31>(bits(values));
            match self.spelling[j] {
                Spelling::Fractions => put_fractions(negative, exponent, lead, eight, text),
                Spelling::Mixed => put_mixed(negative, exponent, lead, eight, text),
                Spelling::Odd => values.iter().for_each(|&x| portable::put(x, text)),
            }
        }
    }
}

/// Puts eight values with exponents of -4 to -1.
#[inline]
#[target_feature(enable = "avx512f,avx512bw,avx512cd,avx512vbmi2,popcnt")]
fn put_fractions(
    negative: __m512i,
    exponent: __m512i,
    lead: __m512i,
    eight: __m512i,
    text: &mut Tail<'_, u8>,
) {
    let head = fraction_head(lead);
    let [low, high] = masks(keep_of_fraction(negative, exponent, eight));
    let digits = ascii(eight);
    put_kept(first_four(head, digits), low, text);
    put_kept(last_four(head, digits), high, text);
}

/// Puts eight values with exponents of -4 to 8.
#[inline]
#[target_feature(enable = "avx512f,avx512bw,avx512cd,avx512vbmi2,popcnt")]
fn put_mixed(negative: __m512i, exponent: __m512i, lead: __m512i, eight: __m512i, text: &mut Tail<'_, u8>) {
    let whole = _mm512_cmpge_epi64_mask(exponent, all(0));
    let head = _mm512_mask_mov_epi64(fraction_head(lead), whole, whole_head(lead, eight));
    let digits = ascii(_mm512_mask_srli_epi64::<40>(eight, whole, eight));
    let keep = keep_of_fraction(negative, exponent, eight);
    let [low, high] = masks(_mm512_mask_mov_epi64(keep, whole, keep_of_whole(negative, exponent, eight)));
    // A shift by a negative exponent gives 0: fractions have their point already.
    let point = _mm512_sllv_epi64(all(1 << 3), exponent);
    let [low_point, high_point] = masks(point);
    let [low_behind, high_behind] = masks(_mm512_sub_epi64(all(0), _mm512_slli_epi64::<1>(point)));
    let four = with_point(first_four(head, digits), low_point, low_behind);
    put_kept(four, low, text);
    let four = with_point(last_four(head, digits), high_point, high_behind);
    put_kept(four, high, text);
}

/// Bytes 0 to 7 of a fraction; its eight digits are bytes 8 to 15.
#[inline]
#[target_feature(enable = "avx512f")]
fn fraction_head(lead: __m512i) -> __m512i {
    _mm512_or_si512(all(u64::from_le_bytes(*b",-0.0000")), _mm512_slli_epi64::<56>(lead))
}

/// Bytes 0 to 7 of a value of 1 or more; the last three of its eight digits are bytes 8 to 10.
#[inline]
#[target_feature(enable = "avx512f")]
fn whole_head(lead: __m512i, eight: __m512i) -> __m512i {
    let digits = _mm512_or_si512(_mm512_slli_epi64::<16>(lead), _mm512_slli_epi64::<24>(eight));
    _mm512_or_si512(all(u64::from_le_bytes(*b",-000000")), digits)
}

/// Which of the 16 bytes of a fraction are spelled. With `z` zeros before the digits and `n` of the
/// eight digits significant:
///
/// ```text
/// byte      0  1  2 3  4 5 6  7 8 ... 15
///           ,  -  0 .  0 0 0  d dddddddd
/// spelled   1  s  1 1  1..10  1 1....1 0    = 13 + 2 s + (2^(4+z) - 2^4) + (2^(8+n) - 2^7)
/// ```
#[inline]
#[target_feature(enable = "avx512f,avx512cd")]
fn keep_of_fraction(negative: __m512i, exponent: __m512i, eight: __m512i) -> __m512i {
    let z = _mm512_sub_epi64(all(-1i64 as u64), exponent);
    let zeros = _mm512_sllv_epi64(all(1 << 4), z);
    let digits = _mm512_sllv_epi64(all(1 << 8), significant(eight));
    let rest = _mm512_add_epi64(_mm512_slli_epi64::<1>(negative), all((13i64 - (1 << 4) - (1 << 7)) as u64));
    _mm512_add_epi64(rest, _mm512_add_epi64(zeros, digits))
}

/// Which of the 16 bytes of a value of 1 or more are spelled, with `m = max(n, exponent + 1)` digits
/// behind the first:
///
/// ```text
/// byte      0  1  2 3 ... 15
///           ,  -  d ddd.dddd
/// spelled   1  s  1 1....1 0    = 1 + 2 s + (2^(4+m) - 2^2)
/// ```
#[inline]
#[target_feature(enable = "avx512f,avx512cd")]
fn keep_of_whole(negative: __m512i, exponent: __m512i, eight: __m512i) -> __m512i {
    let least = _mm512_add_epi64(exponent, all(1));
    let digits = _mm512_sllv_epi64(all(1 << 4), _mm512_max_epi64(significant(eight), least));
    let rest = _mm512_add_epi64(_mm512_slli_epi64::<1>(negative), all((1i64 - (1 << 2)) as u64));
    _mm512_add_epi64(rest, digits)
}

/// Makes room for a point in each value's 16 bytes: what stands from there on moves up by one.
#[inline]
#[target_feature(enable = "avx512f,avx512bw")]
fn with_point(four: __m512i, point: u64, behind: u64) -> __m512i {
    let moved = _mm512_mask_mov_epi8(four, behind, _mm512_bslli_epi128::<1>(four));
    _mm512_mask_mov_epi8(moved, point, _mm512_set1_epi8(b'.' as i8))
}

/// Puts the bytes of four values that are marked in `keep`.
#[inline]
#[target_feature(enable = "avx512vbmi2,popcnt")]
fn put_kept(four: __m512i, keep: u64, text: &mut Tail<'_, u8>) {
    text.put(_mm512_maskz_compress_epi8(keep, four), keep.count_ones() as usize);
}

/// Bytes 0 to 7 and 8 to 15 of the first four values, joined.
#[inline]
#[target_feature(enable = "avx512f")]
fn first_four(low: __m512i, high: __m512i) -> __m512i {
    _mm512_permutex2var_epi64(low, _mm512_setr_epi64(0, 8, 1, 9, 2, 10, 3, 11), high)
}

/// The same of the last four.
#[inline]
#[target_feature(enable = "avx512f")]
fn last_four(low: __m512i, high: __m512i) -> __m512i {
    _mm512_permutex2var_epi64(low, _mm512_setr_epi64(4, 12, 5, 13, 6, 14, 7, 15), high)
}

/// The lowest 16 bits of each lane: masks of 16 bytes for the first and for the last four values.
#[inline]
#[target_feature(enable = "avx512f")]
fn masks(lanes: __m512i) -> [u64; 2] {
    let words = _mm512_cvtepi64_epi16(lanes);
    [_mm_cvtsi128_si64(words) as u64, _mm_extract_epi64::<1>(words) as u64]
}

/// `digits::significant` in each lane.
#[inline]
#[target_feature(enable = "avx512f,avx512cd")]
fn significant(eight: __m512i) -> __m512i {
    _mm512_sub_epi64(all(8), _mm512_srli_epi64::<3>(_mm512_lzcnt_epi64(eight)))
}

#[inline]
#[target_feature(enable = "avx512f")]
fn ascii(digits: __m512i) -> __m512i {
    _mm512_or_si512(digits, all(ZEROS))
}

/// `scale::shortest` behind the product.
#[inline]
#[target_feature(enable = "avx512f,avx512ifma")]
fn shortest(product: __m512i, half: __m512i) -> __m512i {
    const ONE: u64 = 1 << FRACTION;
    let fraction = _mm512_and_si512(product, all(ONE - 1));
    let up = _mm512_cmpge_epu64_mask(_mm512_add_epi64(fraction, half), all(ONE));
    let neither = _mm512_mask_cmple_epu64_mask(!up, half, fraction);
    let nearest = _mm512_srli_epi64::<FRACTION>(_mm512_madd52lo_epu64(all(ONE / 2), fraction, all(10)));
    let tie = _mm512_cmpeq_epi64_mask(fraction, all(ONE / 4));
    let nearest = _mm512_mask_mov_epi64(nearest, tie, all(2));
    let last = _mm512_mask_mov_epi64(_mm512_maskz_mov_epi64(neither, nearest), up, all(10));
    _mm512_madd52lo_epu64(last, _mm512_srli_epi64::<FRACTION>(product), all(10))
}

/// `k + 8`: see `scale::log10_of_ulp`.
#[inline]
#[target_feature(enable = "avx512f,avx512ifma")]
fn exponent_of_unit(bits: __m512i) -> __m512i {
    let bias = (8 << 20) - 150 * i64::from(LOG10_2);
    _mm512_srai_epi64::<20>(_mm512_madd52lo_epu64(all(bias as u64), field(bits), all(LOG10_2 as u64)))
}

/// `digits::split` in each lane, behind the first digit.
#[inline]
#[target_feature(enable = "avx512f,avx512bw")]
fn eight_digits(n: __m512i) -> __m512i {
    let q = _mm512_srli_epi64::<{ HALF.1 }>(_mm512_mul_epu32(n, all(HALF.0)));
    // In two steps, since a product of 64-bit lanes is slow.
    let thousands = _mm512_sub_epi64(_mm512_slli_epi64::<32>(_mm512_mul_epu32(q, all(10_000))), q);
    let fours = _mm512_sub_epi64(_mm512_slli_epi64::<32>(n), thousands);
    let q = _mm512_srli_epi32::<3>(_mm512_mulhi_epu16(fours, _mm512_set1_epi32(5243)));
    let hundreds = _mm512_slli_epi32::<16>(_mm512_mullo_epi16(q, _mm512_set1_epi32(100)));
    let twos = _mm512_sub_epi32(_mm512_or_si512(_mm512_slli_epi32::<16>(fours), q), hundreds);
    let q = _mm512_srli_epi16::<10>(_mm512_mullo_epi16(twos, _mm512_set1_epi16(103)));
    let tens = _mm512_mullo_epi16(q, _mm512_set1_epi16((10 << 8) - 1));
    _mm512_sub_epi16(_mm512_slli_epi16::<8>(twos), tens)
}

/// The values' bits, in 64-bit lanes.
#[inline]
#[target_feature(enable = "avx512f")]
fn bits(values: &[f32; LANES]) -> __m512i {
    // SAFETY: the array has the 32 bytes that are loaded; the load asks for no alignment.
    _mm512_cvtepu32_epi64(unsafe { _mm256_loadu_si256(values.as_ptr().cast()) })
}

#[inline]
#[target_feature(enable = "avx512f")]
fn field(bits: __m512i) -> __m512i {
    _mm512_and_si512(_mm512_srli_epi64::<23>(bits), all(0xff))
}

/// [`FACTOR`] at the exponent fields: by shuffles if all values are of usual size, and quicker so.
#[inline]
#[target_feature(enable = "avx512f")]
fn factors(bits: __m512i) -> __m512i {
    /// The field of 2^-15, the first of 32: the last is that of 2^16.
    const USUAL: usize = 112;
    let field = field(bits);
    let above = _mm512_sub_epi64(field, all(USUAL as u64));
    if _mm512_cmplt_epu64_mask(above, all(32)) != u8::MAX {
        return look_up(&FACTOR, bits);
    }
    // The shuffles look at the lowest four bits, and those of the first field are zero.
    const { assert!(USUAL.is_multiple_of(16)) };
    let eight = |i: usize| load(FACTOR[USUAL + i..].first_chunk().unwrap_or(&[0; 8]));
    let (a, b, c, d) = (eight(0), eight(8), eight(16), eight(24));
    let (low, high) = (_mm512_permutex2var_epi64(a, field, b), _mm512_permutex2var_epi64(c, field, d));
    _mm512_mask_mov_epi64(low, _mm512_test_epi64_mask(above, all(16)), high)
}

/// The table's entries at the exponent fields.
#[inline]
#[target_feature(enable = "avx512f")]
fn look_up(table: &[u64; 256], bits: __m512i) -> __m512i {
    // SAFETY: a field has 8 bits, so each of the eight loads is inside the table of 256.
    unsafe { _mm512_i64gather_epi64::<8>(field(bits), table.as_ptr().cast()) }
}

#[inline]
#[target_feature(enable = "avx512f")]
fn load(entries: &[u64; 8]) -> __m512i {
    // SAFETY: the array has the 64 bytes that are loaded; the load asks for no alignment.
    unsafe { _mm512_loadu_si512(entries.as_ptr().cast()) }
}

#[inline]
#[target_feature(enable = "avx512f")]
fn all(x: u64) -> __m512i {
    _mm512_set1_epi64(x as i64)
}
