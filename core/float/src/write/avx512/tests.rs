//! The stages one by one, against the portable ones.

use std::arch::x86_64::*;

use super::super::super::tier::Tier;
use super::super::digits::split;
use super::super::scale::{nine_digits, scale};
use super::{Block, LANES, Spelling, keep_of_fraction, keep_of_whole};

/// Values with exponents of -4 to 8, powers of two and of ten and zeros among them.
fn samples() -> Vec<f32> {
    let mut values = vec![0.0, -0.0, 1e-4, 1e8, 999_999_940.0, 0.5, 0.25, 1.0, 2.0, 16_777_216.0, 0.1, 10.0];
    let range = 1e-4f32.to_bits()..1e9f32.to_bits();
    values.extend(range.step_by(9_973).map(f32::from_bits).flat_map(|x| [x, -x]));
    values
}

#[test]
fn stages_do_as_the_portable_ones() {
    #[target_feature(
        enable = "avx512f,avx512bw,avx512cd,avx512dq,avx512vl,avx512vbmi,avx512vbmi2,avx512ifma,bmi1,bmi2,lzcnt,popcnt"
    )]
    fn check() {
        for values in samples().as_chunks::<LANES>().0 {
            let mut block = Block::new();
            block.multiply(&[*values]);
            block.scale(&[*values]);
            let nine = lanes(block.digits[0]);
            let exponents = lanes(block.exponent[0]).map(|exponent| exponent as i32);
            assert!(!matches!(block.spelling[0], Spelling::Odd), "{values:?}");
            block.split(1);
            for (i, &x) in values.iter().enumerate() {
                let (digits, exponent) = nine_digits(scale(x));
                assert_eq!((nine[i], exponents[i]), (u64::from(digits), exponent), "{x}");
                assert_eq!((lanes(block.lead[0])[i] as u8, lanes(block.digits[0])[i]), split(digits), "{x}");
            }
        }
    }
    if Tier::available().any(|tier| tier == Tier::Avx512) {
        // SAFETY: the processor has the features, as was asked.
        unsafe { check() };
    }
}

#[test]
fn other_exponents_are_odd() {
    #[target_feature(
        enable = "avx512f,avx512bw,avx512cd,avx512dq,avx512vl,avx512vbmi,avx512vbmi2,avx512ifma,bmi1,bmi2,lzcnt,popcnt"
    )]
    fn check() {
        for x in [9.999_999e-5, 1e9, f32::MAX, f32::MIN_POSITIVE, 1e-40, 1e-45, 2f32.powi(60), 2f32.powi(-60)]
        {
            let values = std::array::from_fn(|i| if i == 2 { x } else { 0.5 });
            let mut block = Block::new();
            block.multiply(&[values]);
            block.scale(&[values]);
            assert!(matches!(block.spelling[0], Spelling::Odd), "{x}");
        }
    }
    if Tier::available().any(|tier| tier == Tier::Avx512) {
        // SAFETY: the processor has the features, as was asked.
        unsafe { check() };
    }
}

#[test]
fn masks_of_what_is_spelled() {
    #[target_feature(enable = "avx512f,avx512cd")]
    fn check() {
        let all = |x: i64| _mm512_set1_epi64(x);
        // The last of the eight digits that is not zero is the second.
        let eight = all(0x0100);
        let first = |mask: __m512i| lanes(mask)[0];
        assert_eq!(first(keep_of_fraction(all(0), all(-1), eight)), 0b0000_0011_1000_1101);
        assert_eq!(first(keep_of_fraction(all(1), all(-3), eight)), 0b0000_0011_1011_1111);
        assert_eq!(first(keep_of_whole(all(0), all(0), eight)), 0b0000_0000_0011_1101);
        assert_eq!(first(keep_of_whole(all(1), all(4), eight)), 0b0000_0001_1111_1111);
    }
    if Tier::available().any(|tier| tier == Tier::Avx512) {
        // SAFETY: the processor has the features, as was asked.
        unsafe { check() };
    }
}

fn lanes(vector: __m512i) -> [u64; LANES] {
    // SAFETY: the same size, and any bits are integers.
    unsafe { std::mem::transmute(vector) }
}
