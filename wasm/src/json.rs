//! What core tells, as JSON that JavaScript parses: one crossing, however many members.
//!
//! Spelled here rather than by a serializer: these are a few flat objects, and serde's share of the .wasm would
//! be a tenth of it.

use std::fmt::Write;

use vecvault_core::format::json::Quoted;
use vecvault_core::{
    Backup, BackupEntry, BackupInfo, CollectionSummary, Finding, Provenance, VerifyDepth, VerifyReport,
};

use crate::codes;

/// The documented members, as `GET /api/backups` has them.
pub(crate) fn info(info: &BackupInfo) -> String {
    Object::of(|object| object.info(info))
}

/// Rows of a list; damaged backups have `damaged` instead of a name.
pub(crate) fn rows(entries: &[BackupEntry]) -> String {
    array(entries, |entry, out| {
        out.push_str(&match entry {
            BackupEntry::Backup(summary) => info(&summary.info),
            BackupEntry::Damaged { id, size, error } => Object::of(|object| {
                let damaged = Object::of(|object| {
                    object.text("code", codes::of_error(error)).text("message", &error.to_string())
                });
                object.text("id", &id.to_string()).raw("size", size).raw("damaged", damaged)
            }),
        });
    })
}

/// What is known of an open backup.
pub(crate) fn backup(backup: &Backup) -> String {
    let summary = backup.summary();
    let missing = array(backup.missing_collections(), |name, out| quote(name, out));
    let contents = array(&summary.contents, |contents, out| {
        out.push_str(&collection(contents, backup.bytes(&contents.name).unwrap_or(0)));
    });
    let provenance = Object::of(|object| match &summary.provenance {
        Provenance::Indexed { format, creator, root } => {
            object.text("kind", "indexed").raw("format", format).text("creator", creator).text("root", root)
        }
        Provenance::Foreign => object.text("kind", "foreign"),
    });
    Object::of(|object| {
        object
            .raw("info", info(&summary.info))
            .raw("provenance", provenance)
            .raw("missing", missing)
            .raw("collections", contents)
    })
}

/// What a verification found.
pub(crate) fn report(report: &VerifyReport) -> String {
    let findings = array(&report.findings, |found, out| out.push_str(&finding(found)));
    let depth = match report.depth {
        VerifyDepth::Quick => "quick",
        VerifyDepth::Full => "full",
    };
    Object::of(|object| {
        object
            .raw("ok", report.ok)
            .raw("verifiable", report.verifiable)
            .text("depth", depth)
            .raw("records", report.records)
            .raw("bytes", report.bytes)
            .raw("findings", findings)
    })
}

fn collection(contents: &CollectionSummary, bytes: u64) -> String {
    let CollectionSummary { name, config, proof, ordered } = contents;
    Object::of(|object| {
        object
            .text("name", name.as_str())
            .raw("config", config.json())
            .text("configText", config.json())
            .raw("count", proof.count)
            .text("fingerprint", &proof.fingerprint.to_string())
            .raw("ordered", ordered)
            .raw("bytes", bytes)
    })
}

fn finding(finding: &Finding) -> String {
    Object::of(|object| {
        match &finding.collection {
            Some(collection) => object.text("collection", collection),
            None => object.raw("collection", "null"),
        }
        .text("code", finding.code)
        .number("block", finding.block)
        .raw("offset", finding.offset)
        .number("bytes", finding.bytes)
        .text("path", &finding.path)
        .text("message", &finding.message)
    })
}

/// An object that is being spelled.
struct Object(String);

impl Object {
    fn of(members: impl FnOnce(&mut Self) -> &mut Self) -> String {
        let mut object = Self(String::from("{"));
        members(&mut object);
        object.0.push('}');
        object.0
    }

    fn info(&mut self, info: &BackupInfo) -> &mut Self {
        let collections = array(&info.collections, |name, out| quote(name.as_str(), out));
        self.text("id", &info.id.to_string())
            .text("name", info.name.as_str())
            .text("date", &info.date_text())
            .raw("size", info.size)
            .raw("collections", collections)
    }

    fn text(&mut self, key: &str, value: &str) -> &mut Self {
        self.key(key);
        quote(value, &mut self.0);
        self
    }

    fn number(&mut self, key: &str, value: Option<u64>) -> &mut Self {
        match value {
            Some(value) => self.raw(key, value),
            None => self.raw(key, "null"),
        }
    }

