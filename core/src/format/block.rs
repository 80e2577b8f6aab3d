//! Blocks: runs of whole records, encoded, hashed and proved as one.

use super::FormatError;
use super::error::FormatErrorKind;
use super::fingerprint;
use super::float::Tier;
use super::glue::SEPARATOR;
use super::hash::{Hash, hash};
use super::index::BlockEntry;
use super::json::Scanner;
use super::limits::BLOCK_WEIGHT;
use super::record::{RecordMembers, RecordParser, write_record};
use super::unique::UniqueIds;
use crate::model::{CollectionProof, RecordBatch, RecordError};

/// A block as it stands in the file, and what its index entry says of it.
#[derive(Debug)]
pub(crate) struct EncodedBlock {
    /// The records' text, joined by [`SEPARATOR`].
    pub(crate) text: Vec<u8>,
    /// The text's hash.
    pub(crate) hash: Hash,
    /// Count and fingerprint, of what the text reads back as.
    pub(crate) proof: CollectionProof,
    /// The first record's id.
    pub(crate) first_id: String,
    /// The last record's id.
    pub(crate) last_id: String,
    /// Whether the ids ascend strictly by their bytes.
    pub(crate) ordered: bool,
}

/// Why a batch does not become a block.
#[derive(Debug)]
pub(crate) enum EncodeError {
    /// A record that no backup can carry.
    Record(RecordError),
    /// The text does not read back as the records: a fault of this program or of the machine.
    Proof(String),
}

/// Encodes a batch that is not empty, reads the text back, and proves that every bit came back. `scratch`
/// lends its memory to the reading.
pub(crate) fn encode(batch: &RecordBatch, scratch: &mut RecordBatch) -> Result<EncodedBlock, EncodeError> {
    let mut text = Vec::with_capacity(batch.weight() + 64 * batch.len());
    write_records(Tier::detect(), batch, &mut text).map_err(EncodeError::Record)?;
    scratch.reset(batch.dimension());
    read_records(Tier::detect(), &text, 0, scratch).map_err(|error| EncodeError::Proof(error.to_string()))?;
    if !scratch.same_bits(batch) {
        return Err(EncodeError::Proof("the numbers or texts differ".into()));
    }
    let id = |index| batch.record(index).id.to_owned();
    Ok(EncodedBlock {
        hash: hash(&text),
        proof: fingerprint::of_batch(scratch),
        first_id: id(0),
        last_id: id(batch.len() - 1),
        ordered: UniqueIds::new(true).check(batch).is_ok(),
        text,
    })
}

/// Appends a batch's records as a block has them: joined by a comma and a line feed.
pub fn write_records(tier: Tier, batch: &RecordBatch, out: &mut Vec<u8>) -> Result<(), RecordError> {
    for (index, record) in batch.records().enumerate() {
        if index > 0 {
            out.extend_from_slice(SEPARATOR);
        }
        write_record(tier, record, out)?;
    }
    Ok(())
}

/// Reads a block's text into `batch`, whose dimension its vectors must have. Offsets in errors count from
/// the block's first byte; paths begin with the record's number, of which the first one's is `first`.
pub fn read_records(tier: Tier, text: &[u8], first: u64, batch: &mut RecordBatch) -> Result<(), FormatError> {
    let mut parser = RecordParser::with_tier(RecordMembers::BACKUP, tier);
    let mut at = 0;
    let mut index = first;
    loop {
        at = parser.parse(text, at, batch).map_err(|error| error.within(format_args!("[{index}]")))?;
        if at == text.len() {
            return Ok(());
        }
        if !text[at..].starts_with(SEPARATOR) {
            return Err(Scanner::new(text, at).unexpected("expected ',' and a line feed between records"));
        }
        at += SEPARATOR.len();
        index += 1;
    }
}

/// Checks a block's text against its index entry and reads it: hash, grammar, dimension, number of records.
/// `first` is the number of its first record in the collection. Gives count and fingerprint. Offsets in
/// errors are those of the file.
pub(crate) fn check_and_decode(
    text: &[u8],
    entry: &BlockEntry,
    first: u64,
    batch: &mut RecordBatch,
) -> Result<CollectionProof, FormatError> {
    if hash(text) != entry.hash {
        let message = format!("the block of {} bytes has another hash than the index says", entry.bytes);
        return Err(FormatError::new(FormatErrorKind::HashMismatch, entry.offset, message));
    }
    read_records(Tier::detect(), text, first, batch).map_err(|error| error.shifted(entry.offset))?;
    if batch.len() as u64 != entry.records || batch.record(0).id != entry.first_id {
        let message =
            format!("the block has {} records, or begins with another than the index says", batch.len());
        return Err(FormatError::new(FormatErrorKind::InvalidIndex, entry.offset, message));
    }
    Ok(fingerprint::of_batch(batch))
}

/// An error about a record that may not stand where it does.
pub(crate) fn not_unique(offset: u64, last: Option<&str>, id: &str) -> FormatError {
    let id_text = crate::error::excerpt(id);
    if last.is_some_and(|last| last != id) {
        let message = format!("the records are said to ascend by id, but {id_text:?} does not");
        return FormatError::new(FormatErrorKind::OutOfOrder, offset, message);
    }
    FormatError::new(FormatErrorKind::DuplicateId, offset, format!("two records have the id {id_text:?}"))
}

