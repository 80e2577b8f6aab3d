//! Records in ascending order of their ids' bytes, each id once.

use std::ops::Range;

use vecvault_core::RecordBatch;

use super::error::{Result, duplicate};

/// A batch in that order: itself where it has it already.
pub(super) fn sorted(batch: RecordBatch) -> Result<RecordBatch> {
    let order = ascending(&batch)?;
    if order.is_sorted() {
        return Ok(batch);
    }
    let mut sorted = RecordBatch::new(batch.dimension());
    runs(&order).for_each(|run| sorted.extend_from(&batch, run));
    Ok(sorted)
}

/// The order in which a batch's ids ascend; an id that occurs twice is refused.
pub(super) fn ascending(batch: &RecordBatch) -> Result<Vec<usize>> {
    let id = |index: usize| batch.record(index).id;
    let mut order: Vec<usize> = (0..batch.len()).collect();
    if !order.is_sorted_by(|a, b| id(*a) < id(*b)) {
        order.sort_unstable_by(|a, b| id(*a).cmp(id(*b)));
        if let Some(pair) = order.windows(2).find(|pair| id(pair[0]) == id(pair[1])) {
            return Err(duplicate(id(pair[0])));
        }
    }
    Ok(order)
}

/// An order as the longest runs of records that stand beside each other already.
pub(super) fn runs(order: &[usize]) -> impl Iterator<Item = Range<usize>> + '_ {
    order.chunk_by(|a, b| a + 1 == *b).map(|run| run[0]..run[run.len() - 1] + 1)
}

#[cfg(test)]
mod tests {
    use vecvault_core::{CollectionErrorKind, Record};

    use super::*;

    fn batch(ids: &[&str]) -> RecordBatch {
        let mut batch = RecordBatch::new(1);
        for id in ids {
            batch.push(Record { id, vector: &[0.0], metadata: None, extra: "" }).unwrap();
        }
        batch
    }

    #[test]
    fn runs_that_ascend_already_are_kept_together() {
        let order = ascending(&batch(&["c", "d", "a", "b", "é"])).unwrap();
        assert_eq!(runs(&order).collect::<Vec<_>>(), [2..4, 0..2, 4..5]);
        let order = ascending(&batch(&["a", "b"])).unwrap();
        assert!(runs(&order).eq(std::iter::once(0..2)));
        assert_eq!(runs(&[]).count(), 0);
    }

    #[test]
    fn a_batch_in_order_is_not_copied() {
        let ascending = batch(&["a", "b", "c"]);
        let numbers = ascending.vectors().as_ptr();
        assert_eq!(sorted(ascending).unwrap().vectors().as_ptr(), numbers);
        assert_eq!(sorted(batch(&["c", "a", "b"])).unwrap(), batch(&["a", "b", "c"]));
        assert!(sorted(batch(&[])).unwrap().is_empty());
    }

    #[test]
    fn an_id_that_occurs_twice_is_named() {
        let error = ascending(&batch(&["b", "a", "b"])).unwrap_err();
        assert_eq!(error.kind(), CollectionErrorKind::Invalid);
        assert_eq!(error.to_string(), r#"id "b" occurs twice"#);
        assert!(ascending(&batch(&["a", "a"])).is_err());
    }
}
