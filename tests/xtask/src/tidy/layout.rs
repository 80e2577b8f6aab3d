//! Where files may be, how long and how large they are, and that none names somebody's machine.

use super::{Finding, House};

/// The top-level folders: these and no others.
const FOLDERS: [&str; 6] = ["backups", "core", "native", "tests", "wasm", "www"];
/// The top-level files, beside dot files.
const FILES: [&str; 10] = [
    "ARCHITECTURE.md",
    "CHANGELOG.md",
    "Cargo.lock",
    "Cargo.toml",
    "LICENSE",
    "README.md",
    "SECURITY.md",
    "clippy.toml",
    "deny.toml",
    "rustfmt.toml",
];
/// The longest committed file, in bytes.
const MAX_FILE_BYTES: u64 = 1_500_000;
/// Folders that exist on one machine and not on the next. In pieces, so that this file passes too.
const MACHINE_FOLDERS: [&str; 2] = [concat!("/wo", "rk/"), concat!("/ro", "ot/")];

/// Top-level names, sizes, machine paths.
pub(super) fn check(house: &House) -> Vec<Finding> {
    let mut findings = Vec::new();
    for file in &house.files {
        findings.extend(top_level(&file.path));
        if file.size > MAX_FILE_BYTES {
            let problem = format!("{} bytes; at most {MAX_FILE_BYTES} are committed", file.size);
            findings.push(Finding::new(&file.path, 1, problem, "make it smaller, or have the tests make it"));
        }
        findings.extend(file.text.iter().flat_map(|text| machine_paths(&file.path, text)));
    }
    findings.dedup_by(|a, b| a.problem == b.problem && a.path == b.path && a.line == b.line);
    findings
}

fn top_level(path: &str) -> Option<Finding> {
    let (name, allowed): (_, &[_]) = match path.split_once('/') {
        Some((folder, _)) => (folder, &FOLDERS),
        None => (path, &FILES),
    };
    let fine = name.starts_with('.') || allowed.contains(&name);
    (!fine).then(|| {
        Finding::new(
            path,
            1,
            format!("`{name}` is not a top-level name of this project"),
            "move it into a room",
        )
    })
}

fn machine_paths(path: &str, text: &str) -> Vec<Finding> {
    let names_one = |line: &str| {
        MACHINE_FOLDERS.iter().any(|folder| {
            line.match_indices(folder).any(|(at, _)| {
                let before = line[..at].chars().next_back();
                !before.is_some_and(|c| c.is_alphanumeric() || "._-~".contains(c))
            })
        })
    };
    let lines = text.lines().enumerate().filter(|(_, line)| names_one(line));
    lines
        .map(|(i, _)| {
            Finding::new(path, i + 1, "names a path of one machine", "say it relative to the repository")
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::super::house::{
        File,
        fixture::{house, places},
    };
    use super::*;

    #[test]
    fn a_new_top_level_folder_or_file_is_a_finding() {
        let house = house(&[
            ("core/a.txt", ""),
            (".ci/run", ""),
            (".gitignore", ""),
            ("README.md", ""),
            ("utils/a.txt", ""),
            ("notes.md", ""),
        ]);
        assert_eq!(places(&check(&house)), ["utils/a.txt:1", "notes.md:1"]);
    }

    #[test]
    fn a_large_file_is_a_finding() {
        let bytes = MAX_FILE_BYTES as usize;
        let files = vec![File::new("tests/a", vec![0; bytes]), File::new("tests/b", vec![0; bytes + 1])];
        assert_eq!(places(&check(&House { files })), ["tests/b:1"]);
    }

    #[test]
    fn a_path_of_one_machine_is_a_finding() {
        let text = format!("fine/x\nsee {}x\nhttps://example.org{}x", MACHINE_FOLDERS[0], MACHINE_FOLDERS[1]);
        assert_eq!(places(&check(&house(&[("core/a.md", &text)]))), ["core/a.md:2"]);
    }
}
