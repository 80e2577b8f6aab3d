//! core and wasm, built for wasm32-unknown-unknown.

use std::path::Path;

use crate::wasm_target::{TARGET, cargo, run as run_command};

/// Builds vecvault-core and vecvault-wasm; an error says what failed or what to install.
pub fn run(root: &Path) -> Result<(), String> {
    let mut cargo = cargo(root, "build", "wasm-check")?;
    cargo.args(["--package", "vecvault-core", "--package", "vecvault-wasm"]);
    // Whoever writes a store for a browser holds it to the suites there.
    cargo.args(["--features", "vecvault-core/conformance"]);
    run_command(&mut cargo, &format!("core or wasm does not build for {TARGET}"))
}
