//! The server with its page, from the sources: what somebody wants who has just cloned them.

use std::path::Path;
use std::process::Command;

use crate::page;
use crate::wasm_target::run as run_command;

/// Builds the page and then the server with it, and serves. Where the page cannot be built, that is told with
/// what to install, and the server is without it.
pub fn run(root: &Path, arguments: &[&str]) -> Result<(), String> {
    if let Err(message) = page::build(root) {
        eprintln!("the server will be without its page: {message}");
    }
    let mut cargo = Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    cargo
        .current_dir(root)
        .args(["run", "--release", "--package", "vecvault", "--", "serve"])
        .args(arguments);
    run_command(&mut cargo, "the server ended with an error")
}
