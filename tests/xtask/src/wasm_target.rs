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
    /// Those, and atomics on a memory that threads share.
    Threads,
}

/// What the linker is told for [`Build::Threads`]: the memory comes from outside, may be as large as any, and what
/// wasm-bindgen begins a thread with can be found.
const SHARED_MEMORY: [&str; 7] = [
    "--shared-memory",
    "--import-memory",
    "--max-memory=4294967296",
    "--export=__wasm_init_tls",
    "--export=__tls_size",
    "--export=__tls_align",
    "--export=__tls_base",
];

impl Build {
    /// What rustc is told.
    pub(crate) fn flags(self) -> Vec<String> {
        match self {
            Self::Plain => Vec::new(),
            Self::Simd => vec!["-Ctarget-feature=+simd128".to_owned()],
            Self::Threads => {
                let link = SHARED_MEMORY.map(|argument| format!("-Clink-arg={argument}"));
                Self::Simd.flags().into_iter().chain(link).collect()
            }
        }
    }

    /// The profile that the package is built with.
    pub(crate) fn profile(self) -> &'static str {
        match self {
            Self::Plain | Self::Simd => "wasm",
            Self::Threads => "wasm-threads",
        }
    }
}

/// Set to `1`: Debian's Rust, even where the target is installed. For trying that way out.
const PREFER_DEBIAN: &str = "VECVAULT_WASM_DEBIAN";
/// What the people without the target are told.
const HINT: &str = "no standard library for wasm32-unknown-unknown: run `rustup target add wasm32-unknown-unknown`, \
                    or on Debian `apt-get install rustc-web cargo-web rust-web-src lld-19`";

/// Whether there is a standard library with atomics: rustup has none, and Debian's is built from its source.
pub(crate) fn has_threads(root: &Path) -> Result<bool, String> {
    debian_toolchain(root, "threads").map(|toolchain| toolchain.is_some())
}

/// A cargo command for the target, in `root`, whose outputs go to a folder `name` of their own: another
/// compiler there must not make the next ordinary build start anew.
pub(crate) fn cargo(root: &Path, subcommand: &str, name: &str) -> Result<Command, String> {
    let library = uses_debian().then_some("whole");
    with_library(root, subcommand, name, library).map(|(cargo, _)| cargo)
}

/// The same for a package that is downloaded: with a standard library that is built for size, where that can be
/// had; and the flags that the library and the build want. With rustup's own library the package is larger and does the
/// same.
pub(crate) fn small_cargo(
    root: &Path,
    subcommand: &str,
    name: &str,
    build: Build,
) -> Result<(Command, Vec<String>), String> {
    let library = match build {
        Build::Threads => Some("threads"),
        Build::Plain | Build::Simd => uses_debian().then_some("small"),
    };
    let (cargo, mut flags) = with_library(root, subcommand, name, library)?;
    flags.extend(build.flags());
    Ok((cargo, flags))
}

fn with_library(
    root: &Path,
    subcommand: &str,
    name: &str,
    debian_library: Option<&str>,
) -> Result<(Command, Vec<String>), String> {
    let mut cargo = Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    cargo.current_dir(root).args([subcommand, "--target", TARGET]);
    let mut flags = Vec::new();
    if let Some(library) = debian_library {
        let toolchain;
        (toolchain, flags) = debian_toolchain(root, library)?.ok_or(HINT)?;
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
/// compiled for its library wants. `None` where the packages are not there.
fn debian_toolchain(root: &Path, library: &str) -> Result<Option<(PathBuf, Vec<String>)>, String> {
    let mut script = Command::new(root.join("wasm/debian-wasm.sh"));
    // Where it does not start, there is no Debian.
    let Ok(output) = script.arg(library).stderr(std::process::Stdio::inherit()).output() else {
        return Ok(None);
    };
    match output.status.code() {
        Some(0) => {
            let text = String::from_utf8_lossy(&output.stdout);
            let mut lines = text.lines().map(str::to_owned);
            Ok(Some((lines.next().unwrap_or_default().into(), lines.collect())))
        }
        // The script's word for that.
        Some(3) => Ok(None),
        _ => Err("wasm/debian-wasm.sh failed".to_owned()),
    }
}
