//! The files of the repository, read once: what every rule looks at.

use std::path::Path;
use std::process::Command;

use super::Finding;

/// All files of the repository.
pub(super) struct House {
    /// Ascending by path.
    pub(super) files: Vec<File>,
}

/// One file.
pub(super) struct File {
    /// From the root of the repository, with `/`.
    pub(super) path: String,
    /// Its length in bytes.
    pub(super) size: u64,
    /// Its text, where it is UTF-8.
    pub(super) text: Option<String>,
    /// Its syntax tree, where it is Rust; or why it does not parse, and on which line.
    pub(super) rust: Option<Result<syn::File, (usize, String)>>,
}

impl File {
    /// A file of these bytes.
    pub(super) fn new(path: &str, bytes: Vec<u8>) -> Self {
        let size = bytes.len() as u64;
        let text = String::from_utf8(bytes).ok();
        let rust = text.as_deref().filter(|_| path.ends_with(".rs")).map(|text| {
            syn::parse_file(text).map_err(|error| (error.span().start().line, error.to_string()))
        });
        Self { path: path.to_owned(), size, text, rust }
    }

    /// The syntax tree of a Rust file that parses.
    pub(super) fn syntax(&self) -> Option<&syn::File> {
        self.rust.as_ref()?.as_ref().ok()
    }

    /// Whether it is Rust for tests only: a `tests` module of a package, or the tests package.
    pub(super) fn is_test(&self) -> bool {
        self.path.split('/').any(|part| part == "tests" || part == "tests.rs")
    }
}

impl House {
    /// Reads the files that git tracks in `root`, and those that it would take.
    pub(super) fn read(root: &Path) -> Result<Self, String> {
        let output = Command::new("git")
            .args(["ls-files", "-z", "--cached", "--others", "--exclude-standard", "--deduplicate"])
            .current_dir(root)
            .output()
            .map_err(|error| {
                format!("tidy asks git which files there are, and it does not start: {error}")
            })?;
        if !output.status.success() {
            return Err(format!("git ls-files: {}", String::from_utf8_lossy(&output.stderr)));
        }
        let mut files = Vec::new();
        for path in output.stdout.split(|byte| *byte == 0).filter(|path| !path.is_empty()) {
            let path = String::from_utf8_lossy(path);
            match std::fs::read(root.join(&*path)) {
                Ok(bytes) => files.push(File::new(&path, bytes)),
                // Deleted and not yet committed.
                Err(error) if error.kind() == std::io::ErrorKind::NotFound => {}
                Err(error) => return Err(format!("{path}: {error}")),
            }
        }
        files.sort_by(|a, b| a.path.cmp(&b.path));
        Ok(Self { files })
    }

    /// The file of a path.
    pub(super) fn file(&self, path: &str) -> Option<&File> {
        self.files.iter().find(|file| file.path == path)
    }

    /// Whether a path is a file or a folder of the repository.
    pub(super) fn has(&self, path: &str) -> bool {
        let path = path.trim_end_matches('/');
        self.files.iter().any(|file| {
            file.path.strip_prefix(path).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
        })
    }

    /// Rust files that parse, with their syntax trees.
    pub(super) fn rust(&self) -> impl Iterator<Item = (&File, &syn::File)> {
        self.files.iter().filter_map(|file| file.syntax().map(|syntax| (file, syntax)))
    }
}

/// Rust files that do not parse: the other rules cannot see into them.
pub(super) fn unreadable(house: &House) -> Vec<Finding> {
    let broken = |file: &File| {
        let (line, error) = file.rust.as_ref()?.as_ref().err()?;
        Some(Finding::new(
            &file.path,
            *line,
            format!("this is no Rust that tidy can read: {error}"),
            "mend it",
        ))
    };
    house.files.iter().filter_map(broken).collect()
}

#[cfg(test)]
pub(super) mod fixture {
    use super::*;

    /// A house of these texts.
    pub(in crate::tidy) fn house(files: &[(&str, &str)]) -> House {
        House { files: files.iter().map(|(path, text)| File::new(path, text.as_bytes().to_vec())).collect() }
    }

    /// `path:line` of each finding.
    pub(in crate::tidy) fn places(findings: &[Finding]) -> Vec<String> {
        findings.iter().map(|finding| format!("{}:{}", finding.path, finding.line)).collect()
    }

    #[test]
    fn rust_that_does_not_parse_is_a_finding() {
        let house = house(&[("core/src/a.rs", "fn a() {}\nfn {"), ("core/src/b.rs", "fn b() {}")]);
        assert_eq!(places(&unreadable(&house)), ["core/src/a.rs:2"]);
    }

    #[test]
    fn a_path_is_a_file_or_a_folder() {
        let house = house(&[("core/src/blob/key.rs", "")]);
        assert!(house.has("core/src/blob/key.rs") && house.has("core/src/blob/") && house.has("core"));
        assert!(!house.has("core/src/blo"));
    }
}
