//! Reading with WebAssembly's vectors of 128 bits: four numbers at a time, a number to a vector.
//!
//! It goes as in `avx2.rs`: commas are found in the next 64 bytes, and four tokens are laid right-aligned
//! into 16 bytes each, the separator last. `tokens.rs` decides on bit masks whether all four are plain.
//! Integer digits then move up into the place of the point, sums of products make an integer of the 16
//! digits, and one division by a power of ten per number the value; see `round.rs`.

#[cfg(test)]
mod tests;

use std::arch::wasm32::*;

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
            let Some((four, len)) = group(window) else { break };
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
fn group(window: &[u8; BEFORE + SPAN]) -> Option<(v128, usize)> {
    let ends = four_commas(window)?;
    let starts = [0, ends[0] + 1, ends[1] + 1, ends[2] + 1];
    let lens = [ends[0] - starts[0], ends[1] - starts[1], ends[2] - starts[2], ends[3] - starts[3]];
    if lens[0] | lens[1] | lens[2] | lens[3] > 15 {
        return None;
    }
    // Right-aligned, with the separator's place at the end zero.
    let keep = lens.map(|len| load(&KEEP[len]));
    let tokens = [0, 1, 2, 3].map(|i| v128_and(keep[i], load(before(window, ends[i]))));
    let digits = tokens.map(digits);
    let equal = |byte: u8| joined(tokens.map(|token| i8x16_eq(token, u8x16_splat(byte))));
    let mut masks = Masks {
        token: joined(keep),
        digit: joined(digits.map(|digits| digits.1)),
        point: equal(b'.'),
        minus: equal(b'-'),
        zero: equal(b'0'),
    };
    // As other writers separate numbers; one space is cheaply taken along.
    if window[BEFORE + starts[1] % SPAN] == b' ' {
        masks = masks.behind_space(equal(b' '));
    }
    let (point, wrong) = masks.points();
    if wrong != 0 {
        return None;
    }
    let place = |i: u32| ((point >> (16 * i)) as u16).trailing_zeros() as usize % 16;
    let points = [place(0), place(1), place(2), place(3)];
    let integers = [0, 1, 2, 3].map(|i| fours(u8x16_swizzle(digits[i].0, load(&CLOSE[points[i]]))));
    let powers = points.map(|point| POWERS[15 - point]);
    Some((signed(quotients(integers, powers)?, masks.minus), ends[3] + 1))
}

/// Offsets of the first four commas; `None` if there are fewer.
#[inline(always)]
fn four_commas(window: &[u8; BEFORE + SPAN]) -> Option<[usize; LANES]> {
    let part = |i: usize| {
        let bytes: &[u8; 16] = window[BEFORE + 16 * i..].first_chunk().unwrap_or(&[0; 16]);
        i8x16_eq(load(bytes), u8x16_splat(b','))
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
fn digits(text: v128) -> (v128, v128) {
    let digits = i8x16_sub(text, u8x16_splat(b'0'));
    let is_digit = i8x16_eq(u8x16_min(digits, u8x16_splat(9)), digits);
    (v128_and(digits, is_digit), is_digit)
}

/// Sixteen digits as four numbers of four.
#[inline(always)]
fn fours(digits: v128) -> v128 {
    // Tens are the lower byte: times 10 they are added to the upper one, which is what is left.
    let twos = u16x8_shr(i16x8_mul(digits, u16x8_splat(0x0a01)), 8);
    i32x4_dot_i16x8(twos, u32x4_splat(0x0001_0064))
}

/// The values of four integers of 16 digits, which are below `10^15`, each over a power of ten: see
/// `round::nearest_quotient`.
#[inline(always)]
fn quotients(integers: [v128; LANES], powers: [f64; LANES]) -> Option<v128> {
    let eights = |a: v128, b: v128| i32x4_dot_i16x8(u16x8_narrow_i32x4(a, b), u32x4_splat(0x0001_2710));
    let (low, high) = (eights(integers[0], integers[1]), eights(integers[2], integers[3]));
    // Sums and products below 2^53 are exact.
    let quotients = |eights: v128, a: f64, b: f64| {
        let upper = f64x2_convert_low_i32x4(i32x4_shuffle::<0, 2, 0, 2>(eights, eights));
        let lower = f64x2_convert_low_i32x4(i32x4_shuffle::<1, 3, 1, 3>(eights, eights));
        let integer = f64x2_add(f64x2_mul(upper, f64x2_splat(1e8)), lower);
        f64x2_div(integer, f64x2(a, b))
    };
    let low = quotients(low, powers[0], powers[1]);
    let high = quotients(high, powers[2], powers[3]);
    let middle = |quotients: v128| i64x2_eq(v128_and(quotients, u64x2_splat(LOST)), u64x2_splat(MIDDLE));
    if v128_any_true(v128_or(middle(low), middle(high))) {
        return None;
    }
    Some(i64x2_shuffle::<0, 2>(f32x4_demote_f64x2_zero(low), f32x4_demote_f64x2_zero(high)))
}

/// Negates the values in whose 16 bits of `minus` a bit is set.
#[inline(always)]
fn signed(values: v128, minus: u64) -> v128 {
    let minus = u32x4_extend_low_u16x8(u64x2(minus, 0));
    let sign = u32x4_shl(i32x4_gt(minus, i32x4_splat(0)), 31);
    v128_or(values, sign)
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
