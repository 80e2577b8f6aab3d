//! Rust tests run where they belong, in Node or in a headless Chromium: those of vecvault-wasm, and those of
//! the float codec, which has instructions of its own there.

use std::path::Path;
use std::process::Command;

use crate::wasm_package::tools;
use crate::wasm_target::{Build, cargo, run as run_command};

/// Where tests run, and which.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Host {
    /// In Node: all but the long ones.
    Node,
    /// Those of vecvault-wasm in Chromium, by its chromedriver.
    Browser,
    /// In Node: the float codec on every one of the 2^32 floats, which takes minutes.
    Long,
}

/// Runs them.
pub fn run(root: &Path, host: Host) -> Result<(), String> {
    if host == Host::Long {
        let mut cargo = test(root, Build::Simd)?;
        cargo.args(["--release", "--package", "vecvault-float", "--lib", "every_float", "--", "--ignored"]);
        // Debian's standard library, as it is built here, has nothing to optimise at linking.
        cargo.env("CARGO_PROFILE_RELEASE_LTO", "off").env("WASM_BINDGEN_TEST_TIMEOUT", "7200");
        return run_command(&mut cargo, "the float codec failed");
    }
    let mut cargo = test(root, Build::Plain)?;
    cargo.args(["--package", "vecvault-wasm", "--tests", "--all-features"]);
    if host == Host::Browser {
        cargo.env("WASM_BINDGEN_USE_BROWSER", "1").env("CHROMEDRIVER", "/usr/bin/chromedriver");
        cargo.env("WASM_BINDGEN_TEST_TIMEOUT", "120");
    }
    run_command(&mut cargo, "tests of vecvault-wasm failed")?;
    if host == Host::Node {
        for build in [Build::Plain, Build::Simd] {
            let mut cargo = test(root, build)?;
            cargo.args(["--package", "vecvault-float", "--lib"]);
            run_command(&mut cargo, &format!("tests of the float codec failed, {build:?} build"))?;
        }
    }
    Ok(())
}

fn test(root: &Path, build: Build) -> Result<Command, String> {
    let runner = format!("{} wasm-bindgen-test-runner", tools(root)?.display());
    let folder = match build {
        Build::Plain => "wasm-check",
        Build::Simd => "wasm-check-simd",
        Build::Threads => return Err("tests of threads are the package's".to_owned()),
    };
    let mut cargo = cargo(root, "test", folder)?;
    cargo.env("CARGO_TARGET_WASM32_UNKNOWN_UNKNOWN_RUNNER", runner);
    cargo.env("CARGO_ENCODED_RUSTFLAGS", build.flags().join("\u{1f}"));
    Ok(cargo)
}
