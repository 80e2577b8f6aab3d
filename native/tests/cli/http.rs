//! Plain HTTP to a server that a test runs: what the command line does not send by itself.

use serde_json::Value;
use ureq::http::{HeaderMap, Request};

/// What came back.
#[derive(Debug)]
pub(super) struct Answer {
    pub(super) status: u16,
    pub(super) headers: HeaderMap,
    pub(super) body: Vec<u8>,
}

impl Answer {
    pub(super) fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap()
    }
}

/// Sends a request; a body is JSON.
pub(super) fn send(method: &str, url: &str, headers: &[(&str, &str)], body: Option<&str>) -> Answer {
    let mut request = Request::builder().method(method).uri(url);
    for (name, value) in headers {
        request = request.header(*name, *value);
    }
    let agent = ureq::Agent::config_builder().http_status_as_error(false).build().new_agent();
    let mut reply = match body {
        Some(body) => agent.run(request.header("content-type", "application/json").body(body).unwrap()),
        None => agent.run(request.body(()).unwrap()),
    }
    .unwrap();
    let body = reply.body_mut().with_config().limit(u64::MAX).read_to_vec().unwrap();
    Answer { status: reply.status().as_u16(), headers: reply.headers().clone(), body }
}
