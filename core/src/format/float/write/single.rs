//! One value at a time: the spellings that the block stages leave out.

use super::super::tail::Tail;

/// Puts a comma and any finite value, as zmij and so `serde_json` spell it.
#[cold]
#[inline(never)]
pub(super) fn put(x: f32, text: &mut Tail<'_, u8>) {
    text.put(b',', 1);
    for &byte in zmij::Buffer::new().format_finite(x).as_bytes() {
        text.put(byte, 1);
    }
}
