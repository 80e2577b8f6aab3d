//! How many instructions the core takes for fixed work, held to committed figures: a slower core is seen
//! whatever else the machine is doing.
//!
//! `core/examples/instructions.rs` does the work, valgrind's callgrind counts. It knows AVX2 but not
//! AVX-512, so each case that has a choice names its tier.

use std::fmt::Write;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

/// What is counted. The float codec's tiers are named; list, open and verify take the best that valgrind
/// has.
const CASES: [&str; 7] =
    ["encode portable", "encode avx2", "decode portable", "decode avx2", "list", "open", "verify"];
/// The committed figures: a case and its instructions, separated by a tab.
const FIGURES: &str = "tests/instructions.tsv";
/// How much more than the figure may be taken: another compiler or C library makes some difference.
const SLACK_PERCENT: u64 = 10;

/// Counts every case and compares it with its figure, or writes the figures anew.
pub fn run(root: &Path, update: bool) -> Result<(), String> {
    let program = build(root)?;
    let figures = fs::read_to_string(root.join(FIGURES)).unwrap_or_default();
    let (mut table, mut slower) = (String::new(), Vec::new());
    for case in CASES {
        let Some(counted) = count(&program, case)? else {
            println!("{case:16} not counted: valgrind shows no such processor here");
            continue;
        };
        let _ = writeln!(table, "{case}\t{counted}");
        let figure = figures.lines().find_map(|line| line.strip_prefix(case)?.trim().parse::<u64>().ok());
        let percent = figure.map_or(0.0, |figure| counted as f64 * 100.0 / figure as f64);
        println!("{case:16} {counted:>12} instructions, {percent:.1} % of the figure");
        if figure.is_none_or(|figure| counted > figure + figure / 100 * SLACK_PERCENT) {
            slower.push(case);
        }
    }
    if update {
        return fs::write(root.join(FIGURES), table).map_err(|error| format!("{FIGURES}: {error}"));
    }
    if slower.is_empty() {
        return Ok(());
    }
    Err(format!(
        "{} took over {SLACK_PERCENT} % more instructions than {FIGURES} says: make it faster, or say why not \
         and run `cargo xtask instructions --update`",
        slower.join(", ")
    ))
}

/// Builds the program that does the work, optimised as a release is.
fn build(root: &Path) -> Result<PathBuf, String> {
    let mut cargo = Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    cargo.current_dir(root);
    cargo.args(["build", "--release", "--package", "vecvault-core", "--example", "instructions"]);
    match cargo.status() {
        Ok(status) if status.success() => {
            Ok(crate::target_directory(root).join("release/examples/instructions"))
        }
        Ok(_) => Err("core's example `instructions` does not build".to_owned()),
        Err(error) => Err(format!("cargo does not start: {error}")),
    }
}

/// The instructions of doing it once: those of a process that does it three times less those of one that
/// does it twice, so that neither the beginning nor the first time counts. `None` where the processor that
/// valgrind shows has no such tier.
fn count(program: &Path, case: &str) -> Result<Option<u64>, String> {
    let counts = [2, 3].map(|times| callgrind(program, case, times));
    let [Ok(twice), Ok(thrice)] = counts else {
        return match counts.into_iter().find_map(Result::err) {
            Some(error) if error.contains("this processor has no tier") => Ok(None),
            error => Err(error.unwrap_or_default()),
        };
    };
    Ok(Some(thrice - twice))
}

fn callgrind(program: &Path, case: &str, times: u32) -> Result<u64, String> {
    let output = Command::new("valgrind")
        .args(["--tool=callgrind", "--callgrind-out-file=/dev/null"])
        .arg(program)
        .args([case, &times.to_string()])
        .output()
        .map_err(|error| format!("valgrind does not start: {error}"))?;
    let report = String::from_utf8_lossy(&output.stderr);
    let collected = report.lines().find_map(|line| line.split_once("Collected : ")?.1.trim().parse().ok());
    match collected {
        Some(instructions) if output.status.success() => Ok(instructions),
        _ => Err(format!("counting {case:?} failed:\n{report}")),
    }
}
