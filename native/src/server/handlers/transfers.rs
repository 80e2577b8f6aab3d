//! Backups as files: `/backups/{id}/download` and `/backups/upload`.

use std::sync::Arc;

use futures_util::StreamExt;
use tokio::sync::OwnedSemaphorePermit;
use vecvault_core::{BackupId, BlobErrorKind, Error};
use warp::http::header::{
    ACCEPT_RANGES, CONTENT_DISPOSITION, CONTENT_LENGTH, CONTENT_TYPE, ETAG, HeaderMap, HeaderValue, LOCATION,
};
use warp::http::{Method, StatusCode};
use warp::reply::Response;

use super::Outcome;
use crate::server::body::{Body, Failure};
use crate::server::errors::ApiError;
use crate::server::ranges::{self, Part};
use crate::server::replies;
use crate::server::service::{Context, Request};

const JSON: &str = "application/json";

/// The file as it is, whole or a range of it, of one version: where it is replaced meanwhile, the body breaks
/// off.
pub(super) async fn download(context: &Context, id: BackupId, request: &Request<'_>) -> Outcome {
    let place = place(context)?;
    let backups = context.vault.backups();
    let meta = backups.head(&id.key()).await.map_err(|error| match error.kind() {
        BlobErrorKind::NotFound => Error::BackupNotFound { id },
        _ => error.into(),
    })?;
    let etag = ranges::etag(&meta.version);
    let range = match ranges::asked_for(request.method, request.headers, &etag, meta.size)? {
        Part::NotModified => {
            let mut response = Response::default();
            *response.status_mut() = StatusCode::NOT_MODIFIED;
            response.headers_mut().insert(ETAG, etag);
            return Ok(response);
        }
        Part::Whole => None,
        Part::Range(range) => Some(range),
    };
    let length = range.as_ref().map_or(meta.size, |range| range.end - range.start);
    let mut response = if *request.method == Method::HEAD {
        Response::default()
    } else {
        let read = backups.get(&meta.key, range.clone(), Some(&meta.version)).await.map_err(Error::from)?;
        // The place is given back with the stream.
        replies::streamed(JSON, read.body.inspect(move |_| _ = &place))
    };
    if let Some(range) = range {
        *response.status_mut() = StatusCode::PARTIAL_CONTENT;
        ranges::describe(response.headers_mut(), &range, meta.size);
    }
    let headers = response.headers_mut();
    headers.insert(CONTENT_LENGTH, HeaderValue::from(length));
    headers.insert(ETAG, etag);
    describe(headers, id);
    Ok(response)
}

/// What is said of the file itself.
fn describe(headers: &mut HeaderMap, id: BackupId) {
    let disposition = HeaderValue::from_str(&format!("attachment; filename=\"{id}.backup\""));
    headers.extend(disposition.ok().map(|disposition| (CONTENT_DISPOSITION, disposition)));
    headers.insert(ACCEPT_RANGES, HeaderValue::from_static("bytes"));
    headers.insert(CONTENT_TYPE, HeaderValue::from_static(JSON));
}

/// A file becomes a backup, under the id that it says. It is written once, and seen by nobody before every
/// byte is proved.
pub(super) async fn upload(context: &Arc<Context>, body: Body) -> Outcome {
    let _place = place(context)?;
    let failure = Failure::default();
    let (body, length) = body.limited(context.config.limits.upload_bytes).into_stream(failure.clone());
    let received = context.vault.receive(body, length).await;
    // What the caller did wrong says more than what came of it.
    let received = received.map_err(|error| failure.take().unwrap_or_else(|| error.into()))?;
    let vault = context.vault.clone();
    let summary =
        context.jobs.run_in_turn(|monitor| async move { vault.keep(received, monitor).await }).await?;
    let mut response = replies::json(&summary)?;
    *response.status_mut() = StatusCode::CREATED;
    let location = HeaderValue::from_str(&format!("/api/backups/{}", summary.info.id));
    response.headers_mut().extend(location.ok().map(|location| (LOCATION, location)));
    Ok(response)
}

/// A place among the transfers.
fn place(context: &Context) -> Result<OwnedSemaphorePermit, ApiError> {
    context.transfers.clone().try_acquire_owned().map_err(|_| {
        let most = context.config.limits.transfers;
        ApiError::busy(format!("{most} uploads and downloads are running, which is the limit"), 5)
    })
}
