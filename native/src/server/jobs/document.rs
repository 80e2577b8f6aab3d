//! What is told of a job, and kept: one JSON document.

use std::fmt;
use std::str::FromStr;

use chrono::{DateTime, SecondsFormat, Utc};
use serde::de::Error as _;
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use serde_json::value::{RawValue, to_raw_value};
use uuid::Uuid;
use vecvault_core::{Error, Progress};
use warp::http::StatusCode;

use crate::server::errors::ApiError;

/// The id of a job: a version 7 UUID, so that ids sort by the time of their making.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(in crate::server) struct JobId(Uuid);

/// What a job does.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(in crate::server) enum JobKind {
    Create,
    Restore,
    Verify,
}

/// How a job stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(in crate::server) enum JobState {
    Running,
    /// It has done what it was asked to, and `result` says so.
    Succeeded,
    /// It has changed nothing, and `error` says why.
    Failed,
    /// It was cancelled by its id, and has changed nothing.
    Cancelled,
    /// The server ended before the job's end was written down: what it did is done whole or not at all.
    Interrupted,
}

/// A job.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(in crate::server) struct Job {
    pub(in crate::server) id: JobId,
    pub(in crate::server) kind: JobKind,
    pub(in crate::server) state: JobState,
    pub(super) started: String,
    pub(super) finished: Option<String>,
    /// As it was sent.
    pub(super) request: Box<RawValue>,
    /// How far it has come, or had when it ended.
    pub(super) progress: Option<Box<RawValue>>,
    /// What the same call answers to a caller that waits for it.
    pub(super) result: Option<Box<RawValue>>,
    /// The envelope of an error.
    pub(super) error: Option<Box<RawValue>>,
}

/// How a job ended.
#[derive(Debug)]
pub(super) struct Ending {
    pub(super) state: JobState,
    pub(super) outcome: Result<Box<RawValue>, ApiError>,
}

impl JobId {
    /// An id of that time.
    pub(super) fn new(unix_millis: u64, random: [u8; 10]) -> Self {
        Self(uuid::Builder::from_unix_timestamp_millis(unix_millis, &random).into_uuid())
    }

    /// The time in it, in milliseconds since 1970.
    pub(super) fn unix_millis(self) -> u64 {
        let [a, b, c, d, e, f, ..] = *self.0.as_bytes();
        u64::from_be_bytes([0, 0, a, b, c, d, e, f])
    }
}

impl fmt::Display for JobId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.as_hyphenated().fmt(f)
    }
}

impl FromStr for JobId {
    type Err = ApiError;

    /// Parses the hyphenated form; nothing else is an id.
    fn from_str(text: &str) -> Result<Self, ApiError> {
        let hyphenated = text.len() == uuid::fmt::Hyphenated::LENGTH;
        let id = hyphenated.then(|| Uuid::try_parse(text).ok()).flatten();
        id.map(Self).ok_or_else(|| ApiError::invalid("job", "expected a job's id, which is a UUID"))
    }
}

impl Serialize for JobId {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for JobId {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        text.parse().map_err(|_| D::Error::custom("not a job's id"))
    }
}

impl JobKind {
    pub(super) fn as_str(self) -> &'static str {
        match self {
            Self::Create => "create",
            Self::Restore => "restore",
            Self::Verify => "verify",
        }
    }
}

impl JobState {
    pub(super) fn as_str(self) -> &'static str {
        match self {
            Self::Running => "running",
            Self::Succeeded => "succeeded",
            Self::Failed => "failed",
            Self::Cancelled => "cancelled",
            Self::Interrupted => "interrupted",
        }
    }
}

impl Job {
    /// A job that begins now.
    pub(super) fn new(id: JobId, kind: JobKind, request: Box<RawValue>) -> Self {
        Self {
            id,
            kind,
            state: JobState::Running,
            started: to_the_millisecond(Utc::now()),
            finished: None,
            request,
            progress: None,
            result: None,
            error: None,
        }
    }

    /// The job as it is when it has come so far.
    pub(super) fn at(&self, progress: Option<Progress>) -> Self {
        let progress = progress.and_then(|progress| to_raw_value(&progress).ok());
        Self { progress, ..self.clone() }
    }

    /// The job as it is once it has ended.
    pub(super) fn ended(self, ending: &Ending, at: DateTime<Utc>) -> Self {
        let (result, error) = match &ending.outcome {
            Ok(result) => (Some(result.clone()), None),
            Err(error) => (None, to_raw_value(&error.envelope("")).ok()),
        };
        Self { state: ending.state, finished: Some(to_the_millisecond(at)), result, error, ..self }
    }

    /// About how much memory it takes.
    pub(in crate::server) fn bytes(&self) -> usize {
        const REST: usize = 512;
        let text = |text: &Option<Box<RawValue>>| text.as_ref().map_or(0, |text| text.get().len());
        REST + self.request.get().len() + text(&self.result) + text(&self.error)
    }
}

impl Ending {
    /// Of a verb's result; `asked` says whether somebody cancelled it.
    pub(super) fn of<R: Serialize>(result: vecvault_core::Result<R>, asked: bool) -> Self {
        match result {
            Ok(reply) => match to_raw_value(&reply) {
                Ok(result) => Self { state: JobState::Succeeded, outcome: Ok(result) },
                Err(error) => Self::failed(ApiError::internal(format!("the answer: {error}"))),
            },
            Err(error) => match *error {
                Error::Cancelled if !asked => Self::interrupted(),
                Error::Cancelled => Self { state: JobState::Cancelled, outcome: Err(ApiError::from(error)) },
                _ => Self::failed(ApiError::from(error)),
            },
        }
    }

    /// Of a verb that did not even fail.
    pub(super) fn broken_off() -> Self {
        Self::failed(ApiError::internal("the job broke off"))
    }

    /// Of a job that the server's end cut off.
    pub(super) fn interrupted() -> Self {
        let message = "the server ended before this job's end was recorded; what it did is done whole or not at all: look at the backups and collections";
        let error = ApiError::new(StatusCode::SERVICE_UNAVAILABLE, "interrupted", message);
        Self { state: JobState::Interrupted, outcome: Err(error) }
    }

    fn failed(error: ApiError) -> Self {
        Self { state: JobState::Failed, outcome: Err(error) }
    }
}

/// A time, as finely as jobs need it.
fn to_the_millisecond(time: DateTime<Utc>) -> String {
    time.to_rfc3339_opts(SecondsFormat::Millis, true)
}
