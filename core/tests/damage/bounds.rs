//! What a file declares costs nothing, only what has arrived does; and nothing that is nested too deep is
//! walked down to its end.

use allocation_counter::measure;
use futures_executor::block_on;
use vecvault_core::format::LinesDecoder;
use vecvault_core::format::json::validate;
use vecvault_core::format::limits::MAX_DEPTH;
use vecvault_core::{
    CollectionConfig, Error, Host, MemoryCollections, Record, RecordBatch, Selection, create,
};

use crate::common::*;
use crate::forge::Forgery;
use crate::judge::{judge, small};
use crate::matrix::Cell;

type Lie<'a> = &'a dyn Fn(&mut Forgery);

/// Deeper than any stack.
const LEVELS: usize = 200_000;

/// What judging an honest small file takes at most at once, and room for what differs from run to run.
const MEMORY: u64 = 64 << 10;

#[test]
fn counts_and_lengths_that_a_forged_index_declares_allocate_nothing() {
    let (file, _) = small();
    let honest = measure(|| assert!(judge(&file).report.ok)).bytes_max;
    assert!(honest < MEMORY / 2, "{honest} bytes for a file of {}", file.len());
    let (mut cell, mut most) = (Cell::default(), 0);
    for huge in [1 << 20, 1 << 32, (1 << 53) + 1, u64::MAX / 2, u64::MAX - 1, u64::MAX] {
        let lies: [(&str, Lie<'_>); 8] = [
            ("records of a block", &|f| f.entries[0].records = huge),
            ("bytes of a block", &|f| f.entries[0].bytes = huge),
            ("bytes of a block, within the limit", &|f| f.entries[0].bytes = 24 << 20),
            ("records of a collection", &|f| f.collections[0].count = huge),
            ("blocks of a collection", &|f| f.collections[0].blocks = huge),
            ("records and blocks", &|f| {
                f.collections[0].count = huge;
                f.collections[0].blocks = huge;
            }),
            ("end of a collection", &|f| f.collections[0].end = huge),
            ("dimension", &|f| f.collections[0].config["dimension"] = huge.min(65_536).into()),
        ];
        for (about, lie) in lies {
            let mut forgery = Forgery::of(&file);
            lie(&mut forgery);
            let mutant = forgery.seal();
            let used = measure(|| judge(&mutant).is_found(about, &mut cell)).bytes_max;
            assert!(used < MEMORY, "{about} of {huge}: {used} bytes at once");
            most = most.max(used);
        }
        for about in ["bytes", "records"] {
            let mutant = Forgery::of(&file).seal_with(|page, _| match about {
                "bytes" => page.bytes = huge,
                _ => page.records = huge,
            });
            let used = measure(|| judge(&mutant).is_found(about, &mut cell)).bytes_max;
            assert!(used < MEMORY, "{about} of a page of {huge}: {used} bytes at once");
        }
        // The tail: a root page of that many bytes.
        let mut mutant = file.clone();
        let at = mutant.windows(14).rposition(|w| w == b"\"root_bytes\":\"").map_or(0, |at| at + 14);
        mutant[at..at + 16].copy_from_slice(format!("{huge:016x}").as_bytes());
        let used = measure(|| judge(&mutant).is_found("a long root page", &mut cell)).bytes_max;
        assert!(used < MEMORY, "a root page of {huge} bytes: {used} bytes at once");
    }
    println!("{honest} bytes at once for the honest file of {}, at most {most} for a lie", file.len());
    cell.tell("huge counts", "verify = restore", "indexed file");
}

#[test]
fn a_foreign_file_that_declares_much_allocates_little() {
    let dimension = |number: &str| {
        format!(
            "{{\"id\":\"{ID}\",\"name\":\"n\",\"date\":\"2024-01-15T10:30:00Z\",\"collections\":[\"a\"],\
             \"data\":{{\"a\":{{\"config\":{{\"dimension\":{number},\"metric\":\"dot\"}},\
             \"vectors\":[{{\"id\":\"x\",\"vector\":[1]}}]}}}},\"size\":{number}}}"
        )
    };
    let mut cell = Cell::default();
    for number in ["65536", "65537", "18446744073709551615", "1e300"] {
        let used = measure(|| judge(dimension(number).as_bytes()).is_found(number, &mut cell)).bytes_max;
        // A vector's buffer may be made for the largest dimension that is allowed, once or twice.
        assert!(used < MEMORY + (1 << 20), "dimension {number}: {used} bytes at once");
    }
    cell.tell("huge counts", "verify = restore", "foreign file");
}

/// Values that are nested deeper than any stack is, closed and not.
fn deep() -> [String; 4] {
    let open = [("[", "]"), ("{\"a\":", "}")];
    let closed = open.map(|(open, close)| format!("{}1{}", open.repeat(LEVELS), close.repeat(LEVELS)));
    let [arrays, objects] = closed;
    [arrays, objects, "[".repeat(LEVELS), "{\"a\":".repeat(LEVELS)]
}

#[test]
fn two_hundred_thousand_levels_are_refused_wherever_they_stand() {
    let mut cell = Cell::default();
    let (file, _) = small();
    let foreign = |config: &str, metadata: &str, more: &str| {
        format!(
            "{{\"id\":\"{ID}\",\"name\":\"n\",\"date\":\"2024-01-15T10:30:00Z\",\"collections\":[\"a\"],\
             \"data\":{{\"a\":{{\"config\":{{\"dimension\":1,\"metric\":\"dot\"{config}}},\
             \"vectors\":[{{\"id\":\"x\",\"vector\":[1],\"metadata\":{metadata}}}]}}}},\"size\":1{more}}}"
        )
    };
    assert!(judge(foreign("", "1", "").as_bytes()).report.ok);
    for deep in deep() {
        let member = format!(",\"x\":{deep}");
        for text in
            [foreign(&member, "1", ""), foreign("", &deep, ""), foreign("", "1", &member), deep.clone()]
        {
            judge(text.as_bytes()).is_found("a foreign file", &mut cell);
        }
        let mut forgery = Forgery::of(&file);
        let record = format!("{{\"id\":\"a\",\"vector\":[1.0,2.0,3.0],\"metadata\":{deep}}}");
        forgery.replace_block(0, record.as_bytes());
        judge(&forgery.seal()).is_found("an indexed file", &mut cell);
        // In the root page, where a config is raw text, and where a name should be.
        for place in ["\"dimension\":", "\"name\":"] {
            let text = String::from_utf8(file.clone()).unwrap();
            let root = text.find("],\"root\":").unwrap();
            let at = root + text[root..].find(place).unwrap() + place.len();
            let mutant = format!("{}{deep}{}", &text[..at], &text[at..]);
            judge(mutant.as_bytes()).is_found("a root page", &mut cell);
        }

        assert!(validate(deep.as_bytes()).is_err());
        // A source that has not validated them finds out when the block is read back.
        let mut batch = RecordBatch::new(1);
        batch.push(Record { id: "a", vector: &[1.0], metadata: Some(&deep), extra: "" }).unwrap();
        let source = MemoryCollections::new();
        source.insert(&name("docs"), cosine(1), &batch).unwrap();
        let made = block_on(create(&*store(), &source, request(Selection::All), &Host::inline()));
        assert!(
            matches!(made.as_ref().map_err(|error| &**error), Err(Error::BlockProofFailed { .. })),
            "{made:?}"
        );
        assert!(
            CollectionConfig::parse(format!("{{\"dimension\":1,\"metric\":\"dot\"{member}}}").as_bytes())
                .is_err()
        );
        let mut lines = LinesDecoder::new();
        let line = format!("{{\"id\":\"a\",\"vector\":[1],\"metadata\":{deep}}}\n");
        assert!(lines.feed(line.as_bytes()).and_then(|()| lines.finish()).is_err());
    }
    cell.tell("200,000 levels", "verify = restore", "any file");
}

#[test]
fn the_deepest_value_that_is_allowed_comes_back_and_one_level_more_is_refused() {
    let nested = |levels: usize| format!("{}{}", "[".repeat(levels), "]".repeat(levels));
    assert!(validate(nested(MAX_DEPTH + 1).as_bytes()).is_err());
    let metadata = nested(MAX_DEPTH);
    assert!(validate(metadata.as_bytes()).is_ok());
    let mut batch = RecordBatch::new(1);
    batch.push(Record { id: "a", vector: &[1.0], metadata: Some(&metadata), extra: "" }).unwrap();
    let source = MemoryCollections::new();
    source.insert(&name("docs"), cosine(1), &batch).unwrap();
    let verdict = judge(&crate::judge::file_of(&source));
    assert!(verdict.report.ok && verdict.restores("128 levels", "docs", &source));
}
