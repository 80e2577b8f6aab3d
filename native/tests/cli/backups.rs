//! create, list, show, verify, inspect, restore and delete, and the documents that they print.

use std::fs;

use serde_json::json;

use super::bench::{Bench, sample};

#[test]
fn every_document_is_one_and_stdout_holds_nothing_else() {
    let bench = Bench::with_sample();
    let id = bench.create();
    let file = bench.backup_file(&id);
    for arguments in [
        &["list"][..],
        &["show", &id],
        &["verify", &id],
        &["verify", &file, "--quick"],
        &["inspect", &file],
        &["inspect", &file, "--collection", "docs", "--offset", "178", "--limit", "10"],
        &["collections"],
        &["restore", &id, "--dry-run"],
        &["restore", &id],
        &["export", "docs", "docs.jsonl"],
        &["delete", &id],
    ] {
        let run = bench.run(&[arguments, &["--json"]].concat()).expect(0);
        run.document();
        assert_eq!(run.stderr, "", "{arguments:?}");
        if arguments[0] != "delete" && arguments[0] != "export" {
            bench.run(arguments).expect(0);
        }
    }
}

#[test]
fn a_backup_has_the_documented_members_and_its_file_s_size() {
    let bench = Bench::with_sample();
    let created = bench.json(&["create", "nightly", "--collection", "docs"]);
    let id = created["id"].as_str().unwrap();
    let size = fs::metadata(bench.path(&bench.backup_file(id))).unwrap().len();
    assert_eq!((&created["name"], &created["collections"]), (&json!("nightly"), &json!(["docs"])));
    assert_eq!(created["size"], size);
    assert_eq!(created["contents"][0]["count"], 180);
    assert_eq!(bench.json(&["show", id]), created);
    let listed = &bench.json(&["list"])["backups"][0];
    for member in ["id", "name", "date", "size", "collections"] {
        assert_eq!(listed[member], created[member], "{member}");
    }
    let human = bench.run(&["show", id]).expect(0).stdout;
    assert!(human.contains(&format!("({} bytes)", thousands(size))), "{human}");
}

#[test]
fn a_restore_brings_every_record_and_the_config_back() {
    let bench = Bench::with_sample();
    let before = bench.run(&["export", "docs"]).expect(0).stdout;
    let id = bench.create();
    bench
        .run_with_stdin(
            &["import", "docs", "-", "--replace", "--metric", "euclidean"],
            br#"{"id":"a","vector":[1]}"#,
        )
        .expect(0);
    let plan = bench.json(&["restore", &id, "--dry-run"]);
    assert_eq!(plan["steps"][1]["action"], "replace");
    assert_eq!(
        plan["steps"][1]["config_changes"],
        json!(["dimension 1 to 384", "metric euclidean to cosine"])
    );
    assert_eq!(plan["steps"][0]["action"], "same");
    assert_eq!(bench.json(&["collections"])["collections"][1]["count"], 1, "a dry run changes nothing");
    bench.run(&["restore", &id, "--collection", "docs"]).expect(0);
    assert_eq!(bench.run(&["export", "docs"]).expect(0).stdout, before);
    assert_eq!(bench.json(&["collections"])["collections"][1]["metric"], "cosine");
}

#[test]
fn a_restore_under_another_name_leaves_the_first_alone() {
    let bench = Bench::with_sample();
    let id = bench.create();
    let report = bench.json(&["restore", &id, "--collection", "docs", "--rename", "docs=docs_of_monday"]);
    assert_eq!(report["restored"][0]["restored_as"], "docs_of_monday");
    assert_eq!(bench.collections(), ["code", "docs", "docs_of_monday"]);
}

#[test]
fn a_dry_run_names_every_conflict() {
    let bench = Bench::with_sample();
    let id = bench.create();
    let run = bench.run(&[
        "restore",
        &id,
        "--dry-run",
        "--json",
        "--collection",
        "docs",
        "--collection",
        "code",
        "--collection",
        "gone",
        "--rename",
        "docs=x",
        "--rename",
        "code=x",
    ]);
    assert_eq!(run.expect(11).document()["conflicts"].as_array().unwrap().len(), 2);
    bench.run(&["restore", &id, "--collection", "gone"]).expect(10);
    assert_eq!(bench.collections(), ["code", "docs"]);
}

