//! The first stage of writing: the shortest decimal of a float, as an integer.
//!
//! A regular float is `x = sig * 2^q` with `2^23 < sig < 2^24`. Everything closer to it than
//! `2^q / 2` reads back to it, and so do the two ends of that interval where `sig` is even. With
//! `k = floor(log10(2^q))` the interval is at least `10^k` wide and less than `10^(k+1)`, hence
//! (R. Giulietti, "The Schubfach way to render doubles", 2020):
//!
//! - at most one multiple of `10^(k+1)` lies in it, one of the two neighbours of `x`. If one does,
//!   it is the shortest decimal (zeros at its end are dropped later);
//! - else the multiple of `10^k` closest to `x` lies in it, and none is shorter.
//!
//! Both follow from one fixed-point product with [`FRACTION`] bits behind the point, as in
//! V. Zverovich's zmij (<https://github.com/vitaut/zmij>) and in xjb:
//!
//! ```text
//! p = sig * FACTOR[e] ~ x / 10^(k+1)        s = floor(p), f = p - s
//! half = 2^q / 2 / 10^(k+1)
//! f <= half      =>  s * 10^(k+1)           below x, in the interval
//! 1 - f <= half  =>  (s + 1) * 10^(k+1)     above x, in the interval
//! otherwise      =>  (10 s + round(10 f)) * 10^k
//! ```
//!
//! 36 bits do not suffice for all floats: seven of 2^47 and more, and their negatives, are ties or
//! near-ties that the product misjudges (test `too_close_for_the_product`). `portable.rs` therefore
//! leaves large values to `exact.rs`. That the rest is right is not argued but shown: the ignored
//! test `every_float` compares all floats with zmij. Widen the range only with that test.

use super::exact;
use std::hint::select_unpredictable;

/// Bits behind the point of the product.
pub(super) const FRACTION: u32 = 36;

/// 10^8: values below it have 8 digits and are brought to 9.
pub(super) const NINE_DIGITS: u64 = 100_000_000;

/// Multiplier and bias of `floor(log10(2^(e - 150)))` in [`log10_of_ulp`].
pub(super) const LOG10_2: i32 = 315_653;

/// For each exponent field `e`: `floor(2^(e-150) / 10^(k+1) * 2^64)`.
pub(super) static FACTOR: [u64; 256] = factors();

/// For each exponent field `e` the integer `s` with `2^(e-127) ~ s * 10^k`, where that is the
/// shortest decimal; 0 where the shortest needs `10^(k-1)`, and for the fields of 0 and infinity.
///
/// Powers of two are irregular: the float below is only half as far away as the one above, so the
/// interval ends at a quarter of `2^q` below.
pub(super) static POWER_OF_TWO: [u64; 256] = powers_of_two();

/// A float as `±s * 10^k`.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) struct Scaled {
    /// 7 to 9 digits; 0 for zero.
    pub(super) s: u32,
    /// The power of ten of the last digit. For zero such that it is spelled `0.0`.
    pub(super) k: i32,
}

/// Scales a finite float; from 2^47 on perhaps not to the shortest decimal.
#[inline(always)]
pub(super) fn scale(x: f32) -> Scaled {
    let bits = x.to_bits();
    let field = (bits >> 23) as u8;
    let mantissa = bits & 0x7f_ffff;
    let sig = u64::from(mantissa | 0x80_0000);
    if (mantissa == 0) | (field == 0) {
        return irregular(bits, field);
    }
    let factor = FACTOR[usize::from(field)];
    Scaled { s: shortest(sig, factor) as u32, k: log10_of_ulp(i32::from(field)) }
}

/// A number of nine digits and the power of ten of the first.
///
/// In 32 bits and without branches, so that a loop of it becomes vector code.
#[inline(always)]
pub(super) fn nine_digits(scaled: Scaled) -> (u32, i32) {
    let Scaled { s, k } = scaled;
    let below_9 = (s as i32) < NINE_DIGITS as i32;
    let below_8 = (s as i32) < NINE_DIGITS as i32 / 10;
    let times = if below_9 { 10 } else { 1 };
    let times = if below_8 { 100 } else { times };
    (s.wrapping_mul(times), k + 8 - i32::from(below_9) - i32::from(below_8))
}

