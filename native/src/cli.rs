//! The command line: its options, and one module a command.
//!
//! A command opens only what it needs, makes one JSON document, and prints it or its rendering. Results go
//! to stdout, everything else to stderr. Nothing here knows the format of a backup: the library does.

mod collections;
mod context;
mod create;
mod delete;
mod diff;
mod document;
mod download;
mod exit;
mod export;
mod import;
mod inspect;
mod interrupt;
mod jobs;
mod list;
mod named;
mod output;
mod progress;
mod remote;
mod restore;
mod serve;
mod show;
mod terminal;
mod upload;
mod verify;
mod views;

use std::process::ExitCode;
use std::time::Duration;

use clap::{Parser, Subcommand};
use serde_json::json;
use tokio::runtime::Handle;
use tokio::task::JoinError;

use context::{Context, Options};
use document::tell;
use exit::{EXIT_CODES_HELP, Exit, Failure, Outcome};
use interrupt::Interrupt;

/// Backups of vector collections that prove themselves
///
/// A backup is one JSON file. Creating, verifying and restoring count and fingerprint every record, and
/// succeed only when the proof does. Whatever is interrupted leaves the old state or the new one.
///
/// Without --server the commands work on two directories: the embedded collections (--data) and the
/// backups (--backups). While a server runs on the same data, go through it with --server.
#[derive(Debug, Parser)]
#[command(name = "vecvault", version, after_long_help = EXIT_CODES_HELP, max_term_width = 100)]
struct Cli {
    #[command(flatten)]
    options: Options,
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    Serve(serve::Serve),
    Create(create::Create),
    List(list::List),
    Show(show::Show),
    Restore(restore::Restore),
    Verify(verify::Verify),
    Diff(diff::Diff),
    Inspect(inspect::Inspect),
    Import(import::Import),
    Export(export::Export),
    Delete(delete::Delete),
    Download(download::Download),
    Upload(upload::Upload),
    Collections(collections::Collections),
    Jobs(jobs::Jobs),
}

/// Runs the command line of this process.
pub(crate) fn main() -> ExitCode {
    let (json, outcome) = match Cli::try_parse() {
        Ok(cli) => (cli.options.json, start(cli)),
        Err(error) if error.use_stderr() => {
            let json = std::env::args_os().any(|argument| argument == "--json");
            if !json {
                // Clap's own rendering has colours and the usage; where it cannot be printed, the code says it.
                let _ = error.print();
                return Exit::Usage.code().into();
            }
            (json, Err(Failure::usage(error.render().to_string().trim_end())))
        }
        Err(help_or_version) => {
            let _ = help_or_version.print();
            return ExitCode::SUCCESS;
        }
    };
    let exit = outcome.unwrap_or_else(|failure| {
        report(&failure, json);
        failure.exit
    });
    exit.code().into()
}

/// How long what was broken off may still tidy up.
const TIDYING: Duration = Duration::from_secs(1);

fn start(cli: Cli) -> Outcome {
    let runtime = tokio::runtime::Runtime::new()
        .map_err(|error| Failure::new(Exit::Failure, format!("cannot start the runtime: {error}")))?;
    let outcome = runtime.block_on(run(cli));
    runtime.shutdown_timeout(TIDYING);
    outcome
}

/// Runs a command until it ends or is interrupted. What changes something is asked to stop through its
/// monitor, and so undoes what it did; only a second signal breaks it off. What only reads is dropped, and a file that is
/// not whole with it.
async fn run(cli: Cli) -> Outcome {
    let interrupt = Interrupt::listen().map_err(|error| Failure::io("cannot listen for signals", &error))?;
    let context = Context::new(cli.options, interrupt.clone())?;
    let patience = match &cli.command {
        Command::Import(_) | Command::Upload(_) => 2,
        Command::Create(_) | Command::Restore(_) if context.remote().is_none() => 2,
        Command::Serve(_) => u32::MAX,
        _ => 1,
    };
    // A command may block, on a pipe that nobody reads: it has a thread to itself, and signals are heeded here.
    let (command, runtime) = (cli.command, Handle::current());
    let mut running = tokio::task::spawn_blocking(move || {
        runtime.block_on(async {
            tokio::select! {
                biased;
                outcome = dispatch(command, &context) => outcome,
                () = context.interrupt.asked(patience) => Err(Failure::interrupted()),
            }
        })
    });
    tokio::select! {
        biased;
        outcome = &mut running => return ended(outcome),
        () = interrupt.asked(patience) => {}
    }
    tokio::select! {
        biased;
        () = interrupt.asked(patience.saturating_add(1)) => Err(Failure::interrupted()),
        outcome = tokio::time::timeout(TIDYING, running) => {
            outcome.map_or_else(|_still_blocked| Err(Failure::interrupted()), ended)
        }
    }
}

/// How the thread of a command ended. A panic goes on here.
fn ended(outcome: Result<Outcome, JoinError>) -> Outcome {
    outcome.unwrap_or_else(|error| match error.try_into_panic() {
        Ok(panic) => std::panic::resume_unwind(panic),
        Err(_cancelled) => Err(Failure::interrupted()),
    })
}

async fn dispatch(command: Command, context: &Context) -> Outcome {
    match command {
        Command::Serve(command) => command.run(context).await,
        Command::Create(command) => command.run(context).await,
        Command::List(command) => command.run(context).await,
        Command::Show(command) => command.run(context).await,
        Command::Restore(command) => command.run(context).await,
        Command::Verify(command) => command.run(context).await,
        Command::Diff(command) => command.run(context).await,
        Command::Inspect(command) => command.run(context).await,
        Command::Import(command) => command.run(context).await,
        Command::Export(command) => command.run(context).await,
        Command::Delete(command) => command.run(context).await,
        Command::Download(command) => command.run(context).await,
        Command::Upload(command) => command.run(context).await,
        Command::Collections(command) => command.run(context).await,
        Command::Jobs(command) => command.run(context).await,
    }
}

/// Says why a command failed. A closed pipe is nobody's news, unless something was done.
fn report(failure: &Failure, json: bool) {
    let Failure { exit, message, done } = failure;
    if *exit == Exit::ClosedPipe && !done {
        return;
    }
    if json {
        let code = exit.code();
        let error = json!({"kind": exit, "exit_code": code, "message": message});
        tell(&json!({"error": error}).to_string());
    } else {
        tell(&format!("vecvault: {}", terminal::plain_lines(message)));
    }
}
