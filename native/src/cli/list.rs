//! list: every backup; what does not open is marked.

use serde::Deserialize;
use vecvault::server::BackupList;
use vecvault_core::ListRemembrance;

use super::context::Context;
use super::document::Document;
use super::exit::{Exit, Outcome};
use super::terminal::{Table, plain, size};
use super::views::BackupView;

/// List backups, newest first
///
/// Reads the head and the tail of each, never its records. A backup that does not open is a row that says
/// so, and no failure of the list: the exit code is 0. `vecvault verify` says what is wrong with it.
#[derive(Debug, clap::Args)]
pub(crate) struct List {}

#[derive(Deserialize)]
struct ListView {
    backups: Vec<BackupView>,
    #[serde(default)]
    damaged: Vec<UnopenedView>,
}

#[derive(Deserialize)]
struct UnopenedView {
    id: String,
    size: u64,
    error_type: String,
    error: String,
}

impl UnopenedView {
    /// What is the matter, as a row's and as a sentence's. Only damage is damage: the others may be whole.
    fn matter(&self) -> (&'static str, &'static str) {
        match &*self.error_type {
            "backup_damaged" => ("DAMAGED", "is damaged"),
            "unsupported_format" => ("OF A LATER VERSION", "cannot be read"),
            _ => ("NOT READABLE", "cannot be read"),
        }
    }
}

impl List {
    pub(crate) async fn run(self, context: &Context) -> Outcome {
        let document = match context.remote() {
            Some(server) => server.get("backups").await?,
            None => {
                let store = context.store()?;
                let entries = vecvault_core::list(&*store, &ListRemembrance::new(), &context.host()?).await?;
                Document::of(&BackupList::new(&entries))?
            }
        };
        context.show(&document, render)?;
        for one in document.view::<ListView>()?.damaged {
            context.note(&format!("{} {}: {}", plain(&one.id), one.matter().1, plain(&one.error)));
        }
        Ok(Exit::Ok)
    }
}

fn render(list: &ListView) -> String {
    if list.backups.is_empty() && list.damaged.is_empty() {
        return "No backups yet. Make one with: vecvault create NAME\n".into();
    }
    let mut table = Table::new(&["ID", "DATE", "NAME", ">SIZE", "COLLECTIONS"]);
    for backup in &list.backups {
        let BackupView { id, date, name, .. } = backup;
        table.row([id, date, name, &size(backup.size), &backup.collections_in_short()]);
    }
    for one in &list.damaged {
        table.row([&one.id, "-", one.matter().0, &size(one.size), "-"]);
    }
    table.render()
}
