//! A disk that fails to sync, at every place where the process asks it to.
//!
//! The system call itself is made to fail, by a library that is preloaded (`failing_sync.c`): no seam in the
//! program, so that what is tested is what runs. Where there is no C compiler these tests say so.
#![cfg(target_os = "linux")]

use std::fs;
use std::process::{Command, Output};

use rustix::io::Errno;
use vecvault::collections::Collections;
use vecvault_core::CollectionName;

use super::bench::Bench;
use crate::matrix::Cell;

/// The library, built in a bench; `None` where that is not possible.
fn shim(bench: &Bench) -> Option<String> {
    let source = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/cli/failing_sync.c");
    let library = bench.path("failing_sync.so").to_str().unwrap().to_owned();
    let built = Command::new("cc").args(["-shared", "-fPIC", "-o", &library, source]).status();
    let built = built.is_ok_and(|status| status.success());
    if !built {
        println!("skipped: there is no C compiler");
    }
    built.then_some(library)
}

/// What came of a command whose N-th sync failed, if it came to that many.
struct Attempt {
    output: Output,
    /// What the library said: the file whose sync failed, and whether it was synced again.
    log: String,
}

impl Attempt {
    fn of(bench: &Bench, library: &str, arguments: &[&str], directory: &str, n: usize) -> Self {
        Self::with_error(Errno::IO, bench, library, arguments, directory, n)
    }

    fn with_error(
        error: Errno,
        bench: &Bench,
        library: &str,
        arguments: &[&str],
        directory: &str,
        n: usize,
    ) -> Self {
        let log = bench.path("sync.log");
        fs::write(&log, "").unwrap();
        let mut command = bench.command(&[arguments, &["--json"]].concat());
        command.env("LD_PRELOAD", library).env("VECVAULT_TEST_SYNC_OF", directory);
        command.env("VECVAULT_TEST_SYNC_FAILS_AT", n.to_string());
        command.env("VECVAULT_TEST_SYNC_ERROR", error.raw_os_error().to_string());
        let output = command.env("VECVAULT_TEST_SYNC_LOG", &log).output().unwrap();
        Self { output, log: fs::read_to_string(log).unwrap() }
    }

    fn about(&self, n: usize) -> String {
        format!("sync {n}: {}{:?}", self.log, self.output)
    }
}

#[test]
fn a_create_whose_sync_fails_is_an_error_and_lists_nothing_new() {
    let bench = Bench::with_sample();
    let Some(library) = shim(&bench) else { return };
    let old = bench.create();
    let before = fs::read(bench.path(&bench.backup_file(&old))).unwrap();
    let mut cell = Cell::default();
    for n in 1.. {
        let attempt = Attempt::of(&bench, &library, &["create", "new"], "/backups", n);
        let about = attempt.about(n);
        if attempt.log.is_empty() {
            assert!(attempt.output.status.success(), "{about}");
            cell.succeeded += 1;
            break;
        }
        assert_eq!(attempt.output.status.code(), Some(1), "{about}");
        assert!(!attempt.log.contains("again"), "a sync that failed is not tried again: {about}");
        assert!(attempt.output.stdout.is_empty(), "{about}");
        let list = bench.json(&["list"]);
        assert_eq!(list["backups"].as_array().unwrap().len(), 1, "{about}: {list}");
        assert_eq!(list["damaged"], serde_json::json!([]), "{about}");
        assert!(fs::read(bench.path(&bench.backup_file(&old))).unwrap() == before, "{about}");
        assert_eq!(fs::read_dir(bench.path("backups")).unwrap().count(), 1, "{about}: litter");
        cell.refused += 1;
    }
    assert_eq!(cell.refused, 2, "the file and the directory");
    cell.tell("the N-th sync fails", "create", "files");
}

#[tokio::test]
async fn a_restore_or_import_whose_sync_fails_is_an_error_and_leaves_old_or_new() {
    let bench = Bench::with_sample();
    let Some(library) = shim(&bench) else { return };
    let backup = bench.create();
    let (new, more) = (exports(&bench), CollectionName::parse("more").unwrap());
    bench.write("lines.jsonl", "{\"id\":\"a\",\"vector\":[1,2]}\n");
    for name in ["docs", "code"] {
        bench.run(&["import", name, "lines.jsonl", "--replace"]).expect(0);
    }
    let old = exports(&bench);
    for (operation, arguments) in
        [("restore", vec!["restore", &backup]), ("import", vec!["import", "more", "lines.jsonl"])]
    {
        let mut cell = Cell::default();
        for n in 1.. {
            let attempt = Attempt::of(&bench, &library, &arguments, "/data", n);
            let about = format!("{operation}, {}", attempt.about(n));
            // What is done stays done where only the sweep or the end of the process could not sync.
            let done = attempt.output.status.success();
            if done {
                cell.succeeded += 1
            } else {
                cell.refused += 1
            }
            assert!(done || attempt.output.status.code() == Some(1), "{about}");
            if operation == "restore" {
                let now = exports(&bench);
                assert!(now == new || (!done && now == old), "{about}");
                for name in ["docs", "code"] {
                    bench.run(&["import", name, "lines.jsonl", "--replace"]).expect(0);
                }
            } else {
                let there = bench.collections().contains(&"more".to_owned());
                assert!(there || !done, "{about}");
                if there {
                    assert_eq!(bench.run(&["export", "more"]).expect(0).stdout.lines().count(), 1, "{about}");
                    Collections::open(&bench.path("data")).unwrap().delete(&more).await.unwrap();
                }
            }
            if attempt.log.is_empty() {
                break;
            }
        }
        assert!(cell.refused > 0);
        cell.tell("the N-th sync fails", operation, "embedded");
    }
}

#[test]
fn a_file_is_written_where_a_directory_cannot_be_synced() {
    let bench = Bench::with_sample();
    let Some(library) = shim(&bench) else { return };
    for (error, n, code, there) in [
        (Errno::IO, 1, 1, false),
        (Errno::IO, 2, 1, true),
        (Errno::INVAL, 2, 0, true),
        (Errno::NOTSUP, 2, 0, true),
    ] {
        fs::create_dir(bench.path("out")).unwrap();
        let attempt =
            Attempt::with_error(error, &bench, &library, &["export", "docs", "out/docs.jsonl"], "/out", n);
        let about = attempt.about(n);
        assert!(!attempt.log.is_empty(), "{about}");
        assert_eq!(attempt.output.status.code(), Some(code), "{about}");
        assert_eq!(bench.path("out/docs.jsonl").exists(), there, "{about}");
        let said = String::from_utf8_lossy(&attempt.output.stderr);
        assert_eq!(said.contains("the file is there"), there && code == 1, "{about}");
        fs::remove_dir_all(bench.path("out")).unwrap();
    }
}

/// The live collections as lines.
fn exports(bench: &Bench) -> [String; 2] {
    ["docs", "code"].map(|name| bench.run(&["export", name]).expect(0).stdout)
}
