//! Ids that must be unique in their collection.

use xxhash_rust::xxh3::xxh3_128;

use crate::model::Record;

/// Sees that no id comes twice. Where ids ascend that is a comparison of neighbours; where they do not, a
/// set of their XXH3-128 hashes, 16 bytes and the set's overhead a record. (Two ids of one hash, by chance
/// or by design, are refused as if they were one.)
#[derive(Debug)]
pub(crate) struct UniqueIds {
    kind: Kind,
}

#[derive(Debug)]
enum Kind {
    Ascending { last: String },
    Any { seen: Seen },
}

/// Natively the hashes are hashed again, by keys that nobody knows, lest a hostile file make the set slow.
#[cfg(not(target_family = "wasm"))]
type Seen = std::collections::HashSet<u128>;

/// On wasm there are no such keys. A tree takes equally long whatever is put into it.
#[cfg(target_family = "wasm")]
type Seen = std::collections::BTreeSet<u128>;

impl Default for UniqueIds {
    fn default() -> Self {
        Self::new(true)
    }
}

impl UniqueIds {
    /// Nothing seen yet. `ordered` records must ascend strictly by their ids' bytes.
    pub(crate) fn new(ordered: bool) -> Self {
        let kind = if ordered {
            Kind::Ascending { last: String::new() }
        } else {
            Kind::Any { seen: Seen::default() }
        };
        Self { kind }
    }

    /// Sees the next records; gives the first that may not be there.
    pub(crate) fn check<'a>(
        &mut self,
        mut records: impl Iterator<Item = Record<'a>>,
    ) -> Result<(), Record<'a>> {
        records.find(|record| !self.insert(record.id)).map_or(Ok(()), Err)
    }

    /// Sees one id; `false` if it may not be there.
    pub(crate) fn insert(&mut self, id: &str) -> bool {
        match &mut self.kind {
            Kind::Ascending { last } => {
                // No id is empty, so the first one comes after the empty one.
                let ascends = last.as_bytes() < id.as_bytes();
                last.clear();
                last.push_str(id);
                ascends
            }
            Kind::Any { seen } => seen.insert(xxh3_128(id.as_bytes())),
        }
    }

    /// The last id seen, where they ascend.
    pub(crate) fn last(&self) -> Option<&str> {
        match &self.kind {
            Kind::Ascending { last } => Some(last),
            Kind::Any { .. } => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::RecordBatch;

    fn batch(ids: &[&str]) -> RecordBatch {
        let mut batch = RecordBatch::new(1);
        for id in ids {
            batch.push(Record { id, vector: &[0.0], metadata: None, extra: "" }).unwrap();
        }
        batch
    }

    #[test]
    fn neighbours_or_a_set_find_what_comes_twice() {
        for ordered in [true, false] {
            let mut unique = UniqueIds::new(ordered);
            assert!(unique.check(batch(&["a", "b"]).records()).is_ok());
            assert!(unique.check(batch(&["c"]).records()).is_ok());
            assert_eq!(unique.check(batch(&["d", "c"]).records()).unwrap_err().id, "c", "ordered: {ordered}");
        }
        assert!(UniqueIds::new(false).check(batch(&["b", "a"]).records()).is_ok());
    }
}
