//! Writing with WebAssembly's vectors of 128 bits: four values to a vector, one to a 32-bit lane.
//!
//! The spelling is that of `shapes.rs`. The arithmetic is that of `scale.rs` and `digits.rs`, but for the
//! product: it has 32 bits behind the point instead of 36, so that what follows stays in 32-bit lanes. It
//! is then known to within two units of its last bit. Where a decision is closer than that, `portable.rs`
//! decides. Those are ties above all: one value in 2^17 between 0.5 and 1, twice as many for every power of
//! two more, so that full significands between a thousand and 2^24 are no quicker here.
//!
//! ```text
//! p = floor(sig * FACTOR[e] / 2^32)     the true product lies in [p, p + 1.01)
//! h = floor(FACTOR[e] / 2^33)           the true half of an ulp lies in [h, h + 1)
//! f = p mod 2^32
//! below x, in the interval   <=>  f < h        unless f - h is -1 or 0
//! above x, in the interval   <=>  f + h > 2^32 unless f + h - 2^32 is -2, -1 or 0
//! otherwise round(10 f / 2^32) from the upper 28 bits of f: known to within 11 units of 2^-28
//! ```

#[cfg(test)]
mod tests;

use std::arch::wasm32::*;
use std::hint::black_box;

use super::super::tail::Tail;
use super::scale::{FACTOR, LOG10_2, NINE_DIGITS, POWER_OF_TWO};
use super::shapes::{EXPONENTS, SHAPES};
use super::{LONGEST, WIDEST, portable};

/// Values in a vector.
const LANES: usize = 4;

/// Vectors that go through a stage before the next stage begins.
const VECTORS: usize = 8;

/// `floor(n / 10^4) = n * 3518437209 >> 45` for 32 bits of `n`.
const UPPER: (u32, u32) = (3_518_437_209, 45);

/// `floor(n / 625) = n * 26844 >> 24` for `n <= 6249`, in 15 bits.
const LEAD: (u32, u32) = (26_844, 24);

/// `floor(n / 100) = n * 5243 >> 19` for `n < 10^4`.
const PAIR: (u32, u32) = (5243, 19);

/// `floor(n / 10) = n * 103 >> 10` for `n < 100`.
const SINGLE: (u16, u32) = (103, 10);

/// Bytes of a shape.
const SHAPE: usize = size_of_val(&SHAPES[0]);

/// What spelling multiplies and combines with, in memory where the compiler does not see it. V8 makes a constant in the
/// code anew each time around a loop that can be left early, in three instructions; and the compiler makes a product of 64
/// bits, which takes ten, of one of 32 bits by a constant.
struct Constants {
    upper: v128,
    lead: v128,
    ten_thousand: v128,
    pair: v128,
    pair_back: v128,
    single: v128,
    single_back: v128,
    zeros: v128,
    begin: v128,
}

static CONSTANTS: Constants = Constants {
    upper: four(UPPER.0),
    lead: four(LEAD.0),
    ten_thousand: four(10_000),
    pair: four(PAIR.0),
    pair_back: four((100 << 16) - 1),
    single: eight(SINGLE.0),
    single_back: eight((10 << 8) - 1),
    zeros: four(u32::from_le_bytes(*b"0000")),
    begin: four(u32::from_le_bytes(*b",-0.")),
};

const fn four(n: u32) -> v128 {
    u32x4(n, n, n, n)
}

const fn eight(n: u16) -> v128 {
    u16x8(n, n, n, n, n, n, n, n)
}

/// Appends each value, preceded by a comma. The values are finite.
pub(super) fn list(values: &[f32], out: &mut Vec<u8>) {
    let (vectors, rest) = values.as_chunks::<LANES>();
    let constants = black_box(&CONSTANTS);
    let zero = u32x4_splat(0);
    let mut scaled = [Scaled { nine: zero, shape: zero, odd: false }; VECTORS];
    for vectors in vectors.chunks(VECTORS) {
        let mut text = Tail::with_room(out, VECTORS * LANES * LONGEST + WIDEST);
        for (scaled, values) in scaled.iter_mut().zip(vectors) {
            *scaled = scale(values);
        }
        for (scaled, values) in scaled.iter().zip(vectors) {
            if scaled.odd {
                text = put_portably(values, text);
            } else {
                spell(scaled, constants, &mut text);
            }
        }
        text.finish();
    }
    portable::list(rest, out);
}

/// What is rare. The end of the text goes in and comes out again, so that it stays in registers everywhere else.
#[cold]
#[inline(never)]
fn put_portably<'a>(values: &[f32; LANES], mut text: Tail<'a, u8>) -> Tail<'a, u8> {
    values.iter().for_each(|&x| portable::put(x, &mut text));
    text
}

