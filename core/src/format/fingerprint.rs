//! The fingerprint of records.
//!
//! A record's hash is XXH3-128 (seed 0; <https://github.com/Cyan4973/xxHash>, specification 0.2) over
//!
//! ```text
//! u32 id length      id bytes
//! u32 dimension      each number: the four bytes of its f32 bits
//! u32 metadata length + 1, or 0 where it is absent      metadata text
//! u32 length of the unknown members' text               that text
//! ```
//!
//! all integers little-endian. A collection's fingerprint is the sum of its records' hashes modulo 2^128.

use xxhash_rust::xxh3::xxh3_128;

use crate::model::{CollectionProof, Fingerprint, Record, RecordBatch};

/// Hashes records; its buffer is reused from one to the next.
#[derive(Debug, Default)]
pub struct Fingerprinter {
    buffer: Vec<u8>,
}

impl Fingerprinter {
    /// A fingerprinter with an empty buffer.
    pub fn new() -> Self {
        Self::default()
    }

    /// The fingerprint of one record.
    pub fn record(&mut self, record: Record<'_>) -> Fingerprint {
        let buffer = &mut self.buffer;
        buffer.clear();
        push_length(buffer, record.id.len());
        buffer.extend_from_slice(record.id.as_bytes());
        push_length(buffer, record.vector.len());
        push_numbers(buffer, record.vector);
        push_length(buffer, record.metadata.map_or(0, |text| text.len() + 1));
        buffer.extend_from_slice(record.metadata.unwrap_or("").as_bytes());
        push_length(buffer, record.extra.len());
        buffer.extend_from_slice(record.extra.as_bytes());
        Fingerprint::from_u128(xxh3_128(buffer))
    }

    /// Count and fingerprint of records.
    pub(crate) fn records<'a>(&mut self, records: impl Iterator<Item = Record<'a>>) -> CollectionProof {
        let one = |record| CollectionProof { count: 1, fingerprint: self.record(record) };
        records.map(one).fold(CollectionProof::EMPTY, CollectionProof::plus)
    }
}

/// Count and fingerprint of a batch.
pub fn of_batch(batch: &RecordBatch) -> CollectionProof {
    Fingerprinter::new().records(batch.records())
}

/// Lengths are bounded by the record's limit, so 32 bits hold them.
fn push_length(buffer: &mut Vec<u8>, length: usize) {
    buffer.extend_from_slice(&(length as u32).to_le_bytes());
}

fn push_numbers(buffer: &mut Vec<u8>, numbers: &[f32]) {
    let start = buffer.len();
    buffer.resize(start + numbers.len() * 4, 0);
    for (bytes, number) in buffer[start..].chunks_exact_mut(4).zip(numbers) {
        bytes.copy_from_slice(&number.to_bits().to_le_bytes());
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const RECORD: Record<'_> = Record { id: "a", vector: &[1.0, -0.0], metadata: Some("{}"), extra: "" };

    fn of(record: Record<'_>) -> Fingerprint {
        Fingerprinter::new().record(record)
    }

    #[test]
    fn the_bytes_are_those_of_the_specification() {
        let bytes =
            [&[1, 0, 0, 0, b'a', 2, 0, 0, 0, 0, 0, 128, 63, 0, 0, 0, 128][..], &[3, 0, 0, 0], b"{}", &[0; 4]];
        assert_eq!(of(RECORD).as_u128(), xxh3_128(&bytes.concat()));
    }

    #[test]
    fn whatever_differs_shows() {
        let different = [
            Record { id: "b", ..RECORD },
            Record { vector: &[1.0, 0.0], ..RECORD },
            Record { metadata: None, ..RECORD },
            Record { metadata: Some("null"), ..RECORD },
            Record { extra: r#""a":1"#, ..RECORD },
        ];
        for (i, a) in different.iter().enumerate() {
            assert_ne!(of(*a), of(RECORD));
            assert!(different[..i].iter().all(|b| of(*a) != of(*b)));
        }
    }

    #[test]
    fn the_sum_does_not_depend_on_order_and_can_be_undone() {
        let mut batch = RecordBatch::new(2);
        let other = Record { id: "b", ..RECORD };
        batch.push(RECORD).unwrap();
        batch.push(other).unwrap();
        let sum = of_batch(&batch);
        assert_eq!(sum, CollectionProof { count: 2, fingerprint: of(other).plus(of(RECORD)) });
        assert_eq!(sum.fingerprint.minus(of(RECORD)), of(other));
    }
}
