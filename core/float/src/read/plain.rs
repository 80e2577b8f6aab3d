//! The portable run: numbers of up to about 20 digits, eight at a time in a 64-bit word.
//!
//! Finding the digits and evaluating them without a loop is known as SWAR; see D. Lemire, "Quickly
//! parsing eight digits" (2018) and J. Feng's trick for fewer digits: shift the zeros in.

use super::super::tail::Tail;
use super::round::{nearest, nearest_quotient};
use super::{Run, skip_space};

/// Bytes that a number is read from, beginning with its first.
pub(super) const WINDOW: usize = 32;

/// Reads values up to the bracket, or until something is not plain, the window would pass the input's
/// end, or there are `max` of them.
pub(super) fn run(input: &[u8], at: usize, max: usize, out: &mut Vec<f32>) -> Run {
    const BLOCK: usize = 256;
    let mut run = Run { at, closed: false };
    let mut left = max;
    while left > 0 {
        let block = left.min(BLOCK);
        let mut values = Tail::with_room(out, block);
        let (next, taken) = block_run(input, run.at, &mut values, block);
        values.finish();
        run = next;
        left -= taken;
        if run.closed || taken < block {
            break;
        }
    }
    run
}

fn block_run(input: &[u8], mut at: usize, out: &mut Tail<'_, f32>, max: usize) -> (Run, usize) {
    for taken in 0..max {
        match next(input, at) {
            Some(Plain { value, end, next: b',' }) => {
                out.put(value, 1);
                at = end + 1;
            }
            Some(Plain { value, end, next: b']' }) => {
                out.put(value, 1);
                return (Run { at: end + 1, closed: true }, taken + 1);
            }
            _ => return (Run { at, closed: false }, taken),
        }
    }
    (Run { at, closed: false }, max)
}

/// Reads a plain number, perhaps behind white space; returns it and the offset behind it.
#[cfg(target_arch = "x86_64")]
#[inline]
pub(super) fn number(input: &[u8], at: usize) -> Option<(f32, usize)> {
    next(input, at).map(|number| (number.value, number.end))
}

/// A number, where it ends, and the byte there. A digit that cannot be.
#[derive(Clone, Copy, PartialEq, Debug)]
struct Plain {
    value: f32,
    end: usize,
    next: u8,
}

#[inline(always)]
fn next(input: &[u8], mut at: usize) -> Option<Plain> {
    let mut window = input.get(at..)?.first_chunk()?;
    if window[0] <= b' ' {
        at = skip_space(input, at);
        window = input.get(at..)?.first_chunk()?;
    }
    let number = in_window(window)?;
    Some(Plain { end: at + number.end, ..number })
}

/// Reads a plain number at the window's begin. `None`: anything else.
#[inline(always)]
fn in_window(window: &[u8; WINDOW]) -> Option<Plain> {
    let (negative, begin) = sign(window);
    let decimal = if is_fraction(window, begin) { fraction(window, begin + 2) } else { mixed(window, begin) };
    if let Some(Decimal { w, places, end }) = decimal {
        let next = window[end];
        if next | 0x20 != b'e' {
            let size = nearest_quotient(w, places)?;
            return Some(Plain { value: signed(size, negative), end, next });
        }
    }
    // From the beginning again: to hand the decimal over would force it into memory, always.
    in_window_rare(window)
}

/// The same for exponents, and for as many digits as a 64-bit float is written with.
#[inline(never)]
fn in_window_rare(window: &[u8; WINDOW]) -> Option<Plain> {
    let (negative, begin) = sign(window);
    let decimal = if is_fraction(window, begin) {
        fraction(window, begin + 2).or_else(|| long_fraction(window, begin + 2))?
    } else {
        mixed(window, begin)?
    };
    let (exponent, end) = exponent(window, decimal.end)?;
    let size = nearest(decimal.w, exponent - decimal.places as i64)?;
    let next = *window.get(end)?;
    size.is_finite().then_some(Plain { value: signed(size, negative), end, next })
}

#[inline(always)]
fn sign(window: &[u8; WINDOW]) -> (bool, usize) {
    let negative = window[0] == b'-';
    (negative, usize::from(negative))
}

