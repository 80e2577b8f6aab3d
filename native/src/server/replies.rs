//! What the API answers: one type an answer, and how it becomes a response.
//!
//! Clients of the API are strict in places: `/collections` answers hold no members that those clients do
//! not know.

use bytes::Bytes;
use chrono::{DateTime, SecondsFormat, Utc};
use futures_util::Stream;
use serde::Serialize;
use serde_json::value::RawValue;
use sync_wrapper::SyncStream;
use vecvault_core::{BackupEntry, BackupId, BackupInfo, CollectionName, Metric, Record, RestoreReport};
use warp::Reply;
use warp::http::StatusCode;
use warp::http::header::{CONTENT_TYPE, HeaderName, HeaderValue, LOCATION};
use warp::reply::Response;

use super::errors::ApiError;
use super::jobs::Job;
use super::memory::Share;
use crate::collections::CollectionState;

const PREFERENCE_APPLIED: HeaderName = HeaderName::from_static("preference-applied");

/// A response of status 200 with a JSON body.
pub(super) fn json(body: &impl Serialize) -> Result<Response, ApiError> {
    Ok(json_text(to_text(body)?.into()))
}

/// The same of an answer that is long, and keeps its part of the memory until it is sent.
pub(super) fn json_held(body: &impl Serialize, share: Share) -> Result<Response, ApiError> {
    Ok(json_text(share.keep_for(to_text(body)?)))
}

/// A response whose body is made while it is sent. It ends early where the stream fails.
pub(super) fn streamed<E>(
    content_type: &'static str,
    body: impl Stream<Item = Result<Bytes, E>> + Send + 'static,
) -> Response
where
    E: Into<Box<dyn std::error::Error + Send + Sync>> + Send + 'static,
{
    let mut response = warp::reply::stream(SyncStream::new(body)).into_response();
    response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static(content_type));
    response
}

/// The answer to a call that has become a job: where to find it, and the job.
pub(super) fn accepted(job: &Job) -> Result<Response, ApiError> {
    let mut response = json(job)?;
    *response.status_mut() = StatusCode::ACCEPTED;
    let headers = response.headers_mut();
    headers.extend(HeaderValue::from_str(&format!("/api/jobs/{}", job.id)).ok().map(|at| (LOCATION, at)));
    headers.insert(PREFERENCE_APPLIED, HeaderValue::from_static("respond-async"));
    Ok(response)
}

fn to_text(body: &impl Serialize) -> Result<Vec<u8>, ApiError> {
    serde_json::to_vec(body).map_err(|error| ApiError::internal(format!("the answer: {error}")))
}

/// A response of status 200 with a body that is JSON text already.
pub(super) fn json_text(text: Bytes) -> Response {
    let mut response = Response::new(text.into());
    response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
    response
}

/// A sentence.
#[derive(Serialize)]
pub(super) struct Message {
    pub(super) message: String,
}

/// `GET /health`.
#[derive(Serialize)]
pub(super) struct Health {
    pub(super) status: &'static str,
    pub(super) version: &'static str,
    pub(super) timestamp: String,
    /// Seconds since the server began.
    pub(super) uptime: u64,
}

/// `GET /backups`, and what the command line's list is everywhere: backups, newest first, and apart from them the files that
/// are named as backups and do not open, so that no one takes one for a good one.
#[derive(Debug, Serialize)]
pub struct BackupList<'a> {
    backups: Vec<&'a BackupInfo>,
    damaged: Vec<UnopenedBackup>,
}

#[derive(Debug, Serialize)]
struct UnopenedBackup {
    id: BackupId,
    size: u64,
    error_type: &'static str,
    error: String,
}

impl<'a> BackupList<'a> {
    /// The document of these entries, in their order.
    pub fn new(entries: &'a [BackupEntry]) -> Self {
        let mut list = Self { backups: Vec::new(), damaged: Vec::new() };
        for entry in entries {
            match entry {
                BackupEntry::Backup(summary) => list.backups.push(&summary.info),
                BackupEntry::Damaged { id, size, error } => list.damaged.push(UnopenedBackup {
                    id: *id,
                    size: *size,
                    error_type: super::errors::error_type(error),
                    error: error.to_string(),
                }),
            }
        }
        list
    }
}

/// `GET /backups/directory`.
#[derive(Serialize)]
pub(super) struct Directory<'a> {
    pub(super) path: &'a str,
}

/// `POST /backups/restore`.
#[derive(Serialize)]
pub(super) struct Restored {
    success: bool,
    message: &'static str,
    #[serde(flatten)]
    report: RestoreReport,
}

impl From<RestoreReport> for Restored {
    fn from(report: RestoreReport) -> Self {
        Self { success: true, message: "Backup restored successfully", report }
    }
}

