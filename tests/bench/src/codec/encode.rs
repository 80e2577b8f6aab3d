//! Contenders that write.

use std::hint::black_box;

use serde::Serialize;
use serde_json::Value;
use vecvault_core::RecordBatch;
use vecvault_core::format::float::Tier;
use vecvault_core::format::write_records;

use super::numbers::{WRITERS, write_array};
use super::{BASE, Workload};
use crate::Result;
use crate::timing::Contender;
use crate::typed::{RawRecord, ValueRecord, records};

pub(super) const NOTES: &str = "\
Typed: a derived struct of id, Vec<f32> and metadata. `Value`: the tree is built beforehand, which real programs pay \
for too; its numbers are f64, so it writes up to twice the digits, as simd-json does (it widens f32). Loops: the \
numbers by that crate, ids and metadata copied. memcpy: the finished text.";

/// Every contender. What does not write within the buffer's capacity the first time has grown it by the
/// second.
pub(super) fn contenders(workload: &Workload) -> Result<Vec<Contender<'_>>> {
    let values = typed::<ValueRecord>(workload, records)?;
    let raws = typed::<RawRecord>(workload, records)?;
    let trees = values.iter().map(serde_json::to_value).collect::<Result<Vec<Value>, _>>()?;
    let (sonic, simd) = (values.clone(), values.clone());
    let mut all: Vec<Contender<'_>> = Tier::available()
        .map(|tier| {
            let mut out = buffer(workload);
            Contender::new(format!("**VecVault, {tier:?}**"), move || {
                for block in &workload.blocks {
                    out.clear();
                    let written = write_records(tier, block, &mut out);
                    black_box((&out, written.is_ok()));
                }
            })
        })
        .collect();
    all.reverse();
    all.push(each(BASE, values, workload, |records, out| serde_json::to_writer(out, records).is_ok()));
    all.push(each("serde_json typed, RawValue", raws, workload, |records, out| {
        serde_json::to_writer(out, records).is_ok()
    }));
    all.push(each("serde_json Value", trees, workload, |tree, out| serde_json::to_writer(out, tree).is_ok()));
    all.push(each("sonic-rs typed", sonic, workload, |records, out| {
        sonic_rs::to_writer(out, records).is_ok()
    }));
    all.push(each("simd-json typed", simd, workload, |records, out| {
        simd_json::to_writer(out, records).is_ok()
    }));
    for (name, write) in WRITERS {
        let mut out = buffer(workload);
        all.push(Contender::new(format!("loop with {name}"), move || {
            for block in &workload.blocks {
                out.clear();
                by_hand(write, block, &mut out);
                black_box(&out);
            }
        }));
    }
    let mut out = buffer(workload);
    all.push(Contender::new("*memcpy*", move || {
        for text in &workload.texts {
            out.clear();
            out.extend_from_slice(black_box(text));
            black_box(&out);
        }
    }));
    Ok(all)
}

fn buffer(workload: &Workload) -> Vec<u8> {
    Vec::with_capacity(2 * workload.largest_text())
}

/// Each block's records, as a type.
fn typed<R>(workload: &Workload, convert: fn(&RecordBatch) -> Result<Vec<R>>) -> Result<Vec<Vec<R>>> {
    workload.blocks.iter().map(convert).collect()
}

/// A contender that writes block by block into its buffer.
fn each<'a, B: Serialize + 'a>(
    name: &str,
    blocks: Vec<B>,
    workload: &Workload,
    write: impl Fn(&B, &mut Vec<u8>) -> bool + 'a,
) -> Contender<'a> {
    let mut out = buffer(workload);
    Contender::new(name, move || {
        for block in &blocks {
            out.clear();
            black_box((write(block, &mut out), &out));
        }
    })
}

fn by_hand(write: super::numbers::Write, block: &RecordBatch, out: &mut Vec<u8>) {
    for (index, record) in block.records().enumerate() {
        if index > 0 {
            out.extend_from_slice(b",\n");
        }
        out.extend_from_slice(b"{\"id\":\"");
        out.extend_from_slice(record.id.as_bytes());
        out.extend_from_slice(b"\",\"vector\":[");
        write_array(write, record.vector, out);
        out.extend_from_slice(b"],\"metadata\":");
        out.extend_from_slice(record.metadata.unwrap_or("null").as_bytes());
        out.push(b'}');
    }
}
