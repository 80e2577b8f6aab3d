//! The limit of a restore: the engine alone, given in order the very chunks that a restore writes, from
//! memory, in transactions as large as a restore's.

use std::ops::Bound;
use std::path::Path;

use redb::{Database, ReadableDatabase, ReadableTable, TableDefinition};

use super::print_figures;
use crate::Result;

/// As the embedded collections call theirs.
const CHUNKS: TableDefinition<'_, &[u8], &[u8]> = TableDefinition::new("chunks");
const FILE: &str = "collections.redb";
const TRANSACTION_BYTES: usize = 16 << 20;
const CACHE_BYTES: usize = 64 << 20;

pub(crate) fn run(data: &Path, to: &Path) -> Result<()> {
    let chunks = read(&data.join(FILE))?;
    print_figures(|| load(to, &chunks))
}

fn read(file: &Path) -> Result<Vec<(Vec<u8>, Vec<u8>)>> {
    let database = Database::builder().open(file)?;
    let mut chunks = Vec::new();
    for entry in database.begin_read()?.open_table(CHUNKS)?.iter()? {
        let (key, value) = entry?;
        chunks.push((key.value().to_vec(), value.value().to_vec()));
    }
    Ok(chunks)
}

fn load(to: &Path, chunks: &[(Vec<u8>, Vec<u8>)]) -> Result<()> {
    let database = Database::builder().set_cache_size(CACHE_BYTES).create(to)?;
    let mut left = chunks;
    while !left.is_empty() {
        let mut bytes = 0;
        let full = |(_, value): &(Vec<u8>, Vec<u8>)| {
            bytes += value.len();
            bytes >= TRANSACTION_BYTES
        };
        let end = left.iter().position(full).map_or(left.len(), |last| last + 1);
        let mut transaction = database.begin_write()?;
        transaction.set_quick_repair(true);
        {
            let mut table = transaction.open_table(CHUNKS)?;
            let mut cursor = table.upper_bound_mut(Bound::<&[u8]>::Unbounded)?;
            for (key, value) in &left[..end] {
                cursor.insert_before(&key[..], &value[..])?;
            }
            cursor.close()?;
        }
        transaction.commit()?;
        left = &left[end..];
    }
    Ok(())
}