/// `floor(log10(2^(e-150)))` for every exponent field `e`.
pub(super) const fn log10_of_ulp(e: i32) -> i32 {
    ((e - 150) * LOG10_2) >> 20
}

/// The shortest decimal of `sig * 2^q`, in units of `10^k`.
#[inline(always)]
fn shortest(sig: u64, factor: u64) -> u64 {
    let p = product(sig, factor);
    let fraction = p & ((1 << FRACTION) - 1);
    // Even significands own the ends of their interval, hence <= instead of <.
    let half = (factor >> (65 - FRACTION)) + (1 - (sig & 1));
    let up = fraction + half >= 1 << FRACTION;
    let down = half > fraction;
    // Half up, except that 2.5 rounds to even; the other tie, 7.5, rounds up to even anyway.
    let nearest = (fraction * 10 + (1 << (FRACTION - 1))) >> FRACTION;
    let nearest = select_unpredictable(fraction == 1 << (FRACTION - 2), 2, nearest);
    let last = select_unpredictable(up, 10, select_unpredictable(down, 0, nearest));
    (p >> FRACTION) * 10 + last
}

/// `sig * factor / 2^(64 - FRACTION)`, with `factor` rounded up.
#[inline(always)]
fn product(sig: u64, factor: u64) -> u64 {
    // WebAssembly has no 128-bit product.
    if cfg!(target_arch = "wasm32") {
        product_of_halves(sig, factor + 1)
    } else {
        ((u128::from(factor + 1) * u128::from(sig << FRACTION)) >> 64) as u64
    }
}

/// `sig * factor / 2^(64 - FRACTION)` in 64 bits.
#[inline(always)]
fn product_of_halves(sig: u64, factor: u64) -> u64 {
    (((factor >> 32) * sig) << (FRACTION - 32)) + (((factor & 0xffff_ffff) * sig) >> (64 - FRACTION))
}

#[cold]
fn irregular(bits: u32, field: u8) -> Scaled {
    if bits << 1 == 0 {
        // Zero counts as seven digits, the first of which stands behind the point.
        return Scaled { s: 0, k: -7 };
    }
    match POWER_OF_TWO[usize::from(field)] {
        0 => exact::scale(f32::from_bits(bits)),
        s => Scaled { s: s as u32, k: log10_of_ulp(i32::from(field)) },
    }
}

const fn factors() -> [u64; 256] {
    let mut table = [0; 256];
    let mut e = 1;
    while e < 255 {
        table[e] = factor(e as i32 - 150, log10_of_ulp(e as i32));
        e += 1;
    }
    // Zero and subnormals have the ulp of the smallest normal floats.
    table[0] = table[1];
    table
}

/// `floor(2^q / 10^(k+1) * 2^64)`, in 256-bit integers.
const fn factor(q: i32, k: i32) -> u64 {
    let mut power = q + 64;
    let mut n = Wide::ONE;
    if k < 0 {
        n = n.times_ten_to(-(k + 1));
        while power > 0 {
            n = n.doubled();
            power -= 1;
        }
        while power < 0 {
            n = n.halved();
            power += 1;
        }
    } else {
        while power > 0 {
            n = n.doubled();
            power -= 1;
        }
        n = n.over_ten_to(k + 1);
    }
    n.0[0] as u64 | (n.0[1] as u64) << 32
}

const fn powers_of_two() -> [u64; 256] {
    let mut table = [0; 256];
    let mut e = 1;
    while e < 255 {
        table[e] = power_of_two(FACTOR[e]);
        e += 1;
    }
    table
}

