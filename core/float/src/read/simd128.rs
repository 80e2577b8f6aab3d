//! Reading with WebAssembly's vectors of 128 bits: four numbers at a time, a number to a vector.
//!
//! It goes as in `avx2.rs`: commas are found in the next 64 bytes, and four tokens are laid right-aligned
//! into 16 bytes each, the separator last. `tokens.rs` decides on bit masks whether all four are plain.
//! Integer digits then move up into the place of the point, sums of products make an integer of the 16
//! digits, and one division by a power of ten per number the value; see `round.rs`.

#[cfg(test)]
mod tests;

use std::arch::wasm32::*;
use std::hint::black_box;

use super::super::tail::Tail;
use super::round::{LOST, MIDDLE, POWERS};
use super::tokens::{CLOSE, KEEP, Masks};
use super::{Run, plain};

/// Numbers read at a time.
const LANES: usize = 4;

/// Bytes in front of the first number that are loaded, though not looked at.
const BEFORE: usize = 16;

/// Bytes from the first number on in which all four, and the separators, must lie.
const SPAN: usize = 64;

/// The most numbers read by `plain::run` before groups are tried again.
const MOST_PLAINLY: usize = 512;

/// What is compared and multiplied with, in memory where the compiler does not see it. V8 makes a constant in the code
/// anew each time around a loop that can be left early, in three instructions; and what the compiler likes better than a
/// comparison with a constant, V8 has no instruction for.
struct Constants {
    comma: v128,
    zero: v128,
    nine: v128,
    point: v128,
    minus: v128,
    ten: v128,
    hundred: v128,
    ten_thousand: v128,
    hundred_million: v128,
    lost: v128,
    middle: v128,
    sign: v128,
}

static CONSTANTS: Constants = Constants {
    comma: bytes(b','),
    zero: bytes(b'0'),
    nine: bytes(9),
    point: bytes(b'.'),
    minus: bytes(b'-'),
    // Tens are the lower byte: times 10 they are added to the upper one.
    ten: u64x2(0x0a01_0a01_0a01_0a01, 0x0a01_0a01_0a01_0a01),
    hundred: u32x4(0x0001_0064, 0x0001_0064, 0x0001_0064, 0x0001_0064),
    ten_thousand: u32x4(0x0001_2710, 0x0001_2710, 0x0001_2710, 0x0001_2710),
    hundred_million: f64x2(1e8, 1e8),
    lost: u64x2(LOST, LOST),
    middle: u64x2(MIDDLE, MIDDLE),
    sign: u32x4(1 << 31, 1 << 31, 1 << 31, 1 << 31),
};

const fn bytes(byte: u8) -> v128 {
    let eight = u64::from_le_bytes([byte; 8]);
    u64x2(eight, eight)
}

/// See `plain::run`.
pub(super) fn run(input: &[u8], at: usize, max: usize, out: &mut Vec<f32>) -> Run {
    let end = out.len().saturating_add(max);
    let mut run = Run { at, closed: false };
    // How many to read plainly before the next try: more and more where groups do not succeed.
    let mut plainly = LANES;
    loop {
        let at = groups(input, run.at, end - out.len(), out);
        plainly = if at > run.at { LANES } else { (2 * plainly).min(MOST_PLAINLY) };
        // The last numbers of the array, and what is spelled in other ways.
        let before = out.len();
        run = plain::run(input, at, plainly.min(end - before), out);
        if run.closed || out.len() - before < plainly {
            return run;
        }
    }
}

/// Reads groups of four, none of them the last of the array; returns the offset behind.
#[inline]
fn groups(input: &[u8], mut at: usize, max: usize, out: &mut Vec<f32>) -> usize {
    const BLOCK: usize = 64;
    let constants = black_box(&CONSTANTS);
    let mut left = max / LANES;
    while left > 0 {
        let block = left.min(BLOCK);
        let mut values = Tail::with_room(out, block * LANES);
        let mut taken = 0;
        while taken < block {
            let Some(window) = at.checked_sub(BEFORE).and_then(|from| input.get(from..)?.first_chunk())
            else {
                break;
            };
            let Some((four, len)) = group(window, constants) else { break };
            values.put(four, LANES);
            at += len;
            taken += 1;
        }
        values.finish();
        left -= taken;
        if taken < block {
            break;
        }
    }
    at
}

