//! list: a thousand backups.

use std::fs;

use super::server::Server;
use super::site::scratch;
use super::versus;
use crate::Result;
use crate::options::Table as Options;
use crate::process::{Program, Rival, take_turns};
use crate::report::Report;

const BACKUPS: u32 = 1_000;
const REQUESTS: u32 = 20;

pub(super) fn run(options: &Options, report: &mut Report) -> Result<()> {
    let directory = scratch(options)?;
    let backups = directory.path().join("backups");
    fs::create_dir(&backups)?;
    Program::tool("backups")?.arg(&backups).arg(BACKUPS.to_string()).run()?;
    let vecvault = Program::new(&options.vecvault).arg("--json").arg("--backups").arg(&backups);
    let vecvault = vecvault.arg("--data").arg(directory.path().join("data"));
    let server = Server::of(&vecvault)?;
    let work = directory.path();
    let measured = |program: Program| move || Ok(program.measure(work)?.0);
    let rivals = vec![
        Rival::new("**vecvault list**", measured(vecvault.clone().arg("list"))),
        Rival::new("through a running server", || server.get("/api/backups", REQUESTS)),
        Rival::new("vecvault --version: a process that does nothing", measured(vecvault.arg("--version"))),
        Rival::new("ls -l", measured(Program::new("ls").arg("-l").arg(&backups))),
    ];
    let outcomes = take_turns(rivals, if options.quick { 5 } else { 11 });
    report.heading(&format!("list of {BACKUPS} backups, cached"));
    versus::table("list", &outcomes, report);
    report.note(
        "A list does not depend on the backups' size: it reads heads and tails. The server remembers what it has read and \
         asks only whether it has changed; its CPU time is the server's, without start.",
    );
    Ok(())
}
