//! Before anything is timed: every contender does the work that it is timed for.

use serde_json::Value;
use vecvault_core::RecordBatch;
use vecvault_core::format::float::Tier;
use vecvault_core::format::{read_records, write_records};

use super::Workload;
use super::numbers::{READERS, WRITERS, line, read_arrays, write_array};
use crate::Result;
use crate::typed::ValueRecord;

/// Every tier writes the same text and reads back the same bits; serde_json, sonic-rs and simd-json read
/// that text to the same bits and metadata; each loop's numbers read back to the same bits.
pub(super) fn all(workload: &Workload) -> Result<()> {
    for (block, text) in workload.blocks.iter().zip(&workload.texts) {
        for tier in Tier::available() {
            let mut out = Vec::new();
            write_records(tier, block, &mut out)?;
            same(out == *text, "a tier writes another text")?;
            let mut batch = RecordBatch::new(block.dimension());
            read_records(tier, text, 0, &mut batch)?;
            same(batch.same_bits(block), "a tier reads other bits")?;
        }
    }
    let (Some(block), Some(text)) = (workload.blocks.first(), workload.texts.first()) else {
        return Err("no records".into());
    };
    let mut text = [b"[", &text[..], b"]"].concat();
    read_as(block, &serde_json::from_slice::<Vec<ValueRecord>>(&text)?, "serde_json")?;
    read_as(block, &sonic_rs::from_slice::<Vec<ValueRecord>>(&text)?, "sonic-rs")?;
    read_as(block, &simd_json::from_slice::<Vec<ValueRecord>>(&mut text)?, "simd-json")?;
    let vector = block.record(0).vector;
    for (name, write) in WRITERS {
        let mut out = Vec::new();
        write_array(write, vector, &mut out);
        out.push(b'\n');
        reads_back(vector, &out, name)?;
    }
    reads_back(vector, &line(vector), "zmij")
}

fn reads_back(vector: &[f32], line: &[u8], writer: &str) -> Result<()> {
    for (reader, read) in READERS {
        let mut numbers = Vec::new();
        let fine = read_arrays(read, line, &mut numbers).is_some() && same_bits(&numbers, vector);
        same(fine, &format!("{reader} reads what {writer} writes as other numbers"))?;
    }
    Ok(())
}

fn read_as(block: &RecordBatch, records: &[ValueRecord], reader: &str) -> Result<()> {
    same(records.len() == block.len(), reader)?;
    for (ours, theirs) in block.records().zip(records) {
        let metadata: Value = serde_json::from_str(ours.metadata.unwrap_or("null"))?;
        let fine =
            ours.id == theirs.id && metadata == theirs.metadata && same_bits(ours.vector, &theirs.vector);
        same(fine, &format!("{reader} reads another record {}", ours.id))?;
    }
    Ok(())
}

fn same_bits(a: &[f32], b: &[f32]) -> bool {
    a.len() == b.len() && a.iter().zip(b).all(|(a, b)| a.to_bits() == b.to_bits())
}

fn same(fine: bool, problem: &str) -> Result<()> {
    if fine { Ok(()) } else { Err(problem.into()) }
}
