//! Where texts end when they are laid end to end: in bytes here, in UTF-16 units in JavaScript.
//!
//! A column of texts crosses as one string and the ends of the texts in it: one crossing, however many.

/// The ends in UTF-16 units of texts that end at these bytes of `text`, which are ascending.
pub(crate) fn from_bytes(text: &str, ends: impl Iterator<Item = usize>) -> Vec<u32> {
    if text.is_ascii() {
        return ends.map(|end| end as u32).collect();
    }
    let (mut at, mut units) = (0, 0);
    ends.map(|end| {
        units += text[at..end].encode_utf16().count();
        at = end;
        units as u32
    })
    .collect()
}

/// The ends in bytes of texts that end at these UTF-16 units of `text`; `None` where they are not ascending,
/// or do not lie between characters of the text.
pub(crate) fn to_bytes(text: &str, ends: &[u32]) -> Option<Vec<usize>> {
    let bytes = text.as_bytes();
    let mut result = Vec::with_capacity(ends.len());
    let (mut at, mut units) = (0usize, 0usize);
    for &end in ends {
        let end = end as usize;
        while units < end {
            match bytes.get(at..at + WORD).and_then(|word| word.try_into().ok()).map(u64::from_le_bytes) {
                Some(word) if word & HIGHS == 0 && end - units >= WORD => {
                    at += WORD;
                    units += WORD;
                }
                _ => {
                    let character = text[at..].chars().next()?;
                    at += character.len_utf8();
                    units += character.len_utf16();
                }
            }
        }
        if units != end {
            return None;
        }
        result.push(at);
    }
    Some(result)
}

/// Bytes of ASCII that are stepped over at once.
const WORD: usize = 8;

/// The bits that a word of ASCII does not have.
const HIGHS: u64 = 0x8080_8080_8080_8080;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ends_are_counted_in_either_unit() {
        for (text, bytes, units) in [
            ("", vec![], vec![]),
            ("", vec![0, 0], vec![0, 0]),
            ("abc", vec![1, 1, 3], vec![1, 1, 3]),
            ("aé𝄞b", vec![1, 3, 7, 8], vec![1, 2, 4, 5]),
        ] {
            assert_eq!(from_bytes(text, bytes.iter().copied()), units, "{text}");
            assert_eq!(to_bytes(text, &units), Some(bytes), "{text}");
        }
    }

    #[test]
    fn ends_that_are_none_are_refused() {
        for (text, units) in
            [("abc", vec![2, 1]), ("abc", vec![4]), ("é", vec![2]), ("𝄞", vec![1]), ("éa", vec![2, 1])]
        {
            assert_eq!(to_bytes(text, &units), None, "{text} {units:?}");
        }
    }
}
