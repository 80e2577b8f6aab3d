//! A forger's tools: takes a backup apart, lets lies be told about its parts, and seals it again with every
//! hash recomputed, so that nothing but the structure can give it away.

use std::ops::Range;

use serde_json::{Value, json};
use vecvault_core::RecordBatch;
use vecvault_core::format::{fingerprint, float::Tier, read_records};

/// What comes before the root hash's own digits, and after them.
const HASH: &str = "\",\"hash\":\"";
const END: &str = "\"}}\n";

/// A line of a page.
#[derive(Clone, Debug)]
pub(crate) struct Entry {
    pub(crate) offset: u64,
    pub(crate) bytes: u64,
    pub(crate) records: u64,
    pub(crate) first_id: String,
    pub(crate) hash: String,
}

/// What the root page says of a collection.
#[derive(Clone, Debug)]
pub(crate) struct Collection {
    pub(crate) name: String,
    pub(crate) config: Value,
    pub(crate) count: u64,
    pub(crate) fingerprint: String,
    pub(crate) ordered: bool,
    pub(crate) blocks: u64,
    pub(crate) start: u64,
    pub(crate) end: u64,
}

/// What the root page says of a page.
#[derive(Clone, Debug)]
pub(crate) struct Page {
    pub(crate) offset: u64,
    pub(crate) bytes: u64,
    pub(crate) records: u64,
    pub(crate) first_block: u64,
    pub(crate) first_id: String,
    pub(crate) hash: String,
}

/// A backup in parts. `body` is the file up to the end of the last collection.
#[derive(Clone, Debug)]
pub(crate) struct Forgery {
    pub(crate) body: Vec<u8>,
    pub(crate) creator: String,
    pub(crate) id: String,
    pub(crate) name: String,
    pub(crate) date: String,
    pub(crate) collections: Vec<Collection>,
    /// One page's; more are not forged.
    pub(crate) entries: Vec<Entry>,
    /// The head, where it is not the one that the root page implies.
    pub(crate) head: Option<Vec<u8>>,
}

/// Where the parts of an honest file are.
#[derive(Clone, Debug)]
pub(crate) struct Anatomy {
    pub(crate) head: Range<usize>,
    /// By name, from the separator before it to the brackets that close it.
    pub(crate) collections: Vec<(String, Range<usize>)>,
    /// Its blocks: the collection, its bytes.
    pub(crate) blocks: Vec<(String, Range<usize>)>,
    pub(crate) pages: Vec<Range<usize>>,
    /// The root page and all after it.
    pub(crate) root: Range<usize>,
}

pub(crate) fn hash(bytes: &[u8]) -> String {
    blake3::hash(bytes).to_hex().to_string()
}

fn hex(offset: u64) -> String {
    format!("{offset:016x}")
}

fn unhex(value: &Value) -> u64 {
    u64::from_str_radix(value.as_str().unwrap(), 16).unwrap()
}

fn text(value: &Value) -> String {
    value.as_str().unwrap().into()
}

/// The index of an honest file, as any JSON reader sees it.
fn index(file: &[u8]) -> Value {
    let mut json: Value = serde_json::from_slice(file).unwrap();
    json["vecvault"].take()
}

impl Anatomy {
    pub(crate) fn of(file: &[u8]) -> Self {
        let index = index(file);
        let forgery = Forgery::of(file);
        let (mut collections, mut from) = (Vec::new(), forgery.head_text().len());
        let head = 0..from;
        for collection in &forgery.collections {
            let to = collection.end as usize + "]}".len();
            collections.push((collection.name.clone(), from..to));
            from = to;
        }
        let entry = |entry: &Value| {
            unhex(&entry[0]) as usize..(unhex(&entry[0]) + entry[1].as_u64().unwrap()) as usize
        };
        let rows = index["pages"].as_array().unwrap().iter().flat_map(|page| page.as_array().unwrap());
        let owner = |at: usize| collections.iter().find(|(_, range)| range.contains(&at)).unwrap().0.clone();
        let blocks = rows.map(|row| (owner(entry(row).start), entry(row))).collect();
        let pages = index["root"]["pages"].as_array().unwrap().iter().map(entry).collect();
        let root = unhex(&index["root_at"]) as usize..file.len();
        Self { head, collections, blocks, pages, root }
    }

