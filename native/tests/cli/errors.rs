//! Exit codes and messages of what goes wrong.

use std::fs;
use std::path::Path;
use std::process::Command;

use super::bench::{Bench, Run};
use super::http::send;
use super::server::Served;

const ID: &str = "550e8400-e29b-41d4-a716-446655440000";

#[test]
fn what_makes_no_sense_is_exit_code_2() {
    let bench = Bench::new();
    for arguments in [
        &[][..],
        &["surprise"],
        &["create"],
        &["create", "a\nb"],
        &["show", "../x"],
        &["show", "%2e%2e"],
        &["delete", "550e8400"],
        &["restore", ID, "--rename", "docs"],
        &["restore", ID, "--rename", "docs="],
        &["restore", ID, "--rename", "a=b", "--rename", "a=c"],
        &["import", "docs", "-", "--metric", "hamming"],
        &["export"],
        &["export", "docs", "--json"],
        &["export", "docs", "a", "b"],
        &["export", "--backup", ID],
        &["list", "--server", "localhost:15002"],
        &["serve", "--allow-origin", "https://app.example/"],
        &["serve", "--allow-origin", "app.example"],
        &["serve", "--allow-host", "vault.example:8080"],
    ] {
        let run = bench.run(arguments).expect(2);
        assert_eq!(run.stdout, "", "{arguments:?}");
        assert!(!run.stderr.is_empty(), "{arguments:?}");
    }
    assert!(!bench.path("data").exists());
    let error = bench.run(&["show", "../x", "--json"]).expect(2).error();
    assert_eq!((&error["kind"], &error["exit_code"]), (&"usage".into(), &2.into()));
    assert!(error["message"].as_str().unwrap().contains("../x"));
}

#[test]
fn help_and_version_are_no_errors_and_tell_the_exit_codes() {
    let bench = Bench::new();
    let help = bench.run(&["--help"]).expect(0).stdout;
    assert!(help.contains(" 20  the backup is damaged") && help.contains("--server"), "{help}");
    assert_eq!(
        bench.run(&["--version"]).expect(0).stdout,
        concat!("vecvault ", env!("CARGO_PKG_VERSION"), "\n")
    );
    for command in [
        "serve",
        "create",
        "list",
        "show",
        "restore",
        "verify",
        "inspect",
        "import",
        "export",
        "delete",
        "collections",
    ] {
        assert!(help.contains(&format!("\n  {command} ")), "{command}");
        bench.run(&[command, "--help"]).expect(0);
    }
}

#[test]
fn what_is_not_there_is_exit_code_10() {
    let bench = Bench::with_sample();
    for arguments in [
        &["show", ID][..],
        &["verify", ID],
        &["restore", ID],
        &["delete", ID],
        &["export", "none"],
        &["export", "--backup", ID, "--collection", "docs"],
        &["create", "x", "--collection", "none"],
        &["inspect", "none.backup"],
        &["verify", "none.backup"],
        &["list", "--backups", "none"],
    ] {
        let run = bench.run(&[arguments, &["--json"]].concat());
        let run = if run.code == 2 { bench.run(arguments) } else { run };
        run.expect(10);
    }
    let error = bench.run(&["show", ID, "--json"]).error();
    assert_eq!(error["kind"], "not_found");
    assert!(error["message"].as_str().unwrap().contains(ID));
    assert!(bench.run(&["create", "x", "--collection", "none"]).stderr.contains("\"none\""));
    assert_eq!(bench.json(&["list"])["backups"], serde_json::json!([]), "nothing was created");
}

/// A job that runs in another folder than is meant must not be told that all is well.
#[test]
fn nothing_is_not_backed_up_unless_that_is_meant() {
    let bench = Bench::new();
    for arguments in
        [&["create", "x"][..], &["create", "x", "--allow-empty"], &["collections"], &["export", "docs"]]
    {
        let run = bench.run(arguments).expect(10);
        assert!(run.stderr.contains("./data: there is no such data directory"), "{run:?}");
    }
    assert!(!bench.path("data").exists(), "none is made");
    bench.write("one.jsonl", "{\"id\":\"a\",\"vector\":[1]}\n");
    bench.run(&["import", "docs", "one.jsonl"]).expect(0);
    let served = Served::start(&bench, &[], "backups are in");
    let deleted = send("DELETE", &format!("{}/api/collections/docs", served.url), &[], None);
    assert_eq!(deleted.status, 200);
    let run = served.run(&["create", "x"]).expect(10);
    assert!(run.stderr.contains("there are no collections to back up"), "{run:?}");
    served.run(&["create", "x", "--allow-empty"]).expect(0);
    drop(served);
    bench.run(&["create", "x"]).expect(10);
    let empty = bench.json(&["create", "x", "--allow-empty"]);
    bench.run(&["verify", empty["id"].as_str().unwrap()]).expect(0);
}

