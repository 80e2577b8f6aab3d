//! JSON texts: scanning and validation without a tree, and the canonical spelling of strings.
//!
//! Nothing here allocates for a value's size or recurses for its depth. An error of kind
//! `Truncated` means that more bytes may help; every other one is final.

mod scan;
mod string;
mod validate;

pub(crate) use scan::Scanner;
pub(crate) use string::write_string;
pub use validate::Validator;

use super::FormatError;

/// Checks that `text` is one JSON value that a backup can hold (grammar, Unicode, no duplicate keys, depth
/// at most 128) and gives it without the white space around it.
pub fn validate(text: &[u8]) -> Result<&str, FormatError> {
    Validator::new().whole(text)
}

/// [`validate`], and the value must be an object.
pub fn validate_object(text: &[u8]) -> Result<&str, FormatError> {
    let value = validate(text)?;
    if value.starts_with('{') { Ok(value) } else { Err(FormatError::invalid(0, "expected an object")) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_value_and_nothing_else() {
        assert_eq!(
            validate(b" {\"a\": [1, 2.5e-3, \"x\", null, true]}\n").unwrap(),
            "{\"a\": [1, 2.5e-3, \"x\", null, true]}"
        );
        for bad in
            ["", " ", "{} {}", "{},", "[1,]", "{\"a\"}", "{a:1}", "nul", "\u{feff}{}", "[1 2]", "{\"a\":1,}"]
        {
            assert!(validate(bad.as_bytes()).is_err(), "{bad:?}");
        }
        assert!(validate_object(b"[]").is_err());
    }

    #[test]
    fn it_agrees_with_serde_json_on_what_is_json() {
        for text in [
            "0",
            "-0",
            "01",
            "1.",
            ".5",
            "-",
            "1e",
            "1e+",
            "1E-2",
            "1.0e10",
            "+1",
            "NaN",
            "\"\\u00e9\"",
            "\"\\x\"",
            "\"\\u12\"",
            "\"\t\"",
            "\"a",
            "[",
            "]",
            "[[]]",
            "{\"a\":{}}",
            "[1,,2]",
            "truex",
            "1 1",
            "\"\\ud83d\\ude00\"",
            "[true,false,null]",
            "{\"\":0}",
            "123456789012345678901234567890",
            "1e999999",
        ] {
            let ours = validate(text.as_bytes()).is_ok();
            let theirs = serde_json::from_str::<&serde_json::value::RawValue>(text).is_ok();
            assert_eq!(ours, theirs, "{text}");
        }
    }
}
