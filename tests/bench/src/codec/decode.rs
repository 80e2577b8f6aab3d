//! Contenders that read.

use std::hint::black_box;

use serde::de::DeserializeOwned;
use serde_json::Value;
use vecvault_core::RecordBatch;
use vecvault_core::format::float::Tier;
use vecvault_core::format::read_records;

use super::numbers::{READERS, read_arrays};
use super::{BASE, Workload};
use crate::timing::Contender;
use crate::typed::{RawRecord, ValueRecord};

pub(super) const NOTES: &str = "\
VecVault checks the grammar and UTF-8 of the metadata and keeps it as text. Typed: a derived struct of id, Vec<f32> and \
metadata, block by block, which suits the allocator best; \"whole\" reads all blocks as one document, as programs do. \
simd-json parses in place, so its copy of the input counts. Loops: commas found by memchr, the numbers by that crate; \
they read the numbers only. memcpy: the text.";

pub(super) fn contenders(workload: &Workload) -> Vec<Contender<'_>> {
    let mut all: Vec<Contender<'_>> = Tier::available()
        .map(|tier| {
            let dimension = workload.blocks.first().map_or(0, RecordBatch::dimension);
            let mut batch = RecordBatch::new(dimension);
            Contender::new(format!("**VecVault, {tier:?}**"), move || {
                for text in &workload.texts {
                    batch.reset(dimension);
                    let read = read_records(tier, text, 0, &mut batch);
                    black_box((&batch, read.is_ok()));
                }
            })
        })
        .collect();
    all.reverse();
    let documents: Vec<Vec<u8>> =
        workload.texts.iter().map(|text| document(std::slice::from_ref(text))).collect();
    let json = |name, read: fn(&[u8])| each(name, documents.clone(), read);
    all.push(json(BASE, serde_json_reads::<Vec<ValueRecord>>));
    all.push(json("serde_json typed, RawValue", serde_json_reads::<Vec<RawRecord>>));
    all.push(json("serde_json Value", serde_json_reads::<Value>));
    let whole = document(&workload.texts);
    all.push(each("serde_json typed, whole", vec![whole], serde_json_reads::<Vec<ValueRecord>>));
    all.push(json("sonic-rs typed", |text| {
        black_box(sonic_rs::from_slice::<Vec<ValueRecord>>(text).is_ok());
    }));
    let (simd, mut copy) = (documents.clone(), Vec::new());
    all.push(Contender::new("simd-json typed", move || {
        for text in &simd {
            copy.clear();
            copy.extend_from_slice(text);
            black_box(simd_json::from_slice::<Vec<ValueRecord>>(&mut copy).is_ok());
        }
    }));
    for (name, read) in READERS {
        let mut numbers = Vec::new();
        all.push(Contender::new(format!("loop with {name}, numbers only"), move || {
            for text in &workload.arrays {
                numbers.clear();
                black_box((read_arrays(read, text, &mut numbers), &numbers));
            }
        }));
    }
    let mut out = Vec::with_capacity(workload.largest_text());
    all.push(Contender::new("*memcpy*", move || {
        for text in &workload.texts {
            out.clear();
            out.extend_from_slice(black_box(text));
            black_box(&out);
        }
    }));
    all
}

fn each<'a>(name: &str, documents: Vec<Vec<u8>>, read: fn(&[u8])) -> Contender<'a> {
    Contender::new(name, move || documents.iter().for_each(|text| read(text)))
}

fn serde_json_reads<T: DeserializeOwned>(text: &[u8]) {
    black_box(serde_json::from_slice::<T>(black_box(text)).is_ok_and(|value| {
        black_box(&value);
        true
    }));
}

/// Texts of blocks as one JSON array.
fn document(texts: &[Vec<u8>]) -> Vec<u8> {
    [b"[", &texts.join(&b",\n"[..])[..], b"]"].concat()
}
