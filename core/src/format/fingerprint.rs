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

use super::float;
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
        let metadata = record.metadata.unwrap_or("");
        let texts = record.id.len() + metadata.len() + record.extra.len();
        let bytes = 4 * 4 + 4 * record.vector.len() + texts;
        // It never shrinks: what the last record left is written over, not cleared first.
        if self.buffer.len() < bytes {
            self.buffer.resize(bytes, 0);
        }
        let buffer = &mut self.buffer[..bytes];
        let mut rest = Unwritten(&mut *buffer);
        rest.length(record.id.len());
        rest.bytes(record.id.as_bytes());
        rest.length(record.vector.len());
        rest.numbers(record.vector);
        rest.length(record.metadata.map_or(0, |text| text.len() + 1));
        rest.bytes(metadata.as_bytes());
        rest.length(record.extra.len());
        rest.bytes(record.extra.as_bytes());
        Fingerprint::from_u128(hash(buffer))
    }

    /// Count and fingerprint of records.
    pub(crate) fn records<'a>(&mut self, records: impl Iterator<Item = Record<'a>>) -> CollectionProof {
        let one = |record| CollectionProof { count: 1, fingerprint: self.record(record) };
        records.map(one).fold(CollectionProof::EMPTY, CollectionProof::plus)
    }
}

/// XXH3-128 of bytes. It is long, and there once for all who call it.
#[inline(never)]
pub(crate) fn hash(bytes: &[u8]) -> u128 {
    xxh3_128(bytes)
}

/// Count and fingerprint of a batch.
pub fn of_batch(batch: &RecordBatch) -> CollectionProof {
    Fingerprinter::new().records(batch.records())
}

/// The part of a buffer that nothing has been written to yet; it is as long as what will be.
struct Unwritten<'a>(&'a mut [u8]);

impl Unwritten<'_> {
    fn bytes(&mut self, bytes: &[u8]) {
        self.take(bytes.len()).copy_from_slice(bytes);
    }

    /// Lengths are bounded by the record's limit, so 32 bits hold them.
    fn length(&mut self, length: usize) {
        self.bytes(&(length as u32).to_le_bytes());
    }

    fn numbers(&mut self, numbers: &[f32]) {
        float::to_bytes(numbers, self.take(4 * numbers.len()));
    }

    fn take(&mut self, len: usize) -> &mut [u8] {
        let (taken, rest) = std::mem::take(&mut self.0).split_at_mut(len);
        self.0 = rest;
        taken
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
