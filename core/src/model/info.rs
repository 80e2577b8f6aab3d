//! What is known of a backup without reading its records.

use chrono::{DateTime, Datelike, SecondsFormat, Utc};
use serde::{Serialize, Serializer};

use super::{BackupId, BackupName, CollectionConfig, CollectionName, CollectionProof};

/// The documented five members of a backup, as `GET /api/backups` lists them.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct BackupInfo {
    /// Its id.
    pub id: BackupId,
    /// The name that a person gave it.
    pub name: BackupName,
    /// When it was made; written in RFC 3339, UTC, with `Z`.
    #[serde(serialize_with = "rfc3339")]
    pub date: DateTime<Utc>,
    /// The exact length of the file in bytes.
    pub size: u64,
    /// The collections in it, in the order of the file.
    pub collections: Vec<CollectionName>,
}

impl BackupInfo {
    /// The date as this API writes it, such as `2024-01-15T10:30:00Z`.
    pub fn date_text(&self) -> String {
        date_text(&self.date)
    }
}

/// A date as the API and the format spell it.
pub(crate) fn date_text(date: &DateTime<Utc>) -> String {
    date.to_rfc3339_opts(SecondsFormat::AutoSi, true)
}

/// A date as a file says it; in UTC its year has four digits too, or nobody could read it back.
pub(crate) fn parse_date(text: &str) -> Option<DateTime<Utc>> {
    let date = DateTime::parse_from_rfc3339(text).ok()?.to_utc();
    (0..=9999).contains(&date.year()).then_some(date)
}

fn rfc3339<S: Serializer>(date: &DateTime<Utc>, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_str(&date_text(date))
}

/// Whether a backup carries the index and hashes that prove it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(tag = "kind", rename_all = "lowercase")]
pub enum Provenance {
    /// Written with VecVault's index: every block is hashed and can be proved.
    Indexed {
        /// The format's version.
        format: u32,
        /// Who wrote it, such as `vecvault 0.1.0`.
        creator: String,
        /// The BLAKE3 root hash over the whole file, 64 hexadecimal digits.
        root: String,
    },
    /// Another writer's file, without an index: readable, but it carries nothing to verify it against.
    Foreign,
}

/// What is known of one collection in a backup.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct CollectionSummary {
    /// Its name.
    pub name: CollectionName,
    /// Its config, as it was.
    pub config: CollectionConfig,
    /// How many records, and their fingerprint.
    #[serde(flatten)]
    pub proof: CollectionProof,
    /// Whether the records ascend strictly by the bytes of their ids.
    pub ordered: bool,
}

/// A backup and what is known of each of its collections.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct BackupSummary {
    /// The documented members.
    #[serde(flatten)]
    pub info: BackupInfo,
    /// Whether it is indexed or another writer's.
    pub provenance: Provenance,
    /// Its collections in the order of the file, with counts and fingerprints.
    pub contents: Vec<CollectionSummary>,
}
