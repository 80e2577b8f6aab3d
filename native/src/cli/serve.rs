//! serve: the HTTP server, with its sample. What it answers is the library's.

mod sample;

use std::net::SocketAddr;
use std::str::FromStr;

use futures_util::{Stream, stream};
use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};
use serde::{Deserialize, Serialize};
use vecvault::server::{
    BindError, HostName, JobJournal, JournalError, Limits, Origin, Server, ServerConfig, Token,
};

use super::context::{Context, TOKEN_VARIABLE};
use super::document::Document;
use super::exit::{Exit, Failure, Outcome};
use super::interrupt::Interrupt;
use super::terminal::plain;

/// Run the HTTP server
///
/// Serves the documented API at /api/backups… and /backups…, the collection calls that clients need, and at /
/// its page. It holds the data directory as long as it runs; other commands go through it with --server. Ctrl-C lets
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
    #[arg(long, value_name = "NAME", value_parser = HostName::from_str)]
    allow_host: Vec<HostName>,

    /// Let web pages of this origin, such as https://app.example, do what any caller may; give it several
    /// times for several
    #[arg(long, value_name = "ORIGIN", value_parser = Origin::from_str)]
    allow_origin: Vec<Origin>,

    /// Creates, restores and verifies at one time; whoever comes then is told to come back
    #[arg(long, value_name = "N", default_value_t = Limits::default().heavy_jobs, value_parser = at_least_one)]
    max_jobs: usize,

    /// Connections at one time; more wait to be accepted
    #[arg(long, value_name = "N", default_value_t = Limits::default().connections, value_parser = at_least_one)]
    max_connections: usize,

    /// The body of an insert, in bytes
    #[arg(long, value_name = "BYTES", default_value_t = Limits::default().insert_bytes, value_parser = at_least_one)]
    max_insert_bytes: usize,

    /// A backup that is uploaded, in bytes [default: what there is room for]
    #[arg(long, value_name = "BYTES", value_parser = at_least_one)]
    max_upload_bytes: Option<usize>,
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
        let vault = context.vault(context.open_backups()?, context.collections()?)?;
        let loaded = if self.sample { sample::load(vault.collections()).await? } else { Vec::new() };
        let config = ServerConfig {
            address: self.addr,
            token: token(context)?,
            allowed_hosts: self.allow_host,
            allowed_origins: self.allow_origin,
            backup_directory: context.backup_directory().display().to_string(),
            limits: Limits {
                heavy_jobs: self.max_jobs,
                connections: connections(self.max_connections),
                upload_bytes: self.max_upload_bytes.unwrap_or(Limits::default().upload_bytes),
                ..Limits::default().with_insert_bytes(self.max_insert_bytes)
            },
            // In the data directory, which this process has for itself.
            jobs: JobJournal::open(&context.data_directory().join("jobs"))?,
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

fn at_least_one(text: &str) -> Result<usize, String> {
    text.parse().ok().filter(|number| *number > 0).ok_or_else(|| "expected a whole number, 1 at least".into())
}

/// A connection is an open file, of which a process may have 1,024 as a rule: asks for more where that is too
/// few, and gives how many connections there is room for.
fn connections(wanted: usize) -> usize {
    const OTHER_FILES: u64 = 256;
    let needed = wanted as u64 + OTHER_FILES;
    let limit = getrlimit(Resource::Nofile);
    let mut files = limit.current.unwrap_or(u64::MAX);
    if files < needed {
        let more = limit.maximum.map_or(needed, |most| most.min(needed));
        // Where it is refused, the old limit holds.
        if setrlimit(Resource::Nofile, Rlimit { current: Some(more), ..limit }).is_ok() {
            files = more;
        }
    }
    wanted.min(usize::try_from(files.saturating_sub(OTHER_FILES)).unwrap_or(wanted)).max(1)
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

impl From<JournalError> for Failure {
    fn from(error: JournalError) -> Self {
        Self::new(Exit::Failure, error.to_string())
    }
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
