//! Runs a command and says what it took; a process of its own, and small, because the peak of a child counts
//! what its parent had when it was forked.

use std::ffi::OsString;
use std::fs;
use std::path::Path;
use std::process::{Command, ExitCode};
use std::time::Instant;

use wait4::Wait4;

use crate::Result;
use crate::process::Figures;

pub(crate) fn run(path: &Path, command: &[OsString]) -> Result<ExitCode> {
    let (program, arguments) = command.split_first().ok_or("no command")?;
    let start = Instant::now();
    let used = Command::new(program).args(arguments).spawn()?.wait4()?;
    let wall = start.elapsed().as_secs_f64();
    let cpu = (used.rusage.utime + used.rusage.stime).as_secs_f64();
    let figures = Figures { wall, cpu, peak: Some(used.rusage.maxrss as f64) };
    fs::write(path, serde_json::to_string(&figures)?)?;
    Ok(if used.status.success() { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}
