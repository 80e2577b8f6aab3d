//! A table of 128-bit hashes: filled, sorted once, and then looked up.
//!
//! 32 bytes a row and no more: a hash map would take half as much again or twice.

/// Hashes and a value for each.
#[derive(Debug, Default)]
pub(crate) struct HashRows {
    /// Sorted after [`HashRows::sort`].
    rows: Vec<(u128, u128)>,
}

impl HashRows {
    /// An empty table with room for `most` rows, where there is that much: a hostile index may say more than will come.
    pub(crate) fn with_capacity(most: usize) -> Self {
        let mut rows = Vec::new();
        let _ = rows.try_reserve_exact(most);
        Self { rows }
    }

    /// How many rows there are.
    pub(crate) fn len(&self) -> usize {
        self.rows.len()
    }

    /// Adds a row.
    pub(crate) fn push(&mut self, hash: u128, value: u128) {
        self.rows.push((hash, value));
    }

    /// Sorts by hash, and rows of one hash by value.
    pub(crate) fn sort(&mut self) {
        self.rows.sort_unstable();
    }

    /// The number of a row of a hash; the table is sorted.
    pub(crate) fn find(&self, hash: u128) -> Option<usize> {
        self.rows.binary_search_by(|(found, _)| found.cmp(&hash)).ok()
    }

    /// The value of a row.
    pub(crate) fn value(&self, row: usize) -> u128 {
        self.rows[row].1
    }

    /// All rows.
    pub(crate) fn rows(&self) -> &[(u128, u128)] {
        &self.rows
    }
}
