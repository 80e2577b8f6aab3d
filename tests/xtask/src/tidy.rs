//! The rules of the house, checked: the map in ARCHITECTURE.md is true because this fails where it is not.
//!
//! Every rule is a function from the [`House`] (the files that git knows or would take) to [`Finding`]s;
//! a finding says where and what to do. The rules do not mend anything.

mod arrows;
mod house;
mod imports;
mod layout;
mod limits;
mod manifests;
mod map;
mod mentions;
mod sizes;
mod unsafe_code;

use std::fmt;
use std::path::Path;
use std::process::Command;

use house::{File, House};

/// Something to mend.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Finding {
    /// The file, from the root of the repository.
    pub path: String,
    /// The line, from 1.
    pub line: usize,
    /// What is wrong.
    pub problem: String,
    /// What to do.
    pub remedy: String,
}

impl Finding {
    fn new(path: &str, line: usize, problem: impl Into<String>, remedy: impl Into<String>) -> Self {
        Self { path: path.to_owned(), line: line.max(1), problem: problem.into(), remedy: remedy.into() }
    }
}

impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}: {}; {}", self.path, self.line, self.problem, self.remedy)
    }
}

/// Checks the repository at `root`: every finding, by file and line. An error means that it could not be
/// read.
pub fn check(root: &Path) -> Result<Vec<Finding>, String> {
    let mut findings = check_house(&House::read(root)?);
    findings.extend(manifests::check_tree(&core_dependencies(root)?));
    findings.sort();
    Ok(findings)
}

/// All rules that need nothing but the files.
fn check_house(house: &House) -> Vec<Finding> {
    let rules: [fn(&House) -> Vec<Finding>; 8] = [
        layout::check,
        manifests::check,
        map::check,
        limits::check,
        imports::check,
        sizes::check,
        unsafe_code::check,
        house::unreadable,
    ];
    rules.iter().flat_map(|rule| rule(house)).collect()
}

/// The names of all packages that core is built from, on every target, a line each.
fn core_dependencies(root: &Path) -> Result<String, String> {
    let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let output = Command::new(cargo)
        .args(["tree", "--package", "vecvault-core", "--edges", "normal", "--all-features"])
        .args(["--target", "all", "--prefix", "none", "--format", "{p}"])
        .current_dir(root)
        .output()
        .map_err(|error| format!("cargo tree does not start: {error}"))?;
    if output.status.success() {
        Ok(String::from_utf8_lossy(&output.stdout).into_owned())
    } else {
        Err(format!("cargo tree: {}", String::from_utf8_lossy(&output.stderr)))
    }
}
