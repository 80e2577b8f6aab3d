//! What the binary is asked to do: the table, or one of the tools that the table starts as processes.

use std::ffi::OsString;
use std::path::{Path, PathBuf};

use clap::{Parser, Subcommand, ValueEnum};

/// VecVault beside its rivals
#[derive(Debug, Parser)]
pub(crate) struct Options {
    #[command(subcommand)]
    pub(crate) mode: Mode,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Mode {
    /// Measure and print the table
    Table(Table),
    /// Run a command, and write its wall time, CPU time and peak memory to a file
    Measure {
        figures: PathBuf,
        #[arg(trailing_var_arg = true, allow_hyphen_values = true)]
        command: Vec<OsString>,
    },
    /// Fill a data directory with a collection `docs`
    Fill {
        data: PathBuf,
        records: usize,
        #[arg(default_value_t = DIMENSION)]
        dimension: usize,
    },
    /// Make backups of ten records each in a directory
    Backups { backups: PathBuf, count: u64 },
    /// Print records as rows of Postgres's text COPY
    CopyRows { records: usize },
    /// Write a file's bytes, from memory, to another and sync it
    PlainWrite { from: PathBuf, to: PathBuf },
    /// Load the chunks of a data directory, from memory, into a new database of the engine
    EngineLoad { data: PathBuf, to: PathBuf },
    /// Read a backup and parse it with serde_json's typed structs
    SerdeRead { backup: PathBuf },
}

/// Numbers of a vector in all sections that do not vary them.
pub(crate) const DIMENSION: usize = 384;

#[derive(Debug, clap::Args)]
pub(crate) struct Table {
    /// Small data, few rounds
    #[arg(long)]
    pub(crate) quick: bool,
    /// Scaling up to a million records
    #[arg(long)]
    pub(crate) million: bool,
    /// One section only
    #[arg(long)]
    pub(crate) only: Option<Section>,
    /// A folder with real embeddings, one .npy and one .jsonl or .jsonl.gz
    #[arg(long, value_name = "DIR", env = "VECVAULT_BENCH_DATA")]
    data: Option<PathBuf>,
    /// Where the rivals' Python is, the work is done and the table kept
    #[arg(long, value_name = "DIR")]
    pub(crate) cache: PathBuf,
    /// The binary
    #[arg(long, value_name = "FILE")]
    pub(crate) vecvault: PathBuf,
}

/// A section of the table.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Section {
    Codec,
    Verbs,
    Create,
    Restore,
    Verify,
    List,
    Page,
    Chroma,
    Scaling,
}

impl Table {
    pub(crate) fn wants(&self, section: Section) -> bool {
        self.only.is_none_or(|only| only == section)
    }

    /// Real embeddings: where it was said, or beside the repository.
    pub(crate) fn data(&self) -> Option<PathBuf> {
        let beside = || Path::new("../shared/data").is_dir().then(|| "../shared/data".into());
        self.data.clone().or_else(beside)
    }
}
