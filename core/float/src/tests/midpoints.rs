//! Decimals on and beside the middle of two floats, where rounding is decided by the last digit.

use super::reference::{Random, finite, read_by_all};
#[cfg(target_family = "wasm")]
use wasm_bindgen_test::wasm_bindgen_test as test;

const COUNT: usize = if cfg!(debug_assertions) { 300 } else { 5_000 };

/// The middle of `x` and its upper neighbour in full. `f64` holds it, and formats it exactly.
fn middle(x: f32) -> String {
    let middle = (f64::from(x) + f64::from(x.next_up())) / 2.0;
    let text = format!("{middle:.200}");
    let text = text.trim_end_matches('0');
    if text.ends_with('.') { format!("{text}0") } else { text.to_owned() }
}

fn check(numbers: &[String]) {
    let text = format!("[{}]{}", numbers.join(","), " ".repeat(80));
    let (values, _) = read_by_all(text.as_bytes(), numbers.len()).unwrap();
    for (value, number) in values.iter().zip(numbers) {
        let exact: f32 = number.parse().unwrap();
        assert_eq!(value.to_bits(), exact.to_bits(), "{number}");
    }
}

#[test]
fn in_full() {
    let mut random = Random(6);
    let mut checked = 0;
    while checked < COUNT {
        let Some(x) = finite(random.bits() as u32 & 0x7fff_ffff).filter(|x| *x < f32::MAX) else {
            continue;
        };
        let middle = middle(x);
        let (short, _) = middle.split_at(middle.len() - 1);
        let zeros = "0".repeat(random.below(300));
        check(&[
            format!("{short}0"),
            format!("-{middle}0"),
            format!("{middle}{zeros}1"),
            format!("-{middle}{zeros}0"),
            format!("{middle}0{zeros}e0"),
            format!("{short}{}", "9".repeat(1 + random.below(200))),
        ]);
        checked += 1;
    }
}

#[test]
fn rounded_to_few_digits() {
    let mut random = Random(7);
    for _ in 0..COUNT {
        let x = random.gauss().abs() * [1.0, 0.01, 30.0, 1e6][random.below(4)];
        let middle = (f64::from(x) + f64::from(x.next_up())) / 2.0;
        let numbers: Vec<String> = (1..30).map(|digits| format!("{middle:.digits$}")).collect();
        check(&numbers);
        let numbers: Vec<String> = (1..30).map(|digits| format!("{middle:.digits$e}")).collect();
        check(&numbers);
    }
}

#[test]
fn subnormals() {
    let mut random = Random(8);
    for _ in 0..COUNT / 10 {
        let x = f32::from_bits(random.below(0x80_0000) as u32 >> random.below(23));
        let middle = middle(x);
        check(&[middle.clone(), format!("{middle}1"), format!("{:e}", f64::from(x)), format!("-{x:e}")]);
    }
}
