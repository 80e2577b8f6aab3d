//! What the table starts as processes of their own, so that each is measured alone.

pub(crate) mod copy_rows;
pub(crate) mod engine_load;
pub(crate) mod fill;
pub(crate) mod measure;
pub(crate) mod plain_write;
pub(crate) mod serde_read;

use std::fs;

use crate::Result;
use crate::process::Figures;
use crate::timing::wall_and_cpu;

/// Does a piece of work and prints what it took, for who started this process.
fn print_figures<T>(work: impl FnOnce() -> Result<T>) -> Result<T> {
    let (result, wall, cpu) = wall_and_cpu(work);
    let figures = Figures { wall, cpu, peak: own_peak() };
    println!("{}", serde_json::to_string(&figures)?);
    result
}

/// The most memory that this process has had, in bytes.
fn own_peak() -> Option<f64> {
    let status = fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"))?;
    line.trim().strip_suffix(" kB")?.parse::<f64>().ok().map(|kilobytes| kilobytes * 1024.0)
}
