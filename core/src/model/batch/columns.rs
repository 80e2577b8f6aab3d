//! Records moved by whole columns, between batches and to and from stored bytes: no work per record but
//! the checks.
//!
//! How a store lays the columns out in its values is its own matter.

use std::ops::Range;

use super::{RecordBatch, TextColumn};
use crate::format::limits::{MAX_ID_BYTES, MAX_RECORD_BYTES, WEIGHT_PER_NUMBER};
use vecvault_float as float;

/// Texts end to end and where each of them ends, borrowed from a [`RecordBatch`]. Absent metadata and no
/// unknown members are texts of no bytes.
#[derive(Clone, Copy, Debug)]
pub struct Texts<'a> {
    text: &'a str,
    ends: &'a [usize],
}

/// Records in columns, borrowed from bytes that a store keeps. All columns have as many records.
#[derive(Clone, Copy, Debug)]
pub struct StoredColumns<'a> {
    /// The length of every vector.
    pub dimension: usize,
    /// All vectors, one after the other: the four little-endian bytes of each number.
    pub vectors: &'a [u8],
    /// The ids.
    pub ids: StoredTexts<'a>,
    /// The metadata; no text where they are absent.
    pub metadata: StoredTexts<'a>,
    /// The unknown members without the braces; no text for none.
    pub extra: StoredTexts<'a>,
}

/// Texts end to end and where each of them ends, borrowed from bytes.
#[derive(Clone, Copy, Debug)]
pub struct StoredTexts<'a> {
    /// The texts in UTF-8.
    pub text: &'a [u8],
    /// The end of each text in `text`: the four little-endian bytes of each.
    pub ends: &'a [u8],
}

/// Stored columns that are not records: the bytes were damaged.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("these are no records: {0}")]
pub struct ColumnsError(&'static str);

impl RecordBatch {
    /// The ids in columns.
    pub fn ids(&self) -> Texts<'_> {
        self.ids.texts()
    }

    /// The metadata in columns.
    pub fn metadata(&self) -> Texts<'_> {
        self.metadata.texts()
    }

    /// The unknown members in columns.
    pub fn extra(&self) -> Texts<'_> {
        self.extra.texts()
    }

    /// Appends the records of a range of another batch of the same dimension; panics where the range does
    /// not fit, as a slice does, or where the dimension is another.
    pub fn extend_from(&mut self, other: &RecordBatch, range: Range<usize>) {
        assert_eq!(self.dimension, other.dimension, "batches of one collection have one dimension");
        self.vectors
            .extend_from_slice(&other.vectors[range.start * self.dimension..range.end * self.dimension]);
        self.ids.extend_from(&other.ids, range.clone());
        self.metadata.extend_from(&other.metadata, range.clone());
        self.extra.extend_from(&other.extra, range);
    }

    /// Whether both hold the same records to the bit: `0.0` and `-0.0` differ.
    pub fn same_bits(&self, other: &Self) -> bool {
        self.len() == other.len() && self.same_range(0..self.len(), other, 0..other.len())
    }

    /// Whether a range holds the same records to the bit as a range of another batch.
    pub(crate) fn same_range(&self, range: Range<usize>, other: &Self, others: Range<usize>) -> bool {
        let numbers = |batch: &'_ Self, range: &Range<usize>| {
            range.start * batch.dimension..range.end * batch.dimension
        };
        let (mine, theirs) = (numbers(self, &range), numbers(other, &others));
        let columns =
            [(&self.ids, &other.ids), (&self.metadata, &other.metadata), (&self.extra, &other.extra)];
        self.dimension == other.dimension
            && float::same_bits(&self.vectors[mine], &other.vectors[theirs])
            && columns.iter().all(|(a, b)| a.texts().same(range.clone(), b.texts(), others.clone()))
    }

    /// Appends the records of a range of stored columns. Whatever the bytes are, the batch stays one of
    /// valid records: an error leaves it as it was. The JSON texts are trusted to be those that were
    /// stored.
    pub fn extend_from_stored(
        &mut self,
        columns: &StoredColumns<'_>,
        range: Range<usize>,
    ) -> Result<(), ColumnsError> {
        let len = self.len();
        let extended = self.extend_unchecked(columns, range).and_then(|()| self.check_from(len));
        if extended.is_err() {
            self.truncate(len);
        }
        extended
    }

    fn extend_unchecked(
        &mut self,
        columns: &StoredColumns<'_>,
        range: Range<usize>,
    ) -> Result<(), ColumnsError> {
        if columns.dimension != self.dimension {
            return Err(ColumnsError("their dimension is another"));
        }
        let width = self.dimension * 4;
        let vectors = columns
            .vectors
            .get(range.start * width..range.end * width)
            .ok_or(ColumnsError("there are too few numbers"))?;
        let (numbers, _) = vectors.as_chunks::<4>();
        self.vectors.extend(numbers.iter().map(|bytes| f32::from_le_bytes(*bytes)));
        self.ids.extend_from_stored(&columns.ids, range.clone())?;
        self.metadata.extend_from_stored(&columns.metadata, range.clone())?;
        self.extra.extend_from_stored(&columns.extra, range)
    }

    /// Checks the records from `first` on as [`RecordBatch::push`] checks one.
    fn check_from(&self, first: usize) -> Result<(), ColumnsError> {
        if float::first_non_finite(&self.vectors[first * self.dimension..]).is_some() {
            return Err(ColumnsError("a number is not finite"));
        }
        for index in first..self.len() {
            let id = self.ids.get(index).len();
            if id == 0 || id > MAX_ID_BYTES {
                return Err(ColumnsError("an id is empty or too long"));
            }
            let texts = id + self.metadata.get(index).len() + self.extra.get(index).len();
            if WEIGHT_PER_NUMBER * self.dimension + texts > MAX_RECORD_BYTES {
                return Err(ColumnsError("a record is too large"));
            }
        }
        Ok(())
    }
}

