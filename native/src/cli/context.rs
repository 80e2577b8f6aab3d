//! What a command works with: the directories or the server that the options name, opened when asked for.

use std::env::VarError;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use serde::Deserialize;
use vecvault::blob::{DirectoryPolicy, FsBlobStore};
use vecvault::collections::Collections;
use vecvault::{ThreadPool, Vault};
use vecvault_core::{BlobStore, Host};

use super::document::{Document, print, tell};
use super::exit::{Exit, Failure, Outcome};
use super::interrupt::Interrupt;
use super::progress::Bar;
use super::remote::Remote;
use super::terminal::plain_lines;

/// Where backups are kept unless someone says otherwise. Only this directory is created where it is
/// missing.
const DEFAULT_BACKUPS: &str = "./backups";
const DEFAULT_DATA: &str = "./data";

/// Where the token of a server is taken from.
pub(crate) const TOKEN_VARIABLE: &str = "VECVAULT_TOKEN";

/// The options that every command takes.
#[derive(Clone, Debug, clap::Args)]
#[command(next_help_heading = "Common options")]
pub(crate) struct Options {
    /// Directory of the embedded collections; import, restore and serve make it [default: ./data]
    #[arg(long, global = true, value_name = "DIR", env = "VECVAULT_DATA", hide_env_values = true)]
    pub(crate) data: Option<PathBuf>,

    /// Directory of the backups; it must exist [default: ./backups, which create, upload and serve make]
    #[arg(long, global = true, value_name = "DIR", env = "VECVAULT_BACKUPS", hide_env_values = true)]
    pub(crate) backups: Option<PathBuf>,

    /// Work through a running server, such as http://localhost:15002, instead of the directories
    #[arg(long, global = true, value_name = "URL", env = "VECVAULT_SERVER", hide_env_values = true)]
    pub(crate) server: Option<String>,

    /// Print one JSON document on stdout; errors are a JSON document on stderr
    #[arg(long, global = true)]
    pub(crate) json: bool,
}

/// What a command works with.
#[derive(Debug)]
pub(crate) struct Context {
    pub(crate) options: Options,
    pub(crate) interrupt: Interrupt,
    remote: Option<Remote>,
}

impl Context {
    pub(crate) fn new(options: Options, interrupt: Interrupt) -> Outcome<Self> {
        let url = options.server.clone().filter(|url| !url.is_empty());
        let mut context = Self { options, interrupt, remote: None };
        if let Some(url) = url {
            context.remote = Some(Remote::new(&url, context.token()?)?);
        }
        Ok(context)
    }

    /// The token that a server asks for. Of the environment only: arguments are for everyone to see.
    pub(crate) fn token(&self) -> Outcome<Option<String>> {
        match std::env::var(TOKEN_VARIABLE) {
            Ok(token) if token.is_empty() => Ok(None),
            Ok(token) => Ok(Some(token)),
            Err(VarError::NotPresent) => Ok(None),
            Err(VarError::NotUnicode(_)) => Err(Failure::usage(format!("{TOKEN_VARIABLE} is not text"))),
        }
    }

    /// The server to go through, where there is one.
    pub(crate) fn remote(&self) -> Option<&Remote> {
        self.remote.as_ref()
    }

    /// The backups, to read them. Does not touch the data directory.
    pub(crate) fn store(&self) -> Outcome<Arc<dyn BlobStore>> {
        Ok(Arc::new(self.open_to_read()?))
    }

    /// The directory of backups, which may be one that cannot be written.
    pub(crate) fn open_to_read(&self) -> Outcome<FsBlobStore> {
        Ok(FsBlobStore::open(self.backup_directory(), DirectoryPolicy::OnlyRead)?)
    }

    /// Where the backups are, as it was said.
    pub(crate) fn backup_directory(&self) -> &Path {
        self.options.backups.as_deref().unwrap_or(Path::new(DEFAULT_BACKUPS))
    }

    /// The directory of backups itself: what takes files from outside.
    pub(crate) fn open_backups(&self) -> Outcome<FsBlobStore> {
        let policy = match &self.options.backups {
            Some(_) => DirectoryPolicy::MustExist,
            None => DirectoryPolicy::CreateMissing,
        };
        Ok(FsBlobStore::open(self.backup_directory(), policy)?)
    }

    /// The embedded collections, locked for this process.
    pub(crate) fn collections(&self) -> Outcome<Collections> {
        Ok(Collections::open(self.data_directory())?)
    }

    /// The same for who only reads them: where there are none yet, a directory is not made, since it is another one that
    /// is meant.
    pub(crate) fn existing_collections(&self) -> Outcome<Collections> {
        let directory = self.data_directory();
        match std::fs::metadata(directory) {
            Err(error) if error.kind() == ErrorKind::NotFound => {
                let message =
                    format!("{}: there is no such data directory; --data names it", directory.display());
                Err(Failure::new(Exit::NotFound, message))
            }
            Err(error) => Err(Failure::io(directory.display(), &error)),
            Ok(_) => self.collections(),
        }
    }

    /// Where the embedded collections are.
    pub(crate) fn data_directory(&self) -> &Path {
        self.options.data.as_deref().unwrap_or(Path::new(DEFAULT_DATA))
    }

    /// These backups and collections.
    pub(crate) fn vault(&self, store: FsBlobStore, collections: Collections) -> Outcome<Vault> {
        let space = store.clone();
        let vault = Vault::new(Arc::new(store.clone()), collections, threads()?);
        Ok(vault.checking_space(move || space.free_bytes()).accepting_uploads(store))
    }

    /// A verb's threads, and the bar that watches it.
    pub(crate) fn host(&self) -> Outcome<Host> {
        Ok(Host { workers: threads()?, monitor: self.bar() })
    }

    /// Progress on a terminal, and Ctrl-C.
    pub(crate) fn bar(&self) -> Arc<Bar> {
        Bar::new(!self.options.json, self.interrupt.clone())
    }

    /// Prints a document, or its rendering for people.
    pub(crate) fn show<'a, V: Deserialize<'a>>(
        &self,
        document: &'a Document,
        render: impl FnOnce(&V) -> String,
    ) -> Outcome<()> {
        let view = document.view()?;
        if self.options.json { print(&format!("{}\n", document.text())) } else { print(&render(&view)) }
    }

    /// Tells people something beside the result.
    pub(crate) fn note(&self, text: &str) {
        if !self.options.json {
            tell(&plain_lines(text));
        }
    }
}

fn threads() -> Outcome<Arc<ThreadPool>> {
    ThreadPool::new(None)
        .map_err(|error| Failure::new(Exit::Failure, format!("cannot start threads: {error}")))
}
