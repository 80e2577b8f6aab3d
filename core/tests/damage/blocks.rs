//! Whole blocks that are zeros, exchanged, repeated, or another backup's.

use futures_executor::block_on;
use vecvault_core::{Host, MemoryCollections, Record, RecordBatch, open};

use crate::common::*;
use crate::forge::Anatomy;
use crate::judge::{file_of, judge};
use crate::matrix::Cell;

/// `docs` of three blocks of the same length, and `code` of two; every block has records of its own.
fn several(seed: usize) -> (Vec<u8>, MemoryCollections) {
    let source = MemoryCollections::new();
    for (collection, count) in [("docs", 3), ("code", 2)] {
        let mut batch = RecordBatch::new(1);
        for n in 0..count {
            let text = format!("\"{}\"", ((b'a' + (n + seed) as u8) as char).to_string().repeat(262_144));
            let record =
                Record { id: &format!("{collection}-{n}"), vector: &[0.5], metadata: Some(&text), extra: "" };
            batch.push(record).unwrap();
        }
        source.insert(&name(collection), cosine(1), &batch).unwrap();
    }
    (file_of(&source), source)
}

#[test]
fn zeroed_exchanged_repeated_and_foreign_blocks_are_found_and_confined() {
    let (file, original) = several(0);
    let (other, _) = several(7);
    let anatomy = Anatomy::of(&file);
    let blocks = &anatomy.blocks;
    assert_eq!(blocks.len(), 5);
    assert!(
        blocks.iter().all(|(_, range)| range.len() == blocks[0].1.len()),
        "so that they can be exchanged"
    );
    let (mut whole, mut by_name) = (Cell::default(), Cell::default());
    let mut check = |about: String, mutant: &[u8], touched: &[usize]| {
        let verdict = judge(mutant);
        verdict.is_found(&about, &mut whole);
        for block in touched {
            // A restore stops at the first one; verify names them all.
            let (collection, range) = &blocks[*block];
            let named = |finding: &vecvault_core::Finding| {
                finding.block == Some(*block as u64)
                    && finding.collection.as_deref() == Some(collection)
                    && finding.offset == range.start as u64
                    && finding.bytes == Some(range.len() as u64)
            };
            assert!(verdict.report.findings.iter().any(named), "{about}: {:?}", verdict.report.findings);
        }
        assert_eq!(verdict.report.findings.len(), touched.len(), "{about}: {:?}", verdict.report.findings);
        let first = touched.iter().min().unwrap();
        verdict.names(&about, &blocks[*first].0, Some(*first), blocks[*first].1.start);
        for (collection, _) in &anatomy.collections {
            let sound = touched.iter().all(|block| blocks[*block].0 != *collection);
            let restored = verdict.restores(&about, collection, &original);
            assert_eq!(restored, sound, "{about}: restore of {collection} by name");
            by_name.count(&if restored { Ok(()) } else { Err(()) });
        }
    };
    for (number, (_, range)) in blocks.iter().enumerate() {
        let mut mutant = file.clone();
        mutant[range.clone()].fill(0);
        check(format!("block {number} is zeros"), &mutant, &[number]);
        let mut mutant = file.clone();
        mutant[range.start + 4_096..range.start + 8_192].fill(0);
        check(format!("a page of block {number} is zeros"), &mutant, &[number]);
        let mut mutant = file.clone();
        mutant[range.clone()].copy_from_slice(&other[range.clone()]);
        check(format!("block {number} is another backup's"), &mutant, &[number]);
        for (with, (_, from)) in blocks.iter().enumerate().filter(|(with, _)| *with != number) {
            let mut mutant = file.clone();
            mutant.copy_within(from.clone(), range.start);
            check(format!("block {number} is a copy of block {with}"), &mutant, &[number]);
            if with > number {
                mutant[from.clone()].copy_from_slice(&file[range.clone()]);
                check(format!("blocks {number} and {with} are exchanged"), &mutant, &[number, with]);
            }
        }
    }
    whole.tell("zeroed, exchanged, alien blocks", "verify = restore", "indexed file");
    by_name.tell("zeroed, exchanged, alien blocks", "restore by name", "indexed file");
}

/// Whoever asks a reader again after an error gets more records or more errors, never the end: that would mean that all
/// is proved.
#[test]
fn a_reader_that_has_failed_never_says_that_all_is_read() {
    let source = MemoryCollections::new();
    source.insert(&name("docs"), cosine(384), &records(600, 384)).unwrap();
    let file = file_of(&source);
    let anatomy = Anatomy::of(&file);
    let blocks = anatomy.blocks.len();
    assert!(blocks > 8, "{blocks} blocks are more than two runs");
    let end = anatomy.collections[0].1.end;
    for at in [anatomy.blocks[1].1.start, anatomy.blocks[blocks - 1].1.start, end - 1] {
        let mut mutant = file.clone();
        mutant[at] ^= 1;
        let backup = block_on(open(&store_of(&mutant), id(), &Host::inline())).unwrap();
        let mut reader = backup.records(&name("docs")).unwrap();
        let mut errors = 0;
        for _ in 0..2 * blocks {
            match block_on(reader.next(RecordBatch::default())) {
                Ok(batch) => assert!(!batch.is_empty(), "byte {at}: the end after {errors} errors"),
                Err(_) => errors += 1,
            }
        }
        assert!(errors > 0, "byte {at}");
    }
}
