//! Writing with plain 64-bit arithmetic; also the ends of lists that the wider tiers leave over.

use super::super::tail::Tail;
use super::digits::{ZEROS, significant, split};
use super::scale::{Scaled, scale};
use super::{LONGEST, single};

/// Values that go through a stage before the next stage begins.
const BLOCK: usize = 32;

/// The widest store.
const STORE: usize = 16;

/// Appends each value, preceded by a comma. The values are finite.
pub(super) fn list(values: &[f32], out: &mut Vec<u8>) {
    for block in values.chunks(BLOCK) {
        let mut text = Tail::with_room(out, BLOCK * LONGEST + STORE);
        put_block(block, &mut text);
    }
}

/// Puts up to [`BLOCK`] values.
pub(super) fn put_block(values: &[f32], text: &mut Tail<'_, u8>) {
    let mut scaled = [Scaled { digits: 0, exponent: 0 }; BLOCK];
    let mut split_digits = [(0u8, 0u64); BLOCK];
    for (to, &x) in scaled.iter_mut().zip(values) {
        *to = scale(x);
    }
    for (to, from) in split_digits.iter_mut().zip(&scaled) {
        *to = split(from.digits);
    }
    for ((&x, scaled), &digits) in values.iter().zip(&scaled).zip(&split_digits) {
        spell(x, scaled.exponent, digits, text);
    }
}

/// Puts one value.
pub(super) fn put(x: f32, text: &mut Tail<'_, u8>) {
    let scaled = scale(x);
    spell(x, scaled.exponent, split(scaled.digits), text);
}

#[inline(always)]
fn spell(x: f32, exponent: i32, (lead, digits): (u8, u64), text: &mut Tail<'_, u8>) {
    match exponent {
        -6..=-1 => put_fraction(x, exponent, lead, digits, text),
        0..=8 => put_mixed(x, exponent, lead, digits, text),
        _ => single::put(x, text),
    }
}

/// `0.000ddddddddd`
#[inline(always)]
fn put_fraction(x: f32, exponent: i32, lead: u8, digits: u64, text: &mut Tail<'_, u8>) {
    let negative = usize::from(x.is_sign_negative());
    let head = if negative == 1 { *b",-0.000000------" } else { *b",0.000000-------" };
    let zeros = (-1 - exponent) as usize;
    text.put(head, 3 + negative + zeros);
    text.put(b'0' + lead, 1);
    text.put((digits | ZEROS).to_le_bytes(), significant(digits));
}

/// `ddd.dddddd`, with at least one digit on either side of the point
#[inline(always)]
fn put_mixed(x: f32, exponent: i32, lead: u8, digits: u64, text: &mut Tail<'_, u8>) {
    let before = exponent as usize;
    text.put(*b",-", 1 + usize::from(x.is_sign_negative()));
    text.put(b'0' + lead, 1);
    text.put((digits | ZEROS).to_le_bytes(), before);
    text.put(b'.', 1);
    // Two shifts, since 8 digits before the point would be one shift by 64.
    let after = digits >> (4 * before) >> (4 * before);
    text.put((after | ZEROS).to_le_bytes(), significant(digits).saturating_sub(before).max(1));
}

#[cfg(test)]
mod tests {
    use super::list;

    fn text(values: &[f32]) -> String {
        let mut out = Vec::new();
        list(values, &mut out);
        String::from_utf8(out).unwrap()
    }

    #[test]
    fn every_spelling() {
        assert_eq!(text(&[]), "");
        assert_eq!(text(&[0.0, -0.0]), ",0.0,-0.0");
        assert_eq!(text(&[0.25, -0.001234, 1e-6, 1e-7]), ",0.25,-0.001234,0.000001,1e-7");
        assert_eq!(
            text(&[1.0, -12.5, 123_456.79, 1e8, -1e9]),
            ",1.0,-12.5,123456.79,100000000.0,-1000000000.0"
        );
        assert_eq!(text(&[1e16, f32::MAX, 1e-45]), ",1e+16,3.4028235e+38,1e-45");
    }

    #[test]
    fn blocks_join() {
        for n in [31, 32, 33, 100] {
            assert_eq!(text(&vec![0.5; n]), ",0.5".repeat(n));
        }
    }
}
