//! Whatever is wrong with a file is found, and a restore of it changes nothing.
#![allow(clippy::unwrap_used, clippy::panic)] // a test that cannot go on has failed

mod common;

use common::*;
use futures_executor::block_on;
use vecvault_core::{Host, MemoryCollections, RestoreRequest, VerifyDepth, VerifyReport, restore, verify};

fn small() -> Vec<u8> {
    let source = MemoryCollections::new();
    source.insert(&name("docs"), config(3, "cosine"), &records(6, 3)).unwrap();
    source.insert(&name("empty"), cosine(2), &vecvault_core::RecordBatch::new(2)).unwrap();
    let store = store();
    backup(&store, &source);
    bytes(&store)
}

/// Full verify and restore must agree, and a refused restore must change nothing.
fn judge(mutant: &[u8]) -> VerifyReport {
    let store = store_of(mutant);
    let report =
        block_on(verify(&store, &id().key(), Some(id()), VerifyDepth::Full, &Host::inline())).unwrap();
    let target = MemoryCollections::new();
    target.insert(&name("docs"), cosine(2), &records(2, 2)).unwrap();
    let before = contents(&target);
    let restored = block_on(restore(&store, &target, RestoreRequest::all(id()), &Host::inline()));
    assert_eq!(restored.is_ok(), report.ok, "verify: {:?}, restore: {restored:?}", report.findings);
    if restored.is_err() {
        assert_eq!(contents(&target), before);
    }
    report
}

#[test]
fn every_flipped_bit_is_found() {
    let file = small();
    assert!(judge(&file).ok);
    for at in 0..file.len() {
        for bit in 0..8 {
            let mut mutant = file.clone();
            mutant[at] ^= 1 << bit;
            let report = judge(&mutant);
            assert!(
                !report.ok,
                "byte {at}, bit {bit}: {}",
                String::from_utf8_lossy(&mutant[at.saturating_sub(30)..at + 1])
            );
        }
    }
}

#[test]
fn every_truncation_and_every_longer_file_is_found() {
    let file = small();
    for cut in 0..file.len() {
        assert!(!judge(&file[..cut]).ok, "cut at {cut}");
    }
    for tail in [&b"\n"[..], b" ", b"x", b"{}", b"\0"] {
        assert!(!judge(&[&file, tail].concat()).ok, "{tail:?}");
    }
    assert!(!judge(&[b"\xef\xbb\xbf", &file[..]].concat()).ok, "a byte order mark");
    assert!(!judge(&[]).ok);
    assert!(!judge(&vec![0; file.len()]).ok);
}

#[test]
fn a_finding_names_the_block_the_collection_and_the_bytes() {
    let mut file = small();
    let at = file.windows(9).position(|w| w == b"vec_00003").unwrap();
    file[at + 4] = b'9';
    let report = judge(&file);
    let [finding] = &report.findings[..] else { panic!("{:?}", report.findings) };
    assert_eq!(
        (finding.code, finding.collection.as_deref(), finding.block),
        ("hash_mismatch", Some("docs"), Some(0))
    );
    assert!((finding.offset..finding.offset + finding.bytes.unwrap()).contains(&(at as u64)));
}
