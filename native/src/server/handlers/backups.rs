//! `/backups`.

use std::sync::Arc;

use vecvault_core::{BackupId, Error, RestoreRequest};

use super::Outcome;
use crate::server::body::Body;
use crate::server::jobs::Glance;
use crate::server::replies::{self, BackupList, Directory, Message, Restored};
use crate::server::requests::{self, CreateBackup, RestoreBackup, VerifyBackup};
use crate::server::service::Context;

pub(super) async fn list(context: &Context) -> Outcome {
    let entries = context.vault.list().await?;
    replies::json(&BackupList::new(&entries))
}

pub(super) async fn create(context: &Arc<Context>, mut body: Body) -> Outcome {
    let mut request: CreateBackup = requests::parse(&body.whole().await?)?;
    let selection = request.selection();
    let vault = context.vault.clone();
    let verb = |monitor| async move { vault.create(request.name, selection, monitor).await };
    replies::json(&context.jobs.run(verb).await?)
}

pub(super) async fn restore(context: &Arc<Context>, mut body: Body) -> Outcome {
    let request: RestoreBackup = requests::parse(&body.whole().await?)?;
    let request = RestoreRequest::try_from(request)?;
    let vault = context.vault.clone();
    let report = context.jobs.run(|monitor| async move { vault.restore(request, monitor).await }).await?;
    replies::json(&Restored::from(report))
}

pub(super) fn directory(context: &Context) -> Outcome {
    replies::json(&Directory { path: &context.config.backup_directory })
}

pub(super) async fn show(context: &Context, id: BackupId) -> Outcome {
    let vault = &context.vault;
    let backup = match vault.open(id, Arc::new(Glance::default())).await {
        // It has no index and is long: reading it through is a job like any other.
        Err(Error::Cancelled) => {
            let vault = vault.clone();
            context.jobs.run(|monitor| async move { vault.open(id, monitor).await }).await?
        }
        opened => opened?,
    };
    replies::json(&**backup.summary())
}

pub(super) async fn delete(context: &Context, id: BackupId) -> Outcome {
    context.vault.delete(id).await?;
    replies::json(&Message { message: format!("Backup {id} deleted") })
}

/// Damage is what was asked about: the report of a damaged backup is a 200 with `"ok":false`.
pub(super) async fn verify(context: &Arc<Context>, id: BackupId, mut body: Body) -> Outcome {
    let request: VerifyBackup = requests::parse_optional(&body.whole().await?)?;
    let depth = request.depth();
    let vault = context.vault.clone();
    replies::json(&context.jobs.run(|monitor| async move { vault.verify(id, depth, monitor).await }).await?)
}