/// Four values.
#[derive(Clone, Copy)]
struct Scaled {
    /// Their nine digits.
    nine: v128,
    /// Their indices to [`SHAPES`], times its elements' size.
    shape: v128,
    /// Whether one of them has no shape, or is too close to call.
    odd: bool,
}

/// Nine digits, and how to spell them.
#[inline(always)]
fn scale(values: &[f32; LANES]) -> Scaled {
    let bits = load(values);
    let mantissa = v128_and(bits, u32x4_splat(0x7f_ffff));
    let (mut s, unsure) = shortest(values, v128_or(mantissa, u32x4_splat(0x80_0000)));
    let irregular = i32x4_eq(mantissa, u32x4_splat(0));
    let mut zero = u32x4_splat(0);
    if v128_any_true(irregular) {
        // The powers of two that are missing there are far from `EXPONENTS`.
        let [a, b, c, d] = values.map(|x| POWER_OF_TWO[field(x)] as u32);
        s = v128_bitselect(u32x4(a, b, c, d), s, irregular);
        zero = i32x4_eq(u32x4_shl(bits, 1), u32x4_splat(0));
    }
    // Comparisons give -1.
    let below_9 = i32x4_lt(s, u32x4_splat(NINE_DIGITS as u32));
    let s = times_ten_where(s, below_9);
    let below_8 = i32x4_lt(s, u32x4_splat(NINE_DIGITS as u32));
    let nine = times_ten_where(s, below_8);
    let above = i32x4_add(exponent_above(bits), i32x4_add(below_9, below_8));
    let above = v128_bitselect(i32x4_splat(-1 - EXPONENTS.start()), above, zero);
    // Below the first exponent it is negative, which is found among the bits above the last.
    let outside =
        v128_or(i32x4_gt(above, i32x4_splat(EXPONENTS.end() - EXPONENTS.start())), u32x4_shr(above, 5));
    let shape = i32x4_add(i32x4_add(above, above), u32x4_shr(bits, 31));
    let shape = u32x4_shl(shape, SHAPE.trailing_zeros());
    Scaled { nine, shape, odd: v128_any_true(v128_or(outside, unsure)) }
}

/// `scale::shortest` of `sig`; and ones where it is not sure.
#[inline(always)]
fn shortest(values: &[f32; LANES], sig: v128) -> (v128, v128) {
    let [a, b, c, d] = values.map(|x| FACTOR[field(x)]);
    let (low, high) = (u64x2(a, b), u64x2(c, d));
    let factor_high = i32x4_shuffle::<1, 3, 5, 7>(low, high);
    let factor_low = i32x4_shuffle::<0, 2, 4, 6>(low, high);
    let product = |high: v128, low: v128| i64x2_add(high, u64x2_shr(low, 32));
    let low = product(u64x2_extmul_low_u32x4(factor_high, sig), u64x2_extmul_low_u32x4(factor_low, sig));
    let high = product(u64x2_extmul_high_u32x4(factor_high, sig), u64x2_extmul_high_u32x4(factor_low, sig));
    let s = i32x4_shuffle::<1, 3, 5, 7>(low, high);
    let fraction = i32x4_shuffle::<0, 2, 4, 6>(low, high);
    let half = u32x4_shr(factor_high, 1);

    let top = u32x4_splat(1 << 31);
    let signed = v128_xor(fraction, top);
    // As signed numbers: fraction < half, and fraction > 2^32 - 1 - half.
    let down = i32x4_lt(signed, v128_xor(half, top));
    let up = i32x4_gt(signed, v128_xor(half, u32x4_splat(!(1 << 31))));
    let ten = i32x4_mul(u32x4_shr(fraction, 4), i32x4_splat(10));
    let nearest = u32x4_shr(i32x4_add(ten, i32x4_splat(1 << 27)), 28);
    let last = v128_or(v128_and(up, i32x4_splat(10)), v128_andnot(nearest, v128_or(up, down)));

    let rounding = v128_and(i32x4_add(ten, i32x4_splat((1 << 27) + 11)), i32x4_splat((1 << 28) - 1));
    let distance = u32x4_min(
        u32x4_min(
            i32x4_add(i32x4_sub(fraction, half), i32x4_splat(1)),
            i32x4_add(i32x4_add(fraction, half), i32x4_splat(2)),
        ),
        u32x4_shr(rounding, 2),
    );
    // Below 4, which is one more than need be, in two instructions.
    let unsure = i32x4_eq(u32x4_shr(distance, 2), u32x4_splat(0));
    (i32x4_add(i32x4_mul(s, i32x4_splat(10)), last), unsure)
}

#[inline(always)]
fn times_ten_where(s: v128, mask: v128) -> v128 {
    i32x4_add(s, v128_and(mask, i32x4_mul(s, i32x4_splat(9))))
}

