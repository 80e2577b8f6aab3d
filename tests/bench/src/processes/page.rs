//! Opening a large backup: what it holds, and a page from its middle.

use super::server::Server;
use super::site::Site;
use super::versus;
use crate::Result;
use crate::process::{Program, Rival, take_turns};
use crate::report::Report;

const REQUESTS: u32 = 20;

pub(super) fn run(site: &Site, report: &mut Report) -> Result<()> {
    let middle = (site.records / 2).to_string();
    let page =
        site.vecvault("data").arg("inspect").arg(&site.backup).args(["--limit", "10", "--offset", &middle]);
    let show = site.vecvault("data").args(["show", &site.id]);
    let nothing = site.vecvault("data").arg("--version");
    let read = Program::new("sh").args(["-c", r#"cat "$1" | cat >/dev/null"#, "sh"]).arg(&site.backup);
    let server = Server::start(site, "data")?;
    let path = format!("/api/backups/{}", site.id);
    let measured = |program: Program| move || Ok(site.measure(&program)?.0);
    let serde = Program::tool("serde-read")?.arg(&site.backup);
    let rivals = vec![
        Rival::new("**vecvault inspect, 10 records from the middle**", measured(page)),
        Rival::new("vecvault show", measured(show)),
        Rival::new("show through a running server", || server.get(&path, REQUESTS)),
        Rival::new("vecvault --version: a process that does nothing", measured(nothing)),
        Rival::new("*read through a pipe*", measured(read)),
        Rival::new("serde_json typed, read and parse", move || serde.own_figures()),
    ];
    let outcomes = take_turns(rivals, if site.rounds < 5 { 5 } else { 11 });
    report.heading(&format!("Opening a backup of {:.0} MB, cached", site.bytes()? as f64 / 1e6));
    versus::table("open", &outcomes, report);
    report.note("The last two read the whole file, which is what a reader without an index does.");
    Ok(())
}
