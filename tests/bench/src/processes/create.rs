//! create: from live collections to a durable file.

use std::fs;
use std::path::Path;

use super::postgres::Postgres;
use super::site::{Created, Site};
use super::versus;
use crate::Result;
use crate::process::{Figures, Program, Rival, take_turns};
use crate::report::{Report, times};

const PLAIN: &str = "*plain write + fdatasync*";

pub(super) fn run(site: &Site, postgres: Result<&Postgres, &String>, report: &mut Report) -> Result<()> {
    let out = site.path("out");
    let mut rivals = vec![Rival::new("**vecvault create**", || {
        let (figures, id) = site.create()?;
        site.remove_backup(&id)?;
        Ok(figures)
    })];
    let server = site.serve_a_copy()?;
    rivals.push(Rival::new("create through a running server", move || {
        let (figures, reply) = server.post("/api/backups/create", r#"{"name":"bench"}"#)?;
        site.remove_backup(&Created::id(&reply)?)?;
        Ok(figures)
    }));
    let plain = Program::tool("plain-write")?.arg(&site.backup).arg(&out);
    rivals.push(removing(PLAIN, &out, move || {
        // The finished bytes are in its memory: its peak says nothing.
        plain.own_figures().map(|figures| Figures { peak: None, ..figures })
    }));
    let copy =
        Program::new("sh").args(["-c", r#"cp "$1" "$2" && sync "$2""#, "sh"]).arg(&site.backup).arg(&out);
    rivals.push(removing("*cp + fsync*", &out, move || Ok(site.measure(&copy)?.0)));
    match postgres {
        Ok(postgres) => rivals.extend(postgres.dumps(site, &out)),
        Err(reason) => rivals.push(Rival::absent("pg_dump, COPY", reason)),
    }
    for library in ["json", "orjson"] {
        let dump = site.python("json_files.py").args(["dump", library]).arg(&site.backup).arg(&out);
        rivals.push(removing(&format!("Python {library}, dump"), &out, move || dump.own_figures()));
    }
    let outcomes = take_turns(rivals, site.rounds);
    report.heading(&format!("create, whole process, {} records of 384 numbers", site.records));
    versus::table("create", &outcomes, report);
    if let Some(ratio) = versus::against(&outcomes, PLAIN) {
        report.note(&format!(
            "**vecvault create takes {} x the time of plainly writing its bytes.**\n",
            times(ratio)
        ));
    }
    report.note(&format!(
        "The file has {:.0} MB and is durable at the end of every row. vecvault: from the embedded collections, proof \
         included. Plain write: from memory, its own start not counted. Postgres: wall time of the client, CPU of client \
         and server, peak of the client; metadata are `json`, which it stores as text as we do; pg_dump syncs what it \
         writes. Python: from numpy arrays and dicts in memory, its start not counted, peak with them.",
        site.bytes()? as f64 / 1e6
    ));
    Ok(())
}

/// A rival whose output is removed after each run.
pub(super) fn removing<'a>(
    name: &str,
    out: &'a Path,
    mut run: impl FnMut() -> Result<Figures> + 'a,
) -> Rival<'a> {
    Rival::new(name, move || {
        let figures = run();
        if out.exists() {
            fs::remove_file(out)?;
        }
        figures
    })
}
