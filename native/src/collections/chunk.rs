//! A chunk: a run of consecutive records of one collection, in columns, as the bytes of one value.
//!
//! ```text
//! u64  XXH3-64 of all that follows, seeded with the generation
//! u32  records          u32  dimension
//! u32  bytes of ids     u32  bytes of metadata     u32  bytes of unknown members
//! u32  the end of each id, then of each metadata, then of each record's unknown members
//! f32  the vectors
//!      ids, metadata, unknown members
//! ```
//!
//! all little-endian; absent metadata have no bytes. A chunk whose bytes have changed, or that belongs to
//! another generation, is refused.

use std::ops::Range;

use vecvault_core::format::limits::WEIGHT_PER_NUMBER;
use vecvault_core::{RecordBatch, StoredColumns, StoredTexts, Texts};
use xxhash_rust::xxh3::xxh3_64_with_seed;

use super::schema::Generation;

/// The largest chunk of more than one record: with its key and the engine's own bytes just under 2^18,
/// since the engine rounds large values up to a power of two.
pub(super) const CHUNK_BYTES: usize = (256 << 10) - 512;

const CHECKSUM_BYTES: usize = 8;
/// A chunk of no records.
pub(super) const EMPTY_BYTES: usize = CHECKSUM_BYTES + 5 * 4;

/// A stored chunk that is not one: the data directory was damaged.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a stored run of records is damaged: {0}")]
pub(super) struct ChunkError(String);

/// A chunk's records, borrowed from its bytes.
#[derive(Clone, Copy, Debug)]
pub(super) struct Chunk<'a> {
    len: usize,
    columns: StoredColumns<'a>,
}

/// How many bytes a record takes in a chunk.
pub(super) fn record_bytes(batch: &RecordBatch, index: usize) -> usize {
    let record = batch.record(index);
    let texts = record.id.len() + record.metadata.map_or(0, str::len) + record.extra.len();
    3 * 4 + batch.dimension() * 4 + texts
}

/// How many bytes a batch's records take in chunks, beside each chunk's [`EMPTY_BYTES`]; it takes no time.
pub(super) fn records_bytes(batch: &RecordBatch) -> usize {
    let columns = batch.weight() - batch.vectors().len() * (WEIGHT_PER_NUMBER - 4);
    3 * 4 * batch.len() + columns
}

/// Where a chunk ends that has `bytes` already and takes records of a range: as many as keep it within
/// `limit`, but one where it has none.
pub(super) fn chunk_end(batch: &RecordBatch, range: Range<usize>, bytes: usize, limit: usize) -> usize {
    let mut total = bytes;
    for index in range.clone() {
        total += record_bytes(batch, index);
        if total > limit && (index > range.start || bytes > EMPTY_BYTES) {
            return index;
        }
    }
    range.end
}

/// Appends the chunk of a range of a batch to `out`.
pub(super) fn encode(generation: Generation, batch: &RecordBatch, range: Range<usize>, out: &mut Vec<u8>) {
    let start = out.len();
    let columns = [batch.ids(), batch.metadata(), batch.extra()];
    let texts = columns.map(|column| column.text(range.clone()));
    out.extend_from_slice(&[0; CHECKSUM_BYTES]);
    push_u32(out, range.len());
    push_u32(out, batch.dimension());
    for text in texts {
        push_u32(out, text.len());
    }
    for column in columns {
        push_ends(out, column, range.clone());
    }
    let dimension = batch.dimension();
    push_numbers(out, &batch.vectors()[range.start * dimension..range.end * dimension]);
    for text in texts {
        out.extend_from_slice(text.as_bytes());
    }
    let checksum = xxh3_64_with_seed(&out[start + CHECKSUM_BYTES..], generation);
    out[start..start + CHECKSUM_BYTES].copy_from_slice(&checksum.to_le_bytes());
}

impl<'a> Chunk<'a> {
    /// Reads a chunk of a generation; `first` is the id that it is filed under.
    pub(super) fn parse(generation: Generation, first: &[u8], bytes: &'a [u8]) -> Result<Self, ChunkError> {
        let damaged = |what: &str| ChunkError(what.into());
        let (checksum, body) = bytes.split_first_chunk().ok_or_else(|| damaged("it is too short"))?;
        if u64::from_le_bytes(*checksum) != xxh3_64_with_seed(body, generation) {
            return Err(damaged("its checksum is wrong"));
        }
        let chunk = Self::parse_body(body).ok_or_else(|| damaged("its lengths do not add up"))?;
        if chunk.columns.ids.get(0) != Some(first) {
            return Err(damaged("it is filed under another id"));
        }
        Ok(chunk)
    }

    /// How many records it has; at least one.
    pub(super) fn len(&self) -> usize {
        self.len
    }

    /// Where the record of an id is, or where it would be.
    pub(super) fn position(&self, id: &[u8]) -> Result<usize, usize> {
        let (mut low, mut high) = (0, self.len);
        while low < high {
            let middle = low + (high - low) / 2;
            match self.columns.ids.get(middle).unwrap_or_default().cmp(id) {
                std::cmp::Ordering::Less => low = middle + 1,
                std::cmp::Ordering::Equal => return Ok(middle),
                std::cmp::Ordering::Greater => high = middle,
            }
        }
        Err(low)
    }

    /// Appends the records of a range to a batch of the collection's dimension.
    pub(super) fn append_to(&self, range: Range<usize>, batch: &mut RecordBatch) -> Result<(), ChunkError> {
        batch.extend_from_stored(&self.columns, range).map_err(|error| ChunkError(error.to_string()))
    }

