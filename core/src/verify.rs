//! verify: is a backup whole, and is it what was written?

use crate::blob::{BlobKey, BlobStore};
use crate::error::Result;
use crate::host::Host;
use crate::model::{BackupId, BackupSummary};

/// How deep to look.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, serde::Serialize)]
#[serde(rename_all = "lowercase")]
pub enum VerifyDepth {
    /// Head, tail, size, structure of the index.
    Quick,
    /// Every byte: hashes, grammar, order, counts and fingerprints.
    #[default]
    Full,
}

/// Something that is wrong.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize)]
pub struct Finding {
    /// A stable word for what is wrong, such as `hash_mismatch`.
    pub code: &'static str,
    /// The collection, where it is one's.
    pub collection: Option<String>,
    /// The number of the block in the file, where it is one's.
    pub block: Option<u64>,
    /// The first byte concerned.
    pub offset: u64,
    /// How many bytes, where known.
    pub bytes: Option<u64>,
    /// For people.
    pub message: String,
}

/// What verify found.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize)]
pub struct VerifyReport {
    /// Nothing is wrong.
    pub ok: bool,
    /// Whether the file carries hashes to verify against; a foreign file carries none.
    pub verifiable: bool,
    /// How deep was looked.
    pub depth: VerifyDepth,
    /// What the backup says of itself, where it opens.
    pub backup: Option<BackupSummary>,
    /// Records that were read.
    pub records: u64,
    /// Bytes that were read.
    pub bytes: u64,
    /// What is wrong, in the order of the file; the first 1,000.
    pub findings: Vec<Finding>,
}

/// Verifies the blob of a key; with `expected`, its id must be that one. Damage is a report, not an error:
/// an error means that the blob could not be read.
pub async fn verify(
    store: &Arc<dyn BlobStore>,
    key: &BlobKey,
    expected: Option<BackupId>,
    depth: VerifyDepth,
    host: &Host,
) -> Result<VerifyReport> {
    let _ = (store, key, expected, depth, host);
    todo!()
}
