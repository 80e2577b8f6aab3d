//! The float reader against the standard library, and the writer against the reader.

use serde_json::value::RawValue;
use vecvault_core::format::float::{Tier, read_array, write_array};

/// Reads the bytes as the inside of an array, and as numbers that are written and read back.
pub fn floats(input: &[u8]) {
    reads(&[b"[", input].concat());
    let values: Vec<f32> =
        input.chunks_exact(4).map(|bytes| f32::from_le_bytes(bytes.try_into().unwrap())).collect();
    writes(&values);
}

/// Every tier reads alike; what is accepted is what `str::parse` makes of each token, and nothing else is.
fn reads(text: &[u8]) {
    let read = |tier, max| {
        let mut values = Vec::new();
        read_array(tier, text, 1, max, &mut values).map(|end| (bits(&values), end))
    };
    for max in [3, 10_000] {
        let first = read(Tier::Portable, max);
        for tier in Tier::available() {
            assert_eq!(read(tier, max), first, "{tier:?}");
        }
    }
    match read(Tier::detect(), 10_000) {
        Ok((values, end)) => assert_eq!(Some(values), by_standard_library(&text[..end])),
        Err(error) => {
            assert!(error.at <= text.len());
            let whole = text.iter().position(|byte| *byte == b']').map(|end| &text[..=end]);
            let accepted = whole.and_then(by_standard_library);
            assert!(accepted.is_none_or(|values| values.len() > 10_000), "refused: {error}");
        }
    }
}

/// Tokens by `serde_json`, values by the standard library; `None` where either refuses.
fn by_standard_library(text: &[u8]) -> Option<Vec<u32>> {
    let tokens: Vec<&RawValue> = serde_json::from_slice(text).ok()?;
    let value = |token: &&RawValue| {
        let token = token.get();
        token.starts_with(|c: char| c == '-' || c.is_ascii_digit()).then_some(())?;
        token.parse().ok().filter(|value: &f32| value.is_finite()).map(f32::to_bits)
    };
    tokens.iter().map(value).collect()
}

/// Every tier writes alike, and what it wrote reads back bit for bit.
fn writes(values: &[f32]) {
    let write = |tier| {
        let mut text = Vec::new();
        write_array(tier, values, &mut text).map(|()| text)
    };
    let text = write(Tier::Portable);
    for tier in Tier::available() {
        assert_eq!(write(tier), text, "{tier:?}");
    }
    match text {
        Ok(text) => {
            let mut read = Vec::new();
            assert_eq!(read_array(Tier::detect(), &text, 1, values.len(), &mut read), Ok(text.len()));
            assert_eq!(bits(&read), bits(values));
        }
        Err(error) => assert!(!values[error.index].is_finite()),
    }
}

fn bits(values: &[f32]) -> Vec<u32> {
    values.iter().map(|value| value.to_bits()).collect()
}