/// `k + 8`, above the first of [`EXPONENTS`]: see `scale::log10_of_ulp`.
#[inline(always)]
fn exponent_above(bits: v128) -> v128 {
    const BIAS: i32 = 150 * LOG10_2 - ((8 - *EXPONENTS.start()) << 20);
    let field = v128_and(u32x4_shr(bits, 23), i32x4_splat(0xff));
    i32x4_shr(i32x4_sub(i32x4_mul(field, i32x4_splat(LOG10_2)), i32x4_splat(BIAS)), 20)
}

/// Puts the text.
#[inline(always)]
fn spell(scaled: &Scaled, constants: &Constants, text: &mut Tail<'_, u8>) {
    let (lead, low, high) = split(scaled.nine, constants);
    let lead = v128_or(u32x4_shl(lead, 24), constants.zeros);
    let head = [
        i32x4_shuffle::<0, 4, 1, 5>(constants.begin, lead),
        i32x4_shuffle::<2, 6, 3, 7>(constants.begin, lead),
    ];
    let [low_source, high_source] = [(head[0], low), (head[1], high)].map(|(head, eight)| {
        let ascii = v128_or(eight, constants.zeros);
        [i64x2_shuffle::<0, 2>(head, ascii), i64x2_shuffle::<1, 3>(head, ascii)]
    });
    let significant = |eight: v128| (!i8x16_bitmask(i8x16_eq(eight, u8x16_splat(0)))).to_le_bytes();
    let (low, high) = (significant(low), significant(high));
    let shapes = [
        u32x4_extract_lane::<0>(scaled.shape),
        u32x4_extract_lane::<1>(scaled.shape),
        u32x4_extract_lane::<2>(scaled.shape),
        u32x4_extract_lane::<3>(scaled.shape),
    ]
    .map(|at| &SHAPES[at as usize / SHAPE % SHAPES.len()]);
    let pick = |i: usize, source| u8x16_swizzle(source, load(&shapes[i].pick));
    text.put_all(
        [pick(0, low_source[0]), pick(1, low_source[1]), pick(2, high_source[0]), pick(3, high_source[1])],
        [shapes[0].len(low[0]), shapes[1].len(low[1]), shapes[2].len(high[0]), shapes[3].len(high[1])],
    );
}

/// Single digits, see `digits::split`: the first of each of four numbers in 32-bit lanes, and the other
/// eight a byte each, of the first two and the last two numbers.
#[inline(always)]
fn split(nine: v128, constants: &Constants) -> (v128, v128, v128) {
    let Constants { upper, lead, ten_thousand, .. } = *constants;
    let products = (u64x2_extmul_low_u32x4(nine, upper), u64x2_extmul_high_u32x4(nine, upper));
    let upper = u32x4_shr(i32x4_shuffle::<1, 3, 5, 7>(products.0, products.1), UPPER.1 - 32);
    let lower = i32x4_sub(nine, i32x4_mul(upper, ten_thousand));
    // 10^4 = 16 * 625; what is below 2^15 is multiplied as 16 bits.
    let lead = u32x4_shr(i32x4_dot_i16x8(u32x4_shr(upper, 4), lead), LEAD.1);
    let upper = i32x4_sub(upper, i32x4_dot_i16x8(lead, ten_thousand));
    let (upper, lower) = (pairs(upper, constants), pairs(lower, constants));
    let low = single(i32x4_shuffle::<0, 4, 1, 5>(upper, lower), constants);
    let high = single(i32x4_shuffle::<2, 6, 3, 7>(upper, lower), constants);
    (lead, low, high)
}

/// Numbers of four digits in 32-bit lanes as two of two digits.
#[inline(always)]
fn pairs(four: v128, constants: &Constants) -> v128 {
    let q = u32x4_shr(i32x4_dot_i16x8(four, constants.pair), PAIR.1);
    i32x4_sub(u32x4_shl(four, 16), i32x4_mul(q, constants.pair_back))
}

/// Numbers of two digits in 16-bit lanes as two digits.
#[inline(always)]
fn single(two: v128, constants: &Constants) -> v128 {
    let q = u16x8_shr(i16x8_mul(two, constants.single), SINGLE.1);
    i16x8_sub(u16x8_shl(two, 8), i16x8_mul(q, constants.single_back))
}

#[inline(always)]
fn field(x: f32) -> usize {
    usize::from((x.to_bits() >> 23) as u8)
}

/// The 16 bytes.
#[inline(always)]
fn load<T>(bytes: &T) -> v128 {
    const { assert!(size_of::<T>() == size_of::<v128>()) };
    // SAFETY: `bytes` are the 16 bytes that are loaded; the load asks for no alignment.
    unsafe { v128_load(std::ptr::from_ref(bytes).cast()) }
}
