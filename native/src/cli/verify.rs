//! verify: is a backup whole?

use std::fmt::Write as _;
use std::path::Path;

use serde::Deserialize;
use serde_json::json;
use vecvault_core::{BackupId, VerifyDepth};

use super::context::Context;
use super::document::Document;
use super::exit::{Exit, Outcome};
use super::named::single_file;
use super::terminal::{count, exact_size, plain};

/// Check that a backup is whole
///
/// Reads every byte and checks hashes, grammar, order, counts and fingerprints; changes nothing. The exit
/// code is 20 where anything is wrong, and 21 where a later version wrote the backup. A file that another
/// program wrote carries no hashes: it is read through, and reported as readable but not verifiable.
#[derive(Debug, clap::Args)]
pub(crate) struct Verify {
    /// The backup's id, or a path to a backup file anywhere
    #[arg(value_name = "ID_OR_FILE")]
    what: String,

    /// Check head, tail, size and the structure of the index only
    #[arg(long)]
    quick: bool,
}

#[derive(Deserialize)]
struct VerifyView {
    ok: bool,
    verifiable: bool,
    depth: String,
    records: u64,
    bytes: u64,
    #[serde(default)]
    findings: Vec<FindingView>,
}

#[derive(Deserialize)]
struct FindingView {
    code: String,
    collection: Option<String>,
    block: Option<u64>,
    message: String,
}

impl Verify {
    pub(crate) async fn run(self, context: &Context) -> Outcome {
        let depth = if self.quick { VerifyDepth::Quick } else { VerifyDepth::Full };
        let document = match (BackupId::parse(&self.what), context.remote()) {
            (Some(id), Some(server)) => {
                server.post(&format!("backups/{id}/verify"), &json!({"depth": depth})).await?
            }
            (Some(id), None) => {
                let store = context.store()?;
                let host = context.host()?;
                Document::of(&vecvault_core::verify(&store, &id.key(), Some(id), depth, &host).await?)?
            }
            (None, _) => {
                let (store, key) = single_file(Path::new(&self.what))?;
                let host = context.host()?;
                Document::of(&vecvault_core::verify(&store, &key, None, depth, &host).await?)?
            }
        };
        context.show(&document, |report| render(&self.what, report))?;
        Ok(document.view::<VerifyView>()?.exit())
    }
}

impl VerifyView {
    fn exit(&self) -> Exit {
        match self.ok {
            true => Exit::Ok,
            false => Exit::of_findings(self.findings.iter().map(|finding| &*finding.code)),
        }
    }
}

fn render(what: &str, report: &VerifyView) -> String {
    let verdict = match (report.ok, report.verifiable) {
        (false, _) if report.findings.iter().any(|finding| finding.code == "not_a_backup") => "NOT A BACKUP",
        (false, _) if report.exit() == Exit::Unsupported => "Not readable by this version of VecVault",
        (false, _) => "DAMAGED",
        (true, false) => "Readable; it carries no hashes to verify it against",
        (true, true) if report.depth == "quick" => "Head, tail and index are whole; records were not read",
        (true, true) => "Whole: every hash, count and fingerprint is right",
    };
    let mut text = format!("{}: {verdict}\n", plain(what));
    // Writing to a String cannot fail.
    let _ = writeln!(text, "read {} records, {}", count(report.records), exact_size(report.bytes));
    for finding in &report.findings {
        let FindingView { code, collection, block, message } = finding;
        let place = [
            collection.as_ref().map(|name| format!(", collection {name:?}")),
            block.map(|block| format!(", block {block}")),
        ];
        let place = place.into_iter().flatten().collect::<String>();
        // The message says at which byte.
        let _ = writeln!(text, "{}{place}: {}", plain(code), plain(message));
    }
    text
}
