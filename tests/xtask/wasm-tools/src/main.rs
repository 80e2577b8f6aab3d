//! `wasm-bindgen …` and `wasm-bindgen-test-runner …`: the first argument says which.

use std::process::ExitCode;

use wasm_bindgen_cli::{wasm_bindgen, wasm_bindgen_test_runner};

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let outcome = match arguments.first().map(String::as_str) {
        Some("wasm-bindgen") => wasm_bindgen::run_cli_with_args(arguments),
        Some("wasm-bindgen-test-runner") => wasm_bindgen_test_runner::run_cli_with_args(arguments),
        _ => {
            eprintln!("usage: vecvault-wasm-tools wasm-bindgen | wasm-bindgen-test-runner …");
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
