//! A decimal of any length against the middle of two floats, exactly.
//!
//! `round.rs` finds an `f64` so close to the decimal that only one middle of two floats is near. To which
//! side of it the decimal lies is the whole question; and where they are equal, the float with the even
//! significand is the nearest. As in W. D. Clinger's AlgorithmR ("How to read floating point numbers
//! accurately", 1990) that is decided in big integers. But it is the middle that is brought to the form of
//! the text rather than the text to binary, as in D. M. Gay's `bigcomp` (`strtod`, netlib):
//!
//! ```text
//! middle = (2 sig + 1) * 2^p = (2 sig + 1) * 5^-p * 10^p        p < 0
//! ```
//!
//! So the middle has at most 113 digits, since `2 sig + 1 < 2^25` and `p >= -150`; and text of any length is
//! compared with them digit by digit, in one pass and without allocation.

use std::cmp::Ordering;

/// The nearest float to `w * 10^e`; `close` is so near to it that no middle of two floats is between them but
/// perhaps the closest one. `None` where 128 bits do not suffice.
///
/// Whole numbers from 2^24 on are often such: up to 2^25 every second one is a middle.
///
/// ```text
/// e < 0     w * 2^-(p-e)  to  (2 sig + 1) * 5^-e        or (2 sig + 1) * 5^-e * 2^(p-e)
/// e >= 0    w * 10^e * 2^-p  to  2 sig + 1              or (2 sig + 1) * 2^p
/// ```
///
/// Both sides are about equal, the right one is below 2^(25 + 63) or about `w`, or 2^128 at most: so both fit.
pub(super) fn nearest_short(w: u64, e: i64, close: f64) -> Option<f32> {
    let below = toward_zero(close);
    let (odd, p) = middle(below);
    let (mut left, mut right) = (u128::from(w), u128::from(odd));
    let power = u32::try_from(e.unsigned_abs()).ok()?;
    let shift = if e < 0 {
        right *= u128::from(5u64.checked_pow(power)?);
        p + power as i32
    } else {
        left = left.checked_mul(10u128.checked_pow(power)?)?;
        p
    };
    if shift < 0 {
        left = left.checked_shl(shift.unsigned_abs())?;
    } else {
        right = right.checked_shl(shift.unsigned_abs())?;
    }
    Some(decide(left.cmp(&right), below))
}

/// The nearest float, without sign, to `0.ddd * 10^magnitude` with the digits of `number`; `close` is so near
/// to it that no middle of two floats is between them but perhaps the closest one.
///
/// `number` may have a sign, a point, zeros in front and an exponent, which are all passed over.
pub(super) fn nearest(number: &[u8], magnitude: i64, close: f64) -> f32 {
    let below = toward_zero(close);
    decide(compare(number, magnitude, &Middle::above(below)), below)
}

/// The float nearest to what lies to this side of the middle of `below` and the next float.
fn decide(side: Ordering, below: f32) -> f32 {
    match side {
        Ordering::Equal if below.to_bits() & 1 == 0 => below,
        Ordering::Less => below,
        Ordering::Equal | Ordering::Greater => below.next_up(),
    }
}

/// `(2 sig + 1, p)` for the middle of `below`, finite and not negative, and the next float or, for
/// `f32::MAX`, 2^128.
fn middle(below: f32) -> (u32, i32) {
    let (field, mantissa) = (below.to_bits() >> 23, below.to_bits() & 0x7f_ffff);
    let sig = if field == 0 { mantissa } else { mantissa | 0x80_0000 };
    (2 * sig + 1, field.max(1) as i32 - 151)
}

/// The largest float up to `x`, which is not negative; `f32::MAX` where `x` is beyond.
fn toward_zero(x: f64) -> f32 {
    let nearest = x as f32;
    if f64::from(nearest) > x { nearest.next_down() } else { nearest }
}

fn compare(number: &[u8], magnitude: i64, middle: &Middle) -> Ordering {
    let number = number.iter().take_while(|&&byte| byte | 0x20 != b'e').filter(|byte| byte.is_ascii_digit());
    let mut number = number.map(|digit| digit - b'0').skip_while(|&digit| digit == 0);
    let digits = middle.digits();
    let first = digits.iter().position(|&digit| digit != 0).unwrap_or(0);
    let digits = &digits[first..];
    let of_magnitude = magnitude.cmp(&(digits.len() as i64 + middle.exponent));
    let of_digits = digits.iter().map(|digit| number.next().unwrap_or(0).cmp(digit));
    let unequal = std::iter::once(of_magnitude).chain(of_digits).find(|order| order.is_ne());
    // What follows behind the last digit of the middle can only make the number larger.
    unequal
        .unwrap_or_else(|| if number.all(|digit| digit == 0) { Ordering::Equal } else { Ordering::Greater })
}

