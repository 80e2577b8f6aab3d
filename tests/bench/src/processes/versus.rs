//! The table of processes that did the same: the first row is 1, and the others how many times as much.

use crate::process::{Outcome, Taken};
use crate::report::{Report, Table, mega, seconds, times};

/// Prints the outcomes; the first is VecVault.
pub(super) fn table(what: &str, outcomes: &[Outcome], report: &mut Report) {
    let mut table = Table::new([what, "wall, VecVault = 1", "CPU, VecVault = 1", "peak MB", "wall", "CPU"]);
    let ours = outcomes.first().and_then(|outcome| outcome.taken.as_ref().ok()).cloned().unwrap_or_default();
    for Outcome { name, taken } in outcomes {
        match taken {
            Ok(taken) => table.row(cells(name, &ours, taken)),
            Err(reason) => table.row([name.clone(), format!("not run: {}", short(reason))]),
        }
    }
    report.table(&table);
}

/// How many times as long as another the first row took.
pub(super) fn against(outcomes: &[Outcome], other: &str) -> Option<f64> {
    let taken = |outcome: &Outcome| outcome.taken.as_ref().ok().cloned();
    let ours = outcomes.first().and_then(taken)?;
    let other = outcomes.iter().find(|outcome| outcome.name.starts_with(other)).and_then(taken)?;
    Some(other.wall.times_as_long(&ours.wall).median)
}

fn cells(name: &str, ours: &Taken, taken: &Taken) -> [String; 6] {
    [
        name.to_owned(),
        times(ours.wall.times_as_long(&taken.wall).median),
        times(ours.cpu.times_as_long(&taken.cpu).median),
        taken.peak.map_or_else(|| "-".into(), mega),
        seconds(taken.wall.median()),
        seconds(taken.cpu.median()),
    ]
}

fn short(reason: &str) -> String {
    reason.chars().filter(|c| *c != '|').take(90).collect()
}
