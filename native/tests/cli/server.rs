//! serve, and the other commands through it.

use std::fs;
use std::io::{BufRead, BufReader, Read, Write};
use std::process::{Child, Stdio};

use super::bench::{Bench, Run, sample};
use super::http::send;
use super::signals::interrupt;

/// A server on a free port of a bench; ended when dropped.
pub(super) struct Served<'a> {
    bench: &'a Bench,
    child: Child,
    pub(super) url: String,
    /// What it says until it listens and, with the sample, after it.
    greeting: String,
}

impl<'a> Served<'a> {
    pub(super) fn start(bench: &'a Bench, options: &[&str], last_line: &str) -> Self {
        let arguments = [&["serve", "--addr", "127.0.0.1:0"], options].concat();
        let mut child = bench.command(&arguments).stderr(Stdio::piped()).spawn().unwrap();
        let mut stderr = BufReader::new(child.stderr.take().unwrap());
        let mut greeting = String::new();
        while !greeting.contains(last_line) {
            assert!(stderr.read_line(&mut greeting).unwrap() > 0, "it ended: {greeting}");
        }
        // The log goes on; nobody reads it.
        std::thread::spawn(move || stderr.read_to_string(&mut String::new()));
        let url = greeting.split_whitespace().find(|word| word.starts_with("http://")).unwrap().to_owned();
        Self { bench, child, url, greeting }
    }

    pub(super) fn run(&self, arguments: &[&str]) -> Run {
        self.bench.run(&[arguments, &["--server", &self.url]].concat())
    }

    pub(super) fn json(&self, arguments: &[&str]) -> serde_json::Value {
        self.run(&[arguments, &["--json"]].concat()).expect(0).document()
    }

    /// Its process.
    pub(super) fn id(&self) -> u32 {
        self.child.id()
    }

    /// Asks it to stop; its exit code.
    pub(super) fn stop(mut self) -> Option<i32> {
        interrupt(&self.child);
        self.child.wait().unwrap().code()
    }
}

