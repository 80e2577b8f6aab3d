//! Slow and simple: what the codec should do, and where test data comes from.

use super::super::{ArrayError, NotFinite, Tier, read_array, write_array};
use serde_json::value::RawValue;

/// Deterministic pseudo-random bits: splitmix64 (G. L. Steele and others, 2014).
pub(super) struct Random(pub(super) u64);

impl Random {
    pub(super) fn bits(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let z = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    pub(super) fn below(&mut self, n: usize) -> usize {
        (self.bits() % n as u64) as usize
    }

    /// About normally distributed: a sum of uniform numbers.
    pub(super) fn gauss(&mut self) -> f32 {
        let sum: u64 = (0..4).map(|_| self.bits() >> 34).sum();
        (sum as f32 / (1 << 30) as f32 - 2.0) * 0.09
    }
}

/// Any finite float.
pub(super) fn finite(bits: u32) -> Option<f32> {
    Some(f32::from_bits(bits)).filter(|x| x.is_finite())
}

pub(super) fn bits(values: &[f32]) -> Vec<u32> {
    values.iter().map(|x| x.to_bits()).collect()
}

/// The text as `serde_json` writes it.
pub(super) fn serde_text(values: &[f32]) -> Vec<u8> {
    serde_json::to_vec(values).unwrap()
}

/// The text as zmij writes it, and so `serde_json`.
pub(super) fn zmij_text(values: &[f32]) -> Vec<u8> {
    let mut text = Vec::new();
    let mut zmij = zmij::Buffer::new();
    for &x in values {
        text.push(if text.is_empty() { b'[' } else { b',' });
        text.extend(zmij.format_finite(x).as_bytes());
    }
    text.push(b']');
    text
}

pub(super) fn written(tier: Tier, values: &[f32]) -> Result<Vec<u8>, NotFinite> {
    let mut out = Vec::new();
    write_array(tier, values, &mut out)?;
    Ok(out)
}

/// Reads a whole text, `[` included, into a fresh vector.
pub(super) fn read(tier: Tier, text: &[u8], max: usize) -> Result<(Vec<f32>, usize), ArrayError> {
    let mut out = Vec::new();
    let end = read_array(tier, text, 1, max, &mut out)?;
    Ok((out, end))
}

/// The same by every tier, which must agree to the bit.
pub(super) fn read_by_all(text: &[u8], max: usize) -> Result<(Vec<f32>, usize), ArrayError> {
    let portable = read(Tier::Portable, text, max);
    for tier in Tier::available() {
        let other = read(tier, text, max);
        let show = || format!("{tier:?} on {}", String::from_utf8_lossy(text));
        match (&portable, &other) {
            (Ok((a, a_end)), Ok((b, b_end))) => {
                assert_eq!(bits(a), bits(b), "{}", show());
                assert_eq!(a_end, b_end, "{}", show());
            }
            _ => assert_eq!(portable, other, "{}", show()),
        }
    }
    portable
}

/// Tokens by `serde_json`, values by the standard library; `None` where either refuses.
pub(super) fn read_by_reference(text: &[u8]) -> Option<Vec<f32>> {
    let tokens: Vec<&RawValue> = serde_json::from_slice(text).ok()?;
    tokens
        .iter()
        .map(|token| {
            let token = token.get();
            token.starts_with(|c: char| c == '-' || c.is_ascii_digit()).then_some(())?;
            token.parse().ok().filter(|x: &f32| x.is_finite())
        })
        .collect()
}