#[inline(always)]
fn signed(size: f32, negative: bool) -> f32 {
    f32::from_bits(size.to_bits() | u32::from(negative) << 31)
}

#[inline(always)]
fn is_fraction(window: &[u8; WINDOW], begin: usize) -> bool {
    u16::from_le_bytes([window[begin], window[begin + 1]]) == u16::from_le_bytes(*b"0.")
}

/// `w / 10^places`, read up to `end`.
struct Decimal {
    w: u64,
    places: usize,
    end: usize,
}

/// Up to 15 digits behind `0.`
#[inline(always)]
fn fraction(window: &[u8; WINDOW], at: usize) -> Option<Decimal> {
    let first = Word::load(window, at);
    let n = first.len();
    if n < 8 {
        return if n > 0 { Some(Decimal { w: first.value(n), places: n, end: at + n }) } else { None };
    }
    let second = Word::load(window, at + 8);
    let n = second.len();
    if n == 8 {
        return None;
    }
    let w = first.all() * TENS[n] + second.or_nothing(n);
    Some(Decimal { w, places: 8 + n, end: at + 8 + n })
}

/// 16 to 22 digits behind `0.`: 17 of them count where a 64-bit float was written out.
fn long_fraction(window: &[u8; WINDOW], at: usize) -> Option<Decimal> {
    let [first, second, third] = [at, at + 8, at + 16].map(|at| Word::load(window, at));
    let n = third.len();
    let full = first.len() == 8 && second.len() == 8 && n < 8;
    // 19 digits fit into 64 bits; more only if there are zeros in front.
    if !full || n > 3 && first.all() >= TENS[11 - n] {
        return None;
    }
    let w = (first.all() * TENS[8] + second.all()) * TENS[n] + third.or_nothing(n);
    Some(Decimal { w, places: 16 + n, end: at + 16 + n })
}

/// Up to 7 digits, and up to 8 behind a point if there is one.
#[inline(always)]
fn mixed(window: &[u8; WINDOW], at: usize) -> Option<Decimal> {
    let whole = Word::load(window, at);
    let n = whole.len();
    if n == 0 || n == 8 || n > 1 && window[at] == b'0' {
        return None;
    }
    let (whole, point) = (whole.value(n), at + n);
    if window[point] != b'.' {
        return Some(Decimal { w: whole, places: 0, end: point });
    }
    let rest = Word::load(window, point + 1);
    let n = rest.len();
    if n == 0 || n == 8 && window[point + 9].is_ascii_digit() {
        return None;
    }
    Some(Decimal { w: whole * TENS[n] + rest.value(n), places: n, end: point + 1 + n })
}

/// The exponent at `at` of one or two digits, or 0 if there is none; and the offset behind.
#[inline(always)]
fn exponent(window: &[u8; WINDOW], at: usize) -> Option<(i64, usize)> {
    let digit =
        |at: usize| Some(*window.get(at)?).filter(u8::is_ascii_digit).map(|digit| i64::from(digit - b'0'));
    if window[at] | 0x20 != b'e' {
        return Some((0, at));
    }
    let negative = window[at + 1] == b'-';
    let begin = at + 1 + usize::from(negative || window[at + 1] == b'+');
    let first = digit(begin)?;
    let (size, end) = match digit(begin + 1) {
        Some(second) => (first * 10 + second, begin + 2),
        None => (first, begin + 1),
    };
    if end >= WINDOW || digit(end).is_some() {
        return None;
    }
    Some((if negative { -size } else { size }, end))
}

static TENS: [u64; 9] = [1, 10, 100, 1_000, 10_000, 100_000, 1_000_000, 10_000_000, 100_000_000];

/// Eight bytes, the first lowest, from which `'0'` was taken by XOR: digits are 0 to 9.
#[derive(Clone, Copy)]
struct Word(u64);

impl Word {
    #[inline(always)]
    fn load(window: &[u8; WINDOW], at: usize) -> Self {
        let mut bytes = [0; 8];
        bytes.copy_from_slice(&window[at..at + 8]);
        Self(u64::from_le_bytes(bytes) ^ 0x3030_3030_3030_3030)
    }

