//! The tables of one write transaction, and the edits that keep chunks, counts and totals in step.

use redb::{ReadableTable, Table, WriteTransaction};
use vecvault_core::{CollectionName, RecordBatch};

use super::chunk::{self, CHUNK_BYTES, Chunk};
use super::error::{Result, corrupt, from_chunk, from_engine};
use super::schema::{self, CHUNKS, COLLECTIONS, COUNTS, Generation, Row, Stored, UNNAMED};

/// All tables, open for writing.
pub(super) struct Tables<'t> {
    pub(super) collections: Table<'t, &'static str, Row<'static>>,
    pub(super) chunks: Table<'t, &'static [u8], &'static [u8]>,
    pub(super) counts: Table<'t, &'static [u8], u32>,
    pub(super) unnamed: Table<'t, Generation, ()>,
}

/// The chunk that an id belongs to.
#[derive(Debug)]
pub(super) struct Place {
    /// The chunk's key.
    pub(super) key: Vec<u8>,
    /// The first id that belongs to the next chunk; `None` where this is the last.
    pub(super) end: Option<Vec<u8>>,
}

/// How records are cut into chunks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Fill {
    /// Every chunk but the last is full: what comes later comes after them.
    Full,
    /// All are about as large: what comes later comes anywhere.
    Even,
}

impl<'t> Tables<'t> {
    pub(super) fn open(transaction: &'t WriteTransaction) -> Result<Self> {
        Ok(Self {
            collections: transaction.open_table(COLLECTIONS).map_err(from_engine)?,
            chunks: transaction.open_table(CHUNKS).map_err(from_engine)?,
            counts: transaction.open_table(COUNTS).map_err(from_engine)?,
            unnamed: transaction.open_table(UNNAMED).map_err(from_engine)?,
        })
    }

    /// Makes a name lead to what is given. The generation that it led to is left to be swept.
    pub(super) fn name(&mut self, name: &CollectionName, stored: &Stored) -> Result<()> {
        let old = stored.put(&mut self.collections, name)?;
        self.unnamed.remove(stored.generation).map_err(from_engine)?;
        if let Some(old) = old.filter(|old| *old != stored.generation) {
            self.unnamed.insert(old, ()).map_err(from_engine)?;
        }
        Ok(())
    }

    /// Where records of an id are or go; `None` where the generation has no chunks.
    pub(super) fn place(&self, generation: Generation, id: &[u8]) -> Result<Option<Place>> {
        let keys = schema::keys(generation);
        let key = match find_key(&self.counts, generation, id)? {
            Some(key) => key,
            None => {
                let mut first = self.counts.range(&keys.start[..]..&keys.end[..]).map_err(from_engine)?;
                match first.next() {
                    Some(entry) => entry.map_err(from_engine)?.0.value().to_vec(),
                    None => return Ok(None),
                }
            }
        };
        let mut after = self.counts.range(&key[..]..&keys.end[..]).map_err(from_engine)?;
        let end = match after.nth(1) {
            Some(entry) => Some(schema::split_key(entry.map_err(from_engine)?.0.value())?.1.to_vec()),
            None => None,
        };
        Ok(Some(Place { key, end }))
    }

    /// Reads the chunk of a key.
    pub(super) fn read<T>(&self, key: &[u8], read: impl FnOnce(Chunk<'_>) -> Result<T>) -> Result<T> {
        read_chunk(&self.chunks, &self.counts, key, read)
    }

    /// Writes records in the place of those of an old chunk, or as the first of a generation.
    pub(super) fn replace(
        &mut self,
        generation: Generation,
        old: Option<&[u8]>,
        records: &RecordBatch,
        fill: Fill,
    ) -> Result<()> {
        let first = (!records.is_empty()).then(|| schema::key(generation, records.record(0).id.as_bytes()));
        if let Some(old) = old.filter(|old| Some(*old) != first.as_deref()) {
            self.chunks.remove(old).map_err(from_engine)?;
            self.counts.remove(old).map_err(from_engine)?;
        }
        let limit = match fill {
            Fill::Full => CHUNK_BYTES,
            Fill::Even => even_limit(records),
        };
        let mut bytes = Vec::new();
        let mut start = 0;
        while start < records.len() {
            let end = chunk::chunk_end(records, start..records.len(), chunk::EMPTY_BYTES, limit);
            bytes.clear();
            chunk::encode(generation, records, start..end, &mut bytes);
            let key = schema::key(generation, records.record(start).id.as_bytes());
            self.chunks.insert(&key[..], &bytes[..]).map_err(from_engine)?;
            self.counts.insert(&key[..], (end - start) as u32).map_err(from_engine)?;
            start = end;
        }
        Ok(())
    }
}

/// The limit that cuts records into as few chunks as they need, of about one size.
fn even_limit(records: &RecordBatch) -> usize {
    let (bytes, room) = (chunk::records_bytes(records), CHUNK_BYTES - chunk::EMPTY_BYTES);
    let largest = (0..records.len()).map(|index| chunk::record_bytes(records, index)).max().unwrap_or(0);
    let even = bytes / bytes.div_ceil(room).max(1) + largest;
    CHUNK_BYTES.min(chunk::EMPTY_BYTES + even)
}

/// The key of the last chunk that begins at or before an id.
pub(super) fn find_key(
    counts: &impl ReadableTable<&'static [u8], u32>,
    generation: Generation,
    id: &[u8],
) -> Result<Option<Vec<u8>>> {
    let (start, end) = (schema::keys(generation).start, schema::key(generation, id));
    let mut keys = counts.range(&start[..]..=&end[..]).map_err(from_engine)?;
    match keys.next_back() {
        Some(entry) => Ok(Some(entry.map_err(from_engine)?.0.value().to_vec())),
        None => Ok(None),
    }
}

/// Reads the chunk of a key and checks it against its count.
pub(super) fn read_chunk<T>(
    chunks: &impl ReadableTable<&'static [u8], &'static [u8]>,
    counts: &impl ReadableTable<&'static [u8], u32>,
    key: &[u8],
    read: impl FnOnce(Chunk<'_>) -> Result<T>,
) -> Result<T> {
    let missing = || corrupt("a stored run of records is missing");
    let bytes = chunks.get(key).map_err(from_engine)?.ok_or_else(missing)?;
    let count = counts.get(key).map_err(from_engine)?.ok_or_else(missing)?.value();
    let (generation, first) = schema::split_key(key)?;
    let chunk = Chunk::parse(generation, first, bytes.value()).map_err(from_chunk)?;
    if chunk.len() != count as usize {
        return Err(corrupt("a stored run of records has another length than was counted"));
    }
    read(chunk)
}