impl Drop for Served<'_> {
    fn drop(&mut self) {
        // It may have ended already.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

#[test]
fn the_sample_is_loaded_once_and_the_next_steps_are_said() {
    let bench = Bench::new();
    let served = Served::start(&bench, &["--sample"], "BACKUP_ID\"}'");
    for step in
        ["/api/backups/create", "/api/backups/restore", "/api/collections", "docs has 180", "code has 55"]
    {
        assert!(served.greeting.contains(step), "{}", served.greeting);
    }
    let collections = served.json(&["collections"]);
    assert_eq!(collections["collections"][1]["count"], 180);
    assert_eq!(served.stop(), Some(0), "a server that was asked to stop has done what it should");
    let again = Served::start(&bench, &["--sample"], "BACKUP_ID\"}'");
    assert!(again.greeting.contains("docs exists and stays as it is"), "{}", again.greeting);
}

#[test]
fn every_command_works_through_a_server_as_it_does_here() {
    let bench = Bench::with_sample();
    let before = bench.run(&["export", "docs"]).expect(0).stdout;
    let served = Served::start(&bench, &[], "backups are in");
    bench.run(&["collections"]).expect(11);

    let created = served.json(&["create", "through", "--collection", "docs"]);
    let id = created["id"].as_str().unwrap();
    assert_eq!(created["size"], fs::metadata(bench.path(&bench.backup_file(id))).unwrap().len());
    assert_eq!(served.json(&["list"]), bench.json(&["list"]));
    assert_eq!(served.json(&["show", id]), bench.json(&["show", id]));
    assert_eq!(served.json(&["verify", id]), bench.json(&["verify", id]));
    assert!(served.run(&["export", "docs"]).expect(0).stdout == before);

    let plan = served.json(&["restore", id, "--dry-run", "--rename", "docs=again"]);
    assert_eq!((&plan["steps"][0]["action"], &plan["steps"][0]["count"]), (&"create".into(), &180.into()));
    let report = served.json(&["restore", id, "--rename", "docs=again"]);
    assert_eq!(report["restored"][0]["restored_as"], "again");
    assert!(served.run(&["export", "again"]).expect(0).stdout == before);
    served.run(&["restore", id]).expect(0);

    served.run(&["show", "550e8400-e29b-41d4-a716-446655440000"]).expect(10);
    served.run(&["create", "x", "--collection", "none"]).expect(10);
    served.run(&["restore", id, "--collection", "code"]).expect(10);
    let file = bench.path(&bench.backup_file(id));
    let whole = fs::read(&file).unwrap();
    fs::write(&file, &whole[..whole.len() - 10]).unwrap();
    served.run(&["verify", id]).expect(20);
    served.run(&["restore", id]).expect(20);
    served.run(&["delete", id]).expect(0);
    served.run(&["delete", id]).expect(10);
}

#[test]
fn an_import_through_a_server_makes_a_whole_collection_or_none() {
    let bench = Bench::new();
    let served = Served::start(&bench, &[], "backups are in");
    let name = "docs/é 1";
    let imported = served.json(&["import", name, sample("docs").to_str().unwrap(), "--metric", "dotproduct"]);
    assert_eq!(imported["count"], 180);
    served.run(&["import", name, sample("docs").to_str().unwrap()]).expect(11);
    let lines = concat!(
        r#"{"id":"a","vector":[1.0,-0.0],"metadata":{ "big": 18446744073709551617 },"extra":[1, 2]}"#,
        "\n",
        r#"{"id":"b","vector":[1e-45,3.4028235e+38],"metadata":null}"#,
        "\n",
        r#"{"id":"c","vector":[0.1,0.2]}"#,
        "\n",
    );
    bench.write("exact.jsonl", lines);
    served.run(&["import", "exact", "exact.jsonl"]).expect(0);
    assert_eq!(served.run(&["export", "exact"]).expect(0).stdout, lines);

    let docs = fs::read_to_string(sample("docs")).unwrap();
    bench.write("bad.jsonl", format!("{docs}surprise\n"));
    bench.write("twice.jsonl", format!("{docs}{}\n", docs.lines().next().unwrap()));
    assert!(served.run(&["import", "bad", "bad.jsonl"]).expect(1).stderr.contains("line 181"));
    assert!(served.run(&["import", "bad", "twice.jsonl"]).expect(1).stderr.contains("twice"));
    let collections = served.json(&["collections"]);
    let names: Vec<_> =
        collections["collections"].as_array().unwrap().iter().map(|c| c["name"].clone()).collect();
    assert_eq!(names, [name, "exact"]);
    assert_eq!(collections["collections"][0]["metric"], "dotproduct");
}

#[test]
fn an_import_through_a_server_refuses_what_the_server_would_change() {
    let bench = Bench::new();
    let served = Served::start(&bench, &[], "backups are in");
    for (member, shown) in [
        (r#""payload":{"k":1}"#, "payload"),
        (r#""pay\u006coad":null"#, "payload"),
        (r#""other":1,"data":[1,2]"#, "data"),
        (r#""embedding":1"#, "embedding"),
    ] {
        let lines =
            format!("{{\"id\":\"a\",\"vector\":[1,2]}}\n{{\"id\":\"x\",\"vector\":[1,2],{member}}}\n");
        bench.write("in.jsonl", &lines);
        let said = served.run(&["import", "docs", "in.jsonl"]).expect(1).stderr;
        assert!(said.contains("line 2, record \"x\"") && said.contains(&format!("{shown:?}")), "{said}");
        bench.write("in.jsonl", format!("\n{lines}"));
        let said = served.run(&["import", "docs", "in.jsonl"]).expect(1).stderr;
        assert!(said.contains("lines 1 to 3, record \"x\""), "{said}");
    }
    assert_eq!(served.json(&["collections"])["collections"], serde_json::json!([]));
}

#[test]
fn an_import_through_a_server_is_proved_there_and_deletes_nothing_of_others() {
    let bench = Bench::new();
    let served = Served::start(&bench, &[], "backups are in");
    let vector = vec!["0.125"; 384].join(",");
    let line = |id: usize| format!("{{\"id\":\"{id:06}\",\"vector\":[{vector}]}}");
    // One that is sent too and changed by another client, and one that only the other client has.
    for (name, theirs) in [("changed", 0), ("added", 999_999)] {
        let mut command = bench.command(&["import", name, "-", "--server", &served.url]);
        let mut import = command.stdin(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        let mut stdin = import.stdin.take().unwrap();
        let mut ids = 0..;
        let collection = format!("{}/api/collections/{name}", served.url);
        // More, until the first have arrived.
        while !matches!(&send("GET", &collection, &[], None), answer
            if answer.status == 200 && answer.json()["vector_count"].as_u64().unwrap() > 0)
        {
            let lines: Vec<String> = ids.by_ref().take(100).map(line).collect();
            writeln!(stdin, "{}", lines.join("\n")).unwrap();
        }
        let record = line(theirs).replacen("0.125", "7", 1);
        let body = format!("{{\"collection\":\"{name}\",\"vectors\":[{record}]}}");
        let inserted = send("POST", &format!("{}/api/insert_vectors", served.url), &[], Some(&body));
        assert_eq!(inserted.status, 200, "{inserted:?}");
        drop(stdin);
        let output = import.wait_with_output().unwrap();
        let said = String::from_utf8(output.stderr).unwrap();
        assert_eq!(output.status.code(), Some(11), "{said}");
        assert!(said.contains("left as it is"), "{said}");
        let kept = send("GET", &format!("{collection}/vectors/{theirs:06}"), &[], None);
        assert_eq!(kept.status, 200, "{kept:?}");
    }
}

#[test]
fn a_token_is_asked_for_and_sent() {
    let bench = Bench::with_sample();
    let refused = bench.run(&["serve", "--addr", "0.0.0.0:0"]).expect(2);
    assert!(refused.stderr.contains("VECVAULT_TOKEN"), "{refused:?}");
    let mut child = bench
        .command(&["serve", "--addr", "127.0.0.1:0", "--json"])
        .env("VECVAULT_TOKEN", "secret")
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let mut line = String::new();
    BufReader::new(child.stdout.take().unwrap()).read_line(&mut line).unwrap();
    let listening: serde_json::Value = serde_json::from_str(&line).unwrap();
    let url = listening["url"].as_str().unwrap();
    let without = bench.run(&["list", "--server", url]);
    let url = &format!("{url}/api/");
    let with = bench.command(&["list", "--server", url]).env("VECVAULT_TOKEN", "secret").output().unwrap();
    child.kill().unwrap();
    child.wait().unwrap();
    assert!(without.code == 12 && without.stderr.contains("VECVAULT_TOKEN"), "{without:?}");
    assert!(with.status.success(), "{with:?}");
}

#[test]
fn a_report_names_each_finding_and_is_the_same_through_a_server() {
    let bench = Bench::with_sample();
    let id = bench.create();
    let file = bench.path(&bench.backup_file(&id));
    let whole = fs::read(&file).unwrap();
    let served = Served::start(&bench, &[], "backups are in");
    let spoilt = |places: &[usize]| {
        let mut bytes = whole.clone();
        places.iter().for_each(|at| bytes[*at] ^= 1);
        bytes
    };
    let cases = [
        (spoilt(&[whole.len() / 4, whole.len() / 2]), 2),
        (spoilt(&[3]), 1),
        (whole[..whole.len() - 1].to_vec(), 1),
        (Vec::new(), 1),
    ];
    for (bytes, least) in cases {
        fs::write(&file, &bytes).unwrap();
        let local = bench.run(&["verify", &id, "--json"]).expect(20).document();
        let remote = served.run(&["verify", &id, "--json"]).expect(20).document();
        assert_eq!(local, remote);
        let findings = local["findings"].as_array().unwrap();
        assert!(findings.len() >= least && local["ok"] == false, "{local}");
        for finding in findings {
            assert!(finding["code"].is_string() && finding["offset"].is_u64(), "{finding}");
            assert!(!finding["message"].as_str().unwrap().is_empty(), "{finding}");
        }
        for arguments in [&["verify", &id][..], &["restore", &id], &["verify", &bench.backup_file(&id)]] {
            bench.run(arguments).expect(if arguments[0] == "restore" { 11 } else { 20 });
        }
        served.run(&["restore", &id]).expect(20);
        let human = served.run(&["verify", &id]).expect(20).stdout;
        let verdict = if bytes.is_empty() { "NOT A BACKUP" } else { "DAMAGED" };
        assert!(human.starts_with(&format!("{id}: {verdict}\n")), "{human}");
    }
    fs::write(&file, &whole).unwrap();
    served.run(&["verify", &id]).expect(0);
    // A file that cannot be read is no verdict either way, and no success.
    fs::remove_file(&file).unwrap();
    served.run(&["verify", &id]).expect(10);
    bench.run(&["verify", &id]).expect(10);
}

#[test]
fn a_server_has_room_for_its_connections_where_a_process_has_few_files_at_first() {
    let bench = Bench::new();
    let program = bench.command(&[]).get_program().to_owned();
    let mut child = std::process::Command::new("sh")
        .args(["-c", "ulimit -S -n 64; exec \"$0\" serve --addr 127.0.0.1:0 --json --max-connections 300"])
        .arg(program)
        .current_dir(bench.path("."))
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let mut line = String::new();
    BufReader::new(child.stdout.take().unwrap()).read_line(&mut line).unwrap();
    let listening: serde_json::Value = serde_json::from_str(&line).unwrap();
    let url = listening["url"].as_str().unwrap();
    let address = url.strip_prefix("http://").unwrap();
    let idle: Vec<_> = (0..200).map(|_| std::net::TcpStream::connect(address).unwrap()).collect();
    let health = ureq::get(format!("{url}/health")).call();
    drop(idle);
    child.kill().unwrap();
    child.wait().unwrap();
    assert_eq!(health.unwrap().status(), 200);
    bench.run(&["serve", "--max-jobs", "0"]).expect(2);
}