    /// The collection and the block that a byte is in.
    pub(crate) fn place(&self, at: usize) -> (Option<&str>, Option<usize>) {
        let collection = self.collections.iter().find(|(_, range)| range.contains(&at));
        let block = self.blocks.iter().position(|(_, range)| range.contains(&at));
        (collection.map(|(name, _)| name.as_str()), block)
    }

    /// Whether a collection can be proved where nothing but this byte is spoilt. A page of the index is made
    /// again from blocks that are sound.
    pub(crate) fn survives(&self, collection: &str, at: usize) -> bool {
        self.place(at).0 != Some(collection) && !self.root.contains(&at)
    }
}

impl Forgery {
    pub(crate) fn of(file: &[u8]) -> Self {
        let index = index(file);
        let root = &index["root"];
        let collection = |c: &Value| Collection {
            name: text(&c["name"]),
            config: c["config"].clone(),
            count: c["count"].as_u64().unwrap(),
            fingerprint: text(&c["fingerprint"]),
            ordered: c["ordered"].as_bool().unwrap(),
            blocks: c["blocks"].as_u64().unwrap(),
            start: unhex(&c["start"]),
            end: unhex(&c["end"]),
        };
        let entry = |e: &Value| Entry {
            offset: unhex(&e[0]),
            bytes: e[1].as_u64().unwrap(),
            records: e[2].as_u64().unwrap(),
            first_id: text(&e[3]),
            hash: text(&e[4]),
        };
        let collections: Vec<_> = root["collections"].as_array().unwrap().iter().map(collection).collect();
        let pages = index["pages"].as_array().unwrap();
        assert_eq!(pages.len(), 1, "small enough for one page");
        Self {
            body: file[..collections.last().unwrap().end as usize + "]}".len()].to_vec(),
            creator: text(&root["creator"]),
            id: text(&root["id"]),
            name: text(&root["name"]),
            date: text(&root["date"]),
            collections,
            entries: pages[0].as_array().unwrap().iter().map(entry).collect(),
            head: None,
        }
    }

    /// The bytes of a block become others; what comes after it moves, and every honest number follows.
    pub(crate) fn replace_block(&mut self, block: usize, bytes: &[u8]) {
        let old = self.entries[block].clone();
        let range = old.offset as usize..(old.offset + old.bytes) as usize;
        let moved = |at: u64| if at > old.offset { at + bytes.len() as u64 - old.bytes } else { at };
        self.body.splice(range, bytes.iter().copied());
        for collection in &mut self.collections {
            (collection.start, collection.end) = (moved(collection.start), moved(collection.end));
        }
        for entry in &mut self.entries {
            entry.offset = moved(entry.offset);
        }
        self.entries[block].bytes = bytes.len() as u64;
        self.entries[block].hash = hash(bytes);
    }

    /// Count, fingerprint and first id of a block follow its bytes, where they can be read. For a collection
    /// of one block.
    pub(crate) fn recount(&mut self, collection: usize, block: usize) {
        let entry = &mut self.entries[block];
        let bytes = &self.body[entry.offset as usize..(entry.offset + entry.bytes) as usize];
        let dimension = self.collections[collection].config["dimension"].as_u64().unwrap();
        let mut batch = RecordBatch::new(dimension as usize);
        read_records(Tier::detect(), bytes, 0, &mut batch).unwrap();
        let proof = fingerprint::of_batch(&batch);
        (entry.records, entry.first_id) = (proof.count, batch.record(0).id.into());
        self.collections[collection].count = proof.count;
        self.collections[collection].fingerprint = proof.fingerprint.to_string();
    }

    fn head_text(&self) -> Vec<u8> {
        let quoted = |text: &str| serde_json::to_string(text).unwrap();
        let names: Vec<_> = self.collections.iter().map(|c| quoted(&c.name)).collect();
        let (id, name, date) = (&self.id, quoted(&self.name), quoted(&self.date));
        format!(
            "{{\"id\":\"{id}\",\"name\":{name},\"date\":{date},\"collections\":[{}],\"data\":{{",
            names.join(",")
        )
        .into_bytes()
    }

    /// The file, with its size, its page, its root page, its tail and every hash in them as they must be.
    pub(crate) fn seal(&self) -> Vec<u8> {
        self.seal_with(|_, _| {})
    }

