//! `wasm-bindgen …`, `wasm-bindgen-test-runner …`, and `short-names MODULE NAMES`: the first argument says which.

use std::collections::HashMap;
use std::error::Error;
use std::fs;
use std::process::ExitCode;

use wasm_bindgen_cli::{wasm_bindgen, wasm_bindgen_test_runner};

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let outcome = match arguments.first().map(String::as_str) {
        Some("wasm-bindgen") => wasm_bindgen::run_cli_with_args(arguments).map_err(Into::into),
        Some("wasm-bindgen-test-runner") => {
            wasm_bindgen_test_runner::run_cli_with_args(arguments).map_err(Into::into)
        }
        Some("short-names") if arguments.len() == 3 => short_names(&arguments[1], &arguments[2]),
        _ => {
            eprintln!(
                "usage: vecvault-wasm-tools wasm-bindgen … | wasm-bindgen-test-runner … | short-names MODULE NAMES"
            );
            return ExitCode::from(2);
        }
    };
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("{error:?}");
            ExitCode::FAILURE
        }
    }
}

/// Gives imports and exports of a module the names that a JSON object has for theirs, as its glue has been given them.
fn short_names(path: &str, names: &str) -> Result<(), Box<dyn Error>> {
    let names: HashMap<String, String> = serde_json::from_slice(&fs::read(names)?)?;
    let mut module = walrus::Module::from_file(path)?;
    let imports = module.imports.iter_mut().map(|import| &mut import.name);
    let exports = module.exports.iter_mut().map(|export| &mut export.name);
    for name in imports.chain(exports) {
        if let Some(short) = names.get(name) {
            name.clone_from(short);
        }
    }
    module.emit_wasm_file(path)?;
    Ok(())
}
