//! VecVault beside its rivals, measured in one run; `tests/bench/run.sh` builds and starts it.

mod codec;
mod data;
mod options;
mod process;
mod processes;
mod report;
mod table;
mod timing;
mod tools;
mod typed;
mod verbs;

use std::process::ExitCode;

use clap::Parser;

use options::{Mode, Options};

type Result<T, E = Box<dyn std::error::Error>> = std::result::Result<T, E>;

fn main() -> ExitCode {
    match run(Options::parse().mode) {
        Ok(code) => code,
        Err(error) => {
            eprintln!("vecvault-bench: {error}");
            ExitCode::FAILURE
        }
    }
}

fn run(mode: Mode) -> Result<ExitCode> {
    match mode {
        Mode::Table(options) => table::run(&options)?,
        Mode::Measure { figures, command } => return tools::measure::run(&figures, &command),
        Mode::Fill { data, records, dimension } => tools::fill::collection(&data, records, dimension)?,
        Mode::Backups { backups, count } => tools::fill::backups(&backups, count)?,
        Mode::CopyRows { records } => tools::copy_rows::run(records)?,
        Mode::PlainWrite { from, to } => tools::plain_write::run(&from, &to)?,
        Mode::EngineLoad { data, to } => tools::engine_load::run(&data, &to)?,
        Mode::SerdeRead { backup } => tools::serde_read::run(&backup)?,
    }
    Ok(ExitCode::SUCCESS)
}