/// `GET /jobs`.
#[derive(Serialize)]
pub(super) struct JobList<'a> {
    pub(super) jobs: Vec<&'a Job>,
}

/// `GET /collections`.
#[derive(Serialize)]
pub(super) struct CollectionList {
    pub(super) collections: Vec<Collection>,
    pub(super) total_collections: usize,
}

/// `GET /collections/{name}`.
#[derive(Serialize)]
pub(super) struct Collection {
    name: CollectionName,
    dimension: usize,
    metric: Metric,
    vector_count: u64,
    status: &'static str,
    created_at: String,
    updated_at: String,
}

impl From<CollectionState> for Collection {
    fn from(state: CollectionState) -> Self {
        Self {
            dimension: state.head.config.dimension(),
            metric: state.head.config.metric().clone(),
            vector_count: count(&state),
            name: state.head.name,
            status: "ready",
            created_at: rfc3339(state.created),
            updated_at: rfc3339(state.updated),
        }
    }
}

/// `POST /collections`: two clients want two shapes, and the stricter one refuses the other's.
#[derive(Serialize)]
#[serde(untagged)]
pub(super) enum CollectionCreated {
    /// For callers that say `metric`.
    ByMetric { message: &'static str, collection: CollectionName, dimension: usize, metric: Metric },
    /// For callers that say `similarity_metric`.
    BySimilarityMetric { name: CollectionName, dimension: usize, vector_count: u64, metric: Metric },
}

/// An insert that was done: all of it.
#[derive(Serialize)]
pub(super) struct Inserted<'a> {
    collection: &'a CollectionName,
    inserted: usize,
    failed: usize,
    count: usize,
    results: Vec<InsertedRecord<'a>>,
}

#[derive(Serialize)]
struct InsertedRecord<'a> {
    index: usize,
    status: &'static str,
    client_id: &'a str,
    vector_ids: [&'a str; 1],
    vectors_created: usize,
}

impl<'a> Inserted<'a> {
    pub(super) fn new(collection: &'a CollectionName, ids: &'a [String]) -> Self {
        let record = |(index, id): (usize, &'a String)| InsertedRecord {
            index,
            status: "ok",
            client_id: id,
            vector_ids: [id],
            vectors_created: 1,
        };
        let results = ids.iter().enumerate().map(record).collect();
        Self { collection, inserted: ids.len(), failed: 0, count: ids.len(), results }
    }
}

/// `GET /collections/{name}/vectors`.
#[derive(Serialize)]
pub(super) struct VectorPage<'a> {
    pub(super) vectors: Vec<Vector<'a>>,
    /// Vectors in the whole collection.
    pub(super) total: u64,
    /// The limit that was applied: the one asked for, or less.
    pub(super) limit: usize,
    pub(super) offset: u64,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) message: Option<String>,
}

/// A record in a page.
#[derive(Serialize)]
pub(super) struct Vector<'a> {
    id: &'a str,
    vector: &'a [f32],
    #[serde(skip_serializing_if = "Option::is_none")]
    payload: Option<&'a RawValue>,
    /// Members of the record that VecVault keeps without knowing them.
    #[serde(skip_serializing_if = "Option::is_none")]
    extra: Option<Box<RawValue>>,
}

/// `GET /collections/{name}/vectors/{id}`: under the names of both of the calls that clients have for it.
#[derive(Serialize)]
pub(super) struct OneVector<'a> {
    #[serde(flatten)]
    vector: Vector<'a>,
    data: &'a [f32],
    #[serde(skip_serializing_if = "Option::is_none")]
    metadata: Option<&'a RawValue>,
}

impl<'a> Vector<'a> {
    pub(super) fn new(record: Record<'a>) -> Result<Self, ApiError> {
        let unreadable = |error| ApiError::internal(format!("vector {:?}: its metadata: {error}", record.id));
        let payload = record.metadata.map(serde_json::from_str).transpose().map_err(unreadable)?;
        let extra =
            (!record.extra.is_empty()).then(|| RawValue::from_string(format!("{{{}}}", record.extra)));
        Ok(Self {
            id: record.id,
            vector: record.vector,
            payload,
            extra: extra.transpose().map_err(unreadable)?,
        })
    }
}

impl<'a> OneVector<'a> {
    pub(super) fn new(record: Record<'a>) -> Result<Self, ApiError> {
        let vector = Vector::new(record)?;
        Ok(Self { data: vector.vector, metadata: vector.payload, vector })
    }
}

/// How many records a collection has.
pub(super) fn count(state: &CollectionState) -> u64 {
    state.head.proof.map_or(0, |proof| proof.count)
}

/// A time as this API writes it.
pub(super) fn rfc3339(time: DateTime<Utc>) -> String {
    time.to_rfc3339_opts(SecondsFormat::AutoSi, true)
}
