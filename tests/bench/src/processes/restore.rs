//! restore: from a file to committed collections.

use super::create::removing;
use super::postgres::Postgres;
use super::site::Site;
use super::versus;
use crate::Result;
use crate::process::{Figures, Program, Rival, take_turns};
use crate::report::{Report, times};

const ENGINE: &str = "*the engine alone*";

pub(super) fn run(site: &Site, postgres: Result<&Postgres, &String>, report: &mut Report) -> Result<()> {
    let out = site.path("engine.redb");
    let mut rivals = vec![Rival::new("**vecvault restore**", || site.restore())];
    let server = site.serve_a_copy()?;
    let request = format!(r#"{{"backup_id":"{}"}}"#, site.id);
    rivals.push(Rival::new("restore through a running server", move || {
        Ok(server.post("/api/backups/restore", &request)?.0)
    }));
    let engine = Program::tool("engine-load")?.arg(site.path("data")).arg(&out);
    rivals.push(removing(ENGINE, &out, move || {
        // The chunks are in its memory: its peak says nothing.
        engine.own_figures().map(|figures| Figures { peak: None, ..figures })
    }));
    match postgres {
        Ok(postgres) => rivals.extend(postgres.restores(site)?),
        Err(reason) => rivals.push(Rival::absent("pg_restore, COPY", reason)),
    }
    for library in ["json", "orjson"] {
        let load = site.python("json_files.py").args(["load", library]).arg(&site.backup);
        rivals.push(Rival::new(format!("Python {library}, load to numpy"), move || load.own_figures()));
    }
    let outcomes = take_turns(rivals, site.rounds);
    report.heading(&format!("restore, whole process, {} records of 384 numbers", site.records));
    versus::table("restore", &outcomes, report);
    if let Some(ratio) = versus::against(&outcomes, ENGINE) {
        report.note(&format!(
            "**vecvault restore takes {} x the time that the engine alone needs for the same chunks.**\n",
            times(ratio)
        ));
    }
    report.note(
        "vecvault: into an empty data directory, committed, proof included; the server: over the collection that is there, its peak the highest since its start. The engine alone: redb given the same chunks \
         from memory, in transactions of the same size, its start not counted. Postgres: into an empty database with a \
         primary key and wal_level=minimal, in one transaction, which spares it the log. Python: only into memory, \
         its start not counted.",
    );
    Ok(())
}
