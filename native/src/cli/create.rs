//! create: a snapshot of live collections becomes a backup.

use serde::Deserialize;
use serde::de::IgnoredAny;
use serde_json::json;
use vecvault_core::{BackupName, CollectionName, Selection};

use super::context::Context;
use super::document::Document;
use super::exit::{Exit, Failure, Outcome};
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

    /// Make a backup even where there are no collections to back up
    #[arg(long)]
    allow_empty: bool,
}

impl Create {
    pub(crate) async fn run(self, context: &Context) -> Outcome {
        let document = match context.remote() {
            Some(server) => {
                if self.wants_any() {
                    let live = server.get("collections").await?;
                    any(live.view::<CollectionsView>()?.collections.len(), "the server")?;
                }
                let body = json!({"name": self.name, "collections": self.collections});
                server.post("backups/create", &body).await?
            }
            None => {
                let collections = context.existing_collections()?;
                if self.wants_any() {
                    any(collections.list().await?.len(), &context.data_directory().display().to_string())?;
                }
                let vault = context.vault(context.open_backups()?, collections)?;
                let summary = vault.create(self.name, selection(self.collections), context.bar()).await?;
                Document::of(&summary)?
            }
        };
        let made = format!("backup {} was made", document.view::<BackupView>()?.id);
        context.show(&document, BackupView::render).map_err(|failure| failure.although(&made))?;
        Ok(Exit::Ok)
    }
}

impl Create {
    /// All collections are meant, and there must be some: else it is another directory or server that is meant.
    fn wants_any(&self) -> bool {
        self.collections.is_empty() && !self.allow_empty
    }
}

#[derive(Deserialize)]
struct CollectionsView {
    collections: Vec<IgnoredAny>,
}

fn any(collections: usize, place: &str) -> Outcome<()> {
    if collections > 0 {
        return Ok(());
    }
    let message = format!("{place}: there are no collections to back up; --allow-empty backs up none");
    Err(Failure::new(Exit::NotFound, message))
}

/// The collections that were named, or all where none was.
pub(crate) fn selection(collections: Vec<CollectionName>) -> Selection {
    if collections.is_empty() { Selection::All } else { Selection::Only(collections) }
}
