//! Errors as the API tells them: a status and the envelope
//! `{"error_type","message","details"?,"status_code","request_id"?}`.
//!
//! Messages name the field or the thing and say what to do; they carry no paths of this machine. The types
//! are those that clients of the API know, with a few of our own.

use std::error::Error as StdError;

use serde::Serialize;
use serde_json::{Map, Value};
use vecvault_core::format::{FormatError, FormatErrorKind};
use vecvault_core::{CollectionError, Error, ErrorKind};
use warp::http::{HeaderName, HeaderValue, StatusCode, header};
use warp::reply::Response;

use super::replies;
use crate::UploadError;

/// A request that is answered with an error.
#[derive(Debug)]
pub(super) struct ApiError {
    status: StatusCode,
    error_type: &'static str,
    message: String,
    details: Map<String, Value>,
    header: Option<Box<(HeaderName, HeaderValue)>>,
    cause: Option<String>,
}

/// An error as clients see it.
#[derive(Serialize)]
pub(super) struct Envelope<'a> {
    error_type: &'a str,
    message: &'a str,
    #[serde(skip_serializing_if = "Map::is_empty")]
    details: &'a Map<String, Value>,
    status_code: u16,
    #[serde(skip_serializing_if = "str::is_empty")]
    request_id: &'a str,
}

impl ApiError {
    /// An error of any kind.
    pub(super) fn new(status: StatusCode, error_type: &'static str, message: impl Into<String>) -> Self {
        let message = message.into();
        Self { status, error_type, message, details: Map::new(), header: None, cause: None }
    }

    /// A request that makes no sense; `field` is the member, parameter or path segment at fault.
    pub(super) fn invalid(field: impl Into<String>, problem: impl std::fmt::Display) -> Self {
        let field = field.into();
        Self::new(StatusCode::BAD_REQUEST, "validation_error", format!("{field}: {problem}"))
            .with("field", field)
    }

    /// There is no record of that id.
    pub(super) fn vector_not_found(collection: &str, id: &str) -> Self {
        let message = format!("collection {collection:?} has no vector {id:?}");
        Self::new(StatusCode::NOT_FOUND, "vector_not_found", message)
            .with("collection", collection)
            .with("id", id)
    }

    /// Too much at once; the caller may try again after `seconds`.
    pub(super) fn busy(message: impl Into<String>, seconds: u32) -> Self {
        Self::new(StatusCode::TOO_MANY_REQUESTS, "queue_full", message)
            .with_header(header::RETRY_AFTER, HeaderValue::from(seconds))
    }

    /// A fault of this server.
    pub(super) fn internal(message: impl Into<String>) -> Self {
        Self::new(StatusCode::INTERNAL_SERVER_ERROR, "internal_error", message)
    }

    /// Adds a member to `details`.
    #[must_use]
    pub(super) fn with(mut self, name: &str, value: impl Into<Value>) -> Self {
        self.details.insert(name.into(), value.into());
        self
    }

    /// Adds a header to the response.
    #[must_use]
    pub(super) fn with_header(mut self, name: HeaderName, value: HeaderValue) -> Self {
        self.header = Some(Box::new((name, value)));
        self
    }

    /// What the log needs beyond the request's line: of faults on this side, the message and its causes.
    pub(super) fn for_log(&self) -> Option<String> {
        let cause = self.cause.as_deref().unwrap_or("");
        self.status.is_server_error().then(|| format!("{}{cause}", self.message))
    }

    /// The envelope; where the error is not a request's own, `request_id` is empty.
    pub(super) fn envelope<'a>(&'a self, request_id: &'a str) -> Envelope<'a> {
        Envelope {
            error_type: self.error_type,
            message: &self.message,
            details: &self.details,
            status_code: self.status.as_u16(),
            request_id,
        }
    }

    /// The response.
    pub(super) fn into_response(self, request_id: &str) -> Response {
        let mut response = replies::json(&self.envelope(request_id)).unwrap_or_default();
        *response.status_mut() = self.status;
        response.headers_mut().extend(self.header.map(|header| *header));
        response
    }

