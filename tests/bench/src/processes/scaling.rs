//! Time grows in a line with the records, memory does not grow.

use super::site::Site;
use crate::Result;
use crate::options::Table as Options;
use crate::process::{Figures, Rival, Taken, take_turns};
use crate::report::{Report, Table, mega};

pub(super) fn run(options: &Options, report: &mut Report) -> Result<()> {
    let mut sizes = vec![1_000, 10_000, 100_000];
    if options.quick {
        sizes.pop();
    }
    if options.million {
        sizes.push(1_000_000);
    }
    let mut table = Table::new([
        "records",
        "create: us a record",
        "CPU us",
        "peak MB",
        "verify: us a record",
        "CPU us",
        "peak MB",
        "restore: us a record",
        "CPU us",
        "peak MB",
    ]);
    for records in sizes {
        let site = Site::of(options, records)?;
        let verify = site.vecvault("data").arg("verify").arg(&site.id);
        let create = || -> Result<Figures> {
            let (figures, id) = site.create()?;
            site.remove_backup(&id)?;
            Ok(figures)
        };
        let rivals = vec![
            Rival::new("create", create),
            Rival::new("verify", || Ok(site.measure(&verify)?.0)),
            Rival::new("restore", || site.restore()),
        ];
        let mut row = vec![records.to_string()];
        for outcome in take_turns(rivals, 3) {
            row.extend(cells(records, &outcome.taken?));
        }
        table.row(row);
    }
    report.heading("Scaling, whole processes, 384 numbers a record");
    report.table(&table);
    report.note(
        "The start of a process is part of it, which is what a thousand records show. The engine's cache, 64 MiB, is part \
         of the peaks of create and restore.",
    );
    Ok(())
}

fn cells(records: usize, taken: &Taken) -> [String; 3] {
    let each = |seconds: f64| format!("{:.2}", seconds * 1e6 / records as f64);
    [each(taken.wall.median()), each(taken.cpu.median()), taken.peak.map_or_else(String::new, mega)]
}
