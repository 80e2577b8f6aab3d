//! An index that lies, sealed by someone who can compute hashes: only its structure gives it away.

use futures_executor::block_on;
use serde_json::{Value, json};
use vecvault_core::{Host, MemoryCollections, RestoreRequest, Selection, open, restore};

use crate::common::*;
use crate::forge::{Anatomy, Forgery, Page, hash};
use crate::judge::{judge, small};
use crate::matrix::Cell;

/// One block in `code`, two in `docs`.
fn honest() -> (Vec<u8>, MemoryCollections) {
    let source = MemoryCollections::new();
    let mut docs = vecvault_core::RecordBatch::new(1);
    let long = format!("\"{}\"", "m".repeat(262_144));
    for (id, metadata) in [("a", &*long), ("b", "1"), ("c", "2")] {
        docs.push(vecvault_core::Record { id, vector: &[1.5], metadata: Some(metadata), extra: "" }).unwrap();
    }
    source.insert(&name("docs"), cosine(1), &docs).unwrap();
    source.insert(&name("code"), cosine(2), &records(4, 2)).unwrap();
    (crate::judge::file_of(&source), source)
}

const CODE: usize = 0;
const DOCS: usize = 1;

type Lie = (&'static str, fn(&mut Forgery));
type RootLie = (&'static str, fn(&mut Page, &mut Value));

/// About blocks and collections.
const LIES: &[Lie] = &[
    ("a block after the end of the file", |f| f.entries[2].offset = u64::MAX - 7),
    ("a block a byte on", |f| f.entries[1].offset += 1),
    ("a block in the other's place", |f| f.entries[2].offset = f.entries[1].offset),
    ("blocks that overlap", |f| f.entries[1].bytes += 2),
    ("a block of no bytes", |f| f.entries[2].bytes = 0),
    ("a block of 2^64 - 1 bytes", |f| f.entries[2].bytes = u64::MAX),
    ("a block as long as is allowed", |f| f.entries[2].bytes = 24 << 20),
    ("a block shorter by its last byte", |f| f.entries[2].bytes -= 1),
    ("a block of no records", |f| f.entries[0].records = 0),
    ("a block of 2^64 - 1 records", |f| f.entries[0].records = u64::MAX),
    ("blocks of 2^63 records each", |f| f.entries.iter_mut().for_each(|e| e.records = 1 << 63)),
    ("a record more in one block and less in the other", |f| {
        f.entries[1].records += 1;
        f.entries[2].records += 1;
    }),
    ("another first id", |f| f.entries[2].first_id = "bb".into()),
    ("blocks in another order", |f| f.entries.swap(1, 2)),
    ("a block that is not listed", |f| drop(f.entries.pop())),
    ("a block that is listed twice", |f| f.entries.push(f.entries[2].clone())),
    ("a hash of something else", |f| f.entries[0].hash = hash(b"")),
    ("a collection of 2^64 - 1 records", |f| f.collections[DOCS].count = u64::MAX),
    ("collections of 2^63 records each, and blocks of as many", |f| {
        f.collections.iter_mut().for_each(|c| c.count = 1 << 63);
        f.entries.iter_mut().for_each(|e| e.records = 1 << 63);
    }),
    ("a collection of 2^53 blocks", |f| f.collections[DOCS].blocks = 1 << 53),
    ("2^64 - 1 blocks in two collections", |f| {
        f.collections.iter_mut().for_each(|c| c.blocks = u64::MAX / 2)
    }),
    ("a collection of no blocks", |f| f.collections[DOCS].blocks = 0),
    ("a collection that begins later", |f| f.collections[DOCS].start += 1),
    ("a collection that ends earlier", |f| f.collections[DOCS].end -= 2),
    ("a collection that ends before it begins", |f| f.collections[DOCS].end = 7),
    ("a collection that ends after the file", |f| f.collections[DOCS].end = u64::MAX - 1),
    ("a collection that ends at 2^64 - 1, and one that begins there", |f| {
        f.collections[CODE].end = u64::MAX;
        f.collections[DOCS].start = u64::MAX;
    }),
    ("a record counted in the other collection", |f| {
        f.collections[CODE].count += 1;
        f.collections[DOCS].count -= 1;
    }),
    ("a collection over the other", |f| f.collections[CODE].end = f.collections[DOCS].end),
    ("collections in another order", |f| f.collections.swap(0, 1)),
    ("two collections of one name", |f| f.collections[CODE].name = "docs".into()),
    ("a collection that is not listed", |f| drop(f.collections.remove(CODE))),
    ("a collection under another name", |f| f.collections[CODE].name = "c0de".into()),
    ("another dimension", |f| f.collections[CODE].config["dimension"] = json!(1)),
    ("another metric", |f| f.collections[CODE].config["metric"] = json!("dot")),
    ("no dimension", |f| f.collections[CODE].config = json!({"metric": "dot"})),
    ("another fingerprint", |f| f.collections[CODE].fingerprint = "0".repeat(32)),
    ("order where there is none", |f| {
        let text = block(f, 0).replacen("vec_00000", "vec_00009", 1);
        f.replace_block(0, text.as_bytes());
        f.recount(CODE, 0);
    }),
    ("an id twice", |f| {
        let text = block(f, 0).replacen("vec_00001", "vec_00000", 1);
        f.replace_block(0, text.as_bytes());
        f.recount(CODE, 0);
        f.collections[CODE].ordered = false;
    }),
    ("white space between records", |f| respell(f, ",\n", ", \n")),
    ("a vector of another length", |f| respell(f, "\"vector\":[", "\"vector\":[1.0,")),
    ("a number that no f32 holds", |f| respell(f, "\"vector\":[", "\"vector\":[1e39,")),
    ("no number", |f| respell(f, "\"vector\":[", "\"vector\":[null,")),
    ("a member twice", |f| respell(f, "{\"id\":", "{\"id\":\"x\",\"id\":")),
    ("the end of the collection within it", |f| respell(f, ",\n", "\n]},\n")),
    ("another head", |f| f.head = Some(b"{\"id\":\"550e8400-e29b-41d4-a716-446655440001\"".into())),
    ("another id", |f| f.id = "550e8400-e29b-41d4-a716-446655440001".into()),
    ("another name", |f| f.name = "another".into()),
    ("a name with a line break", |f| f.name = "a\nb".into()),
    ("no date", |f| f.date = "today".into()),
];

/// The text of a block.
fn block(f: &Forgery, number: usize) -> String {
    let entry = &f.entries[number];
    String::from_utf8(f.body[entry.offset as usize..(entry.offset + entry.bytes) as usize].to_vec()).unwrap()
}

/// `code`'s block in another spelling, with its hash.
fn respell(f: &mut Forgery, from: &str, to: &str) {
    let text = block(f, 0);
    assert!(text.contains(from), "{from}");
    f.replace_block(0, text.replacen(from, to, 1).as_bytes());
}

/// About the page, and in the root page's own JSON.
const ROOT_LIES: &[RootLie] = &[
    ("a page after the end of the file", |page, _| page.offset = u64::MAX - 7),
    ("a page in a block", |page, _| page.offset = page.first_block),
    ("a page of no bytes", |page, _| page.bytes = 0),
    ("a page of 2^64 - 1 bytes", |page, _| page.bytes = u64::MAX),
    ("a page of 2^64 - 1 records", |page, _| page.records = u64::MAX),
    ("a page that begins with another block", |page, _| page.first_block += 1),
    ("a page that begins with another id", |page, _| page.first_id = "zz".into()),
    ("a page of another hash", |page, _| page.hash = hash(b"")),
    ("no page", |_, root| root["pages"] = json!([])),
    ("pages that are no rows", |_, root| root["pages"] = json!([7])),
    ("a member more", |_, root| root["more"] = json!(1)),
    ("a member less", |_, root| drop(root.as_object_mut().unwrap().remove("creator"))),
    ("a member more in a collection", |_, root| root["collections"][0]["more"] = json!(1)),
    ("a count that is no integer", |_, root| root["collections"][0]["count"] = json!(4.0)),
    ("a negative count", |_, root| root["collections"][0]["count"] = json!(-4)),
    ("a short offset", |_, root| root["collections"][0]["start"] = json!("7f")),
    ("an offset in capitals", |_, root| {
        let start = root["collections"][0]["start"].as_str().unwrap().to_uppercase().replace('0', "A");
        root["collections"][0]["start"] = json!(start);
    }),
    ("a collection without a name", |_, root| root["collections"][0]["name"] = json!("")),
    ("more collections than are allowed", |_, root| {
        let one = root["collections"][0].clone();
        root["collections"] = json!(vec![one; 10_001]);
    }),
];

#[test]
fn a_forger_who_tells_no_lie_makes_a_backup() {
    for (file, original) in [small(), honest()] {
        let forgery = Forgery::of(&file);
        let verdict = judge(&forgery.seal());
        assert!(verdict.report.ok, "{:?}", verdict.report.findings);
        assert!(verdict.restores("no lie", "docs", &original));
    }
    // A hash is not a signature: other records under the right hashes are a backup of those.
    let (file, _) = small();
    let mut forgery = Forgery::of(&file);
    respell(&mut forgery, "vec_00003", "vec_00004");
    forgery.recount(CODE, 0);
    assert!(judge(&forgery.seal()).report.ok);
    // And a record in another spelling, under the right hash, is the same record.
    let (file, original) = small();
    let mut forgery = Forgery::of(&file);
    respell(&mut forgery, "\"vector\":[", "\"vector\" : [ ");
    assert!(judge(&forgery.seal()).restores("another spelling", "code", &original));
}

#[test]
fn every_lie_of_an_index_is_found() {
    let (file, _) = honest();
    let anatomy = Anatomy::of(&file);
    assert_eq!(anatomy.collections[CODE].0, "code");
    let mut cell = Cell::default();
    for (about, lie) in LIES {
        let mut forgery = Forgery::of(&file);
        lie(&mut forgery);
        judge(&forgery.seal()).is_found(about, &mut cell);
    }
    for (about, lie) in ROOT_LIES {
        judge(&Forgery::of(&file).seal_with(lie)).is_found(about, &mut cell);
    }
    cell.tell("an index that lies", "verify = restore", "indexed file");
}

/// Pages of records are not proved, but never of another collection, whatever is counted where.
#[test]
fn no_page_of_a_collection_has_records_of_another() {
    let (file, _) = honest();
    let mut forgery = Forgery::of(&file);
    forgery.collections[CODE].count += 1;
    forgery.collections[DOCS].count -= 1;
    let backup = block_on(open(&store_of(&forgery.seal()), id(), &Host::inline())).unwrap();
    let error = block_on(backup.page(&name("code"), 0, 100)).unwrap_err();
    assert!(error.to_string().contains("data.code"), "{error}");
    let page = block_on(backup.page(&name("code"), 1, usize::MAX - 1)).unwrap_err();
    assert!(page.to_string().contains("data.code"), "{page}");
    let honest = block_on(open(&store_of(&file), id(), &Host::inline())).unwrap();
    assert_eq!(block_on(honest.page(&name("code"), 1, usize::MAX)).unwrap().records.len(), 3);
}

#[test]
fn a_value_in_a_block_has_the_path_that_it_has_in_the_file() {
    let (file, _) = honest();
    let mut forgery = Forgery::of(&file);
    let text = block(&forgery, 0);
    let at = text.rfind("\"vector\":[").unwrap();
    forgery.replace_block(
        0,
        format!("{}{}", &text[..at], text[at..].replacen(':', ":null,\"x\":", 1)).as_bytes(),
    );
    let verdict = judge(&forgery.seal());
    assert_eq!(verdict.report.findings[0].path, "data.code.vectors[3].vector");
    let backup = block_on(open(&verdict.store, id(), &Host::inline())).unwrap();
    let error = block_on(backup.find(&name("code"), "vec_00003")).unwrap_err();
    assert!(error.to_string().contains("data.code.vectors[3].vector"), "{error}");
}

/// The file is JSON in which `code` is one thing, and its index leads to another, which a JSON reader takes
/// for a part of a record's metadata: the whole is refused, because blocks and glue must tile the file.
#[test]
fn an_index_that_leads_into_a_metadata_value_is_found() {
    let (file, _) = small();
    let mut cell = Cell::default();
    // In the file: the last record of `docs` goes on with a member that looks like the end of the
    // collection and the whole of the next.
    let mut forgery = Forgery::of(&file);
    let text = block(&forgery, 0);
    let last = text.rfind("{\"id\":").unwrap();
    let evil = format!("{{\"id\":\"evil\",\"vector\":[6.66,6.66],\"metadata\":[\n{}\n]}}", &text[last..]);
    forgery.replace_block(0, evil.as_bytes());
    // The index leads to the records within the metadata of the one record that every JSON reader sees.
    let inner = forgery.entries[0].offset + evil.find("[\n").unwrap() as u64 + 2;
    let hidden = &text[last..];
    forgery.entries[0].offset = inner;
    forgery.entries[0].bytes = hidden.len() as u64;
    forgery.entries[0].hash = hash(hidden.as_bytes());
    forgery.recount(CODE, 0);
    forgery.collections[CODE].start = inner - 1;
    forgery.collections[CODE].end = inner + hidden.len() as u64 + 1;
    let mutant = forgery.seal();
    let json: Value = serde_json::from_slice(&mutant).unwrap();
    assert_eq!(json["data"]["code"]["vectors"][0]["id"], "evil", "what another reader sees");
    judge(&mutant).is_found("an index that leads into metadata", &mut cell);
    cell.tell("an index into metadata", "verify = restore", "indexed file");
}

/// The file is JSON in which the records of `b` are good; its index leads to evil ones, which a JSON reader
/// takes for a member of a record of `a`. Blocks that are no runs of records give it away: to whoever reads
/// them all. A restore of `b` by name does not, and says so.
#[test]
fn an_index_that_shows_another_collection_than_json_does_is_found_by_reading_all() {
    let source = MemoryCollections::new();
    for collection in ["a", "b", "c"] {
        source.insert(&name(collection), cosine(1), &records(1, 1)).unwrap();
    }
    let mut forgery = Forgery::of(&crate::judge::file_of(&source));
    let config = forgery.collections[0].config.to_string();
    let good = "{\"id\":\"good\",\"vector\":[1.0]}";
    let closing = format!(
        "]}}}}]}},\"b\":{{\"config\":{config},\"vectors\":[{good}]}},\"c\":{{\"config\":{config},\"vectors\":[{good}"
    );
    forgery.replace_block(0, b"{\"id\":\"r\",\"vector\":[1.5],\"metadata\":{\"y\":[0");
    forgery.replace_block(1, b"{\"id\":\"evil\",\"vector\":[6.66]}");
    forgery.recount(1, 1);
    forgery.replace_block(2, closing.as_bytes());
    let mutant = forgery.seal();
    let json: Value = serde_json::from_slice(&mutant).unwrap();
    assert_eq!(json["data"]["b"]["vectors"][0]["id"], "good", "what another reader sees");

    let mut cell = Cell::default();
    let verdict = judge(&mutant);
    verdict.is_found("another collection than JSON shows", &mut cell);
    verdict.names("another collection than JSON shows", "a", Some(0), forgery.entries[0].offset as usize);
    let target = MemoryCollections::new();
    let only = Selection::Only(vec![name("b")]);
    let request = RestoreRequest { collections: only, ..RestoreRequest::all(id()) };
    let report = block_on(restore(&verdict.store, &target, request, &Host::inline())).unwrap();
    assert!(report.rest_unread);
    assert_eq!(target.get(&name("b")).unwrap().1.record(0).id, "evil", "what the index says");
    cell.tell("an index beside the JSON", "verify = restore", "indexed file");
}
