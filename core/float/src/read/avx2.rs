//! Reading with AVX2: four numbers at a time, in one go.
//!
//! Commas are found in the next 64 bytes, and four tokens are laid right-aligned into 16 bytes
//! each, the separator last. `tokens.rs` decides on bit masks whether all four are plain. Integer
//! digits then move up into the place of the point, sums of products make an integer of the 16
//! digits, and one division by a power of ten per number the value; see `round.rs`.

#[cfg(test)]
mod tests;

use std::arch::x86_64::*;

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
#[target_feature(enable = "avx2,bmi1,bmi2,lzcnt,popcnt")]
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
#[target_feature(enable = "avx2,bmi1,bmi2,lzcnt,popcnt")]
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
#[inline]
#[target_feature(enable = "avx2,bmi1,bmi2,lzcnt,popcnt")]
fn group(window: &[u8; BEFORE + SPAN]) -> Option<(__m128, usize)> {
    let ends = four_commas(window)?;
    let starts = [0, ends[0] + 1, ends[1] + 1, ends[2] + 1];
    let lens = [ends[0] - starts[0], ends[1] - starts[1], ends[2] - starts[2], ends[3] - starts[3]];
    if lens[0] | lens[1] | lens[2] | lens[3] > 15 {
        return None;
    }
    // Tokens 0 and 1, and 2 and 3: right-aligned, with the separator's place at the end zero.
    let low_keep = pair(&KEEP[lens[0]], &KEEP[lens[1]]);
    let high_keep = pair(&KEEP[lens[2]], &KEEP[lens[3]]);
    let low = _mm256_and_si256(low_keep, pair(before(window, ends[0]), before(window, ends[1])));
    let high = _mm256_and_si256(high_keep, pair(before(window, ends[2]), before(window, ends[3])));
    let (low_digits, high_digits) = (digits(low), digits(high));
    let equal = |byte: u8| {
        let byte = _mm256_set1_epi8(byte as i8);
        joined(_mm256_cmpeq_epi8(low, byte), _mm256_cmpeq_epi8(high, byte))
    };
    let mut masks = Masks {
        token: joined(low_keep, high_keep),
        digit: joined(low_digits.1, high_digits.1),
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
    let integers = integers(
        _mm256_shuffle_epi8(low_digits.0, pair(&CLOSE[points[0]], &CLOSE[points[1]])),
        _mm256_shuffle_epi8(high_digits.0, pair(&CLOSE[points[2]], &CLOSE[points[3]])),
    );
    let power = |i: usize| POWERS[15 - points[i]];
    // The order that `integers` leaves behind.
    let powers = _mm256_setr_pd(power(0), power(2), power(1), power(3));
    Some((signed(quotients(integers, powers)?, masks.minus), ends[3] + 1))
}

/// Offsets of the first four commas; `None` if there are fewer, or a bracket among them.
#[inline]
#[target_feature(enable = "avx2,bmi1,bmi2")]
fn four_commas(window: &[u8; BEFORE + SPAN]) -> Option<[usize; LANES]> {
    let low = load(window, BEFORE);
    let high = load(window, BEFORE + 32);
    let equal = |byte: u8| {
        let byte = _mm256_set1_epi8(byte as i8);
        joined(_mm256_cmpeq_epi8(low, byte), _mm256_cmpeq_epi8(high, byte))
    };
    let first = equal(b',');
    let second = first & first.wrapping_sub(1);
    let third = second & second.wrapping_sub(1);
    let fourth = third & third.wrapping_sub(1);
    let below = fourth ^ fourth.wrapping_sub(1);
    if fourth == 0 || equal(b']') & below != 0 {
        return None;
    }
    let place = |commas: u64| commas.trailing_zeros() as usize;
    Some([place(first), place(second), place(third), place(fourth)])
}

/// Each byte less `'0'`, where that is a digit, and zero elsewhere; and ones where it is.
#[inline]
#[target_feature(enable = "avx2")]
fn digits(text: __m256i) -> (__m256i, __m256i) {
    let digits = _mm256_sub_epi8(text, _mm256_set1_epi8(b'0' as i8));
    let is_digit = _mm256_cmpeq_epi8(_mm256_min_epu8(digits, _mm256_set1_epi8(9)), digits);
    (_mm256_and_si256(digits, is_digit), is_digit)
}

/// The integers of 16 digits in `low` and `high`, in the order 0, 2, 1, 3. They are below `10^15`.
#[inline]
#[target_feature(enable = "avx2")]
fn integers(low: __m256i, high: __m256i) -> __m256i {
    let (ten, hundred) = (_mm256_set1_epi16(0x010a), _mm256_set1_epi32(0x0001_0064));
    let fours = |digits: __m256i| _mm256_madd_epi16(_mm256_maddubs_epi16(digits, ten), hundred);
    let fours = _mm256_packus_epi32(fours(low), fours(high));
    let eights = _mm256_madd_epi16(fours, _mm256_set1_epi32(0x0001_2710));
    let upper = _mm256_mul_epu32(eights, _mm256_set1_epi64x(100_000_000));
    _mm256_add_epi64(upper, _mm256_srli_epi64::<32>(eights))
}

/// `round::nearest_quotient` in each lane, and back into the order 0, 1, 2, 3.
#[inline]
#[target_feature(enable = "avx2")]
fn quotients(integers: __m256i, powers: __m256d) -> Option<__m128> {
    // Integers below 2^52 become floats by the bits of 2^52 in front, and its subtraction.
    let two_to_52 = _mm256_set1_epi64x(0x4330_0000_0000_0000);
    let floats = _mm256_castsi256_pd(_mm256_or_si256(integers, two_to_52));
    let quotients = _mm256_div_pd(_mm256_sub_pd(floats, _mm256_castsi256_pd(two_to_52)), powers);
    let lost = _mm256_and_si256(_mm256_castpd_si256(quotients), _mm256_set1_epi64x(LOST as i64));
    let middle = _mm256_cmpeq_epi64(lost, _mm256_set1_epi64x(MIDDLE as i64));
    if _mm256_testz_si256(middle, middle) == 0 {
        return None;
    }
    let values = _mm256_cvtpd_ps(quotients);
    Some(_mm_shuffle_ps::<0b11_01_10_00>(values, values))
}

/// Negates the values in whose 16 bits of `minus` a bit is set.
#[inline]
#[target_feature(enable = "avx2")]
fn signed(values: __m128, minus: u64) -> __m128 {
    let minus = _mm_cvtepu16_epi32(_mm_cvtsi64_si128(minus as i64));
    let sign = _mm_slli_epi32::<31>(_mm_cmpgt_epi32(minus, _mm_setzero_si128()));
    _mm_or_ps(values, _mm_castsi128_ps(sign))
}

/// The top bits of 64 bytes.
#[inline]
#[target_feature(enable = "avx2")]
fn joined(low: __m256i, high: __m256i) -> u64 {
    u64::from(_mm256_movemask_epi8(low) as u32) | u64::from(_mm256_movemask_epi8(high) as u32) << 32
}

#[inline]
#[target_feature(enable = "avx2")]
fn load(window: &[u8; BEFORE + SPAN], at: usize) -> __m256i {
    let bytes: &[u8; 32] = window[at..].first_chunk().unwrap_or(&[0; 32]);
    // SAFETY: the array has the 32 bytes that are loaded; the load asks for no alignment.
    unsafe { _mm256_loadu_si256(bytes.as_ptr().cast()) }
}

/// The 16 bytes of which the separator at `end`, below [`SPAN`], is the last.
#[inline(always)]
fn before(window: &[u8; BEFORE + SPAN], end: usize) -> &[u8; 16] {
    window[end % SPAN + 1..].first_chunk().unwrap_or(&[0; 16])
}

#[inline]
#[target_feature(enable = "avx2")]
fn pair(low: &[u8; 16], high: &[u8; 16]) -> __m256i {
    // SAFETY: each array has the 16 bytes that are loaded; the loads ask for no alignment.
    let (low, high) =
        unsafe { (_mm_loadu_si128(low.as_ptr().cast()), _mm_loadu_si128(high.as_ptr().cast())) };
    _mm256_inserti128_si256::<1>(_mm256_castsi128_si256(low), high)
}