    /// How many digits it begins with.
    #[inline(always)]
    fn len(self) -> usize {
        // A byte above 9 reaches its top bit when 118 is added, or has it set already.
        let high = (self.0 & 0x7f7f_7f7f_7f7f_7f7f) + 0x7676_7676_7676_7676;
        (((self.0 | high) & 0x8080_8080_8080_8080).trailing_zeros() / 8) as usize
    }

    /// The number its first `n` digits make, `1 <= n <= 8`.
    #[inline(always)]
    fn value(self, n: usize) -> u64 {
        Self(self.0 << (64 - 8 * n)).all()
    }

    /// The same for `0 <= n < 8`.
    #[inline(always)]
    fn or_nothing(self, n: usize) -> u64 {
        Self((self.0 << (8 * (7 - n))) << 8).all()
    }

    /// The number its eight digits make: pairs, then two sums of two products side by side.
    #[inline(always)]
    fn all(self) -> u64 {
        const LANES: u64 = 0x0000_00ff_0000_00ff;
        let pairs = self.0.wrapping_mul(10).wrapping_add(self.0 >> 8);
        let outer = (pairs & LANES).wrapping_mul(100 + (1_000_000 << 32));
        let inner = ((pairs >> 16) & LANES).wrapping_mul(1 + (10_000 << 32));
        outer.wrapping_add(inner) >> 32
    }
}

#[cfg(test)]
mod tests {
    use super::{Run, WINDOW, Word, in_window, run};
    #[cfg(target_family = "wasm")]
    use wasm_bindgen_test::wasm_bindgen_test as test;

    fn window(text: &str) -> [u8; WINDOW] {
        let mut window = [b','; WINDOW];
        window[..text.len()].copy_from_slice(text.as_bytes());
        window
    }

    #[test]
    fn eight_digits() {
        let word = Word::load(&window("12345678"), 0);
        assert_eq!((word.len(), word.all(), word.value(3), word.or_nothing(0)), (8, 12_345_678, 123, 0));
        assert_eq!(Word::load(&window("12.45678"), 0).len(), 2);
        for byte in 0..=u8::MAX {
            let mut bytes = window("7");
            bytes[1] = byte;
            assert_eq!(Word::load(&bytes, 0).len() > 1, byte.is_ascii_digit());
        }
    }

    #[test]
    fn plain_numbers() {
        for text in [
            "0",
            "-0",
            "12",
            "-1234567",
            "0.5",
            "-0.1234567",
            "0.12345678",
            "0.123456789012345",
            "0.1234567890123456",
            "0.1234567890123456789",
            "0.0001234567890123456789",
            "1234567.1234567",
            "9.0",
            "-0.0",
            "1.5",
            "1e-7",
            "-1.2345678E+5",
            "0.25e10",
            "12e-05",
            "1e-45",
            "1e-46",
        ] {
            let exact: f32 = text.parse().unwrap();
            let number = in_window(&window(text)).unwrap();
            assert_eq!(number.value.to_bits(), exact.to_bits(), "{text}");
            assert_eq!((number.end, number.next), (text.len(), b','), "{text}");
        }
    }

    #[test]
    fn anything_else_is_left_alone() {
        for text in [
            "",
            "-",
            "+1",
            ".5",
            "1.",
            "-.5",
            "01",
            "-01.5",
            "00.5",
            "1e",
            "1e+",
            "1.5e100",
            "1e39",
            "12345678",
            "0.",
            "x",
            "0.12345678901234567890123",
            "16777217",
            "0.9999999999999999999999",
            "--1",
        ] {
            assert_eq!(in_window(&window(text)), None, "{text}");
        }
    }

    #[test]
    fn a_run_stops_before_what_is_not_plain() {
        let tail = " ".repeat(WINDOW);
        let text = format!("1,2.5, 3,4.4.,5]{tail}");
        let mut out = Vec::new();
        assert_eq!(run(text.as_bytes(), 0, 9, &mut out), Run { at: 9, closed: false });
        assert_eq!(out, [1.0, 2.5, 3.0]);
        assert_eq!(run(text.as_bytes(), 14, 9, &mut out), Run { at: 16, closed: true });
        assert_eq!(run(text.as_bytes(), 0, 2, &mut out), Run { at: 6, closed: false });
        assert_eq!(out.len(), 6);
    }
}
