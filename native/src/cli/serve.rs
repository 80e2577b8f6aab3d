//! serve: the HTTP server, with its sample. What it answers is the library's.

mod sample;

use std::net::SocketAddr;

use futures_util::{Stream, stream};
use serde::{Deserialize, Serialize};
use vecvault::server::{BindError, Server, ServerConfig, Token};

use super::context::{Context, TOKEN_VARIABLE};
use super::document::Document;
use super::exit::{Exit, Failure, Outcome};
use super::interrupt::Interrupt;
use super::terminal::plain;

/// Run the HTTP server
///
/// Serves the documented API at /api/backups… and /backups…, and the collection calls that clients need.
/// It holds the data directory as long as it runs; other commands go through it with --server. Ctrl-C lets
/// running requests finish, a second one cancels them.
///
/// An address that other machines can reach needs a token: set VECVAULT_TOKEN, for the server and for the
/// commands that go through it.
#[derive(Debug, clap::Args)]
pub(crate) struct Serve {
    /// The address to listen on; port 0 takes a free one
    #[arg(long, default_value = "127.0.0.1:15002")]
    addr: SocketAddr,

    /// Load real sample vectors into the collections `docs` and `code`, unless they exist
    #[arg(long)]
    sample: bool,

    /// A further name that callers may know this server by; give it several times for several
    #[arg(long, value_name = "NAME")]
    allow_host: Vec<String>,

    /// Let web pages of this origin change things, such as https://app.example
    #[arg(long, value_name = "ORIGIN")]
    allow_origin: Vec<String>,
}

/// What a server that listens says of itself.
#[derive(Serialize, Deserialize)]
struct Listening {
    url: String,
    backups: String,
}

impl Serve {
    pub(crate) async fn run(self, context: &Context) -> Outcome {
        let server = tokio::select! {
            biased;
            server = self.start(context) => server?,
            () = context.interrupt.asked(1) => return Err(Failure::interrupted()),
        };
        server.run(stops(context.interrupt.clone())).await;
        Ok(Exit::Ok)
    }

    /// Opens everything, binds the address and says what to do next.
    async fn start(self, context: &Context) -> Outcome<Server> {
        let vault = context.vault()?;
        let loaded = if self.sample { sample::load(vault.collections()).await? } else { Vec::new() };
        let config = ServerConfig {
            address: self.addr,
            token: token(context)?,
            allowed_hosts: self.allow_host,
            allowed_origins: self.allow_origin,
            backup_directory: context.backup_directory().display().to_string(),
            ..ServerConfig::default()
        };
        let backups = config.backup_directory.clone();
        let server = Server::bind(config, vault).await?;
        let url = format!("http://{}", server.address());
        if context.options.json {
            context.show(&Document::of(&Listening { url, backups })?, |_: &Listening| String::new())?;
            return Ok(server);
        }
        for line in loaded {
            context.note(&line);
        }
        context.note(&format!("VecVault listens at {url}\nbackups are in {}", plain(&backups)));
        if self.sample {
            context.note(&sample::next_steps(&url));
        }
        Ok(server)
    }
}

/// Yields whenever the process is asked to stop.
fn stops(interrupt: Interrupt) -> impl Stream<Item = ()> {
    stream::unfold((interrupt, 1), |(interrupt, times)| async move {
        interrupt.asked(times).await;
        Some(((), (interrupt, times + 1)))
    })
}

fn token(context: &Context) -> Outcome<Option<Token>> {
    let Some(text) = context.token()? else { return Ok(None) };
    let refusal = || Failure::usage(format!("{TOKEN_VARIABLE}: a token is made of visible ASCII characters"));
    Token::new(&text).map(Some).ok_or_else(refusal)
}

impl From<BindError> for Failure {
    fn from(error: BindError) -> Self {
        let message = match &error {
            BindError::TokenRequired { address } => {
                format!("other machines can reach {address}: set {TOKEN_VARIABLE}, or listen on 127.0.0.1")
            }
            _ => error.to_string(),
        };
        let exit = match &error {
            BindError::TokenRequired { .. } => Exit::Usage,
            BindError::Listen { source, .. } => Exit::of_io(source.kind()),
            _ => Exit::Failure,
        };
        Self::new(exit, message)
    }
}
