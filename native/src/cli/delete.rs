//! delete: a backup goes.

use serde::Deserialize;
use serde_json::json;
use vecvault_core::BackupId;

use super::context::Context;
use super::document::Document;
use super::exit::{Exit, Outcome};
use super::terminal::plain;

/// Delete a backup, for good
///
/// The live collections stay as they are.
#[derive(Debug, clap::Args)]
pub(crate) struct Delete {
    /// The backup's id, as `vecvault list` prints it
    id: BackupId,
}

#[derive(Deserialize)]
struct DeletedView {
    message: String,
}

impl Delete {
    pub(crate) async fn run(self, context: &Context) -> Outcome {
        let document = match context.remote() {
            Some(server) => server.delete(&format!("backups/{}", self.id)).await?,
            None => {
                vecvault_core::delete(&context.open_backups()?, self.id).await?;
                Document::of(&json!({"message": format!("Backup {} deleted", self.id)}))?
            }
        };
        context.show(&document, |reply: &DeletedView| format!("{}\n", plain(&reply.message)))?;
        Ok(Exit::Ok)
    }
}