#[test]
fn damage_is_exit_code_20_and_a_row_of_the_list() {
    let bench = Bench::with_sample();
    let id = bench.create();
    let file = bench.path(&bench.backup_file(&id));
    let whole = fs::read(&file).unwrap();
    fs::write(&file, &whole[..whole.len() - 10]).unwrap();
    for arguments in [
        &["verify", &id, "--json"][..],
        &["verify", &id, "--quick"],
        &["verify", file.to_str().unwrap()],
        &["show", &id],
        &["inspect", file.to_str().unwrap()],
        &["restore", &id],
        &["restore", &id, "--dry-run"],
    ] {
        bench.run(arguments).expect(20);
    }
    let report = bench.run(&["verify", &id, "--json"]).document();
    assert_eq!(report["ok"], false);
    assert!(!report["findings"].as_array().unwrap().is_empty());
    let list = bench.run(&["list"]).expect(0);
    assert!(list.stdout.contains("DAMAGED") && list.stderr.contains(&id), "{list:?}");
    assert_eq!(bench.json(&["list"])["damaged"][0]["id"], id.as_str());

    let mut flipped = whole;
    let middle = flipped.len() / 2;
    flipped[middle] ^= 1;
    fs::write(&file, flipped).unwrap();
    bench.run(&["verify", &id]).expect(20);
    bench.run(&["verify", &id, "--quick"]).expect(0);
    bench.run(&["restore", &id]).expect(20);
    assert_eq!(bench.run(&["export", "docs"]).stdout.lines().count(), 180, "nothing was changed");
}

#[test]
fn a_file_is_inspected_wherever_it_is_and_whatever_it_is_called() {
    let bench = Bench::with_sample();
    let id = bench.create();
    fs::rename(bench.path(&bench.backup_file(&id)), bench.path("my backup (1).json")).unwrap();
    fs::remove_dir_all(bench.path("data")).unwrap();
    fs::remove_dir(bench.path("backups")).unwrap();
    let arguments =
        ["inspect", "my backup (1).json", "--collection", "code", "--offset", "1", "--limit", "2"];
    let document = bench.json(&arguments);
    assert_eq!((&document["backup"]["id"], &document["page"]["total"]), (&json!(id), &json!(55)));
    let mut lines: Vec<String> =
        fs::read_to_string(sample("code")).unwrap().lines().map(Into::into).collect();
    lines.sort_by_key(|line| line.split('"').nth(3).unwrap().to_owned());
    let expected: Vec<serde_json::Value> =
        lines[1..3].iter().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!(document["page"]["records"], json!(expected));
    assert!(bench.run(&arguments).expect(0).stdout.contains("records 1 to 2 of 55"));
    bench.run(&["verify", "my backup (1).json"]).expect(0);
    assert!(!bench.path("data").exists() && !bench.path("backups").exists(), "it opens nothing else");
}

#[test]
fn what_needs_no_collections_does_not_open_them() {
    let bench = Bench::with_sample();
    let id = bench.create();
    assert_eq!(bench.json(&["inspect", &id]), bench.json(&["inspect", &bench.backup_file(&id)]));
    fs::remove_dir_all(bench.path("data")).unwrap();
    for arguments in [&["list"][..], &["show", &id], &["verify", &id], &["delete", &id]] {
        bench.run(arguments).expect(0);
    }
    assert!(!bench.path("data").exists());
    assert_eq!(bench.json(&["list"])["backups"], json!([]));
}

fn thousands(number: u64) -> String {
    let digits = number.to_string();
    let from_the_end = digits.as_bytes().rchunks(3).map(|chunk| std::str::from_utf8(chunk).unwrap());
    let mut groups: Vec<_> = from_the_end.collect();
    groups.reverse();
    groups.join(",")
}