/// Cuts a collection's batches, however its source sized them, into blocks.
#[derive(Debug, Default)]
pub(crate) struct BlockCutter {
    incoming: RecordBatch,
    position: usize,
    pending: RecordBatch,
}

impl BlockCutter {
    /// Takes the next batch of the source; the one before has been used up. Gives its memory back.
    pub(crate) fn push(&mut self, batch: RecordBatch) -> RecordBatch {
        debug_assert_eq!(self.position, self.incoming.len());
        self.position = 0;
        std::mem::replace(&mut self.incoming, batch)
    }

    /// The next full block, if there are records enough for one. `spare` lends its memory.
    pub(crate) fn full(&mut self, spare: &mut RecordBatch) -> Option<RecordBatch> {
        if self.position == self.incoming.len() {
            return None;
        }
        if self.pending.is_empty() {
            self.pending.reset(self.incoming.dimension());
        }
        let start = self.position;
        let mut weight = self.pending.weight();
        while weight < BLOCK_WEIGHT && self.position < self.incoming.len() {
            weight += self.incoming.record(self.position).weight();
            self.position += 1;
        }
        self.pending.extend_from(&self.incoming, start..self.position);
        self.pending.is_full_block().then(|| self.take(spare))
    }

    /// The records that are left at the end.
    pub(crate) fn rest(&mut self, spare: &mut RecordBatch) -> Option<RecordBatch> {
        if self.pending.is_empty() { None } else { Some(self.take(spare)) }
    }

    fn take(&mut self, spare: &mut RecordBatch) -> RecordBatch {
        let mut next = std::mem::take(spare);
        next.reset(self.pending.dimension());
        std::mem::replace(&mut self.pending, next)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::Record;

    fn batch(ids: impl IntoIterator<Item = usize>, dimension: usize) -> RecordBatch {
        let mut batch = RecordBatch::new(dimension);
        for i in ids {
            let vector: Vec<f32> = (0..dimension).map(|d| (i * 31 + d) as f32 / 7.0 - 100.0).collect();
            let record =
                Record { id: &format!("id-{i:06}"), vector: &vector, metadata: Some("{\"a\":1}"), extra: "" };
            batch.push(record).unwrap();
        }
        batch
    }

    #[test]
    fn a_block_is_json_records_a_line_each_and_reads_back() {
        let records = batch(0..3, 5);
        let block = encode(&records, &mut RecordBatch::new(0)).unwrap();
        let text = String::from_utf8(block.text.clone()).unwrap();
        assert_eq!(text.lines().count(), 3);
        let parsed: serde_json::Value = serde_json::from_str(&format!("[{text}]")).unwrap();
        assert_eq!(parsed[2]["id"], "id-000002");
        assert_eq!((block.first_id.as_str(), block.last_id.as_str()), ("id-000000", "id-000002"));
        assert!(block.ordered);
        assert_eq!(block.proof, fingerprint::of_batch(&records));
        let mut read = RecordBatch::new(5);
        read_records(Tier::detect(), &block.text, 0, &mut read).unwrap();
        assert!(read.same_bits(&records));
    }

    #[test]
    fn disorder_and_duplicates_are_seen() {
        assert!(!encode(&batch([1, 0], 2), &mut RecordBatch::new(0)).unwrap().ordered);
        assert!(!encode(&batch([1, 1], 2), &mut RecordBatch::new(0)).unwrap().ordered);
    }

    #[test]
    fn only_the_canonical_separator_stands_between_records() {
        let block = encode(&batch(0..2, 2), &mut RecordBatch::new(0)).unwrap().text;
        for (separator, replacement) in [(",\n", ", \n"), (",\n", ""), (",\n", ",\n,\n")] {
            let bad = String::from_utf8(block.clone()).unwrap().replacen(separator, replacement, 1);
            assert!(
                read_records(Tier::detect(), bad.as_bytes(), 0, &mut RecordBatch::new(2)).is_err(),
                "{replacement:?}"
            );
        }
        for cut in 0..block.len() {
            let whole_first = cut == block.windows(2).position(|w| w == SEPARATOR).unwrap();
            assert_eq!(
                read_records(Tier::detect(), &block[..cut], 0, &mut RecordBatch::new(2)).is_ok(),
                whole_first,
                "{cut}"
            );
        }
    }

    #[test]
    fn blocks_do_not_depend_on_how_the_source_batched() {
        let all = batch(0..700, 100);
        let mut cuts = Vec::new();
        for size in [1, 7, 64, 699, 700, 10_000] {
            let (mut cutter, mut spare, mut blocks) =
                (BlockCutter::default(), RecordBatch::new(0), Vec::new());
            for start in (0..700).step_by(size) {
                cutter.push(batch(start..(start + size).min(700), 100));
                while let Some(block) = cutter.full(&mut spare) {
                    assert!(block.weight() >= BLOCK_WEIGHT && block.weight() < BLOCK_WEIGHT + 1300);
                    blocks.push(block);
                }
            }
            blocks.extend(cutter.rest(&mut spare));
            let mut joined = RecordBatch::new(100);
            blocks.iter().flat_map(|b| b.records()).for_each(|r| joined.push(r).unwrap());
            assert!(joined.same_bits(&all));
            cuts.push(blocks.iter().map(RecordBatch::len).collect::<Vec<_>>());
        }
        assert!(cuts.windows(2).all(|pair| pair[0] == pair[1]), "{cuts:?}");
    }
}
