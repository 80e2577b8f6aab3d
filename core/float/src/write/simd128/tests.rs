//! The stages one by one, against the portable ones.

use std::arch::wasm32::*;

use wasm_bindgen_test::wasm_bindgen_test as test;

use super::super::digits::split as split_portably;
use super::super::scale::{nine_digits, scale as scale_portably};
use super::super::shapes::EXPONENTS;
use super::{CONSTANTS, LANES, LEAD, PAIR, SHAPE, SINGLE, UPPER, scale, split};

/// Values with exponents of -4 to 8, powers of two and of ten and zeros among them.
fn samples() -> Vec<f32> {
    let mut values = vec![0.0, -0.0, 1e-4, 1e8, 999_999_940.0, 0.5, 0.25, 1.0, 2.0, 16_777_216.0, 0.1, 10.0];
    let range = 1e-4f32.to_bits()..1e9f32.to_bits();
    values.extend(range.step_by(9_973).map(f32::from_bits).flat_map(|x| [x, -x]));
    values
}

#[test]
fn stages_do_as_the_portable_ones() {
    let samples = samples();
    let mut odd = 0;
    for values in samples.as_chunks::<LANES>().0 {
        let scaled = scale(values);
        if scaled.odd {
            odd += usize::from(values.iter().all(|x| x.abs() < 1.0));
            continue;
        }
        let (lead, low, high) = split(scaled.nine, &CONSTANTS);
        let eight = [
            u64x2_extract_lane::<0>(low),
            u64x2_extract_lane::<1>(low),
            u64x2_extract_lane::<0>(high),
            u64x2_extract_lane::<1>(high),
        ];
        for (i, &x) in values.iter().enumerate() {
            let (digits, exponent) = nine_digits(scale_portably(x));
            assert_eq!(lanes(scaled.nine)[i], digits, "{x}");
            let shape = (exponent - EXPONENTS.start()) as u32 * 2 + u32::from(x.is_sign_negative());
            assert_eq!(lanes(scaled.shape)[i], shape * SHAPE as u32, "{x}");
            assert_eq!((lanes(lead)[i] as u8, eight[i]), split_portably(digits), "{x}");
        }
    }
    // Ties, such as 234.859375 to eight digits, are common among large values only.
    assert!(odd < 10, "{odd}");
}

#[test]
fn other_exponents_are_odd() {
    for x in [9.999_999e-5, 1e9, f32::MAX, f32::MIN_POSITIVE, 1e-40, 1e-45, 2f32.powi(60), 2f32.powi(-60)] {
        assert!(scale(&[0.5, 0.5, x, 0.5]).odd, "{x}");
        assert!(scale(&[0.75, -x, 0.1, 0.0]).odd, "-{x}");
    }
}

#[test]
fn what_is_too_close_to_call_is_odd() {
    assert!(scale(&[234.859_38, 1.5, 2.5, 0.3]).odd);
    assert!(!scale(&[234.859_39, 1.5, 2.5, 0.3]).odd);
}

#[test]
fn quotients_are_exact() {
    let divides = |(factor, shift): (u32, u32), n: u32, by: u32| {
        u64::from(n) * u64::from(factor) >> shift == u64::from(n / by)
    };
    assert!((0..100).all(|n| divides((SINGLE.0.into(), SINGLE.1), n, 10)));
    assert!((0..10_000).all(|n| divides(PAIR, n, 100)));
    assert!((0..=6249).all(|n| divides(LEAD, n, 625)));
    // Quotients change at multiples only.
    assert!(
        (1..100_000).map(|q| q * 10_000).all(|n| divides(UPPER, n, 10_000) && divides(UPPER, n - 1, 10_000))
    );
    assert!(PAIR.0 < 1 << 15 && LEAD.0 < 1 << 15);
}

fn lanes(vector: v128) -> [u32; LANES] {
    [
        u32x4_extract_lane::<0>(vector),
        u32x4_extract_lane::<1>(vector),
        u32x4_extract_lane::<2>(vector),
        u32x4_extract_lane::<3>(vector),
    ]
}
