//! Decimals of 1 to 800 digits that agree with the middle of two floats as far as they go, or nearly.
//!
//! The first digits of these decide nothing. All tiers leave them to the same code, so one will do.

use super::super::ArrayErrorKind::OutOfRange;
use super::super::Tier;
use super::reference::{Random, read};

/// What the standard library reads; `None` where that is infinite.
fn expected(text: &str) -> Option<u32> {
    text.parse().ok().filter(|x: &f32| x.is_finite()).map(f32::to_bits)
}

fn check(text: &str) {
    let value = match read(Tier::Portable, format!("[{text}]").as_bytes(), 1) {
        Ok((values, end)) => {
            assert_eq!((values.len(), end), (1, text.len() + 2), "{text}");
            Some(values[0].to_bits())
        }
        Err(error) => {
            assert_eq!((error.kind, error.at), (OutOfRange, 1), "{text}");
            None
        }
    };
    assert_eq!(value, expected(text), "{text}");
}

/// The middle of a float and the next one, `d.ddd`, and its power of ten. `f64` holds it exactly.
fn middle(below: f32) -> (String, i32) {
    let above = if below == f32::MAX { 2f64.powi(128) } else { f64::from(below.next_up()) };
    let text = format!("{:.112e}", (f64::from(below) + above) / 2.0);
    let (digits, power) = text.split_once('e').unwrap();
    (digits.trim_end_matches('0').to_owned(), power.parse().unwrap())
}

/// Digits that agree with a middle as far as they go, or differ from it somewhere, up to 800 of them.
fn beside(middle: &str, random: &mut Random) -> String {
    let mut digits: Vec<u8> = middle.bytes().filter(|byte| *byte != b'.').collect();
    match random.below(4) {
        0 => digits.truncate(1 + random.below(digits.len())),
        1 => digits.resize(digits.len() + random.below(800 - digits.len()), b'0'),
        _ => {}
    }
    let last = digits.len() - 1;
    match random.below(5) {
        0 => digits[last] = (digits[last] + 1).min(b'9'),
        1 => digits[last] = (digits[last] - 1).max(b'0'),
        2 => digits.push(b'1'),
        3 => digits[last.saturating_sub(random.below(60))] = b'0' + random.below(10) as u8,
        _ => {}
    }
    digits[0] = digits[0].max(b'1');
    String::from_utf8(digits).unwrap()
}

/// `d.ddd * 10^power` in one of the ways there are to spell it.
fn spell(digits: &str, power: i32, random: &mut Random) -> String {
    let sign = ["", "-"][random.below(2)];
    let behind_first = digits.len() as i32 - 1;
    match random.below(4) {
        0 if behind_first > 0 => format!("{sign}{}.{}E{power}", &digits[..1], &digits[1..]),
        1 => {
            let zeros = random.below(90);
            format!("{sign}0.{}{digits}e{}", "0".repeat(zeros), power + 1 + zeros as i32)
        }
        2 if power < 0 => format!("{sign}0.{}{digits}", "0".repeat(-power as usize - 1)),
        2 if power < behind_first => {
            let (whole, rest) = digits.split_at(power as usize + 1);
            format!("{sign}{whole}.{rest}")
        }
        2 => format!("{sign}{digits}{}", "0".repeat((power - behind_first) as usize)),
        _ => format!("{sign}{digits}e{}", power - behind_first),
    }
}

/// Subnormals, every exponent, and the overflow: millions in a release build.
#[test]
fn around_middles_of_every_exponent() {
    const EACH: usize = if cfg!(debug_assertions) { 10 } else { 200 };
    let mut random = Random(12);
    for field in 0..255u32 {
        for i in 0..EACH {
            let mantissa = match i {
                0 => 0,
                1 => 0x7f_ffff,
                2 => 1,
                _ => random.bits() as u32 >> 9 >> [0, 0, 0, 5, 12, 20][random.below(6)],
            };
            let (middle, power) = middle(f32::from_bits(field << 23 | mantissa));
            for _ in 0..50 {
                let digits = beside(&middle, &mut random);
                check(&spell(&digits, power, &mut random));
            }
        }
    }
}

#[test]
fn the_smallest_and_the_largest() {
    // 2^-150 and 2^128 - 2^103.
    let (half, power) = middle(0.0);
    let (most, _) = middle(f32::MAX);
    assert_eq!((&half[..8], power), ("7.006492", -46));
    for text in [format!("{half}e-46"), format!("-{half}0e-46"), format!("{most}e38"), format!("-{most}0e38")]
    {
        check(&text);
        check(&text.replace('e', "1e"));
        check(&text.replace("5e", "4e"));
    }
    check("340282356779733661637539395458142568447");
    check("340282356779733661637539395458142568448");
}
