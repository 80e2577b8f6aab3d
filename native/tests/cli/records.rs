//! import and export: every record comes back to the byte, and a bad line changes nothing.

use std::collections::BTreeSet;
use std::fs;

use super::bench::{Bench, sample};

#[test]
fn the_sample_comes_back_to_the_byte() {
    let bench = Bench::with_sample();
    for name in ["docs", "code"] {
        let original = fs::read_to_string(sample(name)).unwrap();
        let piped = bench.run(&["export", name]).expect(0).stdout;
        let lines: BTreeSet<&str> = original.lines().collect();
        assert!(piped.lines().collect::<BTreeSet<_>>() == lines, "{name}");
        assert_eq!(piped.lines().count(), lines.len());
        bench.run(&["export", name, "out.jsonl"]).expect(0);
        assert!(fs::read_to_string(bench.path("out.jsonl")).unwrap() == piped, "{name}");
        fs::remove_file(bench.path("out.jsonl")).unwrap();
    }
}

#[test]
fn a_backup_exports_what_the_live_collection_did() {
    let bench = Bench::with_sample();
    let live = bench.run(&["export", "docs", "-"]).expect(0).stdout;
    let id = bench.create();
    fs::remove_dir_all(bench.path("data")).unwrap();
    let exported = bench.run(&["export", "--backup", &id, "--collection", "docs"]).expect(0).stdout;
    assert!(exported == live);
    assert!(!bench.path("data").exists(), "a backup is read without the data directory");
    bench.run(&["export", "--backup", &id, "--collection", "none"]).expect(10);
}

#[test]
fn metadata_and_unknown_members_keep_their_text() {
    let bench = Bench::new();
    let lines = concat!(
        r#"{"id":"a","vector":[1.0,-0.0],"metadata":{ "big": 18446744073709551617, "e":"\u00e9" },"extra":[1, 2]}"#,
        "\n",
        r#"{"id":"b","vector":[1e-45,3.4028235e+38],"metadata":null}"#,
        "\n",
        r#"{"id":"c","vector":[0.1,0.2]}"#,
        "\n",
    );
    let imported =
        bench.run_with_stdin(&["import", "c", "-", "--metric", "euclidean", "--json"], lines.as_bytes());
    let imported = imported.expect(0).document();
    assert_eq!((&imported["count"], &imported["replaced"]), (&3.into(), &false.into()));
    assert_eq!(imported["config"]["metric"], "euclidean");
    assert_eq!(bench.run(&["export", "c"]).expect(0).stdout, lines);
}

#[test]
fn a_bad_line_is_named_and_nothing_is_created() {
    let good = r#"{"id":"a","vector":[1,2]}"#;
    for (bad, expected) in [
        (r#"{"id":"b","vector":[1,1e39]}"#, "line 3.vector[1]"),
        (r#"{"id":"b","vector":[1,NaN]}"#, "line 3.vector[1]"),
        (r#"{"id":"b","vector":[1,2,3]}"#, "line 3.vector"),
        (r#"{"id":"b","vector":[1,null]}"#, "line 3.vector[1]"),
        (r#"{"id":"b","vector":[1,2],"metadata":{"a":1,"a":2}}"#, "line 3.metadata"),
        (r#"{"vector":[1,2]}"#, "line 3.id"),
        (r#"{"id":"b","vector":[1"#, "line 3"),
        ("surprise", "line 3"),
    ] {
        let bench = Bench::new();
        let text = format!("{good}\n\n{bad}\n{}\n", good.replace('a', "c"));
        for run in [bench.run_with_stdin(&["import", "c", "-"], text.as_bytes()), {
            bench.write("in.jsonl", &text);
            bench.run(&["import", "c", "in.jsonl"])
        }] {
            assert!(run.expect(1).stderr.contains(expected), "{bad}");
        }
        assert!(bench.collections().is_empty(), "{bad}");
    }
}

#[test]
fn an_id_that_comes_twice_is_named_with_both_lines() {
    let bench = Bench::with_sample();
    let docs = fs::read_to_string(sample("docs")).unwrap();
    let first = docs.lines().next().unwrap();
    bench.write("twice.jsonl", format!("{docs}\n{first}\n"));
    let run = bench.run(&["import", "new", "twice.jsonl"]).expect(1);
    assert!(run.stderr.contains("deb:msmtp-mta"), "{run:?}");
    assert!(run.stderr.contains("lines 1 and 182"), "{run:?}");
    let piped =
        bench.run_with_stdin(&["import", "docs", "-", "--replace"], format!("{first}\n{first}").as_bytes());
    assert!(piped.expect(1).stderr.contains("deb:msmtp-mta"));
    assert_eq!(bench.collections(), ["code", "docs"]);
    assert_eq!(bench.run(&["export", "docs"]).expect(0).stdout.lines().count(), 180, "docs is what it was");
}

#[test]
fn an_import_replaces_only_when_told_to() {
    let bench = Bench::with_sample();
    bench.write("one.jsonl", r#"{"id":"a","vector":[1,2]}"#);
    let refused = bench.run(&["import", "docs", "one.jsonl", "--json"]).expect(11);
    assert_eq!(refused.stdout, "");
    assert_eq!(refused.error()["kind"], "conflict");
    let replaced = bench.json(&["import", "docs", "one.jsonl", "--replace"]);
    assert_eq!((&replaced["replaced"], &replaced["count"]), (&true.into(), &1.into()));
    assert_eq!(bench.run(&["export", "docs"]).expect(0).stdout, "{\"id\":\"a\",\"vector\":[1.0,2.0]}\n");
}

#[test]
fn nothing_to_import_is_an_error() {
    let bench = Bench::new();
    assert!(bench.run_with_stdin(&["import", "c", "-"], b"\n\n").expect(1).stderr.contains("no record"));
    bench.run(&["import", "c", "missing.jsonl"]).expect(10);
    assert!(bench.collections().is_empty());
}

#[test]
fn an_export_replaces_no_file_and_leaves_none_when_it_fails() {
    let bench = Bench::with_sample();
    bench.write("kept", "precious");
    bench.run(&["export", "docs", "kept"]).expect(11);
    assert_eq!(fs::read_to_string(bench.path("kept")).unwrap(), "precious");
    bench.run(&["export", "none", "new"]).expect(10);
    bench.run(&["export", "docs", "no/such/directory"]).expect(10);
    let names: BTreeSet<_> = fs::read_dir(bench.path("")).unwrap().map(|e| e.unwrap().file_name()).collect();
    assert_eq!(names, ["data", "kept"].map(Into::into).into());
}
