//! Writing with plain 64-bit arithmetic; also the ends of lists that the wider tiers leave over.

use super::super::tail::Tail;
use super::digits::{ZEROS, significant, split, split_all};
use super::scale::{Scaled, nine_digits, scale};
use super::{LONGEST, WIDEST, exact};

/// Values that go through a stage before the next stage begins.
const BLOCK: usize = 32;

/// Appends each value, preceded by a comma. The values are finite.
pub(super) fn list(values: &[f32], out: &mut Vec<u8>) {
    let (blocks, rest) = values.as_chunks::<BLOCK>();
    for block in blocks {
        let mut text = Tail::with_room(out, BLOCK * LONGEST + WIDEST);
        put_block(block, &mut text);
        text.finish();
    }
    let mut text = Tail::with_room(out, BLOCK * LONGEST + WIDEST);
    rest.iter().for_each(|&x| put(x, &mut text));
    text.finish();
}

/// Puts one value.
pub(super) fn put(x: f32, text: &mut Tail<'_, u8>) {
    let (digits, exponent) = nine_digits(scale(x));
    spell(x, exponent, split(digits), text);
}

fn put_block(values: &[f32; BLOCK], text: &mut Tail<'_, u8>) {
    let mut scaled = [Scaled { s: 0, k: 0 }; BLOCK];
    for (scaled, &x) in scaled.iter_mut().zip(values) {
        *scaled = scale(x);
    }
    let (mut digits, mut exponents) = ([0; BLOCK], [0; BLOCK]);
    for ((&scaled, digits), exponent) in scaled.iter().zip(&mut digits).zip(&mut exponents) {
        (*digits, *exponent) = nine_digits(scaled);
    }
    let (mut lead, mut eight) = ([0; BLOCK], [[0; 8]; BLOCK]);
    split_all(&digits, &mut lead, &mut eight);
    for (i, &x) in values.iter().enumerate() {
        spell(x, exponents[i], (lead[i], u64::from_le_bytes(eight[i])), text);
    }
}

#[inline(always)]
fn spell(x: f32, exponent: i32, (lead, digits): (u8, u64), text: &mut Tail<'_, u8>) {
    match exponent {
        -6..=-1 => put_fraction(x, exponent, lead, digits, text),
        0..=8 => put_mixed(x, exponent, lead, digits, text),
        ..=-7 => put_scientific(x, exponent, lead, digits, text),
        _ => put_large(x, text),
    }
}

/// What stands before the digits of a fraction, by sign; as a table, since the sign of a value is
/// as hard to predict as a coin.
static HEADS: [[u8; 16]; 2] = [*b",0.000000-------", *b",-0.000000------"];

/// `0.000ddddddddd`
#[inline(always)]
fn put_fraction(x: f32, exponent: i32, lead: u8, digits: u64, text: &mut Tail<'_, u8>) {
    let negative = usize::from(x.is_sign_negative());
    let zeros = (-1 - exponent) as usize;
    text.put(HEADS[negative], 3 + negative + zeros);
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

/// `dddddddddddd.0` or, from 10^13 on, `d.dddddde+38`
///
/// From there on the digits of `scale` are not always the shortest.
#[cold]
#[inline(never)]
fn put_large(x: f32, text: &mut Tail<'_, u8>) {
    let (digits, exponent) = nine_digits(exact::scale(x));
    let (lead, digits) = split(digits);
    if exponent > 12 {
        return put_scientific(x, exponent, lead, digits, text);
    }
    text.put(*b",-", 1 + usize::from(x.is_sign_negative()));
    text.put(b'0' + lead, 1);
    text.put((digits | ZEROS).to_le_bytes(), 8);
    text.put(*b"0000", exponent as usize - 8);
    text.put(*b".0", 2);
}

/// `d.dddddde-38`
#[inline(never)]
fn put_scientific(x: f32, exponent: i32, lead: u8, digits: u64, text: &mut Tail<'_, u8>) {
    let n = significant(digits);
    text.put(*b",-", 1 + usize::from(x.is_sign_negative()));
    text.put([b'0' + lead, b'.'], 1 + usize::from(n > 0));
    text.put((digits | ZEROS).to_le_bytes(), n);
    let size = exponent.unsigned_abs() as u8;
    let sign = if exponent < 0 { b'-' } else { b'+' };
    let (tens, ones) = (b'0' + size / 10, b'0' + size % 10);
    match size {
        0..=9 => text.put([b'e', sign, ones], 3),
        _ => text.put([b'e', sign, tens, ones], 4),
    }
}

#[cfg(test)]
mod tests {
    use super::list;
    #[cfg(target_family = "wasm")]
    use wasm_bindgen_test::wasm_bindgen_test as test;

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
        assert_eq!(
            text(&[-1.5e-7, 1e-38, 1.2345678e13, 1e12]),
            ",-1.5e-7,1e-38,1.2345678e+13,1000000000000.0"
        );
    }

    #[test]
    fn blocks_join() {
        for n in [31, 32, 33, 100] {
            assert_eq!(text(&vec![0.5; n]), ",0.5".repeat(n));
        }
    }
}
