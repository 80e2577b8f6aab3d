//! Writing with AVX2: four values to a vector, one to a 64-bit lane.
//!
//! The arithmetic is that of `scale.rs` and `digits.rs`, the spelling that of `shapes.rs`.

#[cfg(test)]
mod tests;

use std::arch::x86_64::*;

use super::super::tail::Tail;
use super::digits::{HALF, LEAD};
use super::scale::{FACTOR, FRACTION, LOG10_2, NINE_DIGITS, POWER_OF_TWO};
use super::shapes::{EXPONENTS, SHAPES};
use super::{LONGEST, WIDEST, portable};

/// Values in a vector.
const LANES: usize = 4;

/// Vectors that go through a stage before the next stage begins.
const VECTORS: usize = 8;

/// Appends each value, preceded by a comma. The values are finite.
#[target_feature(enable = "avx2,bmi1,bmi2,lzcnt,popcnt")]
pub(super) fn list(values: &[f32], out: &mut Vec<u8>) {
    let (vectors, rest) = values.as_chunks::<LANES>();
    let mut block = Block::new();
    for vectors in vectors.chunks(VECTORS) {
        let mut text = Tail::with_room(out, VECTORS * LANES * LONGEST + WIDEST);
        block.multiply(vectors);
        block.scale(vectors);
        block.split();
        block.spell(vectors, &mut text);
        text.finish();
    }
    portable::list(rest, out);
}

/// See the function of this name at the module's front.
#[target_feature(enable = "avx2")]
pub(super) fn first_non_finite(values: &[f32]) -> Option<usize> {
    super::super::bits::find_non_finite(values)
}

/// What the stages hand to each other, by vector. Each stage replaces what it has used: few arrays,
/// since they are cleared for every list.
struct Block {
    /// The product, then the nine digits, then the last eight of them a byte each.
    digits: [__m256i; VECTORS],
    /// Half an ulp, then a comma, a sign, `0.000` and the first digit.
    head: [__m256i; VECTORS],
    /// Indices to [`SHAPES`].
    shape: [[u64; LANES]; VECTORS],
    odd: [bool; VECTORS],
}

impl Block {
    #[target_feature(enable = "avx2")]
    fn new() -> Self {
        let zero = [_mm256_setzero_si256(); VECTORS];
        Self { digits: zero, head: zero, shape: [[0; LANES]; VECTORS], odd: [false; VECTORS] }
    }

    /// Products `sig * factor`, and half an ulp: see `scale::shortest`.
    #[inline]
    #[target_feature(enable = "avx2")]
    fn multiply(&mut self, vectors: &[[f32; LANES]]) {
        for (j, values) in vectors.iter().enumerate().take(VECTORS) {
            let bits = bits(values);
            let factor = look_up(&FACTOR, bits);
            let sig = _mm256_or_si256(_mm256_and_si256(bits, all(0x7f_ffff)), all(0x80_0000));
            let rounded_up = _mm256_add_epi64(factor, all(1));
            let high = _mm256_mul_epu32(_mm256_srli_epi64::<32>(rounded_up), sig);
            let low = _mm256_mul_epu32(rounded_up, sig);
            self.digits[j] = _mm256_add_epi64(
                _mm256_slli_epi64::<{ FRACTION as i32 - 32 }>(high),
                _mm256_srli_epi64::<{ 64 - FRACTION as i32 }>(low),
            );
            let even = _mm256_andnot_si256(sig, all(1));
            self.head[j] = _mm256_add_epi64(_mm256_srli_epi64::<{ 65 - FRACTION as i32 }>(factor), even);
        }
    }

