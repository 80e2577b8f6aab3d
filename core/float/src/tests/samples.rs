//! Large deterministic samples: written as `serde_json` writes, read back to the bit.

use super::super::Tier;
use super::reference::{Random, bits, finite, read, read_by_all, read_by_reference, serde_text, written};
#[cfg(target_family = "wasm")]
use wasm_bindgen_test::wasm_bindgen_test as test;

/// Debug builds are slow: a smaller sample.
const SCALE: usize = if cfg!(debug_assertions) { 1 } else { 40 };

fn check(values: &[f32]) {
    let expected = serde_text(values);
    for tier in Tier::available() {
        let mut text = written(tier, values).unwrap();
        assert!(text == expected, "{tier:?}");
        text.extend([b' '; 64]);
        let (back, end) = read(tier, &text, values.len()).unwrap();
        assert_eq!(end, expected.len());
        assert!(bits(&back) == bits(values), "{tier:?}");
    }
}

#[test]
fn any_bits() {
    let mut random = Random(2);
    for _ in 0..SCALE {
        let values: Vec<f32> = (0..100_000).filter_map(|_| finite(random.bits() as u32)).collect();
        check(&values);
    }
}

#[test]
fn values_of_vectors() {
    let mut random = Random(3);
    for _ in 0..SCALE {
        let values: Vec<f32> = (0..50_000).map(|_| random.gauss()).collect();
        check(&values);
        let around_one: Vec<f32> = values.iter().map(|x| x * 12.0).collect();
        check(&around_one);
    }
}

#[test]
fn short_decimals() {
    let mut random = Random(4);
    for _ in 0..SCALE {
        let values: Vec<f32> = (0..20_000)
            .map(|_| {
                let digits = random.below(1_000_000) as f32;
                digits / [1.0, 10.0, 100.0, 1000.0, 10_000.0, 1e6][random.below(6)]
            })
            .collect();
        check(&values);
    }
}

/// Decimals of any shape, as other writers and people spell them.
#[test]
fn any_decimals() {
    let mut random = Random(5);
    for _ in 0..10 * SCALE {
        let numbers: Vec<String> = (0..500).map(|_| decimal(&mut random)).collect();
        let separator = [",", ", ", ",\n        ", " ,"][random.below(4)];
        let text = format!("[{}]{}", numbers.join(separator), " ".repeat(random.below(3) * 40));
        match read_by_reference(text.as_bytes()) {
            Some(expected) => {
                let (values, _) = read_by_all(format!("{text} ").as_bytes(), 500).unwrap();
                assert_eq!(bits(&values), bits(&expected), "{text}");
            }
            None => drop(read_by_all(text.as_bytes(), 500).unwrap_err()),
        }
    }
}

fn decimal(random: &mut Random) -> String {
    let mut text = String::new();
    if random.below(2) == 0 {
        text.push('-');
    }
    let mut digits = |text: &mut String, n: usize| {
        for _ in 0..n {
            text.push((b'0' + random.below(10) as u8) as char);
        }
        random.below(1 << 20)
    };
    let whole = [0, 0, 0, 1, 2, 4, 7, 8, 12, 25][digits(&mut text, 0) % 10];
    text.push_str(if whole == 0 { "0" } else { "7" });
    digits(&mut text, whole.max(1) - 1);
    let places =
        [0, 1, 2, 5, 7, 8, 9, 10, 11, 12, 14, 15, 16, 17, 18, 19, 20, 24, 40][digits(&mut text, 0) % 19];
    if places > 0 {
        text.push('.');
        let zeros = [0, 0, 0, 1, 2, 3, 6][digits(&mut text, 0) % 7].min(places);
        text.extend(std::iter::repeat_n('0', zeros));
        digits(&mut text, places - zeros);
    }
    let exponent = digits(&mut text, 0);
    if exponent % 8 == 0 {
        text.push_str(["e", "E", "e+", "e-", "E-"][exponent / 8 % 5]);
        text.push_str(&(exponent / 64 % 46).to_string());
    }
    text
}
