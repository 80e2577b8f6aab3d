//! Arrows inside a crate, and what core must not name: read from imports and paths.

use std::collections::BTreeMap;

use super::arrows::{CRATES, DENIED_IN_CORE, Room};
use super::mentions::{Mention, mentions};
use super::{File, Finding, House};

const ARROWS: &str = "tests/xtask/src/tidy/arrows.rs";

/// Paths that go against the arrows.
pub(super) fn check(house: &House) -> Vec<Finding> {
    let mut findings = Vec::new();
    for (folder, rooms) in CRATES {
        let exports = exports(house, folder);
        for (file, syntax) in
            house.rust().filter(|(file, _)| file.path.starts_with(folder) && !file.is_test())
        {
            let mentions = mentions(syntax);
            if folder == "core/src/" {
                findings.extend(mentions.iter().filter_map(|mention| denied(file, mention)));
            }
            let module = module(&file.path[folder.len()..]);
            if let Some(name) = module.first() {
                match rooms.iter().find(|room| room.name == name) {
                    Some(room) => findings.extend(against_arrows(file, &module, room, &mentions, &exports)),
                    None => findings.push(unknown_room(file, name)),
                }
            }
        }
    }
    findings
}

fn denied(file: &File, mention: &Mention) -> Option<Finding> {
    DENIED_IN_CORE.iter().find_map(|(path, instead)| {
        let denied: Vec<&str> = path.split("::").collect();
        let names_it = mention.segments.windows(denied.len()).any(|window| window == denied);
        // `use std::time;` would let `time::Instant` pass.
        let opens_it = mention.imported
            && mention.segments.len() < denied.len()
            && denied.starts_with(&mention.segments.iter().map(String::as_str).collect::<Vec<_>>());
        let problem = format!("core has no {path}");
        (names_it || opens_it).then(|| Finding::new(&file.path, mention.line, problem, *instead))
    })
}

fn against_arrows(
    file: &File,
    module: &[String],
    room: &Room,
    mentions: &[Mention],
    exports: &BTreeMap<String, Vec<String>>,
) -> Vec<Finding> {
    let forbidden = |mention: &&Mention| {
        let Some(target) = absolute(module, mention, exports) else { return false };
        target.first().is_some_and(|first| first != room.name)
            && !room.knows.iter().any(|known| {
                let known: Vec<&str> = known.split("::").collect();
                target.len() >= known.len() && target.iter().zip(&known).all(|(a, b)| a == b)
            })
    };
    let finding = |mention: &Mention| {
        let problem = format!("`{}` may not know `{}`", room.name, mention.segments.join("::"));
        let remedy = format!("turn the dependency round, or give the arrow a reason in {ARROWS}");
        Finding::new(&file.path, mention.line, problem, remedy)
    };
    mentions.iter().filter(forbidden).map(finding).collect()
}

fn unknown_room(file: &File, name: &str) -> Finding {
    let remedy = format!("add it to {ARROWS} and to ARCHITECTURE.md");
    Finding::new(&file.path, 1, format!("`{name}` is a room without arrows"), remedy)
}

/// The modules that lead to a file: `format/json/scan.rs` is `format`, `json`, `scan`.
fn module(path: &str) -> Vec<String> {
    let path = path.trim_end_matches(".rs").trim_end_matches("/mod");
    if ["lib", "main"].contains(&path) { Vec::new() } else { path.split('/').map(str::to_owned).collect() }
}

