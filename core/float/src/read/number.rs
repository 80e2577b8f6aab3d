//! One JSON number, byte by byte: the grammar of RFC 8259 and an exact value for any length.

use super::super::ArrayErrorKind::{Incomplete, NotANumber, OutOfRange};
use super::round::{approximate, nearest};
use super::{Failure, exact, fail};

/// Reads the number that begins at `at`; returns it and the offset of the byte behind it.
///
/// A number that the input's end cuts off, or might, is incomplete: `1` may become `12`.
pub(super) fn read(input: &[u8], at: usize) -> Result<(f32, usize), Failure> {
    let decimal = scan(input, at)?;
    let size = match nearest(decimal.mantissa, decimal.exponent) {
        Some(size) => size,
        None => decimal.exact(&input[at..decimal.end]),
    };
    let cut = decimal.end == input.len();
    if size.is_infinite() && (!cut || decimal.only_grows) {
        return fail(OutOfRange, at);
    }
    if cut {
        return fail(Incomplete, input.len());
    }
    Ok((if decimal.negative { -size } else { size }, decimal.end))
}

/// A number of correct grammar: `±mantissa * 10^exponent`.
#[derive(Default)]
struct Decimal {
    negative: bool,
    /// The first 19 digits that count; what is cut off is less than 1.
    mantissa: u64,
    exponent: i64,
    /// Whether more digits at its end could only make it larger.
    only_grows: bool,
    /// Offset of the byte behind it.
    end: usize,
}

fn scan(input: &[u8], at: usize) -> Result<Decimal, Failure> {
    let mut decimal = Decimal { negative: input.get(at) == Some(&b'-'), ..Decimal::default() };
    let mut end = at + usize::from(decimal.negative);
    let whole = end;
    end = digits(input, whole, |digit| decimal.exponent += decimal.mantissa.take(digit))?;
    if input[whole] == b'0' && end > whole + 1 {
        return fail(NotANumber, whole + 1);
    }
    if input.get(end) == Some(&b'.') {
        end = digits(input, end + 1, |digit| decimal.exponent += decimal.mantissa.take(digit) - 1)?;
    }
    if let Some(b'e' | b'E') = input.get(end) {
        let sign = input.get(end + 1).copied();
        let mut power = 0i64;
        let signed = usize::from(matches!(sign, Some(b'+' | b'-')));
        end = digits(input, end + 1 + signed, |digit| {
            // Far beyond any input that fits into memory, and far from overflow.
            if power < 1_000_000_000_000_000 {
                power = power * 10 + i64::from(digit);
            }
        })?;
        decimal.only_grows = sign != Some(b'-');
        decimal.exponent += if decimal.only_grows { power } else { -power };
    }
    decimal.end = end;
    Ok(decimal)
}

/// Passes over the digits from `at` on, of which there must be one, and returns the offset behind.
#[inline(always)]
fn digits(input: &[u8], at: usize, mut each: impl FnMut(u8)) -> Result<usize, Failure> {
    let mut end = at;
    while let Some(&byte @ b'0'..=b'9') = input.get(end) {
        each(byte - b'0');
        end += 1;
    }
    if end > at {
        Ok(end)
    } else if at < input.len() {
        fail(NotANumber, at)
    } else {
        fail(Incomplete, input.len())
    }
}

/// A mantissa to which no further digit is appended.
const CUT: u64 = 1_000_000_000_000_000_000;

trait Mantissa {
    /// Appends a digit and returns 0, or drops it for want of room and returns 1: the power of ten
    /// by which the rest counts for more.
    fn take(&mut self, digit: u8) -> i64;
}

impl Mantissa for u64 {
    #[inline(always)]
    fn take(&mut self, digit: u8) -> i64 {
        if *self >= CUT {
            return 1;
        }
        *self = *self * 10 + u64::from(digit);
        0
    }
}

impl Decimal {
    /// The value, without sign, of the number that was scanned, if [`nearest`] cannot decide.
    #[cold]
    #[inline(never)]
    fn exact(&self, number: &[u8]) -> f32 {
        let close = approximate(self.mantissa, self.exponent);
        if self.mantissa < CUT
            && let Some(value) = exact::nearest_short(self.mantissa, self.exponent, close)
        {
            return value;
        }
        let digits = self.mantissa.checked_ilog10().map_or(0, |last| i64::from(last) + 1);
        exact::nearest(number, self.exponent + digits, close)
    }
}

#[cfg(test)]
mod tests {
    use super::super::super::ArrayErrorKind::{Incomplete, NotANumber, OutOfRange};
    use super::super::Failure;
    use super::read;
    #[cfg(target_family = "wasm")]
    use wasm_bindgen_test::wasm_bindgen_test as test;

    #[test]
    fn values() {
        for (text, value) in [
            ("0,", 0.0),
            ("12]", 12.0),
            ("-1.50 ", -1.5),
            ("1e2,", 100.0),
            ("1E+2,", 100.0),
            ("25e-2,", 0.25),
            ("0.00000000000000000000000000000001e32,", 1.0),
            ("100000000000000000000000000000000e-32,", 1.0),
            ("3.4028235e38,", f32::MAX),
            ("3.40282356e38,", f32::MAX),
            ("0e999999999999999999999999,", 0.0),
            ("1e-999999999999999999999999,", 0.0),
            ("1e-45,", 1e-45),
        ] {
            assert_eq!(read(text.as_bytes(), 0), Ok((value, text.len() - 1)), "{text}");
        }
        let (zero, _) = read(b"-0,", 0).unwrap();
        assert_eq!(zero.to_bits(), (-0.0f32).to_bits());
    }

    /// Digits and exponents that cancel, with a value in the middle of two floats.
    #[test]
    fn very_long_numbers() {
        for zeros in [100, 70_000, 700_000] {
            let nothing = "0".repeat(zeros);
            let (small, large) =
                (format!("0.{nothing}16777217e{}", zeros + 8), format!("16777217{nothing}e-{zeros}"));
            for text in [small, large] {
                assert_eq!(read(format!("{text},").as_bytes(), 0), Ok((16_777_216.0, text.len())), "{zeros}");
            }
        }
    }

    #[test]
    fn bytes_that_cannot_stand_there() {
        for (text, at) in [
            ("x", 0),
            ("+1,", 0),
            (".5,", 0),
            ("-,", 1),
            ("-x", 1),
            ("01", 1),
            ("-01", 2),
            ("1.,", 2),
            ("1.e", 2),
            ("1ex", 2),
            ("1e+,", 3),
            ("1e--1", 3),
            ("NaN", 0),
            ("-Infinity", 1),
            (" 1", 0),
        ] {
            assert_eq!(read(text.as_bytes(), 0), Err(Failure { kind: NotANumber, at }), "{text}");
        }
    }

    #[test]
    fn cut_off_by_the_end_of_the_input() {
        let long = "9".repeat(60);
        let small_after_all = format!("{long}e-1");
        for text in
            ["", "-", "0", "-0", "12", "1.", "1.5", "1e", "1e+", "1e-5", "1e38", &long, &small_after_all]
        {
            assert_eq!(read(text.as_bytes(), 0), Err(Failure { kind: Incomplete, at: text.len() }), "{text}");
        }
    }

    #[test]
    fn too_large() {
        // At the input's end, too: no further digit makes it smaller.
        for text in ["1e39", "1e39,", "-3.4028236e38,", "1e999999999999999999999999", "1e+400 "] {
            assert_eq!(read(text.as_bytes(), 0), Err(Failure { kind: OutOfRange, at: 0 }), "{text}");
        }
    }
}
