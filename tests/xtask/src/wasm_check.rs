//! core and wasm, built for wasm32-unknown-unknown.

use std::path::Path;

use crate::wasm_target::{TARGET, cargo, run as run_command};

/// What vecvault-wasm is built with: what each of the package's modules has, then both; and core's suites, which whoever
/// writes a store for a browser holds it to there.
const FEATURES: [&str; 3] = ["backups", "analysis", "backups,analysis,conformance"];

/// Builds vecvault-core and vecvault-wasm; an error says what failed or what to install.
pub fn run(root: &Path) -> Result<(), String> {
    for features in FEATURES {
        let mut cargo = cargo(root, "build", "wasm-check")?;
        cargo.args(["--package", "vecvault-core", "--package", "vecvault-wasm"]);
        cargo.args(["--no-default-features", "--features", features]);
        run_command(&mut cargo, &format!("core or wasm with {features} does not build for {TARGET}"))?;
    }
    Ok(())
}