    fn parse_body(mut rest: &'a [u8]) -> Option<Self> {
        let len = take_u32(&mut rest)?;
        let dimension = take_u32(&mut rest)?;
        let text_bytes = [take_u32(&mut rest)?, take_u32(&mut rest)?, take_u32(&mut rest)?];
        let mut take = |bytes: usize| rest.split_off(..bytes);
        let ends = [take(len.checked_mul(4)?)?, take(len * 4)?, take(len * 4)?];
        let vectors = take(len.checked_mul(dimension)?.checked_mul(4)?)?;
        let [ids, metadata, extra] =
            [0, 1, 2].map(|column| Some(StoredTexts { text: take(text_bytes[column])?, ends: ends[column] }));
        let columns = StoredColumns { dimension, vectors, ids: ids?, metadata: metadata?, extra: extra? };
        (rest.is_empty() && len > 0).then_some(Self { len, columns })
    }
}

/// Lengths are bounded by the largest record, so 32 bits hold them.
fn push_u32(out: &mut Vec<u8>, number: usize) {
    out.extend_from_slice(&(number as u32).to_le_bytes());
}

fn push_ends(out: &mut Vec<u8>, texts: Texts<'_>, range: Range<usize>) {
    for end in texts.ends(range) {
        push_u32(out, end);
    }
}

fn push_numbers(out: &mut Vec<u8>, numbers: &[f32]) {
    let start = out.len();
    out.resize(start + numbers.len() * 4, 0);
    let (bytes, _) = out[start..].as_chunks_mut::<4>();
    for (bytes, number) in bytes.iter_mut().zip(numbers) {
        *bytes = number.to_le_bytes();
    }
}

fn take_u32(rest: &mut &[u8]) -> Option<usize> {
    let (number, after) = rest.split_first_chunk()?;
    *rest = after;
    Some(u32::from_le_bytes(*number) as usize)
}

#[cfg(test)]
mod tests {
    use vecvault_core::Record;

    use super::*;

    fn batch() -> RecordBatch {
        let mut batch = RecordBatch::new(2);
        for record in [
            Record { id: "a", vector: &[1.0, -0.0], metadata: None, extra: r#""x":1"# },
            Record { id: "bé", vector: &[f32::MIN_POSITIVE / 2.0, 3.0], metadata: Some("null"), extra: "" },
            Record { id: "c", vector: &[f32::MAX, 0.25], metadata: Some("{}"), extra: "" },
        ] {
            batch.push(record).unwrap();
        }
        batch
    }

    fn encoded(range: Range<usize>) -> Vec<u8> {
        let mut bytes = Vec::new();
        encode(7, &batch(), range, &mut bytes);
        bytes
    }

    #[test]
    fn records_come_back_bit_for_bit_from_any_range() {
        let bytes = encoded(0..3);
        assert_eq!(bytes.len(), EMPTY_BYTES + records_bytes(&batch()));
        let chunk = Chunk::parse(7, b"a", &bytes).unwrap();
        let mut back = RecordBatch::new(2);
        chunk.append_to(0..3, &mut back).unwrap();
        assert_eq!(back, batch());
        assert!(back.vectors()[1].is_sign_negative());
        back.reset(2);
        chunk.append_to(1..2, &mut back).unwrap();
        assert_eq!(back.record(0), batch().record(1));
        assert_eq!(Chunk::parse(7, "bé".as_bytes(), &encoded(1..3)).unwrap().len(), 2);
    }

    #[test]
    fn ids_are_found_and_places_for_new_ones() {
        let bytes = encoded(0..3);
        let chunk = Chunk::parse(7, b"a", &bytes).unwrap();
        for (id, place) in
            [("a", Ok(0)), ("bé", Ok(1)), ("c", Ok(2)), ("A", Err(0)), ("b", Err(1)), ("d", Err(3))]
        {
            assert_eq!(chunk.position(id.as_bytes()), place, "{id}");
        }
    }

    #[test]
    fn any_changed_bit_any_missing_byte_and_any_other_place_is_noticed() {
        let bytes = encoded(0..3);
        for bit in 0..bytes.len() * 8 {
            let mut damaged = bytes.clone();
            damaged[bit / 8] ^= 1 << (bit % 8);
            Chunk::parse(7, b"a", &damaged).unwrap_err();
        }
        for len in 0..bytes.len() {
            Chunk::parse(7, b"a", &bytes[..len]).unwrap_err();
        }
        Chunk::parse(8, b"a", &bytes).unwrap_err();
        Chunk::parse(7, b"b", &bytes).unwrap_err();
    }

    #[test]
    fn a_chunk_ends_before_its_limit_but_holds_a_record() {
        let batch = batch();
        let [one, two] =
            [1, 2].map(|len| EMPTY_BYTES + (0..len).map(|i| record_bytes(&batch, i)).sum::<usize>());
        assert_eq!(chunk_end(&batch, 0..3, EMPTY_BYTES, two), 2);
        assert_eq!(chunk_end(&batch, 0..3, EMPTY_BYTES, two - 1), 1);
        assert_eq!(chunk_end(&batch, 0..3, EMPTY_BYTES, 1), 1);
        assert_eq!(chunk_end(&batch, 0..3, one, one), 0);
        assert_eq!(chunk_end(&batch, 0..3, EMPTY_BYTES, CHUNK_BYTES), 3);
    }
}
