//! Records as Postgres's text COPY takes them: what fills its table.

use std::io::{self, BufWriter, Write};

use crate::Result;
use crate::data::{Kind, Records};
use crate::options::DIMENSION;

pub(crate) fn run(count: usize) -> Result<()> {
    let mut out = BufWriter::with_capacity(1 << 20, io::stdout().lock());
    let mut records = Records::new(Kind::Gauss, DIMENSION, None)?;
    let mut number = zmij::Buffer::new();
    while let Some(block) = records.block(count)? {
        for record in block.records() {
            write!(out, "{}\t[", record.id)?;
            for (index, x) in record.vector.iter().enumerate() {
                let comma = if index > 0 { "," } else { "" };
                write!(out, "{comma}{}", number.format_finite(*x))?;
            }
            // A backslash is COPY's own escape.
            writeln!(out, "]\t{}", record.metadata.unwrap_or("null").replace('\\', "\\\\"))?;
        }
    }
    Ok(out.flush()?)
}
