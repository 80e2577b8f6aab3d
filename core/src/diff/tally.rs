//! What was found of the records of a collection.

/// Records of each kind.
#[derive(Debug, Default)]
pub(super) struct Tally {
    pub(super) added: Kind,
    pub(super) removed: Kind,
    pub(super) changed: Kind,
    pub(super) unchanged: u64,
}

/// Records of one kind: how many, and the first ids.
#[derive(Debug, Default)]
pub(super) struct Kind {
    pub(super) count: u64,
    pub(super) ids: Vec<String>,
}

impl Kind {
    /// Counts a record, and names it among the first `limit`.
    pub(super) fn add(&mut self, id: &str, limit: usize) {
        self.count += 1;
        if self.ids.len() < limit {
            self.ids.push(id.to_owned());
        }
    }
}
