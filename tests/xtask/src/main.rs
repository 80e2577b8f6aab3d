//! `cargo xtask …`: one word, one chore.

use std::process::ExitCode;

use std::path::Path;

use vecvault_xtask::wasm_test::{self, Host};
use vecvault_xtask::{instructions, page, root, serve, tidy, wasm_check, wasm_package};

const USAGE: &str = "usage: cargo xtask tidy                       the rules of the house, checked
       cargo xtask instructions               instructions of fixed work, compared with the committed figures
                                              (--update writes them anew)
       cargo xtask page                       the page, into www/dist, and the npm package that it is built on
       cargo xtask serve [OPTION…]            the page, the server with it, and `vecvault serve` with these options
       cargo xtask wasm                       the npm package, into wasm/pkg
       cargo xtask wasm --out DIR [--part NAME] [--feature F] [--build-in NAME]
                                              another build of it
       cargo xtask wasm-check                 core and wasm built for wasm32-unknown-unknown
       cargo xtask wasm-test node | browser   the Rust tests of the wasm package
       cargo xtask wasm-test long             the float codec there, on every float";

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let outcome = match arguments.iter().map(String::as_str).collect::<Vec<_>>()[..] {
        ["tidy"] => run_tidy(),
        ["instructions"] => root().and_then(|root| instructions::run(&root, false)),
        ["instructions", "--update"] => root().and_then(|root| instructions::run(&root, true)),
        ["serve", ref options @ ..] => root().and_then(|root| serve::run(&root, options)),
        ["page"] => root().and_then(|root| page::build(&root)),
        ["wasm", ref options @ ..] => root().and_then(|root| {
            let options = package_options(&root, options).ok_or_else(|| USAGE.to_owned())?;
            wasm_package::build(&root, &options)
        }),
        ["wasm-test", host @ ("node" | "browser" | "long")] => root().and_then(|root| {
            let host = match host {
                "browser" => Host::Browser,
                "long" => Host::Long,
                _ => Host::Node,
            };
            wasm_test::run(&root, host)
        }),
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

fn package_options(root: &Path, arguments: &[&str]) -> Option<wasm_package::Options> {
    let mut options = wasm_package::Options::published(root);
    for pair in arguments.chunks(2) {
        match *pair {
            ["--out", folder] => options.out = std::path::absolute(folder).ok()?,
            ["--feature", feature] => options.features.push(feature.into()),
            ["--part", part] => options.parts.push(part.into()),
            ["--build-in", name] => options.build_in = name.into(),
            _ => return None,
        }
    }
    Some(options)
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
