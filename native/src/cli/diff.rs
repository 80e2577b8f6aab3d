//! diff: what two backups have in common, and what not.

use std::fmt::Write as _;

use serde::Deserialize;
use vecvault_core::{BackupId, DiffRequest};

use super::context::Context;
use super::document::Document;
use super::exit::{Exit, Failure, Outcome};
use super::named::open;
use super::terminal::{Table, count, plain};

/// Compare two backups: which records were added, removed or changed
///
/// What has happened where A is the earlier one. Equal collections are told by the counts and fingerprints that the files
/// say, without reading a record: whether these are right, verify tells. The exit code is 0 where the two are equal and 1 where they differ, as diff(1)'s.
#[derive(Debug, clap::Args)]
#[command(after_help = "Example: vecvault diff 0190a6b2-0000-7000-8000-000000000000 copy.backup --limit 20")]
pub(crate) struct Diff {
    /// A backup's id, or a path to a backup file anywhere
    a: String,

    /// What to compare it with: an id, or a path
    b: String,

    /// Name up to so many ids of a collection's records of each kind
    #[arg(long, value_name = "N", default_value_t = 10, value_parser = clap::value_parser!(u16).range(..=1_000))]
    limit: u16,
}

#[derive(Deserialize)]
struct DiffView {
    equal: bool,
    collections: Vec<CollectionDiffView>,
}

#[derive(Deserialize)]
struct CollectionDiffView {
    name: String,
    status: String,
    config_changed: bool,
    added: u64,
    removed: u64,
    changed: u64,
    unchanged: u64,
    added_ids: Vec<String>,
    removed_ids: Vec<String>,
    changed_ids: Vec<String>,
}

impl Diff {
    pub(crate) async fn run(self, context: &Context) -> Outcome {
        let Self { a, b, limit } = &self;
        let document = match (context.remote(), BackupId::parse(a), BackupId::parse(b)) {
            (Some(server), Some(a), Some(b)) => {
                server.get(&format!("backups/{a}/diff/{b}?limit={limit}")).await?
            }
            (Some(_), Some(_), None) | (Some(_), None, Some(_)) => {
                let message = "a server compares its own backups: download the one to compare it with a file";
                return Err(Failure::usage(message));
            }
            _ => {
                let (a, b) = (open(context, a.as_ref()).await?, open(context, b.as_ref()).await?);
                let request = DiffRequest { limit: usize::from(*limit) };
                Document::of(&vecvault_core::diff(&a, &b, request, &context.host()?).await?)?
            }
        };
        context.show(&document, render)?;
        Ok(if document.view::<DiffView>()?.equal { Exit::Ok } else { Exit::Different })
    }
}

fn render(report: &DiffView) -> String {
    if report.equal {
        let what = "every collection holds the same records under the same config";
        return format!("Equal: {what}, as both say; verify reads them\n");
    }
    let mut table = Table::new(&["COLLECTION", "", ">ADDED", ">REMOVED", ">CHANGED", ">UNCHANGED"]);
    for collection in &report.collections {
        let CollectionDiffView { name, added, removed, changed, unchanged, .. } = collection;
        let counts = [added, removed, changed, unchanged].map(|number| count(*number));
        let [added, removed, changed, unchanged] = counts;
        table.row([name, collection.status(), &added, &removed, &changed, &unchanged]);
    }
    let mut text = table.render();
    for collection in &report.collections {
        collection.render_ids(&mut text);
    }
    text
}

impl CollectionDiffView {
    fn status(&self) -> &str {
        match (&*self.status, self.config_changed) {
            ("only_in_a", _) => "only in A",
            ("only_in_b", _) => "only in B",
            ("different", true) => "different, config too",
            (status, _) => status,
        }
    }

    fn render_ids(&self, text: &mut String) {
        let kinds = [
            ("+", &self.added_ids, self.added),
            ("-", &self.removed_ids, self.removed),
            ("~", &self.changed_ids, self.changed),
        ];
        if kinds.iter().all(|(_, ids, _)| ids.is_empty()) {
            return;
        }
        // Writing to a String cannot fail.
        let _ = writeln!(text, "\n{}", plain(&self.name));
        for (sign, ids, all) in kinds.into_iter().filter(|(_, ids, _)| !ids.is_empty()) {
            for id in ids {
                let _ = writeln!(text, "  {sign} {}", plain(id));
            }
            let more = all.saturating_sub(ids.len() as u64);
            if more > 0 {
                let _ = writeln!(text, "  {sign} … and {} more", count(more));
            }
        }
    }
}
