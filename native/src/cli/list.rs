//! list: every backup, damaged ones marked.

use serde::{Deserialize, Serialize};
use vecvault_core::{BackupEntry, BackupId, BackupInfo, ListRemembrance};

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

/// The document of a list, as servers answer it, who have a word for the kind of each error besides.
#[derive(Serialize)]
struct ListReply<'a> {
    backups: Vec<&'a BackupInfo>,
    damaged: Vec<Damaged>,
}

#[derive(Serialize)]
struct Damaged {
    id: BackupId,
    size: u64,
    error: String,
}

#[derive(Deserialize)]
struct ListView {
    backups: Vec<BackupView>,
    #[serde(default)]
    damaged: Vec<DamagedView>,
}

#[derive(Deserialize)]
struct DamagedView {
    id: String,
    size: u64,
    error: String,
}

impl List {
    pub(crate) async fn run(self, context: &Context) -> Outcome {
        let document = match context.remote() {
            Some(server) => server.get("backups").await?,
            None => {
                let store = context.store()?;
                let entries = vecvault_core::list(&*store, &ListRemembrance::new(), &context.host()?).await?;
                Document::of(&reply(&entries))?
            }
        };
        context.show(&document, render)?;
        for DamagedView { id, error, .. } in document.view::<ListView>()?.damaged {
            context.note(&format!("{} is damaged: {}", plain(&id), plain(&error)));
        }
        Ok(Exit::Ok)
    }
}

fn reply(entries: &[BackupEntry]) -> ListReply<'_> {
    let mut reply = ListReply { backups: Vec::new(), damaged: Vec::new() };
    for entry in entries {
        match entry {
            BackupEntry::Backup(summary) => reply.backups.push(&summary.info),
            BackupEntry::Damaged { id, size, error } => {
                reply.damaged.push(Damaged { id: *id, size: *size, error: error.to_string() });
            }
        }
    }
    reply
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
    for damaged in &list.damaged {
        table.row([&damaged.id, "-", "DAMAGED", &size(damaged.size), "-"]);
    }
    table.render()
}
