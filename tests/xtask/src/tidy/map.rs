//! ARCHITECTURE.md and README.md are true: every room is on the map, and what they name exists.
//!
//! A room is a module right under a crate's root, or a folder or Markdown-free file right under `tests/`.
//! The map names it as the first cell of a table row, in backticks, by its path from the root.

use std::collections::BTreeSet;

use super::{Finding, House};

const MAP: &str = "ARCHITECTURE.md";
const README: &str = "README.md";
const RUN: &str = ".ci/run";
const TEST_COMMAND: &str = "./tests/run.sh";
/// Folders whose direct children are rooms.
const ROOMS_IN: [&str; 5] = ["core/src/", "native/src/", "wasm/src/", "tests/", "tests/xtask/src/"];

/// Rooms that are not on the map, and what the map and the README name in vain.
pub(super) fn check(house: &House) -> Vec<Finding> {
    let mut findings = Vec::new();
    for name in [MAP, README] {
        match house.file(name).and_then(|file| file.text.as_deref()) {
            Some(text) => findings.extend(dangling(house, name, text)),
            None => findings.push(Finding::new(name, 1, "there is no such file", "write it")),
        }
    }
    findings.extend(unmapped(house));
    findings.extend(test_command(house));
    findings
}

fn unmapped(house: &House) -> Vec<Finding> {
    let map = house.file(MAP).and_then(|file| file.text.as_deref()).unwrap_or_default();
    let mapped: BTreeSet<&str> = map.lines().filter_map(room_of_row).collect();
    let missing = rooms(house).into_iter().filter(|room| !mapped.contains(&**room));
    missing
        .map(|room| Finding::new(&room, 1, format!("not on the map of {MAP}"), "add a row for it"))
        .collect()
}

/// The rooms of the house: a module is named by its file, or by its folder where it has no file.
fn rooms(house: &House) -> BTreeSet<String> {
    let mut rooms = BTreeSet::new();
    for folder in ROOMS_IN {
        let below = house.files.iter().filter_map(|file| file.path.strip_prefix(folder));
        for path in below.filter(|path| !path.ends_with(".md") && !path.ends_with("Cargo.toml")) {
            let (name, is_folder) = path.split_once('/').map_or((path, false), |(name, _)| (name, true));
            let module = format!("{folder}{name}.rs");
            if name.starts_with('.') || ["lib.rs", "main.rs"].contains(&name) {
                continue;
            }
            rooms.insert(match is_folder {
                true if house.file(&module).is_some() => module,
                true => format!("{folder}{name}/"),
                false => format!("{folder}{name}"),
            });
        }
    }
    // The tests package's own sources are no more than its name.
    rooms.retain(|room| room != "tests/src/");
    rooms
}

/// The path that a row of the table of rooms is about.
fn room_of_row(line: &str) -> Option<&str> {
    let (path, _) = line.strip_prefix("| `")?.split_once('`')?;
    path.contains('/').then_some(path)
}

/// Rows about paths, and links to files, that do not exist.
fn dangling(house: &House, name: &str, text: &str) -> Vec<Finding> {
    let mut findings = Vec::new();
    for (i, line) in text.lines().enumerate() {
        let links = line.split("](").skip(1).filter_map(|rest| rest.split([')', '#']).next());
        let local = links.filter(|link| !link.is_empty() && !link.contains("://"));
        for path in room_of_row(line).into_iter().chain(local).filter(|path| !house.has(path)) {
            findings.push(Finding::new(name, i + 1, format!("`{path}` does not exist"), "correct the path"));
        }
    }
    findings
}

/// The README's test command is what the build machine runs.
fn test_command(house: &House) -> Vec<Finding> {
    let says = |path: &str| {
        let text = house.file(path).and_then(|file| file.text.as_deref()).unwrap_or_default();
        text.lines().any(|line| line.trim() == TEST_COMMAND || line.trim() == format!("exec {TEST_COMMAND}"))
    };
    let silent = [README, RUN].into_iter().filter(|path| !says(path));
    silent
        .map(|path| {
            Finding::new(path, 1, "lacks the test command", format!("give `{TEST_COMMAND}` its own line"))
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::super::house::fixture::{house, places};
    use super::*;

    const ROWS: &str =
        "| `core/src/blob.rs` | stores |\n| `core/src/create.rs` | a verb |\n| `tests/golden/` | files |\n";

    fn findings(map: &str, readme: &str) -> Vec<String> {
        places(&check(&house(&[
            (MAP, map),
            (README, readme),
            (RUN, "#!/bin/sh\nexec ./tests/run.sh\n"),
            ("core/src/lib.rs", ""),
            ("core/src/blob.rs", ""),
            ("core/src/blob/key.rs", ""),
            ("core/src/create.rs", ""),
            ("tests/golden/a", ""),
        ])))
    }

    #[test]
    fn a_map_of_every_room_and_no_other_passes() {
        assert!(
            findings(ROWS, "See [the map](ARCHITECTURE.md#rooms).\n```\n./tests/run.sh\n```\n").is_empty()
        );
    }

    #[test]
    fn a_room_that_is_not_on_the_map_is_a_finding() {
        let rows = ROWS.replace("core/src/create.rs", "core");
        assert_eq!(findings(&rows, "./tests/run.sh"), ["core/src/create.rs:1"]);
    }

    #[test]
    fn a_row_or_a_link_to_nothing_is_a_finding() {
        let rows = format!("{ROWS}| `core/src/gone.rs` | x |\n");
        let readme = "[a](https://example.org/a) [b](docs/b.md)\n./tests/run.sh";
        assert_eq!(findings(&rows, readme), ["ARCHITECTURE.md:4", "README.md:1"]);
    }

    #[test]
    fn the_readme_has_the_test_command_of_the_build_machine() {
        assert_eq!(findings(ROWS, "cargo test"), ["README.md:1"]);
    }
}
