//! The stages one by one.

use std::arch::x86_64::*;

use super::super::super::tier::Tier;
use super::{BEFORE, SPAN, four_commas, group, groups, integers, load, run};

fn window(text: &str) -> [u8; BEFORE + SPAN] {
    let mut window = [b' '; BEFORE + SPAN];
    window[BEFORE..BEFORE + text.len()].copy_from_slice(text.as_bytes());
    window
}

#[target_feature(enable = "avx2,bmi1,bmi2,lzcnt,popcnt")]
fn check() {
    assert_eq!(four_commas(&window("1,22,333,4444,5")), Some([1, 4, 8, 13]));
    assert_eq!(four_commas(&window("1,22,333,4444]")), None);
    assert_eq!(four_commas(&window("1,22,333,4444,]")), Some([1, 4, 8, 13]));

    let numbers = |text: &str| {
        let (values, len) = group(&window(text))?;
        // SAFETY: the same size, and any bits are floats.
        let values: [f32; 4] = unsafe { std::mem::transmute::<__m128, [f32; 4]>(values) };
        Some((values, len))
    };
    assert_eq!(numbers("1,-2.5,0.125,-34,5"), Some(([1.0, -2.5, 0.125, -34.0], 17)));
    assert_eq!(numbers("1, -2.5, 0.125, -34,5"), Some(([1.0, -2.5, 0.125, -34.0], 20)));
    assert_eq!(numbers("123456789012345,0,0,0,"), Some(([123_456_789_012_345.0, 0.0, 0.0, 0.0], 22)));
    for odd in
        ["1,2,3,4e1,", "1,2,3,1234567890123456,", "1,2,3,16777217,", "1,2,,4,", "1,2,3  ,4,", "1,2]3,4,"]
    {
        assert_eq!(numbers(odd), None, "{odd}");
    }

    let digits: [u8; 48] = std::array::from_fn(|i| (i % 10) as u8);
    let mut bytes = [0; BEFORE + SPAN];
    bytes[1..16].copy_from_slice(&digits[1..16]);
    let vector = load(&bytes, 0);
    // SAFETY: the same size, and any bits are integers.
    let lanes: [u64; 4] = unsafe { std::mem::transmute(integers(vector, vector)) };
    assert_eq!(lanes, [123_456_789_012_345, 123_456_789_012_345, 0, 0]);
}

#[target_feature(enable = "avx2,bmi1,bmi2,lzcnt,popcnt")]
fn check_runs() {
    let text = format!("{}{}1e2,7]{}", " ".repeat(BEFORE), "0.5,".repeat(40), " ".repeat(SPAN));
    let mut out = Vec::new();
    assert_eq!(groups(text.as_bytes(), BEFORE, 39, &mut out), BEFORE + 4 * 36);
    assert_eq!(out, [0.5; 36]);
    let run = run(text.as_bytes(), 0, 100, &mut out);
    assert!(run.closed);
    assert_eq!((out.len(), &out[76..]), (78, &[100.0, 7.0][..]));
}

#[test]
fn stages() {
    if Tier::available().any(|tier| tier == Tier::Avx2) {
        // SAFETY: the processor has the features, as was asked.
        unsafe {
            check();
            check_runs();
        }
    }
}
