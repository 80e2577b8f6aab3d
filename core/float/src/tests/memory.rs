//! Few numbers in memory that ends where they do: small enough for Miri, which sees any access beyond it.
//! `tests/run.sh --long` runs it so where a nightly toolchain has Miri, with AVX2 enabled; it knows no AVX-512.

use super::super::Tier;
use super::reference::{Random, bits, read, serde_text, written};
#[cfg(target_family = "wasm")]
use wasm_bindgen_test::wasm_bindgen_test as test;

/// Around the sizes that the kernels take at once.
const LENGTHS: [usize; 6] = [1, 7, 8, 16, 17, 65];

#[test]
fn kernels_stay_within_their_memory() {
    let mut random = Random(11);
    for length in LENGTHS {
        let values: Vec<f32> = (0..length).map(|_| random.gauss()).collect();
        let text = serde_text(&values).into_boxed_slice();
        for tier in Tier::available() {
            assert_eq!(written(tier, &values).unwrap().into_boxed_slice(), text, "{tier:?}");
            let (back, end) = read(tier, &text, length).unwrap();
            assert_eq!((bits(&back), end), (bits(&values), text.len()), "{tier:?}");
            read(tier, &text[..text.len() - 1], length).unwrap_err();
        }
    }
}
