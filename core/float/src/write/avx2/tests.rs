//! The stages one by one, against the portable ones.

use std::arch::x86_64::*;

use super::super::super::tier::Tier;
use super::super::digits::split;
use super::super::scale::{nine_digits, scale};
use super::super::shapes::EXPONENTS;
use super::{Block, LANES};

/// Values with exponents of -4 to 8, powers of two and of ten and zeros among them.
fn samples() -> Vec<f32> {
    let mut values = vec![0.0, -0.0, 1e-4, 1e8, 999_999_940.0, 0.5, 0.25, 1.0, 2.0, 16_777_216.0, 0.1, 10.0];
    let range = 1e-4f32.to_bits()..1e9f32.to_bits();
    values.extend(range.step_by(9_973).map(f32::from_bits).flat_map(|x| [x, -x]));
    values
}

#[test]
fn stages_do_as_the_portable_ones() {
    #[target_feature(enable = "avx2,bmi1,bmi2,lzcnt,popcnt")]
    fn check() {
        for values in samples().as_chunks::<LANES>().0 {
            let mut block = Block::new();
            block.multiply(&[*values]);
            block.scale(&[*values]);
            let nine = lanes(block.digits[0]);
            let exponents = block.shape[0].map(|shape| *EXPONENTS.start() + shape as i32 / 2);
            let signs = block.shape[0].map(|shape| shape % 2 == 1);
            assert!(!block.odd[0], "{values:?}");
            block.split();
            for (i, &x) in values.iter().enumerate() {
                let (digits, exponent) = nine_digits(scale(x));
                assert_eq!((nine[i], exponents[i]), (u64::from(digits), exponent), "{x}");
                assert_eq!(
                    ((lanes(block.head[0])[i] >> 56) as u8 - b'0', lanes(block.digits[0])[i]),
                    split(digits),
                    "{x}"
                );
                assert_eq!(signs[i], x.is_sign_negative());
            }
        }
    }
    if Tier::available().any(|tier| tier == Tier::Avx2) {
        // SAFETY: the processor has the features, as was asked.
        unsafe { check() };
    }
}

#[test]
fn other_exponents_are_odd() {
    #[target_feature(enable = "avx2,bmi1,bmi2,lzcnt,popcnt")]
    fn check() {
        for x in [9.999_999e-5, 1e9, f32::MAX, f32::MIN_POSITIVE, 1e-40, 1e-45, 2f32.powi(60), 2f32.powi(-60)]
        {
            let values = std::array::from_fn(|i| if i == 2 { x } else { 0.5 });
            let mut block = Block::new();
            block.multiply(&[values]);
            block.scale(&[values]);
            assert!(block.odd[0], "{x}");
        }
    }
    if Tier::available().any(|tier| tier == Tier::Avx2) {
        // SAFETY: the processor has the features, as was asked.
        unsafe { check() };
    }
}

fn lanes(vector: __m256i) -> [u64; LANES] {
    // SAFETY: the same size, and any bits are integers.
    unsafe { std::mem::transmute(vector) }
}
