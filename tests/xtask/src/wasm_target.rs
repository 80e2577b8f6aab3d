//! A cargo that builds for wasm32-unknown-unknown.
//!
//! It uses the target where rustup has installed it, else Debian's own Rust for the web; it downloads
//! neither.

use std::path::{Path, PathBuf};
use std::process::Command;

/// The target.
pub(crate) const TARGET: &str = "wasm32-unknown-unknown";

/// What instructions a build may use. There is no asking for them at run time: a module that has one which
/// the engine lacks is refused as a whole.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Build {
    /// Those of every engine.
    Plain,
    /// Vectors of 128 bits too.
    Simd,
}

impl Build {
    /// What rustc is told.
    pub(crate) fn flags(self) -> Vec<String> {
        match self {
            Self::Plain => Vec::new(),
            Self::Simd => vec!["-Ctarget-feature=+simd128".to_owned()],
        }
    }
}

/// Set to `1`: Debian's Rust, even where the target is installed. For trying that way out.
const PREFER_DEBIAN: &str = "VECVAULT_WASM_DEBIAN";
/// What the people without the target are told.
const HINT: &str = "no standard library for wasm32-unknown-unknown: run `rustup target add wasm32-unknown-unknown`, \
                    or on Debian `apt-get install rustc-web cargo-web rust-web-src lld-19`";

/// A cargo command for the target, in `root`, whose outputs go to a folder `name` of their own: another
/// compiler there must not make the next ordinary build start anew.
pub(crate) fn cargo(root: &Path, subcommand: &str, name: &str) -> Result<Command, String> {
    with_library(root, subcommand, name, "whole").map(|(cargo, _)| cargo)
}

/// The same for a package that is downloaded: with a standard library that is built for size, where that can be
/// had; and the flags that it wants. With rustup's own library the package is larger and does the same.
pub(crate) fn small_cargo(
    root: &Path,
    subcommand: &str,
    name: &str,
) -> Result<(Command, Vec<String>), String> {
    with_library(root, subcommand, name, "small")
}

fn with_library(
    root: &Path,
    subcommand: &str,
    name: &str,
    library: &str,
) -> Result<(Command, Vec<String>), String> {
    let mut cargo = Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    cargo.current_dir(root).args([subcommand, "--target", TARGET]);
    let mut flags = Vec::new();
    if uses_debian() {
        let toolchain;
        (toolchain, flags) = debian_toolchain(root, library)?;
        cargo.env("RUSTC", toolchain.join("bin/rustc"));
        // Debian's Rust is as old or as new as Debian's: what counts is that it builds this.
        cargo.arg("--ignore-rust-version");
    }
    if !flags.is_empty() {
        // What they ask for is not stable yet.
        cargo.env("RUSTC_BOOTSTRAP", "1");
    }
    cargo.arg("--target-dir").arg(crate::target_directory(root).join(name));
    Ok((cargo, flags))
}

/// Runs a command; `failure` says what it means where it does not succeed.
pub(crate) fn run(command: &mut Command, failure: &str) -> Result<(), String> {
    match command.status() {
        Ok(status) if status.success() => Ok(()),
        Ok(_) => Err(failure.to_owned()),
        Err(error) => Err(format!("{} does not start: {error}", command.get_program().to_string_lossy())),
    }
}

/// Whether the active toolchain has the target's standard library.
fn has_target() -> bool {
    let output = Command::new("rustc").args(["--print", "target-libdir", "--target", TARGET]).output();
    output.is_ok_and(|output| {
        output.status.success() && Path::new(String::from_utf8_lossy(&output.stdout).trim()).is_dir()
    })
}

fn uses_debian() -> bool {
    std::env::var_os(PREFER_DEBIAN).is_some_and(|value| value == "1") || !has_target()
}

/// The toolchain that the script makes of Debian's packages, once: its folder, and the flags that what is
/// compiled for its library wants.
fn debian_toolchain(root: &Path, library: &str) -> Result<(PathBuf, Vec<String>), String> {
    let output = Command::new(root.join("wasm/debian-wasm.sh"))
        .arg(library)
        .stderr(std::process::Stdio::inherit())
        .output()
        .map_err(|error| format!("wasm/debian-wasm.sh does not start: {error}"))?;
    match output.status.code() {
        Some(0) => {
            let text = String::from_utf8_lossy(&output.stdout);
            let mut lines = text.lines().map(str::to_owned);
            Ok((lines.next().unwrap_or_default().into(), lines.collect()))
        }
        // The script's word for "the packages are not there".
        Some(3) => Err(HINT.to_owned()),
        _ => Err("wasm/debian-wasm.sh failed".to_owned()),
    }
}