/// Snapshots, shares and media that cannot be written are where backups are, when they are needed.
#[test]
fn what_only_reads_backups_needs_a_directory_that_can_be_read() {
    let bench = Bench::with_sample();
    let id = bench.create();
    let mounted = bench.path("backups");
    let mount = |arguments: &[&str]| {
        Command::new("mount").args(arguments).status().is_ok_and(|status| status.success())
    };
    let path = mounted.to_str().unwrap();
    // Only root may mount.
    if !mount(&["--bind", path, path]) {
        return;
    }
    let unmount = Unmount(&mounted);
    assert!(mount(&["-o", "remount,ro,bind", path]));
    for arguments in [
        &["list"][..],
        &["show", &id],
        &["verify", &id],
        &["inspect", &id],
        &["restore", &id, "--dry-run"],
        &["restore", &id],
    ] {
        bench.run(arguments).expect(0);
    }
    let refused = bench.run(&["create", "x"]).expect(12);
    assert!(refused.stderr.contains("no permission for the backup directory"), "{refused:?}");
    bench.run(&["delete", &id]).expect(12);
    drop(unmount);
}

struct Unmount<'a>(&'a Path);

impl Drop for Unmount<'_> {
    fn drop(&mut self) {
        let _ = Command::new("umount").arg(self.0).status();
    }
}

#[test]
fn what_is_not_a_backup_is_called_that() {
    let bench = Bench::new();
    for (name, text) in
        [("a.png", "\u{89}PNG"), ("empty", ""), ("list.json", "[1]"), ("other.json", "{\"a\":1}")]
    {
        bench.write(name, text);
        let verified = bench.run(&["verify", name]).expect(20);
        assert!(verified.stdout.starts_with(&format!("{name}: NOT A BACKUP\n")), "{verified:?}");
        let said = bench.run(&["inspect", name]).expect(20).stderr;
        assert!(
            said.contains(&format!("backup {name}: ")) && said.contains("this is not a backup"),
            "{said}"
        );
    }
}

#[test]
fn a_data_directory_in_use_is_exit_code_11_and_says_what_to_do() {
    let bench = Bench::with_sample();
    // Held here, in this process, until the end of the test.
    let _held = vecvault::collections::Collections::open(&bench.path("data")).unwrap();
    for arguments in [&["collections"][..], &["create", "x"], &["export", "docs"]] {
        let run = bench.run(arguments).expect(11);
        assert!(
            run.stderr.contains("--server") && run.stderr.contains(&std::process::id().to_string()),
            "{run:?}"
        );
    }
    assert_eq!(bench.run(&["collections", "--json"]).expect(11).error()["kind"], "locked");
    // What only reads backups makes no directory for them.
    assert!(bench.run(&["list"]).expect(10).stderr.contains("./backups does not exist"));
}

#[test]
fn a_backup_that_a_later_version_wrote_is_exit_code_21_whatever_is_asked_of_it() {
    let bench = Bench::with_sample();
    let (id, other) = (bench.create(), bench.create());
    let file = bench.backup_file(&id);
    let text = fs::read_to_string(bench.path(&file)).unwrap();
    let newer = text.replace("\"format\":1", "\"format\":9");
    assert_ne!(newer, text);
    bench.write("newer.backup", &newer);
    let ask = |run: &dyn Fn(&[&str]) -> Run| {
        bench.write(&file, &newer);
        let list = run(&["list"]).expect(0);
        let said = format!("{}{}", list.stdout, list.stderr);
        assert!(
            said.contains("OF A LATER VERSION") && said.contains(&format!("{id} cannot be read: ")),
            "{said}"
        );
        assert!(!said.to_lowercase().contains("damaged"), "{said}");
        for arguments in [
            &["show", &id][..],
            &["verify", &id],
            &["verify", &id, "--quick"],
            &["verify", "newer.backup"],
            &["inspect", "newer.backup"],
            &["restore", &id],
            &["restore", &id, "--dry-run"],
            &["diff", &id, &other],
            &["download", &id, "taken.backup"],
        ] {
            let run = run(arguments).expect(21);
            let said = format!("{}{}", run.stdout, run.stderr);
            assert!(said.contains("use a later one"), "{said}");
            assert!(!said.to_lowercase().contains("damaged"), "{arguments:?}: {said}");
        }
        fs::remove_file(bench.path("taken.backup")).unwrap();
        run(&["delete", &id]).expect(0);
        run(&["upload", "newer.backup"]).expect(21);
    };
    ask(&|arguments| bench.run(arguments));
    let served = Served::start(&bench, &[], "backups are in");
    ask(&|arguments| served.run(arguments));
}

#[test]
fn no_server_is_a_failure_that_names_it() {
    let bench = Bench::new();
    // Port 1 on the loopback address: nobody listens, and nobody may without being root.
    let run = bench.run(&["list", "--server", "http://127.0.0.1:1"]).expect(1);
    assert!(run.stderr.contains("http://127.0.0.1:1"), "{run:?}");
}

