//! One value at a time: the spellings that the block stages leave out.

use super::super::tail::Tail;

/// Puts a comma and any finite value, as zmij and so `serde_json` spell it.
#[cold]
#[inline(never)]
pub(super) fn put(x: f32, text: &mut Tail<'_, u8>) {
    text.put(b',', 1);
    let mut buffer = zmij::Buffer::new();
    let spelling = buffer.format_finite(x).as_bytes();
    let mut bytes = [0; 32];
    bytes[..spelling.len()].copy_from_slice(spelling);
    text.put(bytes, spelling.len());
}
