//! Blocks: runs of whole records, encoded, hashed and proved as one.

use std::ops::Range;

use super::FormatError;
use super::error::FormatErrorKind;
use super::fingerprint::{self, Fingerprinter};
use super::float::Tier;
use super::glue::SEPARATOR;
use super::hash::{Hash, hash};
use super::index::BlockEntry;
use super::json::{Quoted, Scanner};
use super::limits::BLOCK_WEIGHT;
use super::record::{RecordMembers, RecordParser, write_record};
use super::unique::UniqueIds;
use crate::error::excerpt;
use crate::model::{CollectionProof, Record, RecordBatch, RecordError};

/// A block that has been encoded: what its index entry says of it.
#[derive(Debug)]
pub(crate) struct EncodedBlock {
    /// The length of its text: the records joined by [`SEPARATOR`].
    pub(crate) bytes: usize,
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

/// Why records do not become a block.
#[derive(Debug)]
pub(crate) enum EncodeError {
    /// A record that no backup can carry.
    Record(RecordError),
    /// The text does not read back as the records: a fault of this program or of the machine.
    Proof(String),
}

/// Some consecutive records of a batch.
pub(crate) type Slice<'a> = (&'a RecordBatch, Range<usize>);

/// Appends the block of these records, of which there are some, to `text`, reads it back, and proves that
/// every bit came back. `scratch` lends its memory to the reading.
pub(crate) fn encode(
    records: &[Slice<'_>],
    text: &mut Vec<u8>,
    scratch: &mut RecordBatch,
) -> Result<EncodedBlock, EncodeError> {
    let start = text.len();
    let each = records.iter().flat_map(|(batch, range)| batch.slice(range.clone()));
    write_each(Tier::detect(), each, text).map_err(EncodeError::Record)?;
    let written = &text[start..];
    scratch.reset(records.first().map_or(0, |(batch, _)| batch.dimension()));
    read_records(Tier::detect(), written, 0, scratch)
        .map_err(|error| EncodeError::Proof(error.to_string()))?;
    let mut read = 0;
    for (batch, range) in records {
        let end = (read + range.len()).min(scratch.len());
        if !scratch.same_range(read..end, batch, range.clone()) {
            return Err(EncodeError::Proof("the numbers or texts differ".into()));
        }
        read = end;
    }
    if read != scratch.len() {
        return Err(EncodeError::Proof("it has more records".into()));
    }
    let id = |index| scratch.record(index).id.to_owned();
    Ok(EncodedBlock {
        bytes: written.len(),
        hash: hash(written),
        proof: fingerprint::of_batch(scratch),
        first_id: id(0),
        last_id: id(scratch.len() - 1),
        ordered: UniqueIds::new(true).check(scratch.records()).is_ok(),
    })
}

/// Appends a batch's records as a block has them: joined by a comma and a line feed.
pub fn write_records(tier: Tier, batch: &RecordBatch, out: &mut Vec<u8>) -> Result<(), RecordError> {
    write_each(tier, batch.records(), out)
}

fn write_each<'a>(
    tier: Tier,
    records: impl Iterator<Item = Record<'a>>,
    out: &mut Vec<u8>,
) -> Result<(), RecordError> {
    for (index, record) in records.enumerate() {
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

/// Where the block that begins a text ends, by the rule that every writer cuts by; its records go to `batch`.
/// `None` where the block goes on after the text, which it does not where that is the rest of the collection.
pub(crate) fn block_end(
    text: &[u8],
    rest: bool,
    batch: &mut RecordBatch,
) -> Result<Option<usize>, FormatError> {
    let mut parser = RecordParser::new(RecordMembers::BACKUP);
    let mut at = 0;
    loop {
        at = match parser.parse(text, at, batch) {
            Err(error) if error.is_truncated() && !rest => return Ok(None),
            end => end?,
        };
        if batch.weight() >= BLOCK_WEIGHT || (rest && at == text.len()) {
            return Ok(Some(at));
        }
        if text[at..].starts_with(SEPARATOR) {
            at += SEPARATOR.len();
        } else if !rest && SEPARATOR.starts_with(&text[at..]) {
            return Ok(None);
        } else {
            return Err(Scanner::new(text, at).unexpected("expected ',' and a line feed between records"));
        }
    }
}

/// Checks a block's text against its index entry and appends its records to `batch`: hash, grammar,
/// dimension, number of records. `first` is the number of its first record in the collection. Gives count
/// and fingerprint. Offsets in errors are those of the file; on an error the batch is as it was.
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
    let start = batch.len();
    let checked = append(text, entry, first, batch);
    if checked.is_err() {
        batch.truncate(start);
    }
    checked
}

fn append(
    text: &[u8],
    entry: &BlockEntry,
    first: u64,
    batch: &mut RecordBatch,
) -> Result<CollectionProof, FormatError> {
    let start = batch.len();
    read_records(Tier::detect(), text, first, batch)
        .map_err(|error| error.within("vectors").shifted(entry.offset))?;
    let records = batch.len() - start;
    if records as u64 != entry.records || batch.record(start).id != entry.first_id {
        let message = format!("the block has {records} records, or begins with another than the index says");
        return Err(FormatError::new(FormatErrorKind::InvalidIndex, entry.offset, message));
    }
    Ok(Fingerprinter::new().records(batch.slice(start..batch.len())))
}

/// An error about a record that may not stand where it does.
pub(crate) fn not_unique(offset: u64, last: Option<&str>, id: &str) -> FormatError {
    let out_of_order = last.is_some_and(|last| last != id);
    let id = excerpt(id);
    let id = Quoted(&id);
    if out_of_order {
        let message = format!("the records are said to ascend by id, but {id} does not");
        return FormatError::new(FormatErrorKind::OutOfOrder, offset, message);
    }
    FormatError::new(FormatErrorKind::DuplicateId, offset, format!("two records have the id {id}"))
}

#[cfg(test)]
mod tests {
    use super::*;

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

    fn encoded(records: &RecordBatch) -> (String, EncodedBlock) {
        let mut text = Vec::new();
        let block = encode(&[(records, 0..records.len())], &mut text, &mut RecordBatch::new(0)).unwrap();
        (String::from_utf8(text).unwrap(), block)
    }

    #[test]
    fn a_block_is_json_records_a_line_each_and_reads_back() {
        let records = batch(0..3, 5);
        let (text, block) = encoded(&records);
        assert_eq!(text.lines().count(), 3);
        let parsed: serde_json::Value = serde_json::from_str(&format!("[{text}]")).unwrap();
        assert_eq!(parsed[2]["id"], "id-000002");
        assert_eq!((block.first_id.as_str(), block.last_id.as_str()), ("id-000000", "id-000002"));
        assert!(block.ordered);
        assert_eq!(block.proof, fingerprint::of_batch(&records));
        let mut read = RecordBatch::new(5);
        read_records(Tier::detect(), text.as_bytes(), 0, &mut read).unwrap();
        assert_eq!(block.bytes, text.len());
        assert!(read.same_bits(&records));
    }

    #[test]
    fn disorder_and_duplicates_are_seen() {
        assert!(!encoded(&batch([1, 0], 2)).1.ordered);
        assert!(!encoded(&batch([1, 1], 2)).1.ordered);
    }

    #[test]
    fn only_the_canonical_separator_stands_between_records() {
        let block = encoded(&batch(0..2, 2)).0;
        for (separator, replacement) in [(",\n", ", \n"), (",\n", ""), (",\n", ",\n,\n")] {
            let bad = block.replacen(separator, replacement, 1);
            assert!(
                read_records(Tier::detect(), bad.as_bytes(), 0, &mut RecordBatch::new(2)).is_err(),
                "{replacement:?}"
            );
        }
        for cut in 0..block.len() {
            let whole_first = cut == block.find(",\n").unwrap();
            assert_eq!(
                read_records(Tier::detect(), &block.as_bytes()[..cut], 0, &mut RecordBatch::new(2)).is_ok(),
                whole_first,
                "{cut}"
            );
        }
    }
}