    /// Nine digits, and how to spell them.
    #[inline]
    #[target_feature(enable = "avx2")]
    fn scale(&mut self, vectors: &[[f32; LANES]]) {
        for (j, values) in vectors.iter().enumerate().take(VECTORS) {
            let bits = bits(values);
            let mut s = shortest(self.digits[j], self.head[j]);
            let zero = _mm256_cmpeq_epi64(_mm256_and_si256(bits, all(0x7fff_ffff)), all(0));
            let no_mantissa = _mm256_cmpeq_epi64(_mm256_and_si256(bits, all(0x7f_ffff)), all(0));
            let irregular = _mm256_andnot_si256(zero, no_mantissa);
            if any(irregular) {
                // The powers of two that are missing there are far from `EXPONENTS`.
                s = _mm256_blendv_epi8(s, look_up(&POWER_OF_TWO, bits), irregular);
            }
            let below_9 = _mm256_cmpgt_epi64(all(NINE_DIGITS), s);
            let below_8 = _mm256_cmpgt_epi64(all(NINE_DIGITS / 10), s);
            let times = _mm256_blendv_epi8(_mm256_blendv_epi8(all(1), all(10), below_9), all(100), below_8);
            self.digits[j] = _mm256_andnot_si256(zero, _mm256_mul_epu32(s, times));
            // Comparisons give -1; so does zero, whose exponent is -1.
            let exponent = _mm256_add_epi32(exponent_of_unit(bits), _mm256_add_epi32(below_9, below_8));
            let exponent = _mm256_or_si256(exponent, zero);
            let above = _mm256_sub_epi32(exponent, _mm256_set1_epi32(*EXPONENTS.start()));
            let above = _mm256_and_si256(above, all(0xffff_ffff));
            let outside = _mm256_cmpgt_epi64(above, all((EXPONENTS.end() - EXPONENTS.start()) as u64));
            self.odd[j] = any(outside);
            let shape = _mm256_add_epi64(_mm256_add_epi64(above, above), _mm256_srli_epi64::<31>(bits));
            store(&mut self.shape[j], shape);
        }
    }

    /// Single digits: see `digits::split`.
    #[inline]
    #[target_feature(enable = "avx2")]
    fn split(&mut self) {
        for j in 0..VECTORS {
            let nine = self.digits[j];
            let lead = _mm256_srli_epi64::<{ LEAD.1 as i32 }>(_mm256_mul_epu32(nine, all(LEAD.0)));
            let rest = _mm256_sub_epi64(nine, _mm256_mul_epu32(lead, all(NINE_DIGITS)));
            self.digits[j] = eight_digits(rest);
            let head = all(u64::from_le_bytes(*b",-0.0000"));
            self.head[j] = _mm256_or_si256(head, _mm256_slli_epi64::<56>(lead));
        }
    }

    /// Puts the text.
    #[inline]
    #[target_feature(enable = "avx2,bmi1,bmi2,lzcnt")]
    fn spell(&self, vectors: &[[f32; LANES]], text: &mut Tail<'_, u8>) {
        for (j, values) in vectors.iter().enumerate().take(VECTORS) {
            if self.odd[j] {
                values.iter().for_each(|&x| portable::put(x, text));
                continue;
            }
            let eight = self.digits[j];
            let zeros = _mm256_movemask_epi8(_mm256_cmpeq_epi8(eight, all(0)));
            let significant = (!zeros).to_le_bytes();
            let ascii = _mm256_or_si256(eight, _mm256_set1_epi8(b'0' as i8));
            let even = _mm256_unpacklo_epi64(self.head[j], ascii);
            let odd = _mm256_unpackhi_epi64(self.head[j], ascii);
            let [a, b, c, d] = self.shape[j].map(|shape| &SHAPES[shape as usize % SHAPES.len()]);
            let even = _mm256_shuffle_epi8(even, pair(&a.pick, &c.pick));
            let odd = _mm256_shuffle_epi8(odd, pair(&b.pick, &d.pick));
            text.put(_mm256_castsi256_si128(even), a.len(significant[0]));
            text.put(_mm256_castsi256_si128(odd), b.len(significant[1]));
            text.put(_mm256_extracti128_si256::<1>(even), c.len(significant[2]));
            text.put(_mm256_extracti128_si256::<1>(odd), d.len(significant[3]));
        }
    }
}

/// `scale::shortest` behind the product.
#[inline]
#[target_feature(enable = "avx2")]
fn shortest(product: __m256i, half: __m256i) -> __m256i {
    const ONE: u64 = 1 << FRACTION;
    let fraction = _mm256_and_si256(product, all(ONE - 1));
    let up = _mm256_cmpgt_epi64(_mm256_add_epi64(fraction, half), all(ONE - 1));
    let down = _mm256_cmpgt_epi64(half, fraction);
    let ten = _mm256_add_epi64(_mm256_slli_epi64::<3>(fraction), _mm256_slli_epi64::<1>(fraction));
    let nearest = _mm256_srli_epi64::<{ FRACTION as i32 }>(_mm256_add_epi64(ten, all(ONE / 2)));
    let nearest = _mm256_blendv_epi8(nearest, all(2), _mm256_cmpeq_epi64(fraction, all(ONE / 4)));
    let last = _mm256_blendv_epi8(_mm256_andnot_si256(down, nearest), all(10), up);
    _mm256_add_epi64(_mm256_mul_epu32(_mm256_srli_epi64::<{ FRACTION as i32 }>(product), all(10)), last)
}

