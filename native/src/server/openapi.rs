//! The description of the API, for programs: OpenAPI 3.1. Tests hold every answer to it.

use bytes::Bytes;
use warp::reply::Response;

use super::replies;

/// The description, as it is served.
pub(super) const DESCRIPTION: &str = include_str!("openapi.json");

/// `GET /openapi.json`.
pub(super) fn answer() -> Response {
    replies::json_text(Bytes::from_static(DESCRIPTION.as_bytes()))
}
