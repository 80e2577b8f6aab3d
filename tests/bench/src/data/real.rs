//! Real vectors: a folder with one `.npy` of float32 and one `.jsonl` or `.jsonl.gz` of `{id, metadata}` in
//! the same order, or else the sample in this repository.

use std::ffi::OsStr;
use std::fs::{self, File};
use std::io::{self, BufRead, BufReader};
use std::path::{Path, PathBuf};

use flate2::read::GzDecoder;
use serde::Deserialize;
use serde_json::value::RawValue;
use vecvault_core::{Record, RecordBatch};

use crate::Result;

const SAMPLE: [&str; 2] = [
    include_str!("../../../../native/sample/docs.jsonl"),
    include_str!("../../../../native/sample/code.jsonl"),
];

#[derive(Deserialize)]
struct Line<'a> {
    id: String,
    #[serde(default)]
    vector: Vec<f32>,
    #[serde(borrow)]
    metadata: &'a RawValue,
}

pub(super) fn read(folder: Option<&Path>) -> Result<RecordBatch> {
    match folder {
        Some(folder) => read_folder(folder),
        None => {
            let lines = SAMPLE.iter().flat_map(|text| text.lines()).map(|line| Ok(line.to_owned()));
            collect(lines, |_, vector| vector)
        }
    }
}

fn read_folder(folder: &Path) -> Result<RecordBatch> {
    let (dimension, numbers) = read_npy(&fs::read(find(folder, &[".npy"])?)?)?;
    let path = find(folder, &[".jsonl", ".jsonl.gz"])?;
    let file = File::open(&path)?;
    let lines: Box<dyn BufRead> = if path.extension() == Some(OsStr::new("gz")) {
        Box::new(BufReader::new(GzDecoder::new(file)))
    } else {
        Box::new(BufReader::new(file))
    };
    let rows: Vec<&[f32]> = numbers.chunks_exact(dimension).collect();
    collect(lines.lines().take(rows.len()), |number, _| rows[number].to_vec())
}

fn collect(
    lines: impl Iterator<Item = io::Result<String>>,
    vector: impl Fn(usize, Vec<f32>) -> Vec<f32>,
) -> Result<RecordBatch> {
    let mut batch: Option<RecordBatch> = None;
    for (number, line) in lines.enumerate() {
        let line = line?;
        let line: Line<'_> = serde_json::from_str(&line)?;
        let vector = vector(number, line.vector);
        let batch = batch.get_or_insert_with(|| RecordBatch::new(vector.len()));
        batch.push(Record {
            id: &line.id,
            vector: &vector,
            metadata: Some(line.metadata.get()),
            extra: "",
        })?;
    }
    batch.ok_or_else(|| "no real vectors".into())
}

fn find(folder: &Path, endings: &[&str]) -> Result<PathBuf> {
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        if endings.iter().any(|ending| path.to_string_lossy().ends_with(ending)) {
            return Ok(path);
        }
    }
    Err(format!("{}: no file that ends with {}", folder.display(), endings.join(" or ")).into())
}

/// The columns and the numbers of a little-endian float32 matrix.
fn read_npy(bytes: &[u8]) -> Result<(usize, Vec<f32>)> {
    let refused = || "not a .npy file of version 1 with a little-endian float32 matrix in C order";
    let length =
        bytes.get(8..10).map(|b| usize::from(u16::from_le_bytes([b[0], b[1]]))).ok_or_else(refused)?;
    let header = bytes.get(10..10 + length).map(String::from_utf8_lossy).ok_or_else(refused)?;
    if !bytes.starts_with(b"\x93NUMPY\x01") || !header.contains("'<f4'") || !header.contains("False") {
        return Err(refused().into());
    }
    let shape = header.split_once('(').and_then(|(_, rest)| rest.split_once(')')).ok_or_else(refused)?.0;
    let columns = shape.split(',').nth(1).and_then(|text| text.trim().parse().ok()).ok_or_else(refused)?;
    let numbers = bytes[10 + length..].chunks_exact(4).map(|b| f32::from_le_bytes([b[0], b[1], b[2], b[3]]));
    Ok((columns, numbers.collect()))
}
