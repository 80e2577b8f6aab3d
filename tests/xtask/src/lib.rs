//! The project's own chores, as a library so that ordinary tests can call them.
//!
//! Run as `cargo xtask …`. Nothing here is part of the product, and no package of the product depends on
//! it.

pub mod tidy;
pub mod wasm_check;

use std::path::{Path, PathBuf};

/// The root of the repository: two folders above this package.
pub fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}
