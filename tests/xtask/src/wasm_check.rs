//! core and wasm, built for wasm32-unknown-unknown.
//!
//! It uses the target where rustup has installed it, else Debian's own Rust for the web; it downloads
//! neither.

use std::path::{Path, PathBuf};
use std::process::Command;

const TARGET: &str = "wasm32-unknown-unknown";
/// What the people without the target are told.
const HINT: &str = "no standard library for wasm32-unknown-unknown: run `rustup target add wasm32-unknown-unknown`, \
                    or on Debian `apt-get install rustc-web cargo-web rust-web-src lld-19`";

/// Builds vecvault-core and vecvault-wasm; an error says what failed or what to install.
pub fn run(root: &Path) -> Result<(), String> {
    let mut cargo = Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    cargo.current_dir(root);
    cargo.args(["build", "--package", "vecvault-core", "--package", "vecvault-wasm", "--target", TARGET]);
    // Whoever writes a store for a browser holds it to the suites there.
    cargo.args(["--features", "vecvault-core/conformance"]);
    if !has_target() {
        let toolchain = debian_toolchain(root)?;
        cargo.env("RUSTC", toolchain.join("bin/rustc"));
        // Debian's Rust is as old or as new as Debian's: what counts is that it builds this.
        cargo.arg("--ignore-rust-version");
    }
    // A folder of its own: another compiler here must not make the next ordinary build start anew.
    cargo.arg("--target-dir").arg(crate::target_directory(root).join("wasm-check"));
    match cargo.status() {
        Ok(status) if status.success() => Ok(()),
        Ok(_) => Err(format!("core or wasm does not build for {TARGET}")),
        Err(error) => Err(format!("cargo does not start: {error}")),
    }
}

/// Whether the active toolchain has the target's standard library.
fn has_target() -> bool {
    let output = Command::new("rustc").args(["--print", "target-libdir", "--target", TARGET]).output();
    output.is_ok_and(|output| {
        output.status.success() && Path::new(String::from_utf8_lossy(&output.stdout).trim()).is_dir()
    })
}

/// The toolchain that the script makes of Debian's packages, once.
fn debian_toolchain(root: &Path) -> Result<PathBuf, String> {
    let output = Command::new(root.join("wasm/debian-wasm.sh"))
        .stderr(std::process::Stdio::inherit())
        .output()
        .map_err(|error| format!("wasm/debian-wasm.sh does not start: {error}"))?;
    match output.status.code() {
        Some(0) => Ok(PathBuf::from(String::from_utf8_lossy(&output.stdout).trim())),
        // The script's word for "the packages are not there".
        Some(3) => Err(HINT.to_owned()),
        _ => Err("wasm/debian-wasm.sh failed".to_owned()),
    }
}
