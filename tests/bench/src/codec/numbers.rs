//! Loops over numbers alone, with each of the crates that turn one number into text or back.

/// A crate's way to append a number.
pub(super) type Write = fn(f32, &mut Vec<u8>);
/// A crate's way to read a number that fills its text.
pub(super) type Read = fn(&[u8]) -> Option<f32>;

pub(super) const WRITERS: [(&str, Write); 3] = [("ryu", ryu), ("zmij", zmij), ("lexical", lexical)];

pub(super) const READERS: [(&str, Read); 3] = [
    ("std", |text| std::str::from_utf8(text).ok()?.parse().ok()),
    ("lexical", |text| lexical_core::parse(text).ok()),
    ("fast-float2", |text| fast_float2::parse(text).ok()),
];

fn ryu(x: f32, out: &mut Vec<u8>) {
    out.extend_from_slice(ryu::Buffer::new().format_finite(x).as_bytes());
}

fn zmij(x: f32, out: &mut Vec<u8>) {
    out.extend_from_slice(zmij::Buffer::new().format_finite(x).as_bytes());
}

fn lexical(x: f32, out: &mut Vec<u8>) {
    let mut buffer = [0; lexical_core::BUFFER_SIZE];
    out.extend_from_slice(lexical_core::write(x, &mut buffer));
}

/// Appends an array without brackets.
pub(super) fn write_array(write: Write, vector: &[f32], out: &mut Vec<u8>) {
    for (index, x) in vector.iter().enumerate() {
        if index > 0 {
            out.push(b',');
        }
        write(*x, out);
    }
}

/// An array without brackets, and a line feed.
pub(super) fn line(vector: &[f32]) -> Vec<u8> {
    let mut out = Vec::new();
    write_array(zmij, vector, &mut out);
    out.push(b'\n');
    out
}

/// Reads lines of arrays into `out`; `None` where one is no number.
pub(super) fn read_arrays(read: Read, text: &[u8], out: &mut Vec<f32>) -> Option<()> {
    let mut start = 0;
    for end in memchr::memchr2_iter(b',', b'\n', text) {
        out.push(read(&text[start..end])?);
        start = end + 1;
    }
    Some(())
}
