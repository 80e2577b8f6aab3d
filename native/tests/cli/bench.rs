//! A working directory, and the binary run in it.

use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use serde_json::Value;
use tempfile::TempDir;

/// A working directory with nothing in it: `./data` and `./backups` are the defaults. Removed when dropped.
pub(crate) struct Bench {
    directory: TempDir,
}

/// What a run of the binary left.
#[derive(Debug)]
pub(crate) struct Run {
    pub(crate) code: i32,
    pub(crate) stdout: String,
    pub(crate) stderr: String,
}

impl Bench {
    pub(crate) fn new() -> Self {
        Self { directory: tempfile::tempdir().unwrap() }
    }

    /// A bench with the sample's collections, `docs` and `code`.
    pub(crate) fn with_sample() -> Self {
        let bench = Self::new();
        for name in ["docs", "code"] {
            bench.run(&["import", name, sample(name).to_str().unwrap()]).expect(0);
        }
        bench
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.directory.path().join(name)
    }

    pub(crate) fn write(&self, name: &str, text: impl AsRef<[u8]>) {
        fs::write(self.path(name), text).unwrap();
    }

    /// A command that is ready to run here, without any of this process's own settings.
    pub(crate) fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_vecvault"));
        command.args(arguments).current_dir(self.directory.path()).stdin(Stdio::null());
        for name in ["VECVAULT_SERVER", "VECVAULT_DATA", "VECVAULT_BACKUPS", "VECVAULT_TOKEN"] {
            command.env_remove(name);
        }
        command
    }

    pub(crate) fn run(&self, arguments: &[&str]) -> Run {
        Run::of(self.command(arguments).output().unwrap())
    }

    pub(crate) fn run_with_stdin(&self, arguments: &[&str], input: &[u8]) -> Run {
        let mut command = self.command(arguments);
        let mut child =
            command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        // A command that fails early closes its end.
        let _ = child.stdin.take().unwrap().write_all(input);
        Run::of(child.wait_with_output().unwrap())
    }

    /// Runs with `--json`; the document.
    pub(crate) fn json(&self, arguments: &[&str]) -> Value {
        self.run(&[arguments, &["--json"]].concat()).expect(0).document()
    }

    /// Makes a backup of everything; its id.
    pub(crate) fn create(&self) -> String {
        self.json(&["create", "a_backup"])["id"].as_str().unwrap().to_owned()
    }

    /// The file of a backup, relative to the bench.
    pub(crate) fn backup_file(&self, id: &str) -> String {
        format!("backups/{id}.backup")
    }

    /// Names of the live collections.
    pub(crate) fn collections(&self) -> Vec<String> {
        let document = self.json(&["collections"]);
        let collections = document["collections"].as_array().unwrap();
        collections.iter().map(|c| c["name"].as_str().unwrap().to_owned()).collect()
    }
}

impl Run {
    fn of(output: std::process::Output) -> Self {
        Self {
            code: output.status.code().unwrap_or(-1),
            stdout: String::from_utf8(output.stdout).unwrap(),
            stderr: String::from_utf8(output.stderr).unwrap(),
        }
    }

    /// The same run, whose exit code must be this one.
    #[track_caller]
    pub(crate) fn expect(self, code: i32) -> Self {
        assert_eq!(self.code, code, "{self:?}");
        self
    }

    /// Stdout as the one JSON document that it must be.
    #[track_caller]
    pub(crate) fn document(&self) -> Value {
        serde_json::from_str(&self.stdout).unwrap_or_else(|error| panic!("{error}: {self:?}"))
    }

    /// Stderr as the JSON error that it must be.
    #[track_caller]
    pub(crate) fn error(&self) -> Value {
        let document: Value =
            serde_json::from_str(&self.stderr).unwrap_or_else(|error| panic!("{error}: {self:?}"));
        document["error"].clone()
    }
}

/// A file of the committed sample.
pub(crate) fn sample(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(format!("sample/{name}.jsonl"))
}