/// A mention from the crate's root on; `None` where it is of another crate or of its own scope.
fn absolute(
    module: &[String],
    mention: &Mention,
    exports: &BTreeMap<String, Vec<String>>,
) -> Option<Vec<String>> {
    let mut segments = &mention.segments[..];
    let mut base: Vec<String> = match segments.first()?.as_str() {
        "crate" => Vec::new(),
        // An inline module is left, or stayed in: no other room is reached.
        "self" => return None,
        "super" if mention.depth > 0 => {
            let supers = segments.iter().take_while(|segment| *segment == "super").count();
            if supers <= mention.depth {
                return None;
            }
            segments = &segments[mention.depth..];
            module.to_vec()
        }
        "super" => module.to_vec(),
        _ => return None,
    };
    for segment in segments {
        match segment.as_str() {
            "crate" => {}
            "super" => drop(base.pop()),
            name => base.push(name.to_owned()),
        }
    }
    match base.split_first() {
        Some((first, rest)) if exports.contains_key(first) => {
            Some(exports[first].iter().chain(rest).cloned().collect())
        }
        _ => Some(base),
    }
}

/// What the crate's root re-exports, and from where: `crate::BlobStore` is `blob::BlobStore`.
fn exports(house: &House, folder: &str) -> BTreeMap<String, Vec<String>> {
    let root = house.file(&format!("{folder}lib.rs")).and_then(File::syntax);
    let imports = root.into_iter().flat_map(mentions).filter(|mention| mention.imported);
    let named = imports.filter_map(|mention| Some((mention.segments.last()?.clone(), mention.segments)));
    named
        .filter(|(name, segments)| segments.len() > 1 && !segments[..segments.len() - 1].contains(name))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::super::house::fixture::{house, places};
    use super::*;

    #[test]
    fn core_names_no_file_clock_thread_or_random_id() {
        let text = "use std::{fmt, fs};\nuse std::time;\nuse std::time::Duration;\nfn a() {\n    std::thread::spawn(b);\n    \
                    let now = chrono::Utc::now();\n}\n#[cfg(test)]\nmod tests {\n    use std::fs;\n}\n";
        let house = house(&[
            ("core/src/host.rs", text),
            ("core/src/format/tests/a.rs", text),
            ("native/src/blob/a.rs", text),
        ]);
        let expected =
            ["core/src/host.rs:1", "core/src/host.rs:2", "core/src/host.rs:5", "core/src/host.rs:6"];
        assert_eq!(places(&check(&house)), expected);
    }

    #[test]
    fn the_format_knows_no_store_however_it_is_spelled() {
        let root = "mod blob;\nmod format;\npub use blob::{BlobStore, BlobKey};\n";
        let text = "use crate::model::Record;\nuse crate::blob::BlobKey;\nuse crate::BlobStore;\nuse super::super::blob;\n\
                    fn a() { m!(crate::collections::b) }\nmod inner {\n    use super::c;\n    use super::super::d;\n}\n";
        let house = house(&[("core/src/lib.rs", root), ("core/src/format/index.rs", text)]);
        let expected: Vec<_> =
            [2, 3, 4, 5].iter().map(|line| format!("core/src/format/index.rs:{line}")).collect();
        assert_eq!(places(&check(&house)), expected);
    }

    #[test]
    fn the_model_knows_the_key_of_a_blob_and_no_store() {
        let text = "use crate::blob::BlobKey;\nuse crate::blob::BlobStore;\nuse crate::format::limits::MAX;\n\
                    use crate::format::encode::Encoder;\n";
        assert_eq!(
            places(&check(&house(&[("core/src/model/id.rs", text)]))),
            ["core/src/model/id.rs:2", "core/src/model/id.rs:4"]
        );
    }

    #[test]
    fn the_two_stores_of_native_do_not_know_the_server() {
        let text = "use crate::vault::Vault;\nuse crate::server;\n";
        let house = house(&[("native/src/server/a.rs", text), ("native/src/blob/fs.rs", text)]);
        assert_eq!(places(&check(&house)), ["native/src/blob/fs.rs:1", "native/src/blob/fs.rs:2"]);
    }

    #[test]
    fn a_room_without_arrows_is_a_finding() {
        assert_eq!(places(&check(&house(&[("core/src/helpers.rs", "")]))), ["core/src/helpers.rs:1"]);
    }
}
