//! Pages of the index: each is needed by the collections whose blocks it lists, and by no other; and a damaged
//! one is made again from those blocks, if all of them are sound.

use futures_executor::block_on;
use vecvault_core::{Host, MemoryCollections, Record, RecordBatch, VerifyDepth, verify};

use crate::common::*;
use crate::forge::Anatomy;
use crate::judge::{file_of, judge};
use crate::matrix::Cell;

#[test]
fn a_damaged_page_takes_collections_only_where_a_block_that_it_lists_is_damaged_too() {
    let source = MemoryCollections::new();
    for number in 0..600 {
        source.insert(&name(&format!("c{number:03}")), cosine(1), &records(1, 1)).unwrap();
    }
    let file = file_of(&source);
    let index: serde_json::Value = serde_json::from_slice(&file).unwrap();
    let page = |number: usize| {
        let row = &index["vecvault"]["root"]["pages"][number];
        let start = usize::from_str_radix(row[0].as_str().unwrap(), 16).unwrap();
        start..start + row[1].as_u64().unwrap() as usize
    };
    let (mut whole, mut by_name) = (Cell::default(), Cell::default());
    for (number, listed) in [(0, 0..512), (1, 512..600)] {
        let range = page(number);
        let places = [range.start, (range.start + range.end) / 2, range.end - 1];
        for (at, block) in places.into_iter().flat_map(|at| [(at, None), (at, Some(7)), (at, Some(590))]) {
            let about = format!("byte {at} of page {number}, block {block:?}");
            let mut mutant = file.clone();
            mutant[at] ^= 1;
            if let Some(block) = block {
                mutant[anatomy_of_block(&index, block)] ^= 1;
            }
            let verdict = judge(&mutant);
            verdict.is_found(&about, &mut whole);
            let damaged = |finding: &vecvault_core::Finding| {
                (finding.code, finding.offset) == ("page_damaged", range.start as u64)
            };
            assert_eq!(
                verdict.report.findings.iter().filter(|finding| damaged(finding)).count(),
                1,
                "{about}"
            );
            for collection in [0, 7, 100, 511, 512, 590, 599] {
                let lost = block == Some(collection)
                    || (listed.contains(&collection) && block.is_some_and(|block| listed.contains(&block)));
                let restored = verdict.restores(&about, &format!("c{collection:03}"), &source);
                assert_eq!(restored, !lost, "{about}: c{collection:03}");
                by_name.count(&if restored { Ok(()) } else { Err(()) });
            }
        }
    }
    whole.tell("a damaged page of two", "verify = restore", "indexed file");
    by_name.tell("a damaged page of two", "restore by name", "indexed file");
}

/// Damage behind a damaged page is told too, and what could not be read is not counted as read.
#[test]
fn a_damaged_page_hides_no_other_damage() {
    let (file, _) = crate::judge::small();
    let anatomy = Anatomy::of(&file);
    let text = String::from_utf8(file.clone()).unwrap();
    let size = text.find("\"size\":").unwrap() + 7;
    let mut wrong_size = file.clone();
    wrong_size[size] = if file[size] == b'9' { b'8' } else { b'9' };
    let store = store_of(&wrong_size);
    let quick = block_on(verify(&store, &id().key(), None, VerifyDepth::Quick, &Host::inline())).unwrap();
    assert!(quick.findings.len() == 1 && quick.findings[0].offset == size as u64, "{:?}", quick.findings);
    let whole = judge(&wrong_size).report;
    assert_eq!(whole.bytes, file.len() as u64);

    let mut both = wrong_size;
    both[anatomy.pages[0].start] ^= 1;
    let report = judge(&both).report;
    let found: Vec<_> = report.findings.iter().map(|finding| (finding.code, finding.offset)).collect();
    assert_eq!(found, [("page_damaged", anatomy.pages[0].start as u64), ("hash_mismatch", size as u64)]);
    assert!(report.bytes < whole.bytes - 100, "{} of {}", report.bytes, whole.bytes);
}

/// A byte in the one block of a collection.
fn anatomy_of_block(index: &serde_json::Value, block: usize) -> usize {
    let row = &index["vecvault"]["pages"][block / 512][block % 512];
    usize::from_str_radix(row[0].as_str().unwrap(), 16).unwrap() + 9
}

#[test]
fn a_page_of_several_blocks_of_a_collection_is_made_again() {
    let source = MemoryCollections::new();
    let mut batch = RecordBatch::new(1);
    // Blocks that end with a record much longer than what is read at first, and with a short one.
    for (number, length) in
        [10, 300_000, 262_000, 200, 1, 3_000_000, 70_000, 80_000, 90_000, 100_000].into_iter().enumerate()
    {
        let text = format!("\"{}\"", "m".repeat(length));
        batch
            .push(Record { id: &format!("{number:02}"), vector: &[0.1], metadata: Some(&text), extra: "" })
            .unwrap();
    }
    source.insert(&name("docs"), cosine(1), &batch).unwrap();
    source.insert(&name("zero"), cosine(1), &RecordBatch::new(1)).unwrap();
    let file = file_of(&source);
    let anatomy = Anatomy::of(&file);
    assert_eq!(anatomy.blocks.len(), 4);
    let mut mutant = file;
    mutant[anatomy.pages[0].clone()].fill(b'#');
    let verdict = judge(&mutant);
    assert!(!verdict.report.ok && verdict.restores("no page at all", "docs", &source));
    // Damage to a block too: nothing says where the blocks are any more.
    mutant[anatomy.blocks[2].1.start + 50] ^= 1;
    let verdict = judge(&mutant);
    assert!(!verdict.report.ok && !verdict.restores("no page and a damaged block", "docs", &source));
    assert!(verdict.restores("no page and a damaged block", "zero", &source), "it has no blocks");
}

#[test]
fn damage_to_the_head_or_behind_the_collections_takes_no_collection() {
    let (file, original) = crate::judge::small();
    let anatomy = Anatomy::of(&file);
    let mut cell = Cell::default();
    let before_pages = anatomy.collections.last().unwrap().1.end..anatomy.pages[0].start;
    for range in [anatomy.head.clone(), before_pages, anatomy.pages[0].end..anatomy.root.start] {
        let mut mutant = file.clone();
        mutant[range.clone()].fill(b' ');
        let about = format!("bytes {range:?} are blank");
        let verdict = judge(&mutant);
        verdict.is_found(&about, &mut cell);
        for (collection, _) in &anatomy.collections {
            assert!(verdict.restores(&about, collection, &original), "{about}: {collection}");
        }
    }
    cell.tell("blank head or glue", "verify = restore", "indexed file");
}
