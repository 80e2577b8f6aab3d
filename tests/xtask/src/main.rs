//! `cargo xtask …`: one word, one chore.

use std::process::ExitCode;

use vecvault_xtask::{instructions, root, tidy, wasm_check};

const USAGE: &str = "usage: cargo xtask tidy          the rules of the house, checked
       cargo xtask instructions  instructions of fixed work, compared with the committed figures
                                 (--update writes them anew)
       cargo xtask wasm-check    core and wasm built for wasm32-unknown-unknown";

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let outcome = match arguments.iter().map(String::as_str).collect::<Vec<_>>()[..] {
        ["tidy"] => run_tidy(),
        ["instructions"] => root().and_then(|root| instructions::run(&root, false)),
        ["instructions", "--update"] => root().and_then(|root| instructions::run(&root, true)),
        ["wasm-check"] => root().and_then(|root| wasm_check::run(&root)),
        _ => {
            eprintln!("{USAGE}");
            return ExitCode::from(2);
        }
    };
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(message) => {
            eprintln!("{message}");
            ExitCode::FAILURE
        }
    }
}

fn run_tidy() -> Result<(), String> {
    let findings = tidy::check(&root()?)?;
    for finding in &findings {
        println!("{finding}");
    }
    match findings.len() {
        0 => Ok(()),
        n => Err(format!("tidy: {n} to mend")),
    }
}