/// Reads four plain numbers, each followed by a comma; returns them and their length.
#[inline(always)]
fn group(window: &[u8; BEFORE + SPAN], constants: &Constants) -> Option<(v128, usize)> {
    let ends = four_commas(window, constants)?;
    let starts = [0, ends[0] + 1, ends[1] + 1, ends[2] + 1];
    let lens = [ends[0] - starts[0], ends[1] - starts[1], ends[2] - starts[2], ends[3] - starts[3]];
    if lens[0] | lens[1] | lens[2] | lens[3] > 15 {
        return None;
    }
    // Right-aligned, with the separator's place at the end zero.
    let keep = lens.map(|len| load(&KEEP[len]));
    let tokens = [0, 1, 2, 3].map(|i| v128_and(keep[i], load(before(window, ends[i]))));
    let digits = tokens.map(|token| digits(token, constants));
    let equal = |byte: v128| joined(tokens.map(|token| i8x16_eq(token, byte)));
    let mut masks = Masks {
        token: joined(keep),
        digit: joined(digits.map(|digits| digits.1)),
        point: equal(constants.point),
        minus: equal(constants.minus),
        zero: equal(constants.zero),
    };
    // As other writers separate numbers; one space is cheaply taken along.
    if window[BEFORE + starts[1] % SPAN] == b' ' {
        masks = masks.behind_space(equal(u8x16_splat(b' ')));
    }
    let (point, wrong) = masks.points();
    if wrong != 0 {
        return None;
    }
    // There is one in each 16 bits.
    let place = |i: u32| (point >> (16 * i)).trailing_zeros() as usize % 16;
    let points = [place(0), place(1), place(2), place(3)];
    let integers =
        [0, 1, 2, 3].map(|i| fours(u8x16_swizzle(digits[i].0, load(&CLOSE[points[i]])), constants));
    let powers = points.map(|point| POWERS[15 - point]);
    let values = quotients(integers, powers, constants)?;
    Some((signed(values, masks.minus, constants), ends[3] + 1))
}

/// Offsets of the first four commas; `None` if there are fewer.
#[inline(always)]
fn four_commas(window: &[u8; BEFORE + SPAN], constants: &Constants) -> Option<[usize; LANES]> {
    let part = |i: usize| {
        let bytes: &[u8; 16] = window[BEFORE + 16 * i..].first_chunk().unwrap_or(&[0; 16]);
        i8x16_eq(load(bytes), constants.comma)
    };
    let first = joined([part(0), part(1), part(2), part(3)]);
    let second = first & first.wrapping_sub(1);
    let third = second & second.wrapping_sub(1);
    let fourth = third & third.wrapping_sub(1);
    if fourth == 0 {
        return None;
    }
    let place = |commas: u64| commas.trailing_zeros() as usize;
    Some([place(first), place(second), place(third), place(fourth)])
}

/// Each byte less `'0'`, where that is a digit, and zero elsewhere; and ones where it is.
#[inline(always)]
fn digits(text: v128, constants: &Constants) -> (v128, v128) {
    let digits = i8x16_sub(text, constants.zero);
    let is_digit = u8x16_le(digits, constants.nine);
    (v128_and(digits, is_digit), is_digit)
}

/// Sixteen digits as four numbers of four.
#[inline(always)]
fn fours(digits: v128, constants: &Constants) -> v128 {
    let twos = u16x8_shr(i16x8_mul(digits, constants.ten), 8);
    i32x4_dot_i16x8(twos, constants.hundred)
}

/// The values of four integers of 16 digits, which are below `10^15`, each over a power of ten: see
/// `round::nearest_quotient`.
#[inline(always)]
fn quotients(integers: [v128; LANES], powers: [f64; LANES], constants: &Constants) -> Option<v128> {
    let eights = |a: v128, b: v128| i32x4_dot_i16x8(u16x8_narrow_i32x4(a, b), constants.ten_thousand);
    let (low, high) = (eights(integers[0], integers[1]), eights(integers[2], integers[3]));
    // Sums and products below 2^53 are exact.
    let quotients = |eights: v128, a: f64, b: f64| {
        let upper = f64x2_convert_low_i32x4(i32x4_shuffle::<0, 2, 0, 2>(eights, eights));
        let lower = f64x2_convert_low_i32x4(i32x4_shuffle::<1, 3, 1, 3>(eights, eights));
        let integer = f64x2_add(f64x2_mul(upper, constants.hundred_million), lower);
        f64x2_div(integer, f64x2(a, b))
    };
    let low = quotients(low, powers[0], powers[1]);
    let high = quotients(high, powers[2], powers[3]);
    let middle = |quotients: v128| i64x2_eq(v128_and(quotients, constants.lost), constants.middle);
    if v128_any_true(v128_or(middle(low), middle(high))) {
        return None;
    }
    // Not one shuffle of both: the compiler would make four conversions of single values of it.
    let (low, high) = (f32x4_demote_f64x2_zero(low), f32x4_demote_f64x2_zero(high));
    Some(v128_or(low, i64x2_shuffle::<1, 0>(high, high)))
}

/// Negates the values in whose 16 bits of `minus` a bit is set.
#[inline(always)]
fn signed(values: v128, minus: u64, constants: &Constants) -> v128 {
    let positive = i32x4_eq(u32x4_extend_low_u16x8(u64x2(minus, 0)), u32x4_splat(0));
    v128_or(values, v128_andnot(constants.sign, positive))
}

/// The top bits of 64 bytes.
#[inline(always)]
fn joined(parts: [v128; LANES]) -> u64 {
    let [a, b, c, d] = parts.map(|part| u64::from(i8x16_bitmask(part)));
    a | b << 16 | c << 32 | d << 48
}

/// The 16 bytes of which the separator at `end`, below [`SPAN`], is the last.
#[inline(always)]
fn before(window: &[u8; BEFORE + SPAN], end: usize) -> &[u8; 16] {
    window[end % SPAN + 1..].first_chunk().unwrap_or(&[0; 16])
}

/// The bytes.
#[inline(always)]
fn load(bytes: &[u8; 16]) -> v128 {
    // SAFETY: the array has the 16 bytes that are loaded; the load asks for no alignment.
    unsafe { v128_load(bytes.as_ptr().cast()) }
}
