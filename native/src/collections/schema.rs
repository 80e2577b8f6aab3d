//! What the engine holds: tables, keys and rows.
//!
//! A collection's name leads to a generation, and the generation to its chunks. Every generation that has
//! chunks is either named in [`COLLECTIONS`] or listed in [`UNNAMED`], in the same transaction that writes
//! the first of them: so a crash leaves nothing that a sweep does not find.

use std::ops::Range;

use chrono::{DateTime, SubsecRound, Utc};
use redb::{ReadableTable, TableDefinition};
use vecvault_core::format::fingerprint;
use vecvault_core::{
    CollectionConfig, CollectionError, CollectionHead, CollectionName, CollectionProof, Fingerprint,
    RecordBatch,
};
use xxhash_rust::xxh3::xxh3_64;

use super::CollectionState;
use super::error::{Result, corrupt, from_engine};

/// One whole content of a collection. Numbers are never used again while a process runs.
pub(super) type Generation = u64;

/// The live collections by name.
pub(super) const COLLECTIONS: TableDefinition<'_, &str, Row<'static>> = TableDefinition::new("collections");
/// Chunks by generation and first id: [`key`].
pub(super) const CHUNKS: TableDefinition<'_, &[u8], &[u8]> = TableDefinition::new("chunks");
/// How many records each chunk has, by the same keys: positions are found without reading chunks.
pub(super) const COUNTS: TableDefinition<'_, &[u8], u32> = TableDefinition::new("counts");
/// Generations that no name leads to: being staged, or waiting to be swept.
pub(super) const UNNAMED: TableDefinition<'_, Generation, ()> = TableDefinition::new("unnamed");

/// Generation, count, fingerprint, weight, created and updated in microseconds since 1970, config, and the
/// checksum of all this.
pub(super) type Row<'a> = (Generation, u64, u128, u64, i64, i64, &'a str, u64);

/// The key of the chunk of a generation that begins with `id`.
pub(super) fn key(generation: Generation, id: &[u8]) -> Vec<u8> {
    [&generation.to_be_bytes(), id].concat()
}

/// A key's generation and id.
pub(super) fn split_key(key: &[u8]) -> Result<(Generation, &[u8])> {
    let (generation, id) = key.split_first_chunk().ok_or_else(|| corrupt("a stored key is too short"))?;
    Ok((u64::from_be_bytes(*generation), id))
}

/// All keys of a generation.
pub(super) fn keys(generation: Generation) -> Range<Vec<u8>> {
    key(generation, b"")..key(generation + 1, b"")
}

/// What a number of records add up to.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Totals {
    pub(super) proof: CollectionProof,
    pub(super) weight: u64,
}

impl Totals {
    pub(super) fn of(batch: &RecordBatch) -> Self {
        Self { proof: fingerprint::of_batch(batch), weight: batch.weight() as u64 }
    }

    pub(super) fn add(&mut self, other: Self) {
        self.proof = self.proof.plus(other.proof);
        self.weight = self.weight.wrapping_add(other.weight);
    }

    pub(super) fn subtract(&mut self, other: Self) {
        self.proof = self.proof.minus(other.proof);
        self.weight = self.weight.wrapping_sub(other.weight);
    }
}

/// What [`COLLECTIONS`] says of a collection.
#[derive(Clone, Debug)]
pub(super) struct Stored {
    pub(super) generation: Generation,
    pub(super) config: CollectionConfig,
    pub(super) totals: Totals,
    pub(super) created: DateTime<Utc>,
    pub(super) updated: DateTime<Utc>,
}

impl Stored {
    /// A collection that begins now.
    pub(super) fn new(generation: Generation, config: CollectionConfig, totals: Totals) -> Self {
        let now = now();
        Self { generation, config, totals, created: now, updated: now }
    }

    /// The live collection of a name.
    pub(super) fn find(
        table: &impl ReadableTable<&'static str, Row<'static>>,
        name: &CollectionName,
    ) -> Result<Self> {
        let row = table.get(name.as_str()).map_err(from_engine)?;
        let row = row.ok_or_else(|| CollectionError::not_found(name))?;
        Self::from_row(name, row.value())
    }

    /// All live collections, ascending by name.
    pub(super) fn all(
        table: &impl ReadableTable<&'static str, Row<'static>>,
    ) -> Result<Vec<(CollectionName, Self)>> {
        let mut all = Vec::new();
        for entry in table.iter().map_err(from_engine)? {
            let (name, row) = entry.map_err(from_engine)?;
            let name = CollectionName::parse(name.value()).map_err(|error| corrupt(error.to_string()))?;
            let stored = Self::from_row(&name, row.value())?;
            all.push((name, stored));
        }
        Ok(all)
    }

    /// Writes it under a name; gives the generation that the name led to before.
    pub(super) fn put(
        &self,
        table: &mut redb::Table<'_, &'static str, Row<'static>>,
        name: &CollectionName,
    ) -> Result<Option<Generation>> {
        let checksum = self.checksum(name);
        let row = (
            self.generation,
            self.totals.proof.count,
            self.totals.proof.fingerprint.as_u128(),
            self.totals.weight,
            self.created.timestamp_micros(),
            self.updated.timestamp_micros(),
            self.config.json(),
            checksum,
        );
        let old = table.insert(name.as_str(), row).map_err(from_engine)?;
        Ok(old.map(|row| row.value().0))
    }

    /// What callers see of it.
    pub(super) fn state(&self, name: &CollectionName) -> CollectionState {
        CollectionState {
            head: CollectionHead {
                name: name.clone(),
                config: self.config.clone(),
                proof: Some(self.totals.proof),
                ordered: true,
            },
            weight: self.totals.weight,
            created: self.created,
            updated: self.updated,
        }
    }

    fn from_row(name: &CollectionName, row: Row<'_>) -> Result<Self> {
        let (generation, count, fingerprint, weight, created, updated, config, checksum) = row;
        let damaged = || corrupt("what is stored about it is damaged").of(name);
        let proof = CollectionProof { count, fingerprint: Fingerprint::from_u128(fingerprint) };
        let stored = Self {
            generation,
            config: CollectionConfig::parse(config.as_bytes()).map_err(|_| damaged())?,
            totals: Totals { proof, weight },
            created: DateTime::from_timestamp_micros(created).ok_or_else(damaged)?,
            updated: DateTime::from_timestamp_micros(updated).ok_or_else(damaged)?,
        };
        if stored.checksum(name) == checksum { Ok(stored) } else { Err(damaged()) }
    }

    fn checksum(&self, name: &CollectionName) -> u64 {
        let mut bytes = Vec::with_capacity(64 + self.config.json().len() + name.as_str().len());
        bytes.extend_from_slice(&self.generation.to_le_bytes());
        bytes.extend_from_slice(&self.totals.proof.count.to_le_bytes());
        bytes.extend_from_slice(&self.totals.proof.fingerprint.as_u128().to_le_bytes());
        bytes.extend_from_slice(&self.totals.weight.to_le_bytes());
        bytes.extend_from_slice(&self.created.timestamp_micros().to_le_bytes());
        bytes.extend_from_slice(&self.updated.timestamp_micros().to_le_bytes());
        bytes.extend_from_slice(self.config.json().as_bytes());
        bytes.push(0);
        bytes.extend_from_slice(name.as_str().as_bytes());
        xxh3_64(&bytes)
    }
}

/// The time as it is stored.
pub(super) fn now() -> DateTime<Utc> {
    Utc::now().trunc_subsecs(6)
}