impl<'a> Texts<'a> {
    /// The texts of a range, end to end.
    pub fn text(&self, range: Range<usize>) -> &'a str {
        &self.text[self.start(range.start)..self.start(range.end)]
    }

    /// Whether the texts of a range are those of a range of other ones.
    fn same(&self, range: Range<usize>, other: Self, others: Range<usize>) -> bool {
        self.text(range.clone()) == other.text(others.clone()) && self.ends(range).eq(other.ends(others))
    }

    /// Where each text of a range ends, counted from the start of the first.
    pub fn ends(&self, range: Range<usize>) -> impl ExactSizeIterator<Item = usize> + use<'a> {
        let start = self.start(range.start);
        self.ends[range].iter().map(move |end| end - start)
    }

    fn start(&self, index: usize) -> usize {
        if index == 0 { 0 } else { self.ends[index - 1] }
    }
}

impl<'a> StoredTexts<'a> {
    /// How many texts there are.
    pub fn len(&self) -> usize {
        self.ends.len() / 4
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The bytes of one text; `None` where there is none, or the ends are not those of texts.
    pub fn get(&self, index: usize) -> Option<&'a [u8]> {
        self.text.get(self.start(index)?..self.start(index + 1)?)
    }

    fn start(&self, index: usize) -> Option<usize> {
        if index == 0 {
            return Some(0);
        }
        let bytes = self.ends.get((index - 1) * 4..index * 4)?;
        bytes.try_into().ok().map(|bytes| u32::from_le_bytes(bytes) as usize)
    }
}

