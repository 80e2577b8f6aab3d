//! The shortest decimal where the product of `scale.rs` is too coarse: in integers of 128 bits, exactly.
//!
//! The rule is Schubfach's, as explained in `scale.rs`, but nothing is rounded: `x`, the distances to the
//! ends of its interval and the unit `10^(k+1)` are whole multiples of one measure, a quarter of `2^q`
//! (the lower end of a power of two is that close), divided by `5^n` where the unit is `10^-n`:
//!
//! ```text
//!            measure        2^q / 4        10^(k+1)
//! q >= 6     1              2^(q-2)        10^(k+1)
//! q < 0      2^(q-2) / 5^n  5^n            2^(2-q-n)       n = -(k+1)
//! ```
//!
//! All of it fits: integers are below 2^128; and `4 sig <= 2^25` for subnormals and for powers of two, so that
//! `4 sig * 5^n <= 2^25 * 5^44 < 2^128`.

use super::scale::{LOG10_2, Scaled};

/// Scales a finite float that is an integer from 2^29 on, or subnormal, or a power of two below 2^-24.
#[cold]
#[inline(never)]
pub(super) fn scale(x: f32) -> Scaled {
    let (field, mantissa) = ((x.to_bits() >> 23) as u8, x.to_bits() & 0x7f_ffff);
    let (sig, q) = if field == 0 { (mantissa, -149) } else { (mantissa | 0x80_0000, i32::from(field) - 150) };
    // Of 2^-126 alone the float below is as far away as the one above; the narrower interval does as well.
    let power_of_two = mantissa == 0;
    let k = log10_of_width(q, power_of_two);
    let (quarter, unit) = if q < 0 {
        let n = (-(k + 1)) as u32;
        (power(5, n), 1 << (2 - q - n as i32))
    } else {
        (1 << (q - 2), power(10, (k + 1) as u32))
    };
    let below = if power_of_two { quarter } else { 2 * quarter };
    let s = shortest(sig, quarter, below, unit);
    with_seven_digits(s, k)
}

/// The shortest decimal of `x = sig * 4 quarter` in units of `10^k`, where `unit` is `10^(k+1)` and the
/// interval of `x` reaches `below` and `2 quarter` far.
fn shortest(sig: u32, quarter: u128, below: u128, unit: u128) -> u32 {
    let x = 4 * u128::from(sig) * quarter;
    let (s, f) = divide(x, unit);
    // Odd significands do not own the ends of their interval.
    let open = u128::from(sig & 1);
    if f + open <= below {
        return s * 10;
    }
    if unit - f + open <= 2 * quarter {
        return s * 10 + 10;
    }
    let (digit, rest) = divide(10 * f, unit);
    // The closest multiple, half to even; or if the nearby lower end of a power of two cuts it off, the next.
    let up = 2 * rest + u128::from(digit & 1) > unit || rest > 10 * below;
    s * 10 + digit + u32::from(up)
}

/// Quotient and remainder, where the quotient is below 2^28.
///
/// One division of 64 bits does: of the leading 63 bits of `x`, if they are not all, by at least 34 bits of
/// `unit`, rounded up. What it gives is too small by 1 at most.
fn divide(x: u128, unit: u128) -> (u32, u128) {
    if x < unit {
        return (0, x);
    }
    let shift = 65u32.saturating_sub(x.leading_zeros());
    let quotient = (x >> shift) as u64 / ((unit >> shift) as u64 + u64::from(shift > 0));
    let rest = x - u128::from(quotient) * unit;
    if rest < unit { (quotient as u32, rest) } else { (quotient as u32 + 1, rest - unit) }
}

/// `base^n`, of which each half fits into 64 bits.
fn power(base: u64, n: u32) -> u128 {
    u128::from(base.pow(n / 2)) * u128::from(base.pow(n - n / 2))
}

/// `floor(log10(2^q))`; for powers of two `floor(log10(3/4 * 2^q))`: the width of the interval.
const fn log10_of_width(q: i32, power_of_two: bool) -> i32 {
    // log10(3/4) * 2^20, a little less: exact for every `q` of a float.
    const LOG10_3_4: i32 = -131_072;
    (q * LOG10_2 + if power_of_two { LOG10_3_4 } else { 0 }) >> 20
}

/// Subnormals may have fewer digits than a [`Scaled`] shall.
fn with_seven_digits(mut s: u32, mut k: i32) -> Scaled {
    while s < 1_000_000 {
        s *= 10;
        k -= 1;
    }
    Scaled { s, k }
}

#[cfg(test)]
mod tests {
    use super::{divide, log10_of_width, power};

    #[test]
    fn divides_like_the_standard_library() {
        let mut bits = 1u128;
        for i in 0..100_000 {
            bits = bits.wrapping_mul(0x2360_ed05_1fc6_5da4_4385_df64_9fcc_f645).wrapping_add(1);
            let unit = (bits >> (i % 100)) | 1;
            let most = (u128::MAX / unit).min((1 << 28) - 1);
            let quotient = (bits >> 90) % most.max(1);
            for x in [quotient * unit, quotient * unit + unit - 1, (quotient * unit).saturating_sub(1)] {
                assert_eq!(divide(x, unit), ((x / unit) as u32, x % unit), "{x} / {unit}");
            }
        }
    }

    #[test]
    fn powers() {
        for n in 0..=44 {
            assert_eq!(power(5, n), 5u128.pow(n));
        }
        for n in 0..=32 {
            assert_eq!(power(10, n), 10u128.pow(n));
        }
    }

    #[test]
    fn widths() {
        for q in -149..=104 {
            assert_eq!(log10_of_width(q, false), 2f64.powi(q).log10().floor() as i32, "{q}");
            assert_eq!(log10_of_width(q, true), (2f64.powi(q) * 0.75).log10().floor() as i32, "{q}");
        }
    }
}
