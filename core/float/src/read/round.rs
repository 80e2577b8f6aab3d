//! A decimal `w * 10^e` to the nearest `f32`, through `f64`.
//!
//! This is W. D. Clinger's fast path ("How to read floating point numbers accurately", 1990) with a
//! wider type in the middle: `w` becomes an `f64`, is multiplied or divided by a power of ten that
//! `f64` holds exactly, and the result is rounded to `f32`. Rounding twice errs only if the first
//! rounding moved the number onto, or across, the middle of two floats. In an `f64` that middle is
//! visible: the 29 bits that `f32` lacks read `1000...0`; below the normal floats, where `f32` lacks more,
//! as a fraction of 1/2 in units of the smallest float. What comes close to it is left to `exact.rs`.

/// The powers of ten that `f64` holds exactly.
pub(super) static POWERS: [f64; 23] = [
    1e0, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15, 1e16, 1e17, 1e18,
    1e19, 1e20, 1e21, 1e22,
];

/// The bits of an `f64` that an `f32` lacks.
pub(super) const LOST: u64 = 0x1fff_ffff;

/// Those bits in the middle of two floats.
pub(super) const MIDDLE: u64 = 0x1000_0000;

/// Below it `f32` loses more than 29 bits: `f32::MIN_POSITIVE`, and a unit for the rounding.
const SMALLEST: f64 = f32::MIN_POSITIVE as f64 * (1.0 + f32::EPSILON as f64);

/// The number of smallest floats in 1: `2^149`.
const SUBNORMALS: f64 = f64::from_bits((1023 + 149) << 52);

/// The float nearest to a decimal whose value is `w * 10^e`, or less than `(w + 1) * 10^e` where
/// `w >= 10^18`. `None` if it is too close to the middle of two floats to call.
///
/// At most four roundings of `2^-53` each and the cut-off of `10^-18` make a relative error below
/// `2^-50.9`, under 5 units in the last place of an `f64`; the margin is 8. Subnormals are below 2^23
/// smallest floats, of which the error is thus below `2^-27.9`.
pub(super) fn nearest(w: u64, e: i64) -> Option<f32> {
    const MARGIN: u64 = 8;
    const MARGIN_OF_SUBNORMALS: f64 = 1.0 / (1 << 27) as f64;
    // Beyond these powers of ten nothing can be a float, however many digits are before or behind.
    if w == 0 || e < LEAST {
        return Some(0.0);
    }
    if e > MOST {
        return Some(f32::INFINITY);
    }
    let q = approximate(w, e);
    let close = if q < SMALLEST {
        let units = q * SUBNORMALS;
        (units - f64::from(units as u32) - 0.5).abs() <= MARGIN_OF_SUBNORMALS
    } else {
        (q.to_bits() & LOST).abs_diff(MIDDLE) <= MARGIN
    };
    if close { None } else { Some(q as f32) }
}

/// Below it even `10^20` times the power of ten rounds to 0.
const LEAST: i64 = -66;

/// Above it even the power of ten alone is infinite.
const MOST: i64 = 44;

/// `w * 10^e` with the error that [`nearest`] states, where `LEAST <= e <= MOST`.
pub(super) fn approximate(w: u64, e: i64) -> f64 {
    let mut q = w as f64;
    let mut left = e.unsigned_abs() as usize;
    while left > 0 {
        let step = left.min(POWERS.len() - 1);
        q = if e < 0 { q / POWERS[step] } else { q * POWERS[step] };
        left -= step;
    }
    q
}

/// The float nearest to `w / 10^n`, where `w < 2^53` and `n <= 22`: one rounding before the last,
/// so that only the middle itself is too close to call.
#[inline(always)]
pub(super) fn nearest_quotient(w: u64, n: usize) -> Option<f32> {
    // As a signed integer: that conversion is one instruction on x86-64.
    let q = w as i64 as f64 / POWERS[n];
    // Smaller than 10^-22 it cannot be, so there are no subnormals.
    if q.to_bits() & LOST == MIDDLE { None } else { Some(q as f32) }
}

#[cfg(test)]
mod tests {
    use super::{nearest, nearest_quotient};
    #[cfg(target_family = "wasm")]
    use wasm_bindgen_test::wasm_bindgen_test as test;

    #[test]
    fn agrees_with_the_standard_library() {
        let mut w = 1u64;
        for i in 0..200_000i64 {
            w = w.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            let (w, e) = (w >> (i % 64), i % 130 - 75);
            let exact: f32 = format!("{w}e{e}").parse().unwrap();
            if let Some(x) = nearest(w, e) {
                assert_eq!(x.to_bits(), exact.to_bits(), "{w}e{e}");
            }
            if let (Some(x), true) = (nearest_quotient(w >> 11, (i % 23) as usize), i % 2 == 0) {
                let exact: f32 = format!("{}e-{}", w >> 11, i % 23).parse().unwrap();
                assert_eq!(x.to_bits(), exact.to_bits());
            }
        }
    }

    #[test]
    fn the_middle_is_too_close_to_call() {
        // 2^24 + 1 lies between the floats 2^24 and 2^24 + 2.
        assert_eq!(nearest_quotient(16_777_217, 0), None);
        assert_eq!(nearest(16_777_217, 0), None);
        assert_eq!(nearest_quotient(16_777_218, 0), Some(16_777_218.0));
    }

    #[test]
    fn what_is_no_normal_float() {
        assert_eq!(nearest(1, -40), Some(1e-40));
        assert_eq!(nearest(1, -66), Some(0.0));
        assert_eq!(nearest(u64::MAX, -67), Some(0.0));
        assert_eq!(nearest(1, i64::MIN), Some(0.0));
        assert_eq!(nearest(1, 40), Some(f32::INFINITY));
        assert_eq!(nearest(1, i64::MAX), Some(f32::INFINITY));
        assert_eq!(nearest(0, 300), Some(0.0));
        // The first digits of 2^-150, in the middle of 0 and the smallest float.
        assert_eq!(nearest(7_006_492_321_624_085_354, -64), None);
    }
}
