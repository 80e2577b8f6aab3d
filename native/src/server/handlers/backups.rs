//! `/backups`.

use std::future::Future;
use std::sync::Arc;

use serde::Serialize;
use vecvault_core::{BackupId, DiffRequest, Error, Monitor, RestoreRequest, VerifyDepth};

use super::{Outcome, jobs};
use crate::server::body::Body;
use crate::server::errors::ApiError;
use crate::server::jobs::JobKind;
use crate::server::replies::{self, BackupList, Directory, Message, Restored};
use crate::server::requests::{self, CreateBackup, DiffQuery, RestoreBackup, VerifyBackup};
use crate::server::service::{Context, Request};

pub(super) async fn list(context: &Context) -> Outcome {
    let entries = context.vault.list().await?;
    replies::json(&BackupList::new(&entries))
}

pub(super) async fn create(context: &Arc<Context>, request: &Request<'_>, mut body: Body) -> Outcome {
    let text = body.whole().await?;
    let mut create: CreateBackup = requests::parse(&text)?;
    let selection = create.selection();
    let vault = context.vault.clone();
    let verb = |monitor| async move { vault.create(create.name, selection, monitor).await };
    jobs::answer(context, request, JobKind::Create, &requests::as_sent(&text)?, verb, |summary| summary).await
}

pub(super) async fn restore(context: &Arc<Context>, request: &Request<'_>, mut body: Body) -> Outcome {
    let text = body.whole().await?;
    let restore: RestoreBackup = requests::parse(&text)?;
    let dry_run = restore.dry_run;
    let restore = RestoreRequest::try_from(restore)?;
    let vault = context.vault.clone();
    if dry_run {
        let restore = Arc::new(restore);
        let plan = |monitor| {
            let (vault, restore) = (vault.clone(), restore.clone());
            async move { vault.plan_restore(&restore, monitor).await }
        };
        return replies::json(&look(context, plan).await?);
    }
    let verb = |monitor| async move { vault.restore(restore, monitor).await };
    jobs::answer(context, request, JobKind::Restore, &requests::as_sent(&text)?, verb, Restored::from).await
}

pub(super) fn directory(context: &Context) -> Outcome {
    replies::json(&Directory { path: &context.config.backup_directory })
}

pub(super) async fn show(context: &Context, id: BackupId) -> Outcome {
    let vault = &context.vault;
    let open = |monitor| {
        let vault = vault.clone();
        async move { vault.open(id, monitor).await }
    };
    replies::json(&**look(context, open).await?.summary())
}

/// Does what is quick as a rule. Where it turns out to be long (a file without an index that is read through,
/// many records that are compared) it is begun again as heavy work like any other.
async fn look<T, F>(context: &Context, verb: impl Fn(Arc<dyn Monitor>) -> F) -> Result<T, ApiError>
where
    T: Send + 'static,
    F: Future<Output = vecvault_core::Result<T>> + Send + 'static,
{
    match verb(context.jobs.glance()).await {
        Err(error) if matches!(*error, Error::Cancelled) => context.jobs.run(verb).await,
        done => Ok(done?),
    }
}

/// What the indexes tell is told at once; records are read as heavy work.
pub(super) async fn diff(context: &Context, a: BackupId, b: BackupId, query: DiffQuery) -> Outcome {
    let vault = &context.vault;
    let diff = |monitor| {
        let vault = vault.clone();
        async move { vault.diff(a, b, DiffRequest { limit: query.limit }, monitor).await }
    };
    replies::json(&look(context, diff).await?)
}

pub(super) async fn delete(context: &Context, id: BackupId) -> Outcome {
    context.vault.delete(id).await?;
    replies::json(&Message { message: format!("Backup {id} deleted") })
}

/// Damage is what was asked about: the report of a damaged backup is a 200 with `"ok":false`.
pub(super) async fn verify(
    context: &Arc<Context>,
    id: BackupId,
    request: &Request<'_>,
    mut body: Body,
) -> Outcome {
    let verify: VerifyBackup = requests::parse_optional(&body.whole().await?)?;
    let depth = verify.depth();
    let vault = context.vault.clone();
    let verb = |monitor| async move { vault.verify(id, depth, monitor).await };
    let sent = VerifyRequest { backup_id: id, depth };
    jobs::answer(context, request, JobKind::Verify, &sent, verb, |report| report).await
}

/// What a job that verifies says it was asked for.
#[derive(Serialize)]
struct VerifyRequest {
    backup_id: BackupId,
    depth: VerifyDepth,
}
