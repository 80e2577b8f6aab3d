//! The project's own chores, as a library so that ordinary tests can call them.
//!
//! Run as `cargo xtask …`. Nothing here is part of the product, and no package of the product depends on
//! it.

pub mod instructions;
mod npm;
pub mod page;
pub mod serve;
pub mod tidy;
pub mod wasm_check;
pub mod wasm_package;
mod wasm_target;
pub mod wasm_test;

use std::path::{Path, PathBuf};

/// The root of the repository: the nearest folder above the working directory that has the lock file. An
/// error says that there is none.
pub fn root() -> Result<PathBuf, String> {
    let here = std::env::current_dir().map_err(|error| format!("there is no working directory: {error}"))?;
    let root = here.ancestors().find(|folder| folder.join("Cargo.lock").is_file());
    root.map(PathBuf::from).ok_or_else(|| format!("{} is not in the repository", here.display()))
}

/// Where cargo builds.
fn target_directory(root: &Path) -> PathBuf {
    std::env::var_os("CARGO_TARGET_DIR").map_or_else(|| root.join("target"), PathBuf::from)
}