/// `k + 8` as a 32-bit integer, the other half of the lane undefined: see `scale::log10_of_ulp`.
#[inline]
#[target_feature(enable = "avx2")]
fn exponent_of_unit(bits: __m256i) -> __m256i {
    let logarithm = _mm256_mul_epu32(field(bits), all(LOG10_2 as u64));
    _mm256_srai_epi32::<20>(_mm256_sub_epi32(logarithm, _mm256_set1_epi32(150 * LOG10_2 - (8 << 20))))
}

/// `digits::eight` in each lane.
#[inline]
#[target_feature(enable = "avx2")]
fn eight_digits(n: __m256i) -> __m256i {
    let q = _mm256_srli_epi64::<{ HALF.1 as i32 }>(_mm256_mul_epu32(n, all(HALF.0)));
    let rest = _mm256_sub_epi64(n, _mm256_mul_epu32(q, all(10_000)));
    let fours = _mm256_or_si256(q, _mm256_slli_epi64::<32>(rest));
    let q = _mm256_srli_epi32::<3>(_mm256_mulhi_epu16(fours, _mm256_set1_epi32(5243)));
    let rest = _mm256_sub_epi32(fours, _mm256_mullo_epi16(q, _mm256_set1_epi32(100)));
    let twos = _mm256_or_si256(q, _mm256_slli_epi32::<16>(rest));
    let q = _mm256_srli_epi16::<10>(_mm256_mullo_epi16(twos, _mm256_set1_epi16(103)));
    let tens = _mm256_mullo_epi16(q, _mm256_set1_epi16((10 << 8) - 1));
    _mm256_sub_epi16(_mm256_slli_epi16::<8>(twos), tens)
}

/// The values' bits, in 64-bit lanes.
#[inline]
#[target_feature(enable = "avx2")]
fn bits(values: &[f32; LANES]) -> __m256i {
    // SAFETY: the array has the 16 bytes that are loaded; the load asks for no alignment.
    _mm256_cvtepu32_epi64(unsafe { _mm_loadu_si128(values.as_ptr().cast()) })
}

#[inline]
#[target_feature(enable = "avx2")]
fn field(bits: __m256i) -> __m256i {
    _mm256_and_si256(_mm256_srli_epi64::<23>(bits), all(0xff))
}

/// The table's entries at the exponent fields.
#[inline]
#[target_feature(enable = "avx2")]
fn look_up(table: &[u64; 256], bits: __m256i) -> __m256i {
    // SAFETY: a field has 8 bits, so each of the four loads is inside the table of 256.
    unsafe { _mm256_i64gather_epi64::<8>(table.as_ptr().cast(), field(bits)) }
}

#[inline]
#[target_feature(enable = "avx2")]
fn all(x: u64) -> __m256i {
    _mm256_set1_epi64x(x as i64)
}

#[inline]
#[target_feature(enable = "avx2")]
fn any(mask: __m256i) -> bool {
    _mm256_testz_si256(mask, mask) == 0
}

#[inline]
#[target_feature(enable = "avx2")]
fn store(to: &mut [u64; LANES], lanes: __m256i) {
    // SAFETY: the array has the 32 bytes that are stored; the store asks for no alignment.
    unsafe { _mm256_storeu_si256(to.as_mut_ptr().cast(), lanes) };
}

#[inline]
#[target_feature(enable = "avx2")]
fn pair(low: &[u8; 16], high: &[u8; 16]) -> __m256i {
    // SAFETY: each array has the 16 bytes that are loaded; the loads ask for no alignment.
    let (low, high) =
        unsafe { (_mm_loadu_si128(low.as_ptr().cast()), _mm_loadu_si128(high.as_ptr().cast())) };
    _mm256_inserti128_si256::<1>(_mm256_castsi128_si256(low), high)
}
