//! Spellings.

use super::super::{NotFinite, Tier, first_non_finite, write_array};
use super::reference::{Random, serde_text, written};
#[cfg(target_family = "wasm")]
use wasm_bindgen_test::wasm_bindgen_test as test;

fn check(values: &[f32]) {
    let expected = serde_text(values);
    for tier in Tier::available() {
        let text = written(tier, values).unwrap();
        assert!(text == expected, "{tier:?}: {}", first_difference(&text, &expected));
    }
}

fn first_difference(a: &[u8], b: &[u8]) -> String {
    let text = |x: &[u8]| String::from_utf8_lossy(x).into_owned();
    let (a, b) = (text(a), text(b));
    let different = a.split(',').zip(b.split(',')).find(|(a, b)| a != b);
    format!("{different:?} in texts of {} and {} bytes", a.len(), b.len())
}

/// A value alone, in every lane of a block, and in a full block.
fn check_everywhere(x: f32) {
    for n in [1, 8, 64, 100] {
        check(&vec![x; n]);
        check(&vec![-x; n]);
    }
    for lane in 0..9 {
        let mut values = vec![0.015_625_5; 67];
        values[lane] = x;
        values[lane + 40] = -x;
        check(&values);
    }
}

#[test]
fn spelled_as_serde_json_spells() {
    let text = |values: &[f32]| String::from_utf8(written(Tier::Portable, values).unwrap()).unwrap();
    assert_eq!(text(&[]), "[]");
    assert_eq!(text(&[1.0, -0.0, 1e-7, f32::MAX]), "[1.0,-0.0,1e-7,3.4028235e+38]");
}

#[test]
fn edges() {
    for x in [
        0.0,
        f32::MIN_POSITIVE,
        f32::MIN_POSITIVE.next_down(),
        f32::MAX,
        f32::MAX.next_down(),
        f32::EPSILON,
        f32::from_bits(1),
        f32::from_bits(2),
        f32::from_bits(0x7f_ffff),
        1.175_494_4e-6,
        0.000_123_456_78,
        8_388_609.0,
        16_777_215.0,
        16_777_217.0,
        33_554_434.0,
        1_234_567_900_000.0,
        9.999_999e12,
    ] {
        check_everywhere(x);
    }
}

/// All the floats for which 36 bits of fraction give wrong digits: found by `every_float`, when large
/// values took the quick way. Random samples of millions had missed them.
#[test]
fn too_close_for_the_product() {
    for bits in [0x573b_c12f, 0x5747_acf1, 0x5753_98b3, 0x575f_8475, 0x576b_7037, 0x5777_5bf9, 0x5b5f_8476] {
        check_everywhere(f32::from_bits(bits));
    }
}

#[test]
fn around_powers_of_ten() {
    for power in -45..=38 {
        let x: f32 = format!("1e{power}").parse().unwrap();
        for y in [x, x.next_up(), x.next_down()] {
            check_everywhere(y);
        }
    }
}

#[test]
fn around_powers_of_two() {
    for field in 1..255u32 {
        let x = f32::from_bits(field << 23);
        check(&[x, x.next_up(), x.next_down(), -x, -x.next_up(), -x.next_down(), 1.0 / x, x]);
    }
    let powers: Vec<f32> = (0..255).map(|field| f32::from_bits(field << 23)).collect();
    check(&powers);
}

#[test]
fn short_decimals_and_integers() {
    let quarters: Vec<f32> = (-2000..2000).map(|i| i as f32 / 4.0).collect();
    let cents: Vec<f32> = (-2000..2000).map(|i| i as f32 / 100.0).collect();
    let millionths: Vec<f32> = (-2000..2000).map(|i| i as f32 / 1e6).collect();
    let integers: Vec<f32> = (0..4000i64).map(|i| (i * i * i) as f32).collect();
    for values in [quarters, cents, millionths, integers] {
        check(&values);
    }
}

#[test]
fn every_length() {
    let mut random = Random(1);
    let values: Vec<f32> = (0..300).map(|_| random.gauss()).collect();
    for n in 0..values.len() {
        check(&values[..n]);
    }
}

#[test]
fn appends() {
    for tier in Tier::available() {
        let mut out = b"{\"vector\":".to_vec();
        write_array(tier, &[0.5; 70], &mut out).unwrap();
        write_array(tier, &[], &mut out).unwrap();
        assert_eq!(out, format!("{{\"vector\":[{}0.5][]", "0.5,".repeat(69)).into_bytes());
    }
}

#[test]
fn what_is_not_finite_is_refused() {
    for bad in [f32::NAN, -f32::NAN, f32::INFINITY, f32::NEG_INFINITY, f32::from_bits(0x7f80_0001)] {
        for index in [0, 1, 7, 8, 255, 256, 600] {
            let mut values = vec![1.0; 1000];
            values[index] = bad;
            values[999] = f32::NAN;
            assert_eq!(first_non_finite(&values), Some(index));
            for tier in Tier::available() {
                let mut out = b"before".to_vec();
                assert_eq!(write_array(tier, &values, &mut out), Err(NotFinite { index }));
                assert_eq!(out, b"before");
            }
        }
    }
    assert_eq!(first_non_finite(&[]), None);
    assert_eq!(first_non_finite(&[f32::MAX, -0.0, 1e-45]), None);
}
