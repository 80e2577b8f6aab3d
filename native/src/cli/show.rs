//! show: what is known of one backup.

use vecvault_core::BackupId;

use super::context::Context;
use super::document::Document;
use super::exit::{Exit, Outcome};
use super::views::BackupView;

/// Show a backup: its size, hashes and collections
#[derive(Debug, clap::Args)]
pub(crate) struct Show {
    /// The backup's id, as `vecvault list` prints it
    id: BackupId,
}

impl Show {
    pub(crate) async fn run(self, context: &Context) -> Outcome {
        let document = match context.remote() {
            Some(server) => server.get(&format!("backups/{}", self.id)).await?,
            None => {
                let backup = vecvault_core::open(&context.store()?, self.id, &context.host()?).await?;
                Document::of(&**backup.summary())?
            }
        };
        context.show(&document, BackupView::render)?;
        Ok(Exit::Ok)
    }
}
