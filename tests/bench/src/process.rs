//! Other processes, measured: wall time, CPU time and peak memory, and rounds in which they take turns.

use std::ffi::{OsStr, OsString};
use std::path::Path;
use std::process::{Command, Stdio};

use serde::{Deserialize, Serialize};

use crate::Result;
use crate::timing::Samples;

/// What a run took. `peak` is in bytes; `None` where it would say nothing.
#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
pub(crate) struct Figures {
    pub(crate) wall: f64,
    pub(crate) cpu: f64,
    pub(crate) peak: Option<f64>,
}

/// A program with its arguments.
#[derive(Clone, Debug)]
pub(crate) struct Program {
    words: Vec<OsString>,
    environment: Vec<(String, OsString)>,
}

impl Program {
    pub(crate) fn new(program: impl AsRef<OsStr>) -> Self {
        Self { words: vec![program.as_ref().to_owned()], environment: Vec::new() }
    }

    /// This binary, in one of its modes.
    pub(crate) fn tool(mode: &str) -> Result<Self> {
        Ok(Self::new(std::env::current_exe()?).arg(mode))
    }

    #[must_use]
    pub(crate) fn arg(mut self, argument: impl AsRef<OsStr>) -> Self {
        self.words.push(argument.as_ref().to_owned());
        self
    }

    #[must_use]
    pub(crate) fn args<S: AsRef<OsStr>>(self, arguments: impl IntoIterator<Item = S>) -> Self {
        arguments.into_iter().fold(self, |program, argument| program.arg(argument))
    }

    #[must_use]
    pub(crate) fn env(mut self, name: &str, value: impl AsRef<OsStr>) -> Self {
        self.environment.push((name.to_owned(), value.as_ref().to_owned()));
        self
    }

    /// The same, and then what it wrote is made durable.
    #[must_use]
    pub(crate) fn then_sync(self, file: &Path) -> Self {
        const SCRIPT: &str = r#"file=$1; shift; "$@" && sync "$file""#;
        let sync = Self::new("sh").args(["-c", SCRIPT, "sh"]).arg(file).args(&self.words);
        Self { environment: self.environment, ..sync }
    }

    pub(crate) fn command(&self) -> Command {
        let mut command = Command::new(&self.words[0]);
        command.args(&self.words[1..]).envs(self.environment.iter().cloned()).stdin(Stdio::null());
        command
    }

    /// Runs it, measured from outside by a small process of its own: the peak that Linux reports of a child
    /// begins with its parent's. Gives its stdout too.
    pub(crate) fn measure(&self, scratch: &Path) -> Result<(Figures, String)> {
        let path = scratch.join("figures.json");
        let mut measured = Self::tool("measure")?.arg(&path).arg("--").args(&self.words);
        measured.environment.clone_from(&self.environment);
        let out = measured.run()?;
        Ok((serde_json::from_slice(&std::fs::read(&path)?)?, out))
    }

    /// Runs it; its last line says what it measured of itself.
    pub(crate) fn own_figures(&self) -> Result<Figures> {
        let out = self.run()?;
        Ok(serde_json::from_str(out.lines().last().unwrap_or_default())?)
    }

    /// Runs it on what another writes.
    pub(crate) fn run_on(&self, writer: &Self) -> Result<()> {
        let mut writer = writer.command().stdout(Stdio::piped()).spawn()?;
        let input = writer.stdout.take().ok_or("no pipe")?;
        let status = self.command().stdin(input).stdout(Stdio::null()).status()?;
        if writer.wait()?.success() && status.success() { Ok(()) } else { Err("loading rows fails".into()) }
    }

    /// Runs it and gives its stdout; an error with the end of its stderr where it fails.
    pub(crate) fn run(&self) -> Result<String> {
        let program =
            Path::new(&self.words[0]).file_name().unwrap_or_default().to_string_lossy().into_owned();
        let output = self.command().output().map_err(|error| format!("{program}: {error}"))?;
        if output.status.success() {
            return Ok(String::from_utf8_lossy(&output.stdout).into_owned());
        }
        let text = String::from_utf8_lossy(&output.stderr).into_owned();
        let last = text.lines().rfind(|line| !line.trim().is_empty()).unwrap_or("it failed");
        Err(format!("{program}: {last}").into())
    }
}

/// Something to be measured as processes.
pub(crate) struct Rival<'a> {
    pub(crate) name: String,
    run: Box<dyn FnMut() -> Result<Figures> + 'a>,
}

impl<'a> Rival<'a> {
    pub(crate) fn new(name: impl Into<String>, run: impl FnMut() -> Result<Figures> + 'a) -> Self {
        Self { name: name.into(), run: Box::new(run) }
    }

    /// One that cannot be run.
    pub(crate) fn absent(name: impl Into<String>, reason: &str) -> Self {
        let reason = reason.to_owned();
        Self::new(name, move || Err(reason.clone().into()))
    }
}

/// What a rival took, or why it did not run.
pub(crate) struct Outcome {
    pub(crate) name: String,
    pub(crate) taken: Result<Taken, String>,
}

#[derive(Clone, Debug, Default)]
pub(crate) struct Taken {
    pub(crate) wall: Samples,
    pub(crate) cpu: Samples,
    /// The highest of all runs.
    pub(crate) peak: Option<f64>,
}

impl Taken {
    fn add(&mut self, figures: Figures) {
        self.wall.push(figures.wall);
        self.cpu.push(figures.cpu);
        self.peak = self.peak.into_iter().chain(figures.peak).reduce(f64::max);
    }
}

/// A warm-up and rounds in which the rivals take turns. One whose warm-up is long gets fewer rounds.
pub(crate) fn take_turns(rivals: Vec<Rival<'_>>, rounds: usize) -> Vec<Outcome> {
    const LONG_SECONDS: f64 = 5.0;
    let mut running: Vec<_> = rivals
        .into_iter()
        .map(|mut rival| match (rival.run)() {
            Ok(first) => (rival, Ok(Taken::default()), if first.wall > LONG_SECONDS { 1 } else { rounds }),
            Err(error) => (rival, Err(error.to_string()), 0),
        })
        .collect();
    for round in 0..rounds {
        for (rival, taken, rounds) in running.iter_mut().filter(|(_, _, rounds)| round < *rounds) {
            match ((rival.run)(), &mut *taken) {
                (Ok(figures), Ok(taken)) => taken.add(figures),
                (Ok(_), Err(_)) => {}
                (Err(error), _) => (*taken, *rounds) = (Err(error.to_string()), 0),
            }
        }
    }
    running.into_iter().map(|(rival, taken, _)| Outcome { name: rival.name, taken }).collect()
}
