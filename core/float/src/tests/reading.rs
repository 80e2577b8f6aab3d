//! Grammar, limits and errors of reading.

use super::super::ArrayErrorKind::{Incomplete, NotANumber, NotASeparator, OutOfRange, TooMany};
use super::super::{ArrayError, ArrayErrorKind, Tier, read_array};
use super::reference::read_by_all;
#[cfg(target_family = "wasm")]
use wasm_bindgen_test::wasm_bindgen_test as test;

/// Text on which every tier is in its stride before and after the part in question.
fn surrounded(part: &str) -> (String, usize) {
    let head = format!("[{}", "0.0123,-1.25,".repeat(40));
    let tail = ",0.5".repeat(80);
    (format!("{head}{part}{tail}] trailing bytes"), head.len())
}

fn check_error(part: &str, kind: ArrayErrorKind, offset: usize) {
    let (text, start) = surrounded(part);
    let error = ArrayError { kind, at: start + offset, index: 80 };
    assert_eq!(read_by_all(text.as_bytes(), 1000), Err(error), "{part}");
}

#[test]
fn numbers_of_every_spelling() {
    for part in [
        "0",
        "-0",
        "-0.0",
        "12",
        "1234567",
        "12345678",
        "123456789012345678901234567890",
        "0.25",
        "-0.000001",
        "1e-7",
        "1E+2",
        "-12.5e-3",
        "0.1234567890123456",
        "0.123456789012345678901234567890",
        "1234567.1234567",
        "12345678.12345678",
        "0.00012345678",
        "-0.00012345678",
        "-0.000012345678",
        "3.4028235e38",
        "1e-45",
        "1e-60",
    ] {
        for space in ["", " ", "\n    ", "\t\r\n"] {
            let (text, _) = surrounded(&format!("{space}{part}{space}"));
            let (values, end) = read_by_all(text.as_bytes(), 161).unwrap();
            assert_eq!(values[80].to_bits(), part.parse::<f32>().unwrap().to_bits(), "{part}");
            assert_eq!((values.len(), &text[end..]), (161, " trailing bytes"));
        }
    }
}

#[test]
fn what_is_not_a_number() {
    for (part, offset) in [
        ("", 0),
        ("-", 1),
        ("+1", 0),
        (".5", 0),
        ("1.", 2),
        ("-.5", 1),
        ("01", 1),
        ("00", 1),
        ("-01.5", 2),
        ("NaN", 0),
        ("Infinity", 0),
        ("-Infinity", 1),
        ("null", 0),
        ("\"1\"", 0),
        ("1e", 2),
        ("1e+", 3),
        ("0.5e", 4),
        ("1.e5", 2),
        ("--1", 1),
        ("[1]", 0),
        ("1.-5", 2),
        (" ", 1),
        ("\u{a0}1", 0),
        ("0x10", 1),
    ] {
        let kind = if part == "0x10" { NotASeparator } else { NotANumber };
        check_error(part, kind, offset);
    }
}

#[test]
fn what_is_not_a_separator() {
    for (part, offset) in [("1 2", 2), ("1.2.3", 3), ("1-2", 1), ("5}", 1), ("5\0", 1), ("1:", 1), ("1ee", 2)]
    {
        let kind = if part == "1ee" { NotANumber } else { NotASeparator };
        check_error(part, kind, offset);
    }
}

#[test]
fn what_is_out_of_range() {
    for part in [
        "3.4028236e38",
        "-1e39",
        "1e400",
        "340282360000000000000000000000000000000",
        "1e99999999999999999999",
    ] {
        check_error(part, OutOfRange, 0);
    }
}

#[test]
fn empty_arrays() {
    for text in ["[]", "[ ]", "[\n\t\r ]x", "[],"] {
        let (values, end) = read_by_all(text.as_bytes(), 0).unwrap();
        assert_eq!((values.len(), text.as_bytes()[end - 1]), (0, b']'));
    }
    let error = ArrayError { kind: NotANumber, at: 1, index: 0 };
    assert_eq!(read_by_all(b"[,]", 9), Err(error));
}

#[test]
fn a_comma_behind_the_last_value_is_refused() {
    let error = ArrayError { kind: NotANumber, at: 5, index: 2 };
    assert_eq!(read_by_all(b"[1,2,]", 9), Err(error));
}

#[test]
fn at_most_max_values() {
    let text = format!("[{}0.5]{}", "0.5,".repeat(199), " ".repeat(200));
    for max in 0..200 {
        let at = if max == 0 { 1 } else { 4 * max };
        let error = ArrayError { kind: TooMany, at, index: max };
        assert_eq!(read_by_all(text.as_bytes(), max), Err(error));
    }
    assert_eq!(read_by_all(text.as_bytes(), 200).unwrap().0.len(), 200);
    // Nothing that could follow would make these right.
    assert_eq!(read_by_all(b"[1,", 1), Err(ArrayError { kind: TooMany, at: 2, index: 1 }));
    assert_eq!(read_by_all(b"[-", 0), Err(ArrayError { kind: TooMany, at: 1, index: 0 }));
    assert_eq!(read_by_all(b"[x", 0), Err(ArrayError { kind: NotANumber, at: 1, index: 0 }));
    assert_eq!(read_by_all(b"[ ", 0), Err(ArrayError { kind: Incomplete, at: 2, index: 0 }));
}

#[test]
fn without_a_limit() {
    let text = format!("{}0.5]{}", "0.5,".repeat(199), " ".repeat(200));
    for tier in Tier::available() {
        let mut out = vec![1.0; 3];
        assert_eq!(read_array(tier, text.as_bytes(), 0, usize::MAX, &mut out), Ok(800));
        assert_eq!(out.len(), 203);
    }
}

#[test]
fn appends_and_cuts_back() {
    for tier in Tier::available() {
        let mut out = vec![7.0, 8.0];
        assert_eq!(read_array(tier, b"1,2]", 0, 2, &mut out), Ok(4));
        assert_eq!(out, [7.0, 8.0, 1.0, 2.0]);
        let long = format!("{}x", "0.25,".repeat(300));
        let error = ArrayError { kind: NotANumber, at: 1500, index: 300 };
        assert_eq!(read_array(tier, long.as_bytes(), 0, 1000, &mut out), Err(error));
        assert_eq!(out, [7.0, 8.0, 1.0, 2.0]);
    }
}

#[test]
fn an_offset_behind_the_input_is_incomplete() {
    for at in [3, 4, usize::MAX] {
        let error = ArrayError { kind: Incomplete, at: 3, index: 0 };
        for tier in Tier::available() {
            assert_eq!(read_array(tier, b"[1,", at, 9, &mut Vec::new()), Err(error));
        }
    }
}

#[test]
fn errors_say_what_and_where() {
    let error = read_by_all(b"[1,x]", 9).unwrap_err();
    assert_eq!(error.to_string(), "not a JSON number at byte 3 (element 1)");
}