#[test]
fn no_control_character_of_a_name_reaches_the_terminal() {
    let bench = Bench::with_sample();
    let id = bench.create();
    let file = bench.path("foreign.backup");
    let text = format!(
        r#"{{"id":"{id}","name":"a","date":"2024-01-15T10:30:00Z","collections":["c"],"size":1,"data":{{"c":{{"config":{{"dimension":1,"metric":"\u001b[31m\u0007"}},"vectors":[{{"id":"\u001b]0;x\u0007","vector":[1],"metadata":{{"a":"\u009b"}}}}]}}}}}}"#
    );
    fs::write(&file, text).unwrap();
    let run = bench.run(&["inspect", file.to_str().unwrap()]).expect(0);
    let controls = run.stdout.chars().filter(|c| c.is_control() && *c != '\n').count();
    assert_eq!(controls, 0, "{run:?}");
}

/// Files that say bad things wherever a file can say something, and whatever is wrong with them.
#[test]
fn nothing_that_a_file_says_can_command_the_terminal_or_forge_a_line() {
    const EVIL: &str = r"\u001b[31m\r\nvecvault: forged\u0007\u009b2J\u202e";
    let bench = Bench::new();
    fs::create_dir(bench.path("backups")).unwrap();
    let file = |name: &str, id: &str, rest: &str| {
        let text = format!(
            r#"{{"id":"{id}","name":"{name}","date":"2024-01-15T10:30:00Z","collections":["c"],"size":1,"data":{{{rest}}}}}"#
        );
        bench.write(&bench.backup_file(id), text);
    };
    let id = |number: u8| format!("550e8400-e29b-41d4-a716-4466554400{number:02}");
    let vectors = |record: &str| format!(r#""c":{{"dimension":1,"metric":"cosine","vectors":[{record}]}}"#);
    let record = format!(r#"{{"id":"{EVIL}","vector":[1],"metadata":{{"{EVIL}":"{EVIL}"}},"{EVIL}":1}}"#);
    file("good", &id(0), &vectors(&record));
    file(EVIL, &id(1), &vectors(&record));
    file("twice", &id(2), &vectors(&format!("{record},{record}")));
    file("collection", &id(3), &format!(r#""{EVIL}":{{"dimension":1,"metric":"cosine","vectors":[]}}"#));
    file("dimension", &id(4), &vectors(&format!(r#"{record},{{"id":"{EVIL}2","vector":[1,2]}}"#)));
    file("number", &id(5), &vectors(&format!(r#"{{"id":"{EVIL}","vector":["{EVIL}"]}}"#)));
    file("metric", &id(6), &format!(r#""c":{{"dimension":1,"metric":"{EVIL}","vectors":[]}}"#));
    file("member", &id(7), &format!(r#""c":{{"{EVIL}":1,"{EVIL}":2,"vectors":[]}}"#));
    fs::write(bench.path(&bench.backup_file(&id(8))), "\u{1b}[31m\nvecvault: forged\n").unwrap();
    let mut runs = vec![bench.run(&["list"]).expect(0)];
    for number in 0..9 {
        let (id, file) = (id(number), bench.backup_file(&id(number)));
        for arguments in [
            &["show", &id][..],
            &["inspect", &file],
            &["verify", &id],
            &["verify", &file, "--quick"],
            &["restore", &id, "--dry-run"],
            &["restore", &id],
            &["export", "--backup", &id, "--collection", "c"],
            &["collections"],
        ] {
            let run = bench.run(arguments);
            assert!(number == 0 || run.code != 101, "{run:?}");
            // An export is data, for programs.
            runs.push(if arguments[0] == "export" { Run { stdout: String::new(), ..run } } else { run });
        }
    }
    for run in runs {
        for text in [&run.stdout, &run.stderr] {
            let bad = |c: char| (c.is_control() && c != '\n') || c == '\u{202e}' || c == '\u{9b}';
            assert!(!text.contains(bad), "{run:?}");
            assert!(!text.lines().any(|line| line.starts_with("vecvault: forged")), "{run:?}");
        }
    }
}

#[test]
fn nor_can_what_a_server_says() {
    use std::io::{Read, Write};
    const BODY: &str = r#"{"error_type":"x","message":"\u001b[2J\r\nvecvault: forged"}"#;
    let bench = Bench::new();
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    let server = std::thread::spawn(move || {
        let (mut socket, _) = listener.accept().unwrap();
        let _ = socket.read(&mut [0; 4_096]);
        let head = format!("HTTP/1.1 500 X\r\nConnection: close\r\nContent-Length: {}\r\n\r\n", BODY.len());
        socket.write_all([head.as_bytes(), BODY.as_bytes()].concat().as_slice()).unwrap();
    });
    let run = bench.run(&["list", "--server", &url]).expect(1);
    server.join().unwrap();
    assert_eq!(run.stderr.lines().count(), 1, "{run:?}");
    assert!(!run.stderr.trim_end().contains(char::is_control), "{run:?}");
}
