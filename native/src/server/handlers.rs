//! What each call does: reads its body, calls the vault, makes the answer. No HTTP beyond that, and no rules
//! of backups.

mod backups;
mod collections;
mod inserts;
mod jobs;
mod transfers;
mod vectors;

use std::sync::Arc;

use chrono::Utc;
use warp::http::StatusCode;
use warp::reply::Response;

use super::body::Body;
use super::errors::ApiError;
use super::openapi;
use super::replies::{self, Health};
use super::requests::{DiffQuery, PageQuery};
use super::routes::Call;
use super::service::{Context, Request};

type Outcome = Result<Response, ApiError>;

/// Answers a call.
pub(super) async fn handle(context: &Arc<Context>, call: Call, request: &Request<'_>, body: Body) -> Outcome {
    let live = context.vault.collections();
    match call {
        Call::BackupDirectory => backups::directory(context),
        Call::CancelJob(id) => jobs::cancel(context, id),
        Call::CreateBackup => backups::create(context, request, body).await,
        Call::CreateCollection => collections::create(live, body).await,
        Call::DeleteBackup(id) => backups::delete(context, id).await,
        Call::DeleteCollection(name) => collections::delete(live, &name).await,
        Call::DeleteVector(collection, id) => vectors::delete(live, &collection, id).await,
        Call::DiffBackups(a, b) => backups::diff(context, a, b, DiffQuery::parse(request.query)?).await,
        Call::DownloadBackup(id) => transfers::download(context, id, request).await,
        Call::Health => health(context),
        Call::InsertTexts => inserts::texts(context, body).await,
        Call::InsertVectors(collection) => inserts::vectors(context, collection, body).await,
        Call::JobEvents(id) => jobs::events(context, id),
        Call::ListBackups => backups::list(context).await,
        Call::ListCollections => collections::list(live).await,
        Call::ListJobs => jobs::list(context).await,
        Call::ListVectors(collection) => {
            vectors::list(context, &collection, PageQuery::parse(request.query)?).await
        }
        Call::OpenApi => Ok(openapi::answer()),
        Call::Page(asset) => Ok(asset.answer(request.headers)),
        Call::RestoreBackup => backups::restore(context, request, body).await,
        Call::Search => Err(search()),
        Call::ShowBackup(id) => backups::show(context, id).await,
        Call::ShowCollection(name) => collections::show(live, &name).await,
        Call::ShowJob(id) => jobs::show(context, id),
        Call::ShowVector(collection, id) => vectors::show(context, &collection, &id).await,
        Call::UploadBackup => transfers::upload(context, body).await,
        Call::VerifyBackup(id) => backups::verify(context, id, request, body).await,
    }
}

fn health(context: &Context) -> Outcome {
    replies::json(&Health {
        status: "healthy",
        version: env!("CARGO_PKG_VERSION"),
        timestamp: replies::rfc3339(Utc::now()),
        uptime: context.began.elapsed().as_secs(),
    })
}

fn search() -> ApiError {
    let message =
        "VecVault keeps backups of collections and does not search them; restore into a vector database";
    ApiError::new(StatusCode::NOT_IMPLEMENTED, "not_implemented", message)
}

/// Runs CPU work off the async threads.
async fn blocking<T: Send + 'static>(work: impl FnOnce() -> T + Send + 'static) -> Result<T, ApiError> {
    tokio::task::spawn_blocking(work).await.map_err(|_| ApiError::internal("the work broke off"))
}
