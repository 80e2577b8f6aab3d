//! verify: is a file whole?

use super::site::Site;
use super::versus;
use crate::Result;
use crate::process::{Program, Rival, take_turns};
use crate::report::Report;

pub(super) fn run(site: &Site, report: &mut Report) -> Result<()> {
    let verify = site.vecvault("data").arg("verify").arg(&site.id);
    let quick = verify.clone().arg("--quick");
    let serde = Program::tool("serde-read")?.arg(&site.backup);
    let cat = Program::new("sh").args(["-c", r#"cat "$1" | cat >/dev/null"#, "sh"]).arg(&site.backup);
    let rivals = vec![
        Rival::new("**vecvault verify**", || Ok(site.measure(&verify)?.0)),
        Rival::new("vecvault verify --quick", || Ok(site.measure(&quick)?.0)),
        Rival::new("serde_json typed, read and parse", || serde.own_figures()),
        Rival::new("*read through a pipe*", || Ok(site.measure(&cat)?.0)),
    ];
    let outcomes = take_turns(rivals, site.rounds);
    report.heading(&format!("verify, whole process, {} records of 384 numbers", site.records));
    versus::table("verify", &outcomes, report);
    report.note(
        "The file is in the page cache. vecvault: every hash, the grammar, order, counts and fingerprints, on all cores, its \
         start included. serde_json: only whether it parses, on one core, its start not counted.",
    );
    Ok(())
}