impl TextColumn {
    fn texts(&self) -> Texts<'_> {
        Texts { text: &self.bytes, ends: &self.ends }
    }

    fn extend_from(&mut self, other: &Self, range: Range<usize>) {
        let texts = other.texts();
        let base = self.bytes.len();
        self.bytes.push_str(texts.text(range.clone()));
        self.ends.extend(texts.ends(range).map(|end| base + end));
    }

    fn extend_from_stored(
        &mut self,
        stored: &StoredTexts<'_>,
        range: Range<usize>,
    ) -> Result<(), ColumnsError> {
        const OUTSIDE: ColumnsError = ColumnsError("a text ends outside of its column");
        let start = stored.start(range.start).ok_or(OUTSIDE)?;
        let end = stored.start(range.end).ok_or(OUTSIDE)?;
        let text = stored.text.get(start..end).ok_or(OUTSIDE)?;
        let text = std::str::from_utf8(text).map_err(|_| ColumnsError("a text is not UTF-8"))?;
        let base = self.bytes.len();
        let mut last = 0;
        let (ends, _) = stored.ends[range.start * 4..range.end * 4].as_chunks::<4>();
        for end in ends {
            let end = (u32::from_le_bytes(*end) as usize).wrapping_sub(start);
            if end < last || !text.is_char_boundary(end) {
                return Err(OUTSIDE);
            }
            last = end;
            self.ends.push(base + end);
        }
        self.bytes.push_str(text);
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::Record;

    fn batch() -> RecordBatch {
        let mut batch = RecordBatch::new(2);
        for record in [
            Record { id: "a", vector: &[1.0, -0.0], metadata: None, extra: r#""é":1"# },
            Record {
                id: "é",
                vector: &[f32::MIN_POSITIVE / 2.0, f32::MAX],
                metadata: Some("null"),
                extra: "",
            },
            Record { id: "z", vector: &[0.5, 0.25], metadata: Some("{}"), extra: "" },
        ] {
            batch.push(record).unwrap();
        }
        batch
    }

    /// The bytes of a text column: the texts, and their ends.
    fn texts(texts: Texts<'_>, len: usize) -> (Vec<u8>, Vec<u8>) {
        let ends = texts.ends(0..len).flat_map(|end| (end as u32).to_le_bytes()).collect();
        (texts.text(0..len).into(), ends)
    }

    #[test]
    fn a_range_of_another_batch_is_appended_as_it_is() {
        let (source, mut batch) = (batch(), batch());
        batch.extend_from(&source, 1..3);
        assert_eq!(batch.len(), 5);
        for (at, from) in [(0, 0), (2, 2), (3, 1), (4, 2)] {
            assert_eq!(batch.record(at), source.record(from));
        }
    }

    #[test]
    fn columns_are_stored_and_come_back() {
        let source = batch();
        let vectors: Vec<u8> = source.vectors().iter().flat_map(|number| number.to_le_bytes()).collect();
        let [ids, metadata, extra] = [source.ids(), source.metadata(), source.extra()].map(|t| texts(t, 3));
        let borrow = |(text, ends)| StoredTexts { text, ends };
        let columns = StoredColumns {
            dimension: 2,
            vectors: &vectors,
            ids: borrow((&ids.0, &ids.1)),
            metadata: borrow((&metadata.0, &metadata.1)),
            extra: borrow((&extra.0, &extra.1)),
        };
        for range in [0..3, 0..0, 1..2, 2..3] {
            let mut expected = batch();
            expected.extend_from(&source, range.clone());
            let mut found = batch();
            found.extend_from_stored(&columns, range).unwrap();
            assert_eq!(found, expected);
            assert_eq!(found.record(1).vector[0].to_bits(), source.record(1).vector[0].to_bits());
        }
        assert_eq!(columns.ids.get(1), Some("é".as_bytes()));
        assert_eq!(columns.ids.get(3), None);
    }

    #[test]
    fn bytes_that_are_no_records_are_refused_and_change_nothing() {
        let ends = |ends: &[u32]| ends.iter().flat_map(|end| end.to_le_bytes()).collect::<Vec<u8>>();
        let (zero, one) = (ends(&[0]), ends(&[1]));
        let none = StoredTexts { text: b"", ends: &zero };
        let good = StoredColumns {
            dimension: 2,
            vectors: &[0; 8],
            ids: StoredTexts { text: b"a", ends: &one },
            metadata: none,
            extra: none,
        };
        let (nan, four, large) = ([0xff; 8], ends(&[4]), "x".repeat(MAX_RECORD_BYTES));
        let (long, large_end) = ("x".repeat(MAX_ID_BYTES + 1), ends(&[MAX_RECORD_BYTES as u32]));
        let long_end = ends(&[long.len() as u32]);
        let bad = [
            StoredColumns { dimension: 3, ..good },
            StoredColumns { vectors: &[0; 7], ..good },
            StoredColumns { vectors: &nan, ..good },
            StoredColumns { ids: StoredTexts { text: b"", ends: &zero }, ..good },
            StoredColumns { ids: StoredTexts { text: b"a", ends: &four }, ..good },
            StoredColumns { ids: StoredTexts { text: b"\xff", ends: &one }, ..good },
            StoredColumns { ids: StoredTexts { text: long.as_bytes(), ends: &long_end }, ..good },
            StoredColumns { metadata: StoredTexts { text: b"", ends: b"" }, ..good },
            StoredColumns { extra: StoredTexts { text: large.as_bytes(), ends: &large_end }, ..good },
        ];
        let mut filled = batch();
        for columns in bad {
            filled.extend_from_stored(&columns, 0..1).unwrap_err();
            assert_eq!(filled, batch());
        }
        filled.extend_from_stored(&good, 0..1).unwrap();
        filled.extend_from_stored(&good, 0..2).unwrap_err();
        assert_eq!(filled.len(), 4);
    }

    #[test]
    fn ends_that_fall_or_cut_a_character_are_refused() {
        let ends = |ends: [u32; 2]| ends.iter().flat_map(|end| end.to_le_bytes()).collect::<Vec<u8>>();
        for bad in [ends([2, 1]), ends([1, 2])] {
            let stored = StoredTexts { text: "é".as_bytes(), ends: &bad };
            TextColumn::default().extend_from_stored(&stored, 0..2).unwrap_err();
        }
    }
}
