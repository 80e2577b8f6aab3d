//! The shortest decimals: of every kind of float so many that a wrong rule cannot hide.
//!
//! `every_float` takes all of them, but minutes. This is what of it fits into every run.

use super::super::Tier;
use super::reference::{written, zmij_text};

const BLOCK: usize = 1 << 16;

fn check(tier: Tier, values: &[f32]) {
    for block in values.chunks(BLOCK) {
        assert!(written(tier, block).unwrap() == zmij_text(block), "{tier:?} on {:e}…", block[0]);
    }
}

/// All of them; the wide tiers leave each to the portable one.
#[test]
fn every_subnormal() {
    let halves = [1..0x40_0000, 0x40_0000..0x80_0000];
    std::thread::scope(|scope| {
        for half in halves {
            scope.spawn(|| check(Tier::Portable, &half.map(f32::from_bits).collect::<Vec<_>>()));
        }
    });
}

/// Of every exponent both ends, and between them one in a few thousand.
#[test]
fn every_exponent() {
    // A prime, so that the low bits of the mantissas vary.
    const STEP: usize = 1_999;
    let values: Vec<f32> = (1..255u32)
        .flat_map(|field| {
            let spread = (0..0x80_0000).step_by(STEP);
            let ends = (0..32).chain(0x80_0000 - 32..0x80_0000);
            ends.chain(spread).map(move |mantissa| f32::from_bits(field << 23 | mantissa))
        })
        .collect();
    for tier in Tier::available() {
        check(tier, &values);
    }
}
