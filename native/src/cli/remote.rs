//! A running server as the other end of a command: requests, replies and its errors.

pub(crate) mod files;
pub(crate) mod records;

use std::sync::Arc;

use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use serde::Deserialize;
use ureq::http::header::{AUTHORIZATION, CONTENT_TYPE};
use ureq::http::request::Builder;
use ureq::http::{Method, Request, Response};
use ureq::{Agent, AsSendBody, Body};

use super::context::TOKEN_VARIABLE;
use super::document::Document;
use super::exit::{Exit, Failure, Outcome};
use super::terminal::plain;

/// A server. No request times out, for a verb takes as long as it takes; a download notices silence.
#[derive(Clone)]
pub(crate) struct Remote {
    agent: Agent,
    base: Arc<str>,
    token: Option<Arc<str>>,
}

impl std::fmt::Debug for Remote {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        // Without the token.
        f.debug_struct("Remote").field("base", &self.base).finish_non_exhaustive()
    }
}

/// The envelope of the API's errors.
#[derive(Default, Deserialize)]
struct ErrorReply {
    #[serde(default)]
    error_type: String,
    #[serde(default)]
    message: String,
}

impl Remote {
    /// Does not connect.
    pub(crate) fn new(url: &str, token: Option<String>) -> Outcome<Self> {
        if !url.starts_with("http://") && !url.starts_with("https://") {
            return Err(Failure::usage(format!(
                "--server {url}: expected a URL such as http://localhost:15002"
            )));
        }
        let agent = Agent::config_builder().http_status_as_error(false).build().new_agent();
        // The address of its API is the server's too.
        let url = url.trim_end_matches('/');
        let base = url.strip_suffix("/api").filter(|base| !base.ends_with('/')).unwrap_or(url);
        Ok(Self { agent, base: base.into(), token: token.map(Into::into) })
    }

    pub(crate) async fn get(&self, path: &str) -> Outcome<Document> {
        self.exchange(Method::GET, path, None).await
    }

    pub(crate) async fn post(&self, path: &str, body: &serde_json::Value) -> Outcome<Document> {
        self.post_text(path, body.to_string()).await
    }

    /// `body` is JSON text.
    pub(crate) async fn post_text(&self, path: &str, body: String) -> Outcome<Document> {
        self.exchange(Method::POST, path, Some(body)).await
    }

    pub(crate) async fn delete(&self, path: &str) -> Outcome<Document> {
        self.exchange(Method::DELETE, path, None).await
    }

    async fn exchange(&self, method: Method, path: &str, body: Option<String>) -> Outcome<Document> {
        let (request, remote) = (self.request(method, path), self.clone());
        let work = move || match body {
            Some(body) => remote.send(request.header(CONTENT_TYPE, "application/json").body(body)),
            None => remote.send(request.body(())),
        };
        blocking(work).await
    }

    /// A request, with the token.
    fn request(&self, method: Method, path: &str) -> Builder {
        let request = Request::builder().method(method).uri(format!("{}/api/{path}", self.base));
        match &self.token {
            Some(token) => request.header(AUTHORIZATION, format!("Bearer {token}")),
            None => request,
        }
    }

    /// Sends a request and waits for the whole reply.
    fn send<B: AsSendBody>(&self, request: ureq::http::Result<Request<B>>) -> Outcome<Document> {
        let mut reply = self.begin(request)?;
        Document::parse(read_text(reply.body_mut()).map_err(|error| self.no_answer(&error))?)
    }

    /// Sends a request and waits for the reply's head; one of a status that is no success is a failure.
    fn begin<B: AsSendBody>(&self, request: ureq::http::Result<Request<B>>) -> Outcome<Response<Body>> {
        let request = request.map_err(|error| self.no_answer(&error.into()))?;
        let mut reply = self.agent.run(request).map_err(|error| self.no_answer(&error))?;
        let status = reply.status();
        if status.is_success() {
            return Ok(reply);
        }
        let text = read_text(reply.body_mut()).map_err(|error| self.no_answer(&error))?;
        Err(failure(status.as_u16(), &text))
    }

    fn no_answer(&self, error: &ureq::Error) -> Failure {
        Failure::new(Exit::Failure, format!("no answer from {}: {error}", self.base))
    }
}

/// Runs `work` where it may block.
async fn blocking<T: Send + 'static>(work: impl FnOnce() -> Outcome<T> + Send + 'static) -> Outcome<T> {
    tokio::task::spawn_blocking(work)
        .await
        .unwrap_or_else(|error| Err(Failure::new(Exit::Failure, format!("the request broke off: {error}"))))
}

/// Replies are as large as the server makes them: a list of many backups, a page of records.
fn read_text(body: &mut Body) -> Result<String, ureq::Error> {
    body.with_config().limit(u64::MAX).read_to_string()
}

fn failure(status: u16, text: &str) -> Failure {
    let reply: ErrorReply = serde_json::from_str(text).unwrap_or_default();
    let message = match status {
        401 => format!("the server wants another token than {TOKEN_VARIABLE} has, or one at all"),
        _ if reply.message.is_empty() => format!("the server answered with status {status}"),
        _ => plain(&reply.message).into_owned(),
    };
    Failure::new(Exit::of_reply(status, &reply.error_type), message)
}

/// A name as one segment of a URL's path.
pub(crate) fn segment(name: &str) -> String {
    utf8_percent_encode(name, NON_ALPHANUMERIC).to_string()
}
