//! The third stage of writing where it is one byte shuffle: from a comma, a sign, `0.000`, the first digit
//! and the other eight it picks what a value needs, in order, by a table for each sign and exponent.

/// Exponents that [`SHAPES`] can spell within 16 bytes.
pub(super) const EXPONENTS: std::ops::RangeInclusive<i32> = -4..=8;

/// How a sign and an exponent are spelled.
#[derive(Clone, Copy)]
#[repr(C, align(32))]
pub(super) struct Shape {
    /// From which byte of `,-0.000d` and the eight digits behind each byte of text is taken.
    pub(super) pick: [u8; 16],
    /// Bytes of text that do not depend on the digits.
    fixed: u32,
    /// A bit for each of the eight digits, and one behind, that is spelled even if it is zero.
    always: u32,
}

impl Shape {
    /// Bytes of text, if the digits marked in `significant` are not zero.
    #[inline(always)]
    pub(super) fn len(&self, significant: u8) -> usize {
        let digits = u32::BITS - (u32::from(significant) | self.always).leading_zeros();
        (self.fixed + digits) as usize
    }
}

/// The shapes of [`EXPONENTS`], for each the positive and the negative one. Filled up to a power of
/// two, so that an index is cheaply kept inside.
pub(super) static SHAPES: [Shape; 32] = shapes();

const fn shapes() -> [Shape; 32] {
    let mut table = [Shape { pick: [0x80; 16], fixed: 0, always: 0 }; 32];
    let mut i = 0;
    while i < 26 {
        table[i] = shape(*EXPONENTS.start() + i as i32 / 2, i % 2 == 1);
        i += 1;
    }
    table
}

const fn shape(exponent: i32, negative: bool) -> Shape {
    const COMMA: u8 = 0;
    const MINUS: u8 = 1;
    const ZERO: u8 = 2;
    const POINT: u8 = 3;
    const LEAD: u8 = 7;
    let mut pick = [0x80; 16];
    pick[0] = COMMA;
    pick[1] = MINUS;
    let mut n = 1 + negative as usize;
    if exponent < 0 {
        pick[n] = ZERO;
        pick[n + 1] = POINT;
        n += 2;
        let mut i = exponent;
        while i < -1 {
            pick[n] = ZERO;
            n += 1;
            i += 1;
        }
    }
    pick[n] = LEAD;
    n += 1;
    let mut digit = 0;
    while n < 16 && digit <= 8 {
        if digit == exponent {
            pick[n] = POINT;
            n += 1;
        }
        // Behind the last digit, for 123456789.0, one more zero.
        pick[n] = if digit < 8 { LEAD + 1 + digit as u8 } else { ZERO };
        n += 1;
        digit += 1;
    }
    if exponent < 0 {
        Shape { pick, fixed: 3 + negative as u32 + exponent.unsigned_abs(), always: 0 }
    } else {
        Shape { pick, fixed: 3 + negative as u32, always: (1 << (exponent + 1)) - 1 }
    }
}

#[cfg(test)]
mod tests {
    use super::{EXPONENTS, SHAPES};
    #[cfg(target_family = "wasm")]
    use wasm_bindgen_test::wasm_bindgen_test as test;

    /// Every shape, applied to bytes that can be told apart.
    #[test]
    fn every_shape() {
        let source = b",-0.000ABCDEFGHI";
        let text = |exponent: i32, negative: usize, significant: u8| {
            let shape = &SHAPES[(exponent - EXPONENTS.start()) as usize * 2 + negative];
            let text: Vec<u8> =
                shape.pick.iter().map(|&i| *source.get(usize::from(i)).unwrap_or(&b'?')).collect();
            String::from_utf8_lossy(&text[..shape.len(significant)]).into_owned()
        };
        assert_eq!(text(-1, 0, 0xff), ",0.ABCDEFGHI");
        assert_eq!(text(-4, 1, 0x3f), ",-0.000ABCDEFG");
        assert_eq!(text(-2, 0, 0), ",0.0A");
        assert_eq!(text(0, 0, 0), ",A.B");
        assert_eq!(text(2, 1, 0b1000), ",-ABC.DE");
        assert_eq!(text(7, 0, 0xff), ",ABCDEFGH.I");
        assert_eq!(text(8, 1, 0), ",-ABCDEFGHI.0");
    }
}
