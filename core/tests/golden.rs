//! The golden files: `tests/golden` holds a backup of each format version and of each foreign writer, and
//! what was known of it when it was made. They must be read so for ever, and the current version's must be
//! written again to the byte.
//!
//! A golden file is never made anew. `ADD_GOLDEN=1 cargo test -p vecvault-core --test golden` makes what a later
//! version of the format lacks.
#![allow(clippy::unwrap_used, clippy::panic)] // a test that cannot go on has failed

mod common;

use std::fs;
use std::path::PathBuf;

use common::*;
use futures_executor::block_on;
use serde_json::Value;
use vecvault_core::{Host, MemoryCollections, RestoreRequest, VerifyDepth, open, restore, verify};

fn directory() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../tests/golden")
}

const CURRENT: &str = "format-1";

#[test]
fn the_current_version_is_written_to_the_byte() {
    let store = store();
    let summary = backup(&store, &sample());
    let bytes = bytes(&store);
    let file = directory().join(format!("{CURRENT}.backup"));
    if std::env::var_os("ADD_GOLDEN").is_some() && !file.exists() {
        fs::write(&file, &bytes).unwrap();
        let summary = serde_json::to_string_pretty(&summary).unwrap();
        fs::write(file.with_extension("summary.json"), summary + "\n").unwrap();
    }
    let golden = fs::read(&file).unwrap();
    // The index names its writer and the writer's version, and `size` counts it; the records do not depend on it.
    let creator =
        |bytes: &[u8]| serde_json::from_slice::<Value>(bytes).unwrap()["vecvault"]["root"]["creator"].clone();
    if creator(&golden) == creator(&bytes) {
        assert!(
            golden == bytes,
            "the writer's bytes have changed: later versions must write what this one does"
        );
    }
    let data = |bytes: &[u8]| bytes[..memmem(bytes, b"\n},\"size\":")].to_vec();
    assert!(data(&golden) == data(&bytes), "the writer's blocks have changed");
}

fn memmem(bytes: &[u8], part: &[u8]) -> usize {
    bytes.windows(part.len()).rposition(|window| window == part).unwrap()
}

#[test]
fn every_golden_file_is_read_as_on_the_day_it_was_made() {
    let mut read = Vec::new();
    for entry in fs::read_dir(directory()).unwrap() {
        let file = entry.unwrap().path();
        if file.extension().is_none_or(|extension| extension != "backup") {
            continue;
        }
        let store = store_of(&fs::read(&file).unwrap());
        let backup = block_on(open(&store, id(), &Host::inline())).unwrap();
        let summary: Value = serde_json::to_value(&**backup.summary()).unwrap();
        let known = file.with_extension("summary.json");
        if std::env::var_os("ADD_GOLDEN").is_some() && !known.exists() {
            fs::write(&known, serde_json::to_string_pretty(&summary).unwrap() + "\n").unwrap();
        }
        let expected: Value = serde_json::from_slice(&fs::read(known).unwrap()).unwrap();
        assert_eq!(summary, expected, "{}", file.display());
        let report =
            block_on(verify(&store, &id().key(), Some(id()), VerifyDepth::Full, &Host::inline())).unwrap();
        assert!(report.ok, "{}: {:?}", file.display(), report.findings);
        let target = MemoryCollections::new();
        let restored =
            block_on(restore(&store, &target, RestoreRequest::all(id()), &Host::inline())).unwrap();
        assert_eq!(restored.restored.len(), summary["collections"].as_array().unwrap().len());
        read.push(file.file_stem().unwrap().to_string_lossy().into_owned());
    }
    read.sort();
    assert_eq!(read, [CURRENT, "vectorizer-3.5"], "each golden file is listed here");
}

#[test]
fn the_records_are_the_sample_s() {
    let store = store_of(&fs::read(directory().join(format!("{CURRENT}.backup"))).unwrap());
    let target = MemoryCollections::new();
    block_on(restore(&store, &target, RestoreRequest::all(id()), &Host::inline())).unwrap();
    assert_eq!(contents(&target), contents(&sample()));
}
