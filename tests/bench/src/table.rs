//! The table: every section that was asked for, in one report.

use std::fs;
use std::process::Command;
use std::thread::available_parallelism;

use chrono::Utc;
use vecvault_core::format::float::Tier;

use crate::options::{Section, Table};
use crate::report::Report;
use crate::{Result, codec, processes, verbs};

pub(crate) fn run(options: &Table) -> Result<()> {
    let mut report = Report::default();
    head(options, &mut report);
    if options.wants(Section::Codec) {
        codec::run(options.quick, options.data().as_deref(), &mut report)?;
    }
    if options.wants(Section::Verbs) {
        verbs::run(options.quick, &mut report)?;
    }
    processes::run(options, &mut report)?;
    // A run of one section does not replace the whole table.
    let name = if options.only.is_some() { "latest-section.md" } else { "latest.md" };
    fs::write(options.cache.join(name), report.text())?;
    Ok(())
}

/// What was measured, where: figures of two machines are not to be compared, ratios of one run are.
fn head(options: &Table, report: &mut Report) {
    let cpu = fs::read_to_string("/proc/cpuinfo").unwrap_or_default();
    let model = cpu.lines().find_map(|line| line.strip_prefix("model name")?.split_once(": "));
    let commit = Command::new("git").args(["rev-parse", "--short", "HEAD"]).output();
    let commit = commit.map(|output| String::from_utf8_lossy(&output.stdout).trim().to_owned());
    let load = fs::read_to_string("/proc/loadavg").unwrap_or_default();
    report.note(&format!(
        "# VecVault beside its rivals\n\n{}{}; commit {}; {}, {} cores, best tier {:?}; load before the run {}",
        Utc::now().format("%Y-%m-%d %H:%M UTC"),
        if options.quick { ", quick" } else { "" },
        commit.unwrap_or_default(),
        model.map_or("unknown processor", |(_, model)| model),
        available_parallelism().map_or(0, usize::from),
        Tier::detect(),
        load.split(' ').next().unwrap_or_default(),
    ));
}
