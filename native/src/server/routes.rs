//! Paths to calls. One table says what there is; ids and names are parsed here, so nothing else of a path
//! goes further.
//!
//! A table of our own rather than a chain of warp filters: a wrong method is then answered with what is
//! allowed, a malformed name with 400 and the field, and segments are percent-decoded once, strictly.

use percent_encoding::percent_decode_str;
use vecvault_core::{BackupId, CollectionName};
use warp::http::header::{ALLOW, HeaderValue};
use warp::http::{Method, StatusCode};

use super::errors::ApiError;
use super::jobs::JobId;
use super::page::{self, Asset};

/// What a request asks for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Call {
    BackupDirectory,
    CancelJob(JobId),
    CreateBackup,
    CreateCollection,
    DeleteBackup(BackupId),
    DeleteCollection(CollectionName),
    DeleteVector(CollectionName, String),
    DiffBackups(BackupId, BackupId),
    DownloadBackup(BackupId),
    Health,
    InsertTexts,
    /// Into the collection of the path, or else of the body.
    InsertVectors(Option<CollectionName>),
    JobEvents(JobId),
    ListBackups,
    ListCollections,
    ListJobs,
    ListVectors(CollectionName),
    OpenApi,
    Page(&'static Asset),
    RestoreBackup,
    Search,
    ShowBackup(BackupId),
    ShowCollection(CollectionName),
    ShowJob(JobId),
    ShowVector(CollectionName, String),
    UploadBackup,
    VerifyBackup(BackupId),
}

struct Row {
    method: Method,
    /// Without the prefix; `*` is a segment that is handed to `call`.
    path: &'static str,
    call: fn(Segments<'_>) -> Result<Call, ApiError>,
}

const fn row(method: Method, path: &'static str, call: fn(Segments<'_>) -> Result<Call, ApiError>) -> Row {
    Row { method, path, call }
}

/// Methods and paths, `*` for a segment of any text: what the description of the API must tell of.
#[cfg(test)]
pub(super) fn paths() -> impl Iterator<Item = (&'static Method, &'static str)> {
    TABLE.iter().map(|row| (&row.method, row.path))
}

/// Every call, each also under `/api`. Of two paths that match, the earlier one is meant.
static TABLE: &[Row] = &[
    row(Method::GET, "/health", |_| Ok(Call::Health)),
    row(Method::GET, "/openapi.json", |_| Ok(Call::OpenApi)),
    row(Method::GET, "/backups", |_| Ok(Call::ListBackups)),
    row(Method::POST, "/backups/create", |_| Ok(Call::CreateBackup)),
    row(Method::GET, "/backups/directory", |_| Ok(Call::BackupDirectory)),
    row(Method::POST, "/backups/restore", |_| Ok(Call::RestoreBackup)),
    row(Method::POST, "/backups/upload", |_| Ok(Call::UploadBackup)),
    row(Method::GET, "/backups/*", |path| Ok(Call::ShowBackup(path.backup()?))),
    row(Method::DELETE, "/backups/*", |path| Ok(Call::DeleteBackup(path.backup()?))),
    row(Method::GET, "/backups/*/diff/*", |path| Ok(Call::DiffBackups(path.backup()?, path.other_backup()?))),
    row(Method::GET, "/backups/*/download", |path| Ok(Call::DownloadBackup(path.backup()?))),
    row(Method::POST, "/backups/*/verify", |path| Ok(Call::VerifyBackup(path.backup()?))),
    row(Method::GET, "/collections", |_| Ok(Call::ListCollections)),
    row(Method::POST, "/collections", |_| Ok(Call::CreateCollection)),
    row(Method::GET, "/collections/*", |path| Ok(Call::ShowCollection(path.collection()?))),
    row(Method::DELETE, "/collections/*", |path| Ok(Call::DeleteCollection(path.collection()?))),
    row(Method::POST, "/collections/*/search", |_| Ok(Call::Search)),
    row(Method::GET, "/collections/*/vectors", |path| Ok(Call::ListVectors(path.collection()?))),
    row(Method::POST, "/collections/*/vectors", |path| Ok(Call::InsertVectors(Some(path.collection()?)))),
    row(Method::GET, "/collections/*/vectors/*", |path| {
        Ok(Call::ShowVector(path.collection()?, path.vector()))
    }),
    row(Method::DELETE, "/collections/*/vectors/*", |path| {
        Ok(Call::DeleteVector(path.collection()?, path.vector()))
    }),
    row(Method::GET, "/jobs", |_| Ok(Call::ListJobs)),
    row(Method::GET, "/jobs/*", |path| Ok(Call::ShowJob(path.job()?))),
    row(Method::POST, "/jobs/*/cancel", |path| Ok(Call::CancelJob(path.job()?))),
    row(Method::GET, "/jobs/*/events", |path| Ok(Call::JobEvents(path.job()?))),
    row(Method::POST, "/insert_vectors", |_| Ok(Call::InsertVectors(None))),
    row(Method::POST, "/insert_texts", |_| Ok(Call::InsertTexts)),
    row(Method::POST, "/batch_insert", |_| Ok(Call::InsertTexts)),
];

