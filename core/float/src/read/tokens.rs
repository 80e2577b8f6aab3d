//! Which of four tokens are plain, decided on bit masks; and the tables that lay them out.
//!
//! Four tokens stand in 64 bytes, 16 bytes each, right-aligned: the separator is byte 15, the
//! token ends at byte 14 and has at most 15 bytes. A mask has a bit for each byte, the first byte
//! lowest. With a separator between the tokens, no shift by one carries anything from one to the
//! next.

/// Where in the 64 bytes stands what. The bits of separators are zero.
#[derive(Clone, Copy)]
pub(super) struct Masks {
    /// The tokens themselves.
    pub(super) token: u64,
    /// `0` to `9`
    pub(super) digit: u64,
    /// `.`
    pub(super) point: u64,
    /// `-`
    pub(super) minus: u64,
    /// `0`
    pub(super) zero: u64,
}

impl Masks {
    /// The last byte of each of the four: the separator.
    pub(super) const SEPARATORS: u64 = 0x8000_8000_8000_8000;

    /// The one before: a token's last.
    const LASTS: u64 = Self::SEPARATORS >> 1;

    /// The first byte of each of the four.
    pub(super) const FIRSTS: u64 = Self::SEPARATORS >> 15;

    /// The same without a space at a token's begin. `space`: where there are spaces.
    #[inline(always)]
    pub(super) fn behind_space(self, space: u64) -> Self {
        let first = self.token & !(self.token << 1);
        Self { token: self.token & !(space & first), ..self }
    }

    /// The place of each token's point, or where there is none, of its separator; and 0 if all
    /// are plain: an optional minus, digits without a leading zero, and perhaps a point with digits
    /// behind.
    #[inline(always)]
    pub(super) fn points(&self) -> (u64, u64) {
        let Self { token, digit, point, minus, zero } = *self;
        // Adding 2^15 - 1 carries into bit 15 unless the other 15 bits are zero.
        let with_point = point + (Self::SEPARATORS - Self::FIRSTS);
        let point_or_end = point | (!with_point & Self::SEPARATORS);
        let first = token & !(token << 1);
        let first_digit = (first & !minus) | (minus << 1);
        let wrong = (token ^ (digit | point | minus)) // other characters
            | (!token & Self::LASTS)                        // an empty token
            | (minus & !first)                        // a minus inside
            | (first_digit & point_or_end)            // no digit in front of the point
            | (point & Self::LASTS)                         // none behind it
            | (((zero & first_digit) << 1) & digit)   // a leading zero
            | (point & (point_or_end - Self::FIRSTS)); // more than one point
        (point_or_end, wrong)
    }
}

/// For each length, ones at a token's place: right-aligned but for the separator.
#[cfg(any(target_arch = "x86_64", all(target_arch = "wasm32", target_feature = "simd128")))]
pub(super) static KEEP: [[u8; 16]; 16] = {
    let mut table = [[0; 16]; 16];
    let mut len = 0;
    while len < 16 {
        let mut i = 15 - len;
        while i < 15 {
            table[len][i] = 0xff;
            i += 1;
        }
        len += 1;
    }
    table
};

/// For each place of the point, a shuffle that moves what stands before it up by one.
#[cfg(any(target_arch = "x86_64", all(target_arch = "wasm32", target_feature = "simd128")))]
pub(super) static CLOSE: [[u8; 16]; 16] = {
    let mut table = [[0x80; 16]; 16];
    let mut point = 0;
    while point < 16 {
        let mut i = 1;
        while i < 16 {
            table[point][i] = if i <= point { i as u8 - 1 } else { i as u8 };
            i += 1;
        }
        point += 1;
    }
    table
};

#[cfg(test)]
mod tests {
    use super::Masks;
    #[cfg(target_family = "wasm")]
    use wasm_bindgen_test::wasm_bindgen_test as test;

    fn masks(tokens: [&str; 4]) -> Masks {
        let mut bytes = [b'x'; 64];
        let mut token = 0u64;
        for (i, text) in tokens.iter().enumerate() {
            let end = 16 * i + 15;
            bytes[end - text.len()..end].copy_from_slice(text.as_bytes());
            token |= ((1 << text.len()) - 1) << (end - text.len());
        }
        let mask = |what: fn(&u8) -> bool| {
            (0..64).filter(|i| token >> i & 1 == 1 && what(&bytes[*i])).fold(0, |mask, i| mask | 1 << i)
        };
        Masks {
            token,
            digit: mask(u8::is_ascii_digit),
            point: mask(|byte| *byte == b'.'),
            minus: mask(|byte| *byte == b'-'),
            zero: mask(|byte| *byte == b'0'),
        }
    }

    #[test]
    fn plain_tokens() {
        let point = masks(["0", "-0.5", "12345.789012345", "-12"]).points().0;
        let places: Vec<u32> = (0..4).map(|i| ((point >> (16 * i)) as u16).trailing_zeros()).collect();
        assert_eq!(places, [15, 13, 5, 15]);
    }

    #[test]
    fn one_space_in_front_is_passed_over() {
        // Three bytes are the last but two: bits 12 to 14 of the token's 16.
        let second = |text, spaces: u64| masks(["0", text, "1", "2"]).behind_space(spaces << 16).points();
        assert_eq!(second(" 12", 1 << 12).1, 0);
        assert_eq!(second(" -5", 1 << 12).1, 0);
        assert_ne!(second("  5", 3 << 12).1, 0);
        assert_ne!(second("5 5", 1 << 13).1, 0);
        assert_ne!(second("5  ", 3 << 13).1, 0);
        assert_ne!(second("  ", 3 << 13).1, 0);
        assert_ne!(second(" ", 1 << 14).1, 0);
    }

    #[test]
    fn others_in_any_place() {
        for text in [
            "",
            "-",
            ".",
            "-.",
            ".5",
            "5.",
            "-.5",
            "-5.",
            "01",
            "-01",
            "00.5",
            "1.2.3",
            "1..2",
            "1-2",
            "--1",
            "1e5",
            "+1",
            " 1",
            "1 ",
            "1x",
            "x",
            "-x1",
            "1.-2",
            "1.2-",
            "123456789012.x",
        ] {
            for place in 0..4 {
                let mut tokens = ["0", "-12.5", "3.14159265358979", "-0.000123456789"];
                tokens[place] = text;
                assert_ne!(masks(tokens).points().1, 0, "{text} as number {place}");
            }
        }
    }
}
