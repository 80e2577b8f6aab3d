//! JSON texts: scanning and validation without a tree, and the canonical spelling of strings.
//!
//! Nothing here allocates for a value's size or recurses for its depth. An error of kind
//! `Truncated` means that more bytes may help; every other one is final.

mod scan;
mod string;
mod validate;

use std::borrow::Cow;

pub(crate) use scan::Scanner;
pub(crate) use string::scan_string;
pub use string::{Quoted, write_string};
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

/// The members of a valid object, one after the other: key, value's text, and where that stands.
pub(crate) fn members<'a>(
    object: &'a str,
    mut each: impl FnMut(&str, &'a str, usize) -> Result<(), FormatError>,
) -> Result<(), FormatError> {
    let (mut scanner, mut validator) = (Scanner::new(object.as_bytes(), 0), Validator::new());
    scanner.expect(b'{')?;
    let mut first = true;
    while !scanner.accept(b'}')? {
        if !first {
            scanner.expect(b',')?;
        }
        first = false;
        let key = scanner.string()?.text();
        scanner.expect(b':')?;
        let (value, end) = validator.value(object.as_bytes(), scanner.at())?;
        each(&key, value, end - value.len())?;
        scanner.seek(end);
    }
    Ok(())
}

/// The text that a valid value means; `None` where it is no string.
pub(crate) fn text(value: &str) -> Option<Cow<'_, str>> {
    Scanner::new(value.as_bytes(), 0).string().ok().map(|scan| scan.text())
}

/// The texts that a valid value means; `None` where it is no array of strings.
pub(crate) fn texts(value: &str) -> Option<Vec<String>> {
    let mut scanner = Scanner::new(value.as_bytes(), 0);
    let mut texts = Vec::new();
    scanner.expect(b'[').ok()?;
    while !scanner.accept(b']').ok()? {
        if !texts.is_empty() {
            scanner.expect(b',').ok()?;
        }
        texts.push(scanner.string().ok()?.text().into_owned());
    }
    Some(texts)
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
    fn known_values_are_read() {
        assert_eq!(text(r#""a\u00e9\n""#).unwrap(), "aé\n");
        assert_eq!(text("7"), None);
        assert_eq!(texts(r#"["a" , "\"b"]"#).unwrap(), ["a", "\"b"]);
        assert_eq!(texts("[]").unwrap(), [""; 0]);
        for none in ["{}", "7", r#""a""#, r#"["a",7]"#, "[[]]"] {
            assert_eq!(texts(none), None, "{none}");
        }
        let mut seen = Vec::new();
        let object = r#" { "a\"" : [1, {"b":2}] ,"c":null}"#;
        members(object, |key, value, at| {
            assert_eq!(&object[at..at + value.len()], value);
            seen.push(format!("{key}={value}"));
            Ok(())
        })
        .unwrap();
        assert_eq!(seen, ["a\"=[1, {\"b\":2}]", "c=null"]);
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
