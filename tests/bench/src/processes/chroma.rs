//! Chroma: reading everything out of a collection, which is how it is backed up.

use super::site::{Site, python, scratch};
use super::versus;
use crate::Result;
use crate::options::Table as Options;
use crate::process::{Rival, take_turns};
use crate::report::Report;

pub(super) fn run(options: &Options, report: &mut Report) -> Result<()> {
    let records = if options.quick { 2_000 } else { 10_000 };
    let site = Site::of(options, records)?;
    let directory = scratch(options)?;
    let interpreter = options.cache.join("venv/bin/python");
    let script = |verb: &str| python(&interpreter, "chroma.py").arg(verb).arg(directory.path());
    let rival = match script("fill").arg(&site.backup).run() {
        Ok(_) => {
            let read = script("read").arg(records.to_string());
            Rival::new("Chroma, collection.get of everything", move || read.own_figures())
        }
        Err(reason) => Rival::absent("Chroma", &reason.to_string()),
    };
    let create = Rival::new("**vecvault create**", || {
        let (figures, id) = site.create()?;
        site.remove_backup(&id)?;
        Ok(figures)
    });
    let outcomes = take_turns(vec![create, rival], site.rounds);
    report.heading(&format!("create against reading Chroma, {records} records of 384 numbers"));
    versus::table("create", &outcomes, report);
    report.note(
        "Chroma only reads embeddings and metadata into memory: nothing is written, and neither its start nor opening the \
         client is counted.",
    );
    Ok(())
}