const fn power_of_two(factor: u64) -> u64 {
    const ONE: u64 = 1 << FRACTION;
    let p = ((factor as u128 + 1) << (23 + FRACTION) >> 64) as u64;
    let (s, fraction) = (p >> FRACTION, p & (ONE - 1));
    let above = (factor >> (65 - FRACTION)) + 1;
    let below = (factor >> (66 - FRACTION)) + 1;
    if fraction < below {
        return s * 10;
    }
    if fraction + above >= ONE {
        return s * 10 + 10;
    }
    // The closest multiple of 10^k, or if the nearby lower end cuts it off, the next one.
    let ten = fraction * 10;
    let nearest = if fraction == ONE / 4 { 2 } else { (ten + ONE / 2) / ONE };
    let digit = if nearest * ONE + below * 10 > ten { nearest } else { nearest + 1 };
    if digit * ONE < ten + above * 10 { s * 10 + digit } else { 0 }
}

/// An unsigned integer of 256 bits, the least significant word first; for constants only.
struct Wide([u32; 8]);

impl Wide {
    const ONE: Self = Self([1, 0, 0, 0, 0, 0, 0, 0]);

    const fn doubled(self) -> Self {
        self.times(2)
    }

    const fn halved(self) -> Self {
        self.over(2)
    }

    const fn times_ten_to(mut self, power: i32) -> Self {
        let mut i = 0;
        while i < power {
            self = self.times(10);
            i += 1;
        }
        self
    }

    const fn over_ten_to(mut self, power: i32) -> Self {
        let mut i = 0;
        while i < power {
            self = self.over(10);
            i += 1;
        }
        self
    }

    const fn times(mut self, n: u32) -> Self {
        let mut carry = 0;
        let mut i = 0;
        while i < 8 {
            let word = self.0[i] as u64 * n as u64 + carry;
            self.0[i] = word as u32;
            carry = word >> 32;
            i += 1;
        }
        assert!(carry == 0, "too wide");
        self
    }

    const fn over(mut self, n: u32) -> Self {
        let mut rest = 0;
        let mut i = 8;
        while i > 0 {
            i -= 1;
            let word = rest << 32 | self.0[i] as u64;
            self.0[i] = (word / n as u64) as u32;
            rest = word % n as u64;
        }
        self
    }
}

#[cfg(test)]
mod tests {
    use super::{FACTOR, POWER_OF_TWO, log10_of_ulp, nine_digits, product, product_of_halves, scale};
    #[cfg(target_family = "wasm")]
    use wasm_bindgen_test::wasm_bindgen_test as test;

    #[test]
    fn scales_to_nine_digits() {
        let nine = |x| nine_digits(scale(x));
        assert_eq!(nine(1.5), (150_000_000, 0));
        assert_eq!(nine(-0.1), (100_000_000, -1));
        assert_eq!(nine(f32::MAX), (340_282_350, 38));
        assert_eq!(nine(16_777_216.0), (167_772_160, 7));
        assert_eq!(nine(0.0), (0, -1));
        assert_eq!(nine(-0.0), (0, -1));
        assert_eq!(nine(1e-40), (100_000_000, -40));
        assert_eq!(nine(1e-45), (100_000_000, -45));
    }

    #[test]
    fn both_products_are_the_same() {
        for factor in &FACTOR[..255] {
            for sig in (0x80_0000..0x100_0000).step_by(9_973) {
                assert_eq!(product(sig, *factor), product_of_halves(sig, factor + 1));
            }
        }
    }

    #[test]
    fn the_unit_is_the_power_of_ten_below_an_ulp() {
        for e in 1..255 {
            let ulp = 2f64.powi(e - 150).log10();
            assert_eq!(log10_of_ulp(e), ulp.floor() as i32, "{e}");
        }
    }

    #[test]
    fn few_powers_of_two_need_a_smaller_unit() {
        let missing = (1..255).filter(|&e| POWER_OF_TWO[e] == 0).count();
        assert!(missing < 30, "{missing}");
        assert!((100..180).all(|e| POWER_OF_TWO[e] != 0));
    }
}