/// Nine digits to a limb.
const LIMB: u64 = 1_000_000_000;

/// The middle of a float and the next one: a big integer times `10^exponent`.
struct Middle {
    /// The least significant limb first.
    limbs: [u32; 13],
    exponent: i64,
}

impl Middle {
    /// The middle of `below` and the next float.
    fn above(below: f32) -> Self {
        let (odd, power) = middle(below);
        let mut middle = Self { limbs: [0; 13], exponent: i64::from(power.min(0)) };
        middle.limbs[0] = odd;
        // The highest powers that a multiplication can take.
        let (factor, step) = if power < 0 { (5, 13) } else { (2, 31) };
        let mut left = power.unsigned_abs();
        while left > 0 {
            middle.multiply(u64::pow(factor, left.min(step)));
            left = left.saturating_sub(step);
        }
        middle
    }

    /// Multiplies the integer by a factor below 2^32.
    fn multiply(&mut self, factor: u64) {
        let mut carry = 0;
        for limb in &mut self.limbs {
            let n = u64::from(*limb) * factor + carry;
            *limb = (n % LIMB) as u32;
            carry = n / LIMB;
        }
    }

    /// The digits of the integer, zeros in front.
    fn digits(&self) -> [u8; 117] {
        let mut digits = [0; 117];
        for (limb, nine) in self.limbs.iter().rev().zip(digits.chunks_exact_mut(9)) {
            let mut limb = *limb;
            for digit in nine.iter_mut().rev() {
                *digit = (limb % 10) as u8;
                limb /= 10;
            }
        }
        digits
    }
}

#[cfg(test)]
mod tests {
    use super::{Middle, nearest, nearest_short, toward_zero};

    #[test]
    fn the_longest_middle_has_113_digits() {
        let zeros = |x: f32| Middle::above(x).digits().iter().take_while(|digit| **digit == 0).count();
        assert_eq!(zeros(0.0), 12);
        // Below 2^-125 the power is still the lowest, and the significand the largest.
        assert_eq!(zeros((2.0 * f32::MIN_POSITIVE).next_down()), 4);
        assert_eq!(Middle::above(0.0).exponent, -150);
        assert_eq!(Middle::above(f32::MAX).exponent, 0);
    }

    #[test]
    fn the_float_below() {
        assert_eq!(toward_zero(16_777_217.9), 16_777_216.0);
        assert_eq!(toward_zero(16_777_219.1), 16_777_218.0);
        assert_eq!(toward_zero(1e-46), 0.0);
        assert_eq!(toward_zero(1e300), f32::MAX);
    }

    #[test]
    fn short_numbers() {
        let mut decided = 0;
        for (w, e) in (16_777_201..16_777_301u64)
            .flat_map(|w| [(w, 0), (w * 10, -1), (w * 1_000_000_000 + 1, -9), (w * 32_768, 10), (w * 5, -28)])
            .chain([(34_028_235_677_973_366, 22), (1 << 59, 20), (7_006_492_321_624_085, -61)])
        {
            let text = format!("{w}e{e}");
            let close = text.parse().unwrap();
            if let Some(value) = nearest_short(w, e, close) {
                assert_eq!(value.to_bits(), text.parse::<f32>().unwrap().to_bits(), "{text}");
                decided += 1;
            }
        }
        assert_eq!(decided, 402);
    }

    #[test]
    fn ties_go_to_even_and_the_rest_to_its_side() {
        let near = |number: &str| nearest(number.as_bytes(), 8, 16_777_217.0);
        assert_eq!(near("16777217"), 16_777_216.0);
        assert_eq!(near("-000.16777217000e8"), 16_777_216.0);
        assert_eq!(near("16777217.00000000000001"), 16_777_218.0);
        assert_eq!(near("16777216.99999999999999"), 16_777_216.0);
        // The middle of odd and even.
        assert_eq!(nearest(b"16777219", 8, 16_777_219.0), 16_777_220.0);
        // By the power of ten alone.
        assert_eq!(nearest(b"9", 7, 16_777_217.0), 16_777_216.0);
        assert_eq!(nearest(b"1", 9, 16_777_217.0), 16_777_218.0);
    }
}