    /// The same, but a lie is told in the root page: about its page, or with any other change to its JSON.
    pub(crate) fn seal_with(&self, lie: impl Fn(&mut Page, &mut Value)) -> Vec<u8> {
        let line = |e: &Entry| {
            let id = serde_json::to_string(&e.first_id).unwrap();
            format!("\n[\"{}\",{},{},{id},\"{}\"]", hex(e.offset), e.bytes, e.records, e.hash)
        };
        let page_text = format!("[{}\n]", self.entries.iter().map(line).collect::<Vec<_>>().join(","));
        // The size counts its own digits.
        let mut size = 0;
        loop {
            let file = self.assemble(size, &page_text, &lie);
            if file.len() == size {
                return file;
            }
            size = file.len();
        }
    }

    fn assemble(&self, size: usize, page_text: &str, lie: &impl Fn(&mut Page, &mut Value)) -> Vec<u8> {
        let ending = format!("\n}},\"size\":{size},\"vecvault\":{{\"pages\":[");
        let mut page = Page {
            offset: (self.body.len() + ending.len() + 1) as u64,
            bytes: page_text.len() as u64,
            records: self.entries.iter().map(|entry| entry.records).fold(0, u64::wrapping_add),
            first_block: self.entries[0].offset,
            first_id: self.entries[0].first_id.clone(),
            hash: hash(page_text.as_bytes()),
        };
        let mut root = self.root();
        lie(&mut page, &mut root);
        let row = json!([
            hex(page.offset),
            page.bytes,
            page.records,
            hex(page.first_block),
            page.first_id,
            page.hash
        ]);
        if root["pages"].is_null() {
            root["pages"] = json!([row]);
        }
        let root = spell(&root, &ROOT_MEMBERS);
        let before_root = format!("{ending}\n{page_text}\n],\"root\":");
        let (root_at, root_bytes) = ((self.body.len() + before_root.len()) as u64, root.len() as u64);
        let tail = format!(
            ",\"format\":1,\"root_at\":\"{}\",\"root_bytes\":\"{}{HASH}",
            hex(root_at),
            hex(root_bytes)
        );
        let skeleton =
            [&self.skeleton()[..], ending.as_bytes(), b"],\"root\":", root.as_bytes(), tail.as_bytes()];
        let root_hash = hash(&skeleton.concat());
        let mut body = self.body.clone();
        if let Some(head) = &self.head {
            body.splice(..head.len(), head.iter().copied());
        }
        [
            &body[..],
            before_root.as_bytes(),
            root.as_bytes(),
            tail.as_bytes(),
            root_hash.as_bytes(),
            END.as_bytes(),
        ]
        .concat()
    }

    fn root(&self) -> Value {
        let collection = |c: &Collection| {
            json!({
                "name": c.name, "config": c.config, "count": c.count, "fingerprint": c.fingerprint,
                "ordered": c.ordered, "blocks": c.blocks, "start": hex(c.start), "end": hex(c.end),
            })
        };
        json!({
            "creator": self.creator, "id": self.id, "name": self.name, "date": self.date,
            "collections": self.collections.iter().map(collection).collect::<Vec<_>>(), "pages": null,
        })
    }

    /// What the root hash covers of the collections: a reader makes it from the root page.
    fn skeleton(&self) -> Vec<u8> {
        let mut text = self.head_text();
        for (number, c) in self.collections.iter().enumerate() {
            let name = serde_json::to_string(&c.name).unwrap();
            let before = if number == 0 { "\n" } else { ",\n" };
            text.extend_from_slice(
                format!("{before}{name}:{{\"config\":{},\"vectors\":[]}}", c.config).as_bytes(),
            );
        }
        text
    }
}

const ROOT_MEMBERS: [&str; 6] = ["creator", "id", "name", "date", "collections", "pages"];
const COLLECTION_MEMBERS: [&str; 8] =
    ["name", "config", "count", "fingerprint", "ordered", "blocks", "start", "end"];

/// An object as the index spells it: the members that it should have in their order, then any others.
fn spell(object: &Value, members: &[&str]) -> String {
    let Some(object) = object.as_object() else { return object.to_string() };
    let others = object.keys().map(String::as_str).filter(|key| !members.contains(key));
    let present = members.iter().copied().filter(|key| object.contains_key(*key));
    let spelled = |key: &str| {
        let value = &object[key];
        let text = match value.as_array().filter(|_| key == "collections") {
            Some(all) => {
                let all: Vec<_> = all.iter().map(|one| spell(one, &COLLECTION_MEMBERS)).collect();
                format!("[{}]", all.join(","))
            }
            None => value.to_string(),
        };
        format!("{}:{text}", serde_json::to_string(key).unwrap())
    };
    format!("{{{}}}", present.chain(others).map(spelled).collect::<Vec<_>>().join(","))
}
