//! The stages one by one.

use std::arch::wasm32::*;

use wasm_bindgen_test::wasm_bindgen_test as test;

use super::{BEFORE, CONSTANTS, SPAN, four_commas, fours, group, groups, load, run};

fn window(text: &str) -> [u8; BEFORE + SPAN] {
    let mut window = [b' '; BEFORE + SPAN];
    window[BEFORE..BEFORE + text.len()].copy_from_slice(text.as_bytes());
    window
}

#[test]
fn commas() {
    assert_eq!(four_commas(&window("1,22,333,4444,5"), &CONSTANTS), Some([1, 4, 8, 13]));
    assert_eq!(four_commas(&window("1,22,333,4444]"), &CONSTANTS), None);
    assert_eq!(
        four_commas(&window(&format!("1,22,333,{}5,", " ".repeat(53))), &CONSTANTS),
        Some([1, 4, 8, 63])
    );
}

#[test]
fn groups_of_four() {
    let numbers = |text: &str| {
        let (values, len) = group(&window(text), &CONSTANTS)?;
        let values = [
            f32x4_extract_lane::<0>(values),
            f32x4_extract_lane::<1>(values),
            f32x4_extract_lane::<2>(values),
            f32x4_extract_lane::<3>(values),
        ];
        Some((values, len))
    };
    assert_eq!(numbers("1,-2.5,0.125,-34,5"), Some(([1.0, -2.5, 0.125, -34.0], 17)));
    assert_eq!(numbers("1, -2.5, 0.125, -34,5"), Some(([1.0, -2.5, 0.125, -34.0], 20)));
    assert_eq!(numbers("123456789012345,0,0,0,"), Some(([123_456_789_012_345.0, 0.0, 0.0, 0.0], 22)));
    for odd in [
        "1,2,3,4e1,",
        "1,2,3,1234567890123456,",
        "1,2,3,16777217,",
        "1,2,,4,",
        "1,2,3  ,4,",
        "1,2]3,4,",
        "1,2,3],4,",
        "01,2,3,4,",
        "1,2,-03.5,4,",
    ] {
        assert_eq!(numbers(odd), None, "{odd}");
    }
}

#[test]
fn sixteen_digits() {
    let digits: [u8; 16] = std::array::from_fn(|i| (i % 10) as u8);
    let fours = fours(load(&digits), &CONSTANTS);
    let lanes = [
        u32x4_extract_lane::<0>(fours),
        u32x4_extract_lane::<1>(fours),
        u32x4_extract_lane::<2>(fours),
        u32x4_extract_lane::<3>(fours),
    ];
    assert_eq!(lanes, [123, 4567, 8901, 2345]);
}

#[test]
fn runs() {
    let text = format!("{}{}1e2,7]{}", " ".repeat(BEFORE), "0.5,".repeat(40), " ".repeat(SPAN));
    let mut out = Vec::new();
    assert_eq!(groups(text.as_bytes(), BEFORE, 39, &mut out), BEFORE + 4 * 36);
    assert_eq!(out, [0.5; 36]);
    let run = run(text.as_bytes(), 0, 100, &mut out);
    assert!(run.closed);
    assert_eq!((out.len(), &out[76..]), (78, &[100.0, 7.0][..]));
}
