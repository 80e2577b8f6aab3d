//! The Rust tests of vecvault-wasm, run where they belong: in Node, or in a headless Chromium.

use std::path::Path;

use crate::wasm_package::tools;
use crate::wasm_target::{cargo, run as run_command};

/// Runs them; with `browser` in Chromium, by its chromedriver, else in Node.
pub fn run(root: &Path, browser: bool) -> Result<(), String> {
    let tools = tools(root)?;
    let mut cargo = cargo(root, "test", "wasm-check")?;
    cargo.args(["--package", "vecvault-wasm", "--tests"]);
    let runner = format!("{} wasm-bindgen-test-runner", tools.display());
    cargo.env("CARGO_TARGET_WASM32_UNKNOWN_UNKNOWN_RUNNER", runner);
    if browser {
        cargo.env("WASM_BINDGEN_USE_BROWSER", "1").env("CHROMEDRIVER", "/usr/bin/chromedriver");
        cargo.env("WASM_BINDGEN_TEST_TIMEOUT", "120");
    }
    run_command(&mut cargo, "tests of vecvault-wasm failed")
}