    /// Adds the causes of `error`, for the log.
    #[must_use]
    pub(super) fn caused_by(mut self, error: &(dyn StdError + 'static)) -> Self {
        let mut causes = String::new();
        let mut next = error.source();
        while let Some(cause) = next {
            causes.push_str(&format!(": {cause}"));
            next = cause.source();
        }
        self.cause = Some(causes);
        self
    }
}

impl From<Box<Error>> for ApiError {
    fn from(error: Box<Error>) -> Self {
        Self::from(*error)
    }
}

impl From<Error> for ApiError {
    fn from(error: Error) -> Self {
        let (status, error_type) = classify(error.kind(), &error);
        let this = Self::new(status, error_type, error.to_string());
        let this = match &error {
            Error::BackupNotFound { id } => this.with("backup_id", id.to_string()),
            Error::CollectionNotFound { name } => this.with("collection", name.as_str()),
            Error::CollectionNotInBackup { id, name } => {
                this.with("backup_id", id.to_string()).with("collection", name.as_str())
            }
            Error::Damaged { backup, error } => this
                .with("backup_id", backup.as_str())
                .with("offset", error.offset())
                .with("path", error.path()),
            Error::DuplicateCollection { name } => this.with("collection", name.as_str()),
            Error::InvalidId { .. } => this.with("field", "backup_id"),
            Error::InsufficientSpace { needed, free } => this.with("needed", *needed).with("free", *free),
            _ => this,
        };
        match error.kind() {
            ErrorKind::Cancelled | ErrorKind::Unavailable => {
                this.with_header(header::RETRY_AFTER, HeaderValue::from(5)).caused_by(&error)
            }
            _ => this.caused_by(&error),
        }
    }
}

impl From<CollectionError> for ApiError {
    fn from(error: CollectionError) -> Self {
        let collection = error.collection().map(|name| name.as_str().to_owned());
        let this = Self::from(Error::from(error));
        collection.into_iter().fold(this, |this, name| this.with("collection", name))
    }
}

impl From<UploadError> for ApiError {
    fn from(error: UploadError) -> Self {
        let message = error.to_string();
        match error {
            UploadError::Damaged { finding, findings } => {
                let error_type = match finding.code {
                    "unsupported_version" => "unsupported_format",
                    _ => "backup_damaged",
                };
                Self::new(StatusCode::UNPROCESSABLE_ENTITY, error_type, message)
                    .with("code", finding.code)
                    .with("offset", finding.offset)
                    .with("path", finding.path)
                    .with("findings", findings)
            }
            UploadError::Exists { id } => Self::new(StatusCode::CONFLICT, "backup_already_exists", message)
                .with("backup_id", id.to_string()),
            UploadError::Vault(error) => error.into(),
        }
    }
}

/// A body whose records cannot be read.
impl From<FormatError> for ApiError {
    fn from(error: FormatError) -> Self {
        let error_type = match error.kind() {
            FormatErrorKind::WrongDimension { .. } | FormatErrorKind::DimensionOutOfRange { .. } => {
                "dimension_mismatch"
            }
            _ => "validation_error",
        };
        Self::new(StatusCode::BAD_REQUEST, error_type, error.to_string())
            .with("field", error.path())
            .with("offset", error.offset())
    }
}

/// The word for the kind of an error.
pub(super) fn error_type(error: &Error) -> &'static str {
    classify(error.kind(), error).1
}

fn classify(kind: ErrorKind, error: &Error) -> (StatusCode, &'static str) {
    let of_collection = matches!(
        error,
        Error::Collections(_) | Error::CollectionNotFound { .. } | Error::CollectionNotInBackup { .. }
    );
    match kind {
        ErrorKind::Cancelled => (StatusCode::SERVICE_UNAVAILABLE, "cancelled"),
        ErrorKind::Conflict if is_existing_collection(error) => {
            (StatusCode::CONFLICT, "collection_already_exists")
        }
        ErrorKind::Conflict => (StatusCode::CONFLICT, "conflict"),
        ErrorKind::Damaged => (StatusCode::UNPROCESSABLE_ENTITY, "backup_damaged"),
        ErrorKind::Invalid => (StatusCode::BAD_REQUEST, "validation_error"),
        ErrorKind::NoSpace => (StatusCode::INSUFFICIENT_STORAGE, "insufficient_storage"),
        ErrorKind::NotFound if of_collection => (StatusCode::NOT_FOUND, "collection_not_found"),
        ErrorKind::NotFound => (StatusCode::NOT_FOUND, "backup_not_found"),
        ErrorKind::PermissionDenied => (StatusCode::FORBIDDEN, "permission_denied"),
        ErrorKind::Unavailable => (StatusCode::SERVICE_UNAVAILABLE, "unavailable"),
        ErrorKind::Unsupported => (StatusCode::UNPROCESSABLE_ENTITY, "unsupported_format"),
        _ => (StatusCode::INTERNAL_SERVER_ERROR, "internal_error"),
    }
}

fn is_existing_collection(error: &Error) -> bool {
    matches!(error, Error::Collections(e) if e.kind() == vecvault_core::CollectionErrorKind::AlreadyExists)
}
