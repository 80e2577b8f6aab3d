//! Cut and damaged text: no panic, the same answer from every tier, and never a wrong acceptance.

use super::super::ArrayErrorKind::Incomplete;
use super::reference::{Random, bits, finite, read_by_all, read_by_reference, serde_text};
#[cfg(target_family = "wasm")]
use wasm_bindgen_test::wasm_bindgen_test as test;

const COUNT: usize = if cfg!(debug_assertions) { 4_000 } else { 300_000 };

fn samples() -> Vec<String> {
    let mut random = Random(9);
    let vector: Vec<f32> = (0..150).map(|_| random.gauss()).collect();
    let any: Vec<f32> = (0..150).filter_map(|_| finite(random.bits() as u32)).collect();
    let text = |values: &[f32]| String::from_utf8(serde_text(values)).unwrap();
    let doubles: Vec<f64> = vector.iter().map(|x| f64::from(*x)).collect();
    vec![
        text(&vector),
        text(&any),
        text(&vector).replace(',', ", "),
        serde_json::to_string_pretty(&vector[..60]).unwrap(),
        serde_json::to_string(&doubles).unwrap(),
        format!("[{}0]", "1,22,333.5,-4e-4,0.5,".repeat(12)),
        format!("[{}0]", "1,".repeat(200)),
        "[]".to_owned(),
        "[ 1 , -0.5e+3 ]".to_owned(),
    ]
}

#[test]
fn every_truncation_is_incomplete() {
    for text in samples() {
        for cut in 1..text.len() {
            let error = read_by_all(&text.as_bytes()[..cut], 1000).unwrap_err();
            assert_eq!((error.kind, error.at), (Incomplete, cut), "{}", &text[..cut]);
        }
        read_by_all(text.as_bytes(), 1000).unwrap();
    }
}

/// Whatever follows the array, the result is the same; whatever is incomplete can be completed.
#[test]
fn bytes_behind_the_array_do_not_matter() {
    for text in samples() {
        let (values, end) = read_by_all(text.as_bytes(), 1000).unwrap();
        for behind in [",1,2]", "]]]]", "\0", "e5", "0123456789.-"] {
            let longer = format!("{text}{}", behind.repeat(40));
            let (same, same_end) = read_by_all(longer.as_bytes(), 1000).unwrap();
            assert_eq!((bits(&same), same_end), (bits(&values), end));
        }
    }
}

#[test]
fn mutations() {
    let samples = samples();
    let mut random = Random(10);
    for i in 0..COUNT {
        let mut text = samples[i % samples.len()].clone().into_bytes();
        // Short texts mostly, so that the damage meets every distance from the input's end.
        let keep = text.len().min(2 + random.below(240));
        text.truncate(keep);
        if random.below(2) == 0 {
            text.push(b']');
        }
        for _ in 0..random.below(3) {
            mutate(&mut text, &mut random);
        }
        check(&text, random.below(60) + 1);
    }
}

fn mutate(text: &mut Vec<u8>, random: &mut Random) {
    const ALPHABET: &[u8] = b"0123456789--..eE+,,]] \t\n[\"x\0\x80\xff/:;";
    let byte = ALPHABET[random.below(ALPHABET.len())];
    let at = 1 + random.below(text.len());
    match random.below(4) {
        0 => text.insert(at, byte),
        1 if at < text.len() => drop(text.remove(at)),
        2 if at < text.len() => text[at] ^= 1 << random.below(8),
        _ if at < text.len() => text[at] = byte,
        _ => text.push(byte),
    }
}

fn check(text: &[u8], few: usize) {
    let limited = read_by_all(text, few);
    match read_by_all(text, 1000) {
        Ok((values, end)) => {
            let expected = read_by_reference(&text[..end]).expect("accepted, but not by the reference");
            assert_eq!(bits(&values), bits(&expected), "{}", String::from_utf8_lossy(text));
            assert_eq!(limited.is_ok(), values.len() <= few);
        }
        Err(error) => {
            assert!(error.at <= text.len());
            let complete = text.iter().position(|&byte| byte == b']').map(|end| &text[..=end]);
            let accepted = complete.and_then(read_by_reference);
            assert!(accepted.is_none(), "refused: {}", String::from_utf8_lossy(text));
        }
    }
}

/// Bytes without any structure.
#[test]
fn noise() {
    let mut random = Random(11);
    for _ in 0..COUNT {
        let bytes: Vec<u8> = (0..random.below(200)).map(|_| b"0123456789.,-] "[random.below(15)]).collect();
        let text = [b"[".as_slice(), &bytes].concat();
        check(&text, 5);
    }
}
