//! restore: collections of a backup replace the live ones, or what would happen is said.

mod plan;

use std::collections::BTreeMap;

use serde::Deserialize;
use serde_json::json;
use vecvault_core::{BackupId, CollectionName, RestoreRequest};

use super::context::Context;
use super::create::selection;
use super::document::Document;
use super::exit::{Exit, Failure, Outcome};
use super::terminal::{Table, count};

/// Restore collections of a backup over the live ones
///
/// Afterwards each holds exactly what the backup holds, its config included: records added since are gone.
/// The records are staged beside the live ones, read back and compared, and then all collections change at
/// one moment. Collections that are not restored stay as they are.
#[derive(Debug, clap::Args)]
#[command(
    after_help = "Example: vecvault restore ID --collection docs --rename docs=docs_of_monday --dry-run"
)]
pub(crate) struct Restore {
    /// The backup's id, as `vecvault list` prints it
    id: BackupId,

    /// Restore this collection; give it several times for several [default: all]
    #[arg(long = "collection", value_name = "C", value_parser = CollectionName::parse)]
    collections: Vec<CollectionName>,

    /// Restore a collection under another name
    #[arg(long, value_name = "OLD=NEW", value_parser = parse_rename)]
    rename: Vec<(CollectionName, CollectionName)>,

    /// Say what would be created and replaced, and change nothing
    #[arg(long)]
    dry_run: bool,
}

#[derive(Deserialize)]
struct RestoreView {
    #[serde(default)]
    restored: Vec<RestoredView>,
    #[serde(default)]
    rest_unread: bool,
}

#[derive(Deserialize)]
struct RestoredView {
    name: String,
    restored_as: String,
    count: u64,
    fingerprint: String,
}

impl Restore {
    pub(crate) async fn run(self, context: &Context) -> Outcome {
        let rename = renames(self.rename)?;
        // Absent is all; an empty list would be none.
        let named = Some(&self.collections).filter(|names| !names.is_empty());
        let body = json!({"backup_id": self.id, "collections": named, "rename": rename});
        let request = RestoreRequest { id: self.id, collections: selection(self.collections), rename };
        if self.dry_run {
            return plan::run(context, request, body).await;
        }
        let document = match context.remote() {
            Some(server) => server.post("backups/restore", &body).await?,
            None => {
                let vault = context.vault(context.open_to_read()?, context.collections()?)?;
                Document::of(&vault.restore(request, context.bar()).await?)?
            }
        };
        let shown = context.show(&document, render);
        shown.map_err(|failure| failure.although("the collections were restored and proved"))?;
        Ok(Exit::Ok)
    }
}

/// `OLD=NEW`, at the first `=`.
fn parse_rename(text: &str) -> Result<(CollectionName, CollectionName), String> {
    let (old, new) = text.split_once('=').ok_or("expected OLD=NEW")?;
    let parse = |name| CollectionName::parse(name).map_err(|error| error.to_string());
    Ok((parse(old)?, parse(new)?))
}

fn renames(
    pairs: Vec<(CollectionName, CollectionName)>,
) -> Outcome<BTreeMap<CollectionName, CollectionName>> {
    let mut rename = BTreeMap::new();
    for (old, new) in pairs {
        let message = format!("--rename: collection {old:?} is renamed twice");
        if rename.insert(old, new).is_some() {
            return Err(Failure::usage(message));
        }
    }
    Ok(rename)
}

fn render(report: &RestoreView) -> String {
    let mut table = Table::new(&["COLLECTION", "RESTORED AS", ">RECORDS", "FINGERPRINT"]);
    for RestoredView { name, restored_as, count: records, fingerprint } in &report.restored {
        table.row([name, restored_as, &count(*records), fingerprint]);
    }
    let rest = if report.rest_unread { "; the rest of the backup was not read" } else { "" };
    format!("Restored and proved{rest}\n\n{}", table.render())
}