    /// A value that is spelled as JSON spells it.
    fn raw(&mut self, key: &str, value: impl std::fmt::Display) -> &mut Self {
        self.key(key);
        // Writing to memory has no way to fail.
        let _ = write!(self.0, "{value}");
        self
    }

    fn key(&mut self, key: &str) {
        if self.0.len() > 1 {
            self.0.push(',');
        }
        quote(key, &mut self.0);
        self.0.push(':');
    }
}

fn array<T>(items: &[T], mut push: impl FnMut(&T, &mut String)) -> String {
    let mut text = String::from("[");
    for (index, item) in items.iter().enumerate() {
        if index > 0 {
            text.push(',');
        }
        push(item, &mut text);
    }
    text.push(']');
    text
}

fn quote(text: &str, out: &mut String) {
    // Writing to memory has no way to fail.
    let _ = write!(out, "{}", Quoted(text));
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use bytes::Bytes;
    use futures_executor::block_on;
    use futures_util::stream;
    use serde_json::{Value, json, to_value};
    use vecvault_core::{
        BackupId, BlobStore, Host, ListRemembrance, MemoryBlobStore, PutMode, list, open, verify,
    };

    use super::*;

    const GOLDEN: &[u8] = include_bytes!("../../tests/golden/format-1.backup");
    const FOREIGN: &[u8] = include_bytes!("../../tests/golden/vectorizer-3.5.backup");

    fn parsed(text: &str) -> Value {
        serde_json::from_str(text).unwrap()
    }

    fn store_of(bytes: &'static [u8]) -> (Arc<dyn BlobStore>, BackupId) {
        let id: BackupId = "550e8400-e29b-41d4-a716-446655440000".parse().unwrap();
        let store: Arc<dyn BlobStore> = Arc::new(MemoryBlobStore::new());
        let body = Box::pin(stream::iter([Ok(Bytes::from_static(bytes))]));
        block_on(store.put(&id.key(), body, PutMode::Create)).unwrap();
        (store, id)
    }

    /// What serde makes of the same, which is what a server answers.
    #[test]
    fn it_says_what_a_server_says() {
        for bytes in [GOLDEN, FOREIGN] {
            let (store, id) = store_of(bytes);
            let opened = block_on(open(&store, id, &Host::inline())).unwrap();
            let summary = opened.summary();
            let ours = parsed(&backup(&opened));
            assert_eq!(ours["info"], to_value(&summary.info).unwrap());
            assert_eq!(ours["provenance"], to_value(&summary.provenance).unwrap());
            assert_eq!(ours["missing"], json!([]));
            for (ours, contents) in ours["collections"].as_array().unwrap().iter().zip(&summary.contents) {
                let mut expected = to_value(contents).unwrap();
                expected["configText"] = contents.config.json().into();
                expected["bytes"] = opened.bytes(&contents.name).unwrap().into();
                assert_eq!(*ours, expected);
            }
        }
    }

    #[test]
    fn damage_is_told_with_its_place() {
        let (store, id) = store_of(&GOLDEN[..GOLDEN.len() - 1]);
        let (key, host) = (id.key(), Host::inline());
        let verified = block_on(verify(&store, &key, Some(id), VerifyDepth::Full, &host)).unwrap();
        let mut expected = to_value(&verified).unwrap();
        expected.as_object_mut().unwrap().remove("backup");
        assert_eq!(parsed(&report(&verified)), expected);
        assert_eq!(expected["ok"], false);
        let entries = block_on(list(&*store, &ListRemembrance::new(), &Host::inline())).unwrap();
        let rows = parsed(&rows(&entries));
        assert_eq!(rows[0]["id"], id.to_string());
        assert_eq!(rows[0]["size"], GOLDEN.len() - 1);
        assert_eq!(rows[0]["damaged"]["code"], expected["findings"][0]["code"]);
    }

    #[test]
    fn objects_are_json() {
        let list = array(&[1, 2], |n, out| out.push_str(&n.to_string()));
        let text = Object::of(|object| {
            object.text("a \"key\"", "line\n").raw("n", u64::MAX).number("none", None).raw("list", list)
        });
        assert_eq!(text, r#"{"a \"key\"":"line\n","n":18446744073709551615,"none":null,"list":[1,2]}"#);
        assert_eq!(Object::of(|object| object), "{}");
    }
}
