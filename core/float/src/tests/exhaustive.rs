//! The long mode: all 2^32 bit patterns.

use super::super::{Tier, first_non_finite};
use super::reference::{bits, finite, read, written, zmij_text};
#[cfg(target_family = "wasm")]
use wasm_bindgen_test::wasm_bindgen_test as test;

/// Every finite float, on every tier: the text is zmij's, and reads back to the same bits.
///
/// Minutes in a release build, with a thread for each core:
/// `cargo test --release every_float -- --ignored --nocapture`; for WebAssembly `cargo xtask wasm-test long`.
#[test]
#[ignore = "takes minutes: the proof over all floats"]
fn every_float() {
    if cfg!(target_family = "wasm") {
        return every(0, 1);
    }
    let threads = std::thread::available_parallelism().map_or(1, usize::from);
    std::thread::scope(|scope| {
        for thread in 0..threads {
            scope.spawn(move || every(thread, threads));
        }
    });
}

/// Every `step`-th block of floats from `first` on.
fn every(first: usize, step: usize) {
    const BLOCK: u32 = 1 << 16;
    for block in (0..1u32 << 16).skip(first).step_by(step) {
        check(block * BLOCK, BLOCK);
        if block % 4096 == 0 {
            println!("{:.0} %", f64::from(block) / 655.36);
        }
    }
}

fn check(from: u32, count: u32) {
    let all = || (from..=from + (count - 1)).map(f32::from_bits);
    let first_bad = all().position(|x| !x.is_finite());
    assert_eq!(first_non_finite(&all().collect::<Vec<_>>()), first_bad);
    let values: Vec<f32> = (from..=from + (count - 1)).filter_map(finite).collect();
    if values.is_empty() {
        return;
    }
    let expected = zmij_text(&values);
    for tier in Tier::available() {
        let mut text = written(tier, &values).unwrap();
        assert!(text == expected, "written by {tier:?}, block {from:#x}");
        text.extend([b' '; 80]);
        let (back, end) = read(tier, &text, values.len()).unwrap();
        assert!(end == expected.len() && bits(&back) == bits(&values), "read by {tier:?}, block {from:#x}");
    }
}
