//! Records to text and back, on one core, in one process, taking turns: CPU time of this thread.
//!
//! Every contender gets the same blocks of records, as a backup has them, and the same text to read. What
//! it writes goes to one buffer that is used again; what it reads is dropped at once, or reused where its
//! interface can.

mod check;
mod decode;
mod encode;
mod numbers;

use std::path::Path;

use vecvault_core::RecordBatch;
use vecvault_core::format::float::Tier;
use vecvault_core::format::write_records;

use crate::Result;
use crate::data::{Kind, Records, real_source};
use crate::report::{Report, Table, mega, per_cent, times};
use crate::timing::{Samples, take_turns};

/// What every contender is measured against.
pub(crate) const BASE: &str = "serde_json typed";

/// One data set as every contender needs it.
struct Workload {
    name: String,
    blocks: Vec<RecordBatch>,
    /// Each block's text in a backup.
    texts: Vec<Vec<u8>>,
    /// Each block's arrays of numbers, one a line.
    arrays: Vec<Vec<u8>>,
    bytes: usize,
}

/// Name and figures of every contender.
type Figures = Vec<(String, Samples)>;

pub(crate) fn run(quick: bool, folder: Option<&Path>, report: &mut Report) -> Result<()> {
    let (numbers, rounds) = if quick { (400_000, 7) } else { (1_500_000, 11) };
    let sets: &[(Kind, usize)] = if quick {
        &[(Kind::Gauss, 384), (Kind::Short, 384), (Kind::Real, 384)]
    } else {
        &[
            (Kind::Gauss, 384),
            (Kind::Short, 384),
            (Kind::Real, 384),
            (Kind::Gauss, 64),
            (Kind::Gauss, 768),
            (Kind::Gauss, 1536),
        ]
    };
    let mut measured = Vec::new();
    for (kind, dimension) in sets {
        let workload = Workload::new(*kind, *dimension, numbers / dimension, folder)?;
        check::all(&workload)?;
        let encode = take_turns(encode::contenders(&workload)?, rounds);
        let decode = take_turns(decode::contenders(&workload), rounds);
        measured.push((workload.name, workload.bytes, [encode, decode]));
    }
    for (which, verb) in ["Encode", "Decode"].into_iter().enumerate() {
        report.heading(&format!("{verb}, one core, in memory"));
        report.note(&format!(
            "CPU time of one thread, {rounds} rounds of taking turns; medians of the rounds' ratios to {BASE} (metadata as \
             Value), the same blocks and bytes for all. Higher is faster. The spread is between the quartiles.\n"
        ));
        let figures: Vec<_> =
            measured.iter().map(|(name, bytes, both)| (name, *bytes, &both[which])).collect();
        report.table(&table(verb, &figures));
        report.note(if which == 0 { encode::NOTES } else { decode::NOTES });
    }
    Ok(())
}

/// A row a contender, a column a data set; and what the first data set's figures are.
fn table(verb: &str, figures: &[(&String, usize, &Figures)]) -> Table {
    let mut header = vec![verb.to_owned()];
    header.extend(figures.iter().map(|(name, ..)| (*name).clone()));
    let (first, bytes, rows) = &figures[0];
    header.extend([format!("{first}: MB/s"), "spread".to_owned()]);
    let mut table = Table::new(header);
    for (row, (name, samples)) in rows.iter().enumerate() {
        let mut cells = vec![name.clone()];
        let mut spreads = Vec::new();
        for (_, _, all) in figures {
            let ratio =
                all.iter().find(|(name, _)| name == BASE).map(|(_, base)| all[row].1.times_as_long(base));
            cells.push(ratio.map_or_else(String::new, |ratio| times(ratio.median)));
            spreads.extend(ratio.map(|ratio| ratio.spread));
        }
        cells.extend([mega(*bytes as f64 / samples.median()), per_cent(spreads[0])]);
        table.row(cells);
    }
    table
}

impl Workload {
    fn new(kind: Kind, dimension: usize, count: usize, folder: Option<&Path>) -> Result<Self> {
        let records = Records::new(kind, dimension, folder)?;
        let dimension = records.dimension();
        let name = match kind {
            Kind::Gauss => format!("gauss {dimension}"),
            Kind::Short => format!("short {dimension}"),
            Kind::Real => format!("{} {dimension}", real_source(folder)),
        };
        let blocks = records.blocks(count)?;
        let mut texts = Vec::new();
        let mut arrays = Vec::new();
        for block in &blocks {
            let mut text = Vec::new();
            write_records(Tier::detect(), block, &mut text)?;
            texts.push(text);
            arrays.push(block.records().flat_map(|record| numbers::line(record.vector)).collect());
        }
        let bytes = texts.iter().map(Vec::len).sum();
        Ok(Self { name, blocks, texts, arrays, bytes })
    }

    fn largest_text(&self) -> usize {
        self.texts.iter().map(Vec::len).max().unwrap_or(0)
    }
}
