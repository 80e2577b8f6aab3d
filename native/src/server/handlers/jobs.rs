//! `/jobs`, and the calls that become one where their caller wants it.

use std::convert::Infallible;
use std::future::Future;
use std::sync::Arc;

use futures_util::StreamExt;
use serde::Serialize;
use serde_json::value::to_raw_value;
use vecvault_core::Monitor;

use super::Outcome;
use crate::server::errors::ApiError;
use crate::server::jobs::{self, JobId, JobKind};
use crate::server::replies::{self, JobList};
use crate::server::requests::prefers_async;
use crate::server::service::{Context, Request};

/// Does heavy work: as a job of its own where the caller prefers that, else while it waits. `sent` is what it
/// asked for, and `reply` makes the answer, or the job's result.
pub(super) async fn answer<T, R, F>(
    context: &Context,
    request: &Request<'_>,
    kind: JobKind,
    sent: &impl Serialize,
    verb: impl FnOnce(Arc<dyn Monitor>) -> F,
    reply: fn(T) -> R,
) -> Outcome
where
    T: Send + 'static,
    R: Serialize + 'static,
    F: Future<Output = vecvault_core::Result<T>> + Send + 'static,
{
    if !prefers_async(request.headers) {
        return replies::json(&reply(context.jobs.run(verb).await?));
    }
    let sent = to_raw_value(sent).map_err(|error| ApiError::internal(format!("the request: {error}")))?;
    let job = context.jobs.start(kind, sent, verb, reply).await?;
    replies::accepted(&job)
}

pub(super) async fn list(context: &Context) -> Outcome {
    let jobs = context.jobs.list();
    let share = context.answers.take(jobs.iter().map(|job| job.bytes()).sum()).await?;
    replies::json_held(&JobList { jobs: jobs.iter().map(|job| &**job).collect() }, share)
}

pub(super) fn show(context: &Context, id: JobId) -> Outcome {
    replies::json(&*context.jobs.show(id)?)
}

pub(super) fn cancel(context: &Context, id: JobId) -> Outcome {
    replies::json(&*context.jobs.cancel(id)?)
}

pub(super) fn events(context: &Context, id: JobId) -> Outcome {
    let events = jobs::events(context.jobs.watch(id)?);
    Ok(replies::streamed("text/event-stream", events.map(Ok::<_, Infallible>)))
}
