//! What Linux knows of a process that runs: CPU time and peak memory.

use std::fs;
use std::path::Path;

use crate::Result;

/// `/proc/PID/stat`, times in seconds, to a clock tick exactly.
pub(super) struct ProcStat {
    pub(super) pid: u32,
    pub(super) parent: u32,
    /// CPU time of all its threads, those that have ended included.
    pub(super) cpu: f64,
    /// CPU time of its children that have ended.
    pub(super) cpu_of_ended_children: f64,
}

impl ProcStat {
    /// `None` where the directory is of no process, or of one that has just gone.
    pub(super) fn read(directory: &Path) -> Option<Self> {
        let pid = directory.file_name()?.to_str()?.parse().ok()?;
        let text = fs::read_to_string(directory.join("stat")).ok()?;
        // The name in parentheses may hold anything; the state is the first field after it.
        let fields: Vec<&str> = text.rsplit_once(')')?.1.split_whitespace().collect();
        let field = |index: usize| fields.get(index)?.parse::<f64>().ok();
        let seconds = |index| Some(field(index)? / rustix::param::clock_ticks_per_second() as f64);
        Some(Self {
            pid,
            parent: field(1)? as u32,
            cpu: seconds(11)? + seconds(12)?,
            cpu_of_ended_children: seconds(13)? + seconds(14)?,
        })
    }

    pub(super) fn of(pid: u32) -> Result<Self> {
        Self::read(Path::new(&format!("/proc/{pid}"))).ok_or_else(|| "a process has ended early".into())
    }
}

/// CPU seconds of the threads that a process has now, to the nanosecond.
pub(super) fn cpu_of_threads(pid: u32) -> Result<f64> {
    let mut nanoseconds = 0.0;
    for task in fs::read_dir(format!("/proc/{pid}/task"))? {
        let text = fs::read_to_string(task?.path().join("schedstat")).unwrap_or_default();
        nanoseconds += text.split(' ').next().and_then(|text| text.parse::<f64>().ok()).unwrap_or(0.0);
    }
    Ok(nanoseconds * 1e-9)
}

/// The most memory that a process has had so far, in bytes.
pub(crate) fn peak(pid: &str) -> Option<f64> {
    let status = fs::read_to_string(format!("/proc/{pid}/status")).ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"))?;
    line.trim().strip_suffix(" kB")?.parse::<f64>().ok().map(|kilobytes| kilobytes * 1024.0)
}