/// Finds the call for a method and a path as they were sent. HEAD is answered as GET.
pub(super) fn route(method: &Method, path: &str) -> Result<Call, ApiError> {
    let method = if *method == Method::HEAD { &Method::GET } else { method };
    if let Some(asset) = page::find(path) {
        let get = Method::GET;
        return if *method == get {
            Ok(Call::Page(asset))
        } else {
            Err(method_not_allowed([&get].into_iter()))
        };
    }
    let segments = decode(path)?;
    let resource = TABLE
        .iter()
        .find(|row| matches(row.path, &segments))
        .ok_or_else(|| ApiError::new(StatusCode::NOT_FOUND, "not_found", "there is nothing at this path"))?
        .path;
    let of_resource = || TABLE.iter().filter(|row| row.path == resource);
    match of_resource().find(|row| row.method == *method) {
        Some(row) => (row.call)(Segments(&segments)),
        None => Err(method_not_allowed(of_resource().map(|row| &row.method))),
    }
}

/// The segments of a path, decoded, without the `api` before them.
fn decode(path: &str) -> Result<Vec<String>, ApiError> {
    let raw = path.strip_prefix("/api").filter(|rest| rest.starts_with('/')).unwrap_or(path);
    let decode = |segment| {
        // Encoded they are names like any other: of a collection or a vector, and those are no paths.
        if matches!(segment, "." | "..") {
            return Err(ApiError::invalid(
                "path",
                "it has a segment that is `.` or `..`; write names as %2E",
            ));
        }
        let text = percent_decode_str(segment)
            .decode_utf8()
            .map_err(|_| ApiError::invalid("path", "its percent-encoding is not that of UTF-8 text"))?;
        Ok(text.into_owned())
    };
    raw.strip_prefix('/').unwrap_or(raw).split('/').map(decode).collect()
}

fn matches(pattern: &str, segments: &[String]) -> bool {
    let mut pattern = pattern[1..].split('/');
    segments
        .iter()
        .all(|segment| pattern.next().is_some_and(|expected| expected == "*" || expected == segment))
        && pattern.next().is_none()
}

fn method_not_allowed<'a>(allowed: impl Iterator<Item = &'a Method>) -> ApiError {
    let names: Vec<_> = allowed
        .flat_map(|method| if *method == Method::GET { vec!["GET", "HEAD"] } else { vec![method.as_str()] })
        .collect();
    let names = names.join(", ");
    let error = ApiError::new(
        StatusCode::METHOD_NOT_ALLOWED,
        "method_not_allowed",
        format!("this path is for {names}"),
    );
    let header = HeaderValue::from_str(&names).unwrap_or_else(|_| HeaderValue::from_static(""));
    error.with_header(ALLOW, header)
}

/// The segments of a path that has matched: the second one is what a call is about, the fourth a
/// vector or what it is compared with.
#[derive(Clone, Copy)]
struct Segments<'a>(&'a [String]);

