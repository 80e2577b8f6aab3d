//! Where processes work: a directory that goes away, with a filled data directory and its backup.

use std::fs::{self, Permissions};
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

use serde::Deserialize;
use tempfile::TempDir;

use super::server::Server;
use crate::Result;
use crate::options::Table as Options;
use crate::process::{Figures, Program};

/// A directory with `data` (a collection `docs`), `backups`, and a backup of it.
pub(super) struct Site {
    /// Records in the collection.
    pub(super) records: usize,
    pub(super) rounds: usize,
    /// The backup's id and file.
    pub(super) id: String,
    pub(super) backup: PathBuf,
    vecvault: PathBuf,
    python: PathBuf,
    directory: TempDir,
}

/// What is said of a backup that was created.
#[derive(Deserialize)]
pub(super) struct Created {
    id: String,
}

impl Created {
    pub(super) fn id(json: &str) -> Result<String> {
        Ok(serde_json::from_str::<Self>(json)?.id)
    }
}

impl Site {
    /// Of the size that the options ask for.
    pub(super) fn new(options: &Options) -> Result<Self> {
        Self::of(options, if options.quick { 10_000 } else { 100_000 })
    }

    pub(super) fn of(options: &Options, records: usize) -> Result<Self> {
        let mut site = Self {
            records,
            rounds: if options.quick { 3 } else { 5 },
            id: String::new(),
            backup: PathBuf::new(),
            vecvault: options.vecvault.clone(),
            python: options.cache.join("venv/bin/python"),
            directory: scratch(options)?,
        };
        fs::create_dir(site.path("backups"))?;
        Program::tool("fill")?.arg(site.path("data")).arg(records.to_string()).run()?;
        site.id = site.create()?.1;
        site.backup = site.path("backups").join(format!("{}.backup", site.id));
        Ok(site)
    }

    pub(super) fn path(&self, name: &str) -> PathBuf {
        self.directory.path().join(name)
    }

    /// The command line on the site's backups and a data directory of this name.
    pub(super) fn vecvault(&self, data: &str) -> Program {
        let program = Program::new(&self.vecvault).arg("--json");
        program.arg("--data").arg(self.path(data)).arg("--backups").arg(self.path("backups"))
    }

    pub(super) fn measure(&self, program: &Program) -> Result<(Figures, String)> {
        program.measure(self.directory.path())
    }

    /// A backup of `data`: what it took, and its id.
    pub(super) fn create(&self) -> Result<(Figures, String)> {
        let (figures, out) = self.measure(&self.vecvault("data").arg("create").arg("bench"))?;
        Ok((figures, Created::id(&out)?))
    }

    /// A server on a copy of `data`, which it keeps to itself, and on the same backups.
    pub(super) fn serve_a_copy(&self) -> Result<Server> {
        let copy = self.path("served");
        if !copy.exists() {
            Program::new("cp").arg("-r").arg(self.path("data")).arg(&copy).run()?;
        }
        Server::start(self, "served")
    }

    /// A restore of the backup into a data directory that does not exist yet, and is gone afterwards.
    pub(super) fn restore(&self) -> Result<Figures> {
        let (figures, _) = self.measure(&self.vecvault("restored").arg("restore").arg(&self.id))?;
        fs::remove_dir_all(self.path("restored"))?;
        Ok(figures)
    }

    pub(super) fn remove_backup(&self, id: &str) -> Result<()> {
        Ok(fs::remove_file(self.path("backups").join(format!("{id}.backup")))?)
    }

    /// A script of the rivals in Python.
    pub(super) fn python(&self, script: &str) -> Program {
        python(&self.python, script)
    }

    /// The size of the backup, in bytes.
    pub(super) fn bytes(&self) -> Result<u64> {
        Ok(fs::metadata(&self.backup)?.len())
    }
}

/// A script of the rivals in Python.
pub(super) fn python(python: &Path, script: &str) -> Program {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("python");
    Program::new(python).arg(folder.join(script))
}

/// A directory that other users can enter, since Postgres does not run as root.
pub(super) fn scratch(options: &Options) -> Result<TempDir> {
    let mut builder = tempfile::Builder::new();
    Ok(builder.prefix("scratch-").permissions(Permissions::from_mode(0o755)).tempdir_in(&options.cache)?)
}
