//! Records through a server's collection calls: whole collections in, page by page out.
//!
//! The calls know neither staging nor snapshots. So an import makes a new collection and takes it away
//! again when it fails and nobody else wrote to it, and an export that finds the collection changed under it
//! fails.

use std::borrow::Cow;
use std::collections::BTreeMap;

use serde::de::IgnoredAny;
use serde::{Deserialize, Deserializer};
use serde_json::json;
use serde_json::value::RawValue;
use vecvault::lines::{Batches, Decoded, ImportError, ImportReport, ImportRequest};
use vecvault_core::format::float::{Tier, read_array};
use vecvault_core::format::limits::MAX_DIMENSION;
use vecvault_core::format::{RecordMembers, fingerprint, write_record};
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

/// Makes a collection of the records of `batches`, or none. They are read back and compared.
pub(crate) async fn import(
    server: &Remote,
    request: ImportRequest,
    mut batches: Batches,
    monitor: &dyn Monitor,
) -> Outcome<ImportReport> {
    let first = batches.next(monitor).await?.ok_or(ImportError::Empty)?;
    let ImportRequest { name, metric, bytes, .. } = request;
    let config = CollectionConfig::new(first.batch.dimension(), metric).map_err(ImportError::from)?;
    // Of the first batch this is known before the collection is there.
    let body = insert_body(&name, &first)?;
    let new = json!({"name": name, "dimension": config.dimension(), "metric": config.metric()});
    server.post("collections", &new).await?;
    let mut filling = Filling { server, name: &name, sent: CollectionProof::EMPTY, others_wrote: false };
    let filled = match filling.fill(first, body, batches, bytes, monitor).await {
        Ok(()) => filling.prove(monitor).await,
        Err(failure) => Err(failure),
    };
    match filled {
        Ok(()) => Ok(ImportReport { config, proof: filling.sent, replaced: false, name }),
        Err(failure) => Err(filling.withdraw(failure).await),
    }
}

/// A new collection that an import fills. Others may write to it as well.
struct Filling<'a> {
    server: &'a Remote,
    name: &'a CollectionName,
    /// What the collection holds at most, if only this import writes to it.
    sent: CollectionProof,
    others_wrote: bool,
}

impl Filling<'_> {
    async fn fill(
        &mut self,
        mut decoded: Decoded,
        mut body: String,
        mut rest: Batches,
        total_bytes: Option<u64>,
        monitor: &dyn Monitor,
    ) -> Outcome<()> {
        loop {
            let before = self.sent;
            self.sent = self.sent.plus(decoded.proof);
            if let Err(failure) = self.server.post_text("insert_vectors", body).await {
                // Where no answer comes it may have been done; where the server says no it was not.
                if failure.exit != Exit::Failure {
                    self.sent = before;
                }
                return Err(bad_records(failure));
            }
            let (records, bytes) = (self.sent.count, decoded.bytes);
            let phase = Phase::Writing;
            monitor.progress(Progress { phase, records, total_records: None, bytes, total_bytes });
            decoded = match rest.next(monitor).await? {
                Some(next) => next,
                None => return Ok(()),
            };
            body = insert_body(self.name, &decoded)?;
        }
    }

    /// Reads the collection back and compares it with what was sent.
    async fn prove(&mut self, monitor: &dyn Monitor) -> Outcome<()> {
        let Self { server, name, sent, .. } = self;
        let mut pages = Pages::open(server, name).await?;
        let mut found = CollectionProof::EMPTY;
        loop {
            let batch = match pages.next().await {
                Ok(batch) => batch,
                Err(failure) => {
                    self.others_wrote = pages.changed;
                    return Err(failure);
                }
            };
            if batch.is_empty() {
                break;
            }
            found = found.plus(fingerprint::of_batch(&batch));
            let (phase, records, total_records) = (Phase::Proving, found.count, Some(sent.count));
            monitor.progress(Progress { phase, records, total_records, bytes: 0, total_bytes: None });
            if monitor.cancelled() {
                return Err(Failure::interrupted());
            }
        }
        if found == *sent {
            return Ok(());
        }
        let (sent, held) = (sent.count, found.count);
        if held < sent {
            let message = format!(
                "{sent} records were sent and collection {name:?} holds {held}: an id occurs twice, or another \
                 client took records away"
            );
            return Err(Failure::new(Exit::Failure, message));
        }
        let message = format!(
            "collection {name:?} does not hold what was sent: another client has written to it meanwhile"
        );
        self.others_wrote = true;
        Err(Failure::new(Exit::Conflict, message))
    }

    /// Takes the collection away again, unless others wrote to it; the failure says what became of it.
    async fn withdraw(&self, mut failure: Failure) -> Failure {
        let Self { server, name, sent, others_wrote } = self;
        let deleted = match state(server, name).await {
            Ok(state) if *others_wrote || state.vector_count > sent.count => {
                failure.message +=
                    &format!("; collection {name:?} is left as it is, for others have written to it");
                return failure;
            }
            Ok(_) => server.delete(&format!("collections/{}", segment(name.as_str()))).await,
            Err(error) => Err(error),
        };
        if let Err(error) = deleted {
            failure.message +=
                &format!("; collection {name:?} is incomplete and could not be deleted: {}", error.message);
        }
        failure
    }
}

/// The request is ours; what a server finds wrong in it are the records.
fn bad_records(failure: Failure) -> Failure {
    match failure.exit {
        Exit::Usage => Failure { exit: Exit::Failure, ..failure },
        _ => failure,
    }
}

fn insert_body(name: &CollectionName, decoded: &Decoded) -> Outcome<String> {
    let failed = |error: &dyn std::fmt::Display| Failure::new(Exit::Failure, error.to_string());
    let mut body = format!("{{\"collection\":{},\"vectors\":[", json!(name)).into_bytes();
    for (index, record) in decoded.batch.records().enumerate() {
        if index > 0 {
            body.push(b',');
        }
        if let Some(member) = misread(record.extra)? {
            let line = decoded.place(index);
            let message = format!(
                "{line}, record {:?}: a server takes its member {member:?} for the record's vector or metadata; \
                 give it another name, or import where the data are, without --server",
                record.id
            );
            return Err(Failure::new(Exit::Failure, message));
        }
        write_record(Tier::detect(), record, &mut body).map_err(|error| failed(&error))?;
    }
    body.extend_from_slice(b"]}");
    String::from_utf8(body).map_err(|error| failed(&error))
}

/// A member beside vector and metadata that the insert call knows as one of the two.
fn misread(extra: &str) -> Outcome<Option<String>> {
    if extra.is_empty() {
        return Ok(None);
    }
    let members: BTreeMap<Cow<'_, str>, IgnoredAny> = serde_json::from_str(&format!("{{{extra}}}"))?;
    let RecordMembers { vector, metadata } = RecordMembers::INSERT;
    let known = |name: &str| vector.contains(&name) || metadata.contains(&name);
    Ok(members.into_keys().find(|name| known(name)).map(Cow::into_owned))
}

/// The records of a collection, page by page.
#[derive(Debug)]
pub(crate) struct Pages {
    server: Remote,
    name: CollectionName,
    began: State,
    offset: u64,
    /// It has changed since reading began.
    changed: bool,
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
        Ok(Self { server: server.clone(), name: name.clone(), began, offset: 0, changed: false })
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
            self.changed = true;
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