impl Segments<'_> {
    fn backup(self) -> Result<BackupId, ApiError> {
        Ok(self.0[1].parse()?)
    }

    fn other_backup(self) -> Result<BackupId, ApiError> {
        Ok(self.0[3].parse()?)
    }

    fn collection(self) -> Result<CollectionName, ApiError> {
        CollectionName::parse(&self.0[1]).map_err(|error| ApiError::invalid("collection", error))
    }

    fn job(self) -> Result<JobId, ApiError> {
        self.0[1].parse()
    }

    fn vector(self) -> String {
        self.0[3].clone()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ID: &str = "550e8400-e29b-41d4-a716-446655440000";

    fn call(method: Method, path: &str) -> Call {
        route(&method, path).unwrap()
    }

    fn status(method: Method, path: &str) -> u16 {
        route(&method, path).unwrap_err().into_response("").status().as_u16()
    }

    fn name(text: &str) -> CollectionName {
        CollectionName::parse(text).unwrap()
    }

    #[test]
    fn every_call_is_there_with_and_without_the_prefix() {
        for row in TABLE {
            let path = row.path.replace('*', ID);
            let call = route(&row.method, &path).unwrap();
            assert_eq!(route(&row.method, &format!("/api{path}")).unwrap(), call, "{path}");
        }
        assert_eq!(call(Method::GET, "/backups/directory"), Call::BackupDirectory);
        assert_eq!(call(Method::HEAD, "/backups"), Call::ListBackups);
        assert_eq!(call(Method::DELETE, &format!("/backups/{ID}")), Call::DeleteBackup(ID.parse().unwrap()));
    }

    #[test]
    fn names_are_decoded_once() {
        assert_eq!(call(Method::GET, "/collections/a%20b%2Fc"), Call::ShowCollection(name("a b/c")));
        assert_eq!(call(Method::GET, "/collections/%252e"), Call::ShowCollection(name("%2e")));
        assert_eq!(
            call(Method::GET, "/collections/c/vectors/%2Fx"),
            Call::ShowVector(name("c"), "/x".into())
        );
        assert_eq!(
            call(Method::DELETE, "/collections/%2E%2e/vectors/%2e"),
            Call::DeleteVector(name(".."), ".".into())
        );
    }

    #[test]
    fn what_is_no_id_or_name_goes_no_further() {
        let long = "x".repeat(300);
        let ids = [
            "..",
            "%2e%2e",
            "%2E%2e",
            "%252e%252e",
            "..%2fx",
            "%00",
            "",
            "a%5cb",
            "C:x",
            "CON",
            &long,
            "{x}",
            "%ff",
        ];
        for id in ids {
            assert_eq!(status(Method::GET, &format!("/backups/{id}")), 400, "{id}");
            assert_eq!(status(Method::DELETE, &format!("/api/backups/{id}")), 400, "{id}");
            assert_eq!(status(Method::POST, &format!("/backups/{id}/verify")), 400, "{id}");
        }
        assert_eq!(status(Method::GET, "/backups/../x"), 400);
        for name in ["..", ".", "%00", "a%0ab", "", "%ff", &long] {
            assert_eq!(status(Method::GET, &format!("/collections/{name}")), 400, "{name}");
        }
    }

    #[test]
    fn unknown_paths_are_404_and_wrong_methods_405_with_what_is_allowed() {
        for path in [
            "//",
            "",
            "*",
            "/api",
            "/api/",
            "/apibackups",
            "/api/api/backups",
            "/backups/",
            "/backups//verify/x",
            "/x",
        ] {
            assert!(matches!(status(Method::GET, path), 404 | 400), "{path}");
        }
        let allowed = |method, path: &str| {
            let response = route(&method, path).unwrap_err().into_response("");
            assert_eq!(response.status(), 405);
            response.headers()[ALLOW].to_str().unwrap().to_owned()
        };
        assert_eq!(allowed(Method::GET, "/backups/create"), "POST");
        assert_eq!(allowed(Method::POST, "/"), "GET, HEAD");
        assert_eq!(allowed(Method::PUT, &format!("/backups/{ID}")), "GET, HEAD, DELETE");
        assert_eq!(allowed(Method::OPTIONS, "/api/collections"), "GET, HEAD, POST");
    }
}
