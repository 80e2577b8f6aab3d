//! Records through a server's collection calls: whole collections in, page by page out.
//!
//! The calls know neither staging nor snapshots. So an import makes a new collection and takes it away
//! again when it fails, and an export that finds the collection changed under it fails.

use serde::{Deserialize, Deserializer};
use serde_json::json;
use serde_json::value::RawValue;
use vecvault::lines::{Batches, Decoded, ImportError, ImportReport, ImportRequest};
use vecvault_core::format::float::{Tier, read_array};
use vecvault_core::format::limits::MAX_DIMENSION;
use vecvault_core::format::write_record;
use vecvault_core::{
    CollectionConfig, CollectionName, CollectionProof, Monitor, Phase, Progress, Record, RecordBatch,
};

use super::{Remote, segment};
use crate::cli::exit::{Exit, Failure, Outcome};

/// What the server says of a collection.
#[derive(Debug, PartialEq, Eq, Deserialize)]
struct State {
    vector_count: u64,
    updated_at: Option<String>,
}

/// Makes a collection of the records of `batches`, or none.
pub(crate) async fn import(
    server: &Remote,
    request: ImportRequest,
    mut batches: Batches,
    monitor: &dyn Monitor,
) -> Outcome<ImportReport> {
    let first = batches.next(monitor).await?.ok_or(ImportError::Empty)?;
    let ImportRequest { name, metric, bytes, .. } = request;
    let config = CollectionConfig::new(first.batch.dimension(), metric).map_err(ImportError::from)?;
    let new = json!({"name": name, "dimension": config.dimension(), "metric": config.metric()});
    server.post("collections", &new).await?;
    match fill(server, &name, first, batches, bytes, monitor).await {
        Ok(proof) => Ok(ImportReport { name, config, proof, replaced: false }),
        Err(mut failure) => {
            if let Err(error) = server.delete(&format!("collections/{}", segment(name.as_str()))).await {
                failure.message += &format!(
                    "; collection {name:?} is incomplete and could not be deleted: {}",
                    error.message
                );
            }
            Err(failure)
        }
    }
}

async fn fill(
    server: &Remote,
    name: &CollectionName,
    first: Decoded,
    mut batches: Batches,
    total_bytes: Option<u64>,
    monitor: &dyn Monitor,
) -> Outcome<CollectionProof> {
    let mut proof = CollectionProof::EMPTY;
    let mut next = Some(first);
    while let Some(Decoded { batch, proof: part, bytes }) = next {
        proof = proof.plus(part);
        server.post_text("insert_vectors", insert_body(name, &batch)?).await.map_err(bad_records)?;
        let records = proof.count;
        monitor.progress(Progress {
            phase: Phase::Writing,
            records,
            total_records: None,
            bytes,
            total_bytes,
        });
        next = batches.next(monitor).await?;
    }
    let held = state(server, name).await?.vector_count;
    if held == proof.count {
        return Ok(proof);
    }
    let message =
        format!("{} records were sent and collection {name:?} holds {held}: an id occurs twice", proof.count);
    Err(Failure::new(Exit::Failure, message))
}

/// The request is ours; what a server finds wrong in it are the records.
fn bad_records(failure: Failure) -> Failure {
    match failure.exit {
        Exit::Usage => Failure { exit: Exit::Failure, ..failure },
        _ => failure,
    }
}

fn insert_body(name: &CollectionName, batch: &RecordBatch) -> Outcome<String> {
    let failed = |error: &dyn std::fmt::Display| Failure::new(Exit::Failure, error.to_string());
    let mut body = format!("{{\"collection\":{},\"vectors\":[", json!(name)).into_bytes();
    for (index, record) in batch.records().enumerate() {
        if index > 0 {
            body.push(b',');
        }
        write_record(Tier::detect(), record, &mut body).map_err(|error| failed(&error))?;
    }
    body.extend_from_slice(b"]}");
    String::from_utf8(body).map_err(|error| failed(&error))
}

/// The records of a collection, page by page.
#[derive(Debug)]
pub(crate) struct Pages {
    server: Remote,
    name: CollectionName,
    began: State,
    offset: u64,
}

#[derive(Deserialize)]
struct Page {
    vectors: Vec<Vector>,
}

#[derive(Deserialize)]
struct Vector {
    id: String,
    vector: Box<RawValue>,
    #[serde(default, deserialize_with = "present")]
    payload: Option<Box<RawValue>>,
    extra: Option<Box<RawValue>>,
}

/// Tells a `null` from nothing.
fn present<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Box<RawValue>>, D::Error> {
    Box::deserialize(deserializer).map(Some)
}

impl Pages {
    pub(crate) async fn open(server: &Remote, name: &CollectionName) -> Outcome<Self> {
        let began = state(server, name).await?;
        Ok(Self { server: server.clone(), name: name.clone(), began, offset: 0 })
    }

    /// The next records; an empty batch is the end, and the collection has not changed meanwhile.
    pub(crate) async fn next(&mut self) -> Outcome<RecordBatch> {
        const LIMIT: usize = 1_000;
        let path = format!(
            "collections/{}/vectors?limit={LIMIT}&offset={}",
            segment(self.name.as_str()),
            self.offset
        );
        let page: Page = self.server.get(&path).await?.view()?;
        let batch = page.batch()?;
        self.offset += batch.len() as u64;
        if batch.is_empty()
            && (self.offset != self.began.vector_count
                || state(&self.server, &self.name).await? != self.began)
        {
            let message = format!("collection {:?} changed while it was read: try again", self.name);
            return Err(Failure::new(Exit::Conflict, message));
        }
        Ok(batch)
    }
}

impl Page {
    fn batch(&self) -> Outcome<RecordBatch> {
        let mut batch = RecordBatch::default();
        let mut numbers = Vec::new();
        for Vector { id, vector, payload, extra } in &self.vectors {
            let failed = |error: &dyn std::fmt::Display| {
                Failure::new(Exit::Failure, format!("vector {id:?}: {error}"))
            };
            numbers.clear();
            let text = vector.get();
            if !text.starts_with('[') {
                return Err(failed(&"expected an array of numbers"));
            }
            read_array(Tier::detect(), text.as_bytes(), 1, MAX_DIMENSION, &mut numbers)
                .map_err(|error| failed(&error))?;
            if batch.is_empty() {
                batch.reset(numbers.len());
            }
            let members = extra.as_deref().map_or("", |extra| extra.get());
            let extra = members.strip_prefix('{').and_then(|text| text.strip_suffix('}')).unwrap_or("");
            let metadata = payload.as_deref().map(RawValue::get);
            batch.push(Record { id, vector: &numbers, metadata, extra }).map_err(|error| failed(&error))?;
        }
        Ok(batch)
    }
}

async fn state(server: &Remote, name: &CollectionName) -> Outcome<State> {
    server.get(&format!("collections/{}", segment(name.as_str()))).await?.view()
}
