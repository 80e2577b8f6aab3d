//! create: a snapshot of live collections becomes a backup.

use serde_json::json;
use vecvault_core::{BackupName, CollectionName, Selection};

use super::context::Context;
use super::document::Document;
use super::exit::{Exit, Outcome};
use super::views::BackupView;

/// Back up live collections
///
/// Takes one snapshot of the collections, writes it as one file and proves every record of it before the
/// file appears in the list. Writes to the collections may go on meanwhile.
#[derive(Debug, clap::Args)]
#[command(after_help = "Example: vecvault create nightly_2024-01-15 --collection docs --collection code")]
pub(crate) struct Create {
    /// A name for people; it need not be unique
    #[arg(value_parser = BackupName::parse)]
    name: BackupName,

    /// Back up this collection; give it several times for several [default: all]
    #[arg(long = "collection", value_name = "C", value_parser = CollectionName::parse)]
    collections: Vec<CollectionName>,
}

impl Create {
    pub(crate) async fn run(self, context: &Context) -> Outcome {
        let document = match context.remote() {
            Some(server) => {
                let body = json!({"name": self.name, "collections": self.collections});
                server.post("backups/create", &body).await?
            }
            None => {
                let vault = context.vault()?;
                let summary = vault.create(self.name, selection(self.collections), context.bar()).await?;
                Document::of(&summary)?
            }
        };
        context.show(&document, BackupView::render)?;
        Ok(Exit::Ok)
    }
}

/// The collections that were named, or all where none was.
pub(crate) fn selection(collections: Vec<CollectionName>) -> Selection {
    if collections.is_empty() { Selection::All } else { Selection::Only(collections) }
}
