//! Vectors that are there more than once.

use serde::Serialize;

use super::FIRST_POSITIONS;
use crate::format::fingerprint::hash;
use crate::hashes::HashRows;

/// How many vectors are compared: the first so many. Each takes 32 bytes, 128 MB in all.
const MOST: usize = 4_000_000;

/// Vectors equal to an earlier one, bit for bit: `-0.0` and `0.0` are two numbers here, as they are in a
/// backup. Equal is what has the same XXH3-128 hash, which by chance two vectors do not have.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Duplicates {
    /// How many vectors are equal to an earlier one.
    pub count: u64,
    /// The first [`FIRST_POSITIONS`] of them: the position of the earliest that it is equal to, and its own.
    pub pairs: Vec<(u64, u64)>,
    /// How many vectors were compared with each other: the first 4,000,000 of a larger collection.
    pub compared: u64,
}

/// The hashes of the vectors so far.
pub(super) struct Seen {
    /// Hash and position.
    rows: HashRows,
    bytes: Vec<u8>,
}

impl Seen {
    /// Nothing seen of up to `most` vectors.
    pub(super) fn new(most: usize) -> Self {
        Self { rows: HashRows::with_capacity(most.min(MOST)), bytes: Vec::new() }
    }

    pub(super) fn add(&mut self, vector: &[f32], position: u64) {
        if self.rows.len() == MOST {
            return;
        }
        self.bytes.clear();
        self.bytes.extend(vector.iter().flat_map(|number| number.to_le_bytes()));
        self.rows.push(hash(&self.bytes), u128::from(position));
    }

    pub(super) fn finish(&mut self) -> Duplicates {
        let mut found = Duplicates { compared: self.rows.len() as u64, ..Duplicates::default() };
        // Equal ones come together, the earliest first.
        self.rows.sort();
        let mut earliest = None;
        for (hash, position) in self.rows.rows() {
            let position = *position as u64;
            match earliest {
                Some((same, first)) if same == hash => found.add((first, position)),
                _ => earliest = Some((hash, position)),
            }
        }
        found
    }
}

impl Duplicates {
    /// Counts a pair, and keeps it if its later vector is one of the first.
    fn add(&mut self, pair: (u64, u64)) {
        self.count += 1;
        let at = self.pairs.partition_point(|(_, position)| *position < pair.1);
        if at < FIRST_POSITIONS {
            self.pairs.insert(at, pair);
            self.pairs.truncate(FIRST_POSITIONS);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn equal_bits_are_found_and_named_in_order() {
        let mut seen = Seen::new(0);
        for (position, number) in [0.5, 1.0, 0.0, -0.0, 1.0, 0.5, 1.0].into_iter().enumerate() {
            seen.add(&[number, 2.0], position as u64);
        }
        let found = seen.finish();
        assert_eq!((found.count, found.compared), (3, 7));
        assert_eq!(found.pairs, [(1, 4), (0, 5), (1, 6)]);
    }

    #[test]
    fn the_first_pairs_are_kept_of_many() {
        let mut seen = Seen::new(0);
        (0..1_000u64).for_each(|position| seen.add(&[(position % 300) as f32], position));
        let found = seen.finish();
        let expected: Vec<_> = (300..400).map(|position| (position - 300, position)).collect();
        assert_eq!((found.count, found.pairs), (700, expected));
    }
}
