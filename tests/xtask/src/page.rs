//! The page: `www/dist/` out of `www/` and the npm package.
//!
//! `www/build.mjs` bundles; here is what it needs. Its tools are pinned by `www/package-lock.json`, and equal
//! sources give equal bytes.

use std::path::Path;
use std::process::Command;

use crate::npm;
use crate::wasm_package;
use crate::wasm_target::run;

/// Builds what a page has of the npm package, and then the page; an error says what failed or what to install.
pub fn build(root: &Path) -> Result<(), String> {
    wasm_package::build(root, &wasm_package::Options::for_page(root))?;
    let packages = npm::installed(root, "www", "page-packages", "preact and esbuild")?;
    let mut bundle = Command::new("node");
    bundle.arg(root.join("www/build.mjs")).arg("--packages").arg(packages);
    run(&mut bundle, "www/build.mjs failed")
}
