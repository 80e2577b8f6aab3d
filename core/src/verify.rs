//! verify: is a backup whole, and is it what was written?

mod indexed;

use std::sync::Arc;

use crate::blob::{BlobKey, BlobMeta, BlobStore};
use crate::error::{Error, Result, excerpt};
use crate::format::json::Quoted;
use crate::format::{FormatError, writer};
use crate::host::Host;
use crate::inspect::{find_layout, foreign_summary, head_of, scan_foreign};
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
    /// The path to the value, such as `data.docs.vectors[17].id`; empty for the whole.
    pub path: String,
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
    /// What is wrong, as it was come upon, which is about the order of the file; the first 1,000.
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
    let meta = head_of(&**store, key, expected).await?;
    let mut report = VerifyReport {
        ok: true,
        verifiable: true,
        depth,
        backup: None,
        records: 0,
        bytes: 0,
        findings: Vec::new(),
    };
    match find_layout(&**store, &meta, expected).await {
        Ok(Some(layout)) => {
            report.backup = Some(writer::summary(&layout.root, layout.size, layout.tail.hash));
            indexed::check(store, meta, layout, host, &mut report).await?;
        }
        Ok(None) => verify_foreign(&**store, &meta, expected, host, &mut report).await?,
        Err(error) => report.find_damage(error)?,
    }
    Ok(report)
}

/// A foreign file is read through whatever the depth: there is nothing else to go by.
async fn verify_foreign(
    store: &dyn BlobStore,
    meta: &BlobMeta,
    expected: Option<BackupId>,
    host: &Host,
    report: &mut VerifyReport,
) -> Result<()> {
    report.verifiable = false;
    report.bytes = meta.size;
    let document = match scan_foreign(store, meta, expected, host).await {
        Ok(document) => document,
        Err(error) => return report.find_damage(error),
    };
    report.records = document.collections.iter().map(|c| c.summary.proof.count).sum();
    report.backup = Some(foreign_summary(&document, meta.size));
    for name in &document.missing {
        report.find(Finding {
            code: "missing_collection",
            collection: Some(name.clone()),
            block: None,
            offset: 0,
            bytes: None,
            path: "collections".into(),
            message: format!("the file lists the collection {} but does not hold it", Quoted(&excerpt(name))),
        });
    }
    Ok(())
}

/// How many findings a report holds.
const MAX_FINDINGS: usize = 1_000;

impl VerifyReport {
    /// Damage is a finding; any other error is one.
    fn find_damage(&mut self, error: Box<Error>) -> Result<()> {
        let Some(damage) = error.damage() else { return Err(error) };
        self.find(Finding::of(damage));
        Ok(())
    }

    fn find(&mut self, finding: Finding) {
        self.ok = false;
        if self.findings.len() < MAX_FINDINGS {
            self.findings.push(finding);
        }
    }
}

impl Finding {
    fn of(error: &FormatError) -> Self {
        Self {
            code: error.kind().code(),
            collection: None,
            block: None,
            offset: error.offset(),
            bytes: None,
            path: error.path().into(),
            message: error.to_string(),
        }
    }
}
