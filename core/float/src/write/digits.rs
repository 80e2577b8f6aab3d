//! The second stage of writing: nine digits, one byte each.

/// The digit '0' in each byte.
pub(super) const ZEROS: u64 = 0x3030_3030_3030_3030;

/// `floor(n / 10^8) = n * 1441151881 >> 57` for `n < 10^9`.
pub(super) const LEAD: (u64, u32) = (1_441_151_881, 57);

/// `floor(n / 10^4) = n * 109951163 >> 40` for `n < 10^8`.
pub(super) const HALF: (u64, u32) = (109_951_163, 40);

/// The first digit of nine, and the other eight as bytes 0 to 9, the first in the lowest byte.
#[inline(always)]
pub(super) fn split(nine_digits: u32) -> (u8, u64) {
    let nine_digits = u64::from(nine_digits);
    let lead = (nine_digits * LEAD.0) >> LEAD.1;
    (lead as u8, eight(nine_digits - lead * 100_000_000))
}

/// The same for many numbers, in loops of 16 and 32 bits that become vector code: half the work of
/// [`split`] even where a vector is 128 bits wide. `eight` has the digits as bytes, eight a number.
#[inline(always)]
pub(super) fn split_all<const N: usize>(
    nine_digits: &[u32; N],
    lead: &mut [u8; N],
    eight: &mut [[u8; 8]; N],
) {
    let mut fours = [[0u16; 2]; N];
    for ((&n, lead), fours) in nine_digits.iter().zip(lead).zip(&mut fours) {
        let first = n / 100_000_000;
        let rest = n - first * 100_000_000;
        let q = rest / 10_000;
        *lead = first as u8;
        *fours = [q as u16, (rest - q * 10_000) as u16];
    }
    let mut twos = [[[0u16; 2]; 2]; N];
    for (&x, twos) in fours.as_flattened().iter().zip(twos.as_flattened_mut()) {
        let q = ((u32::from(x) * 5243) >> 16) as u16 >> 3;
        *twos = [q, x - q * 100];
    }
    let (pairs, _) = eight.as_flattened_mut().as_chunks_mut::<2>();
    for (&x, pair) in twos.as_flattened().as_flattened().iter().zip(pairs) {
        let q = x.wrapping_mul(103) >> 10;
        *pair = (x << 8).wrapping_sub(q.wrapping_mul((10 << 8) - 1)).to_le_bytes();
    }
}

/// How many of the eight digits are left when the zeros at the end are dropped.
#[inline(always)]
pub(super) fn significant(eight_digits: u64) -> usize {
    8 - (eight_digits.leading_zeros() / 8) as usize
}

/// Eight digits by three halvings: of 8 digits into 2 times 4 in 32-bit lanes, into 4 times 2 in
/// 16-bit lanes, into 8 times 1 in bytes. `x / 100` and `x / 10` are `x * 5243 >> 19` and
/// `x * 103 >> 10`, exact for 4 and 2 digits. A lane's quotient stays, its remainder moves up:
///
/// ```text
/// q | (x - d q) << w  =  (x << w) - q * ((d << w) - 1)
/// ```
#[inline(always)]
fn eight(n: u64) -> u64 {
    let q = (n * HALF.0) >> HALF.1;
    let fours = (n << 32) - q * ((10_000 << 32) - 1);
    let q = ((fours * 5243) >> 19) & 0x0000_007f_0000_007f;
    let twos = (fours << 16) - q * ((100 << 16) - 1);
    let q = ((twos * 103) >> 10) & 0x000f_000f_000f_000f;
    (twos << 8) - q * ((10 << 8) - 1)
}

#[cfg(test)]
mod tests {
    use super::{ZEROS, significant, split, split_all};
    #[cfg(target_family = "wasm")]
    use wasm_bindgen_test::wasm_bindgen_test as test;

    #[test]
    fn digits_are_those_of_the_standard_library() {
        let edges = [0, 1, 9, 10, 99_999_999, 100_000_000, 123_456_789, 999_999_999];
        let spread = (0..1_000_000_000u32).step_by(9_973);
        for n in edges.into_iter().chain(spread) {
            let (lead, eight) = split(n);
            let mut text = vec![b'0' + lead];
            text.extend((eight | ZEROS).to_le_bytes());
            assert_eq!(String::from_utf8(text).unwrap(), format!("{n:09}"));
            let (mut lead_of_all, mut eight_of_all) = ([0; 2], [[0; 8]; 2]);
            split_all(&[0, n], &mut lead_of_all, &mut eight_of_all);
            assert_eq!((lead_of_all, eight_of_all), ([0, lead], [[0; 8], eight.to_le_bytes()]));
        }
    }

    #[test]
    fn zeros_at_the_end_are_not_significant() {
        let left = |n| significant(split(n).1);
        assert_eq!((left(500_000_000), left(510_000_000), left(500_000_001)), (0, 1, 8));
    }
}
