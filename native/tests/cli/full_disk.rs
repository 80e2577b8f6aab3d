//! A disk with no room left, for real: a small file system in memory. Mounting one takes root; without it these
//! tests say so and prove nothing.

use std::fs::{self, File};
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::Arc;

use vecvault::ThreadPool;
use vecvault::blob::{DirectoryPolicy, FsBlobStore};
use vecvault::collections::Collections;
use vecvault_core::{BackupId, Error, ErrorKind, Host, Monitor, Phase, Progress, RestoreRequest, restore};

use super::bench::Bench;
use super::jobs;
use super::server::Served;
use crate::matrix::Cell;

/// A file system of its own, unmounted when dropped.
struct SmallDisk {
    path: PathBuf,
}

impl SmallDisk {
    /// Mounts so many MiB at a directory of the bench, where this user may.
    fn mount(bench: &Bench, name: &str, mib: u32) -> Option<Self> {
        let path = bench.path(name);
        fs::create_dir(&path).unwrap();
        let mounted = Command::new("mount")
            .args(["-t", "tmpfs", "-o", &format!("size={mib}m"), "vecvault-test"])
            .arg(&path)
            .stderr(Stdio::null())
            .status()
            .is_ok_and(|status| status.success());
        if !mounted {
            println!("skipped: a small file system cannot be mounted here (that takes root)");
        }
        mounted.then_some(Self { path })
    }

    /// Fills it, but for so many KiB.
    fn fill(&self, spare_kib: usize) {
        fill(&self.path, spare_kib);
    }

    fn make_room(&self) {
        fs::remove_file(self.path.join("filler")).unwrap();
    }
}

fn fill(path: &Path, spare_kib: usize) {
    let stat = rustix::fs::statvfs(path).unwrap();
    let free = (stat.f_bavail * stat.f_frsize) as usize;
    let mut filler = File::options().append(true).create(true).open(path.join("filler")).unwrap();
    filler.write_all(&vec![0; free.saturating_sub(spare_kib << 10)]).unwrap();
}

impl Drop for SmallDisk {
    fn drop(&mut self) {
        // Lazily: a process that was just killed may still be letting go.
        let _ = Command::new("umount").arg("-l").arg(&self.path).status();
    }
}

/// Lines of records that take more room in a backup than their weight, which is what is asked for beforehand.
fn light_lines(count: usize) -> String {
    (0..count).map(|number| format!("{{\"id\":\"{number:06}\",\"vector\":[0.125]}}\n")).collect()
}

#[test]
fn a_create_that_runs_out_of_room_leaves_nothing_and_works_again_when_there_is_some() {
    let bench = Bench::new();
    let Some(disk) = SmallDisk::mount(&bench, "backups", 16) else { return };
    let mut cell = Cell::default();
    bench.write("light.jsonl", light_lines(60_000));
    bench.run(&["import", "light", "light.jsonl"]).expect(0);
    let old = bench.create();
    let before = fs::read(bench.path(&bench.backup_file(&old))).unwrap();
    // No room at all is refused before anything is written; room for the weight alone runs out on the way.
    for spare_kib in [0, 1_200] {
        disk.fill(spare_kib);
        let run = bench.run(&["create", "new", "--json"]).expect(1);
        let said = run.error();
        assert_eq!((said["kind"].as_str(), run.stdout.as_str()), (Some("failure"), ""));
        let message = said["message"].as_str().unwrap();
        assert!(
            message.contains("room") || message.contains("are needed") || message.contains("No space"),
            "{message}"
        );
        cell.refused += 1;
        disk.make_room();
        let list = bench.json(&["list"]);
        assert_eq!(list["backups"].as_array().unwrap().len(), 1, "{list}");
        assert_eq!(list["damaged"], serde_json::json!([]));
        assert!(fs::read(bench.path(&bench.backup_file(&old))).unwrap() == before);
        assert_eq!(fs::read_dir(bench.path("backups")).unwrap().count(), 1, "no temporary file is left");
    }
    let served = Served::start(&bench, &[], "backups are in");
    disk.fill(1_200);
    let through = served.run(&["create", "new", "--json"]).expect(1);
    let status = ureq::post(format!("{}/backups/create", served.url))
        .config()
        .http_status_as_error(false)
        .build()
        .content_type("application/json")
        .send(r#"{"name":"new"}"#)
        .unwrap()
        .status();
    assert_eq!(status, 507, "{through:?}");
    cell.refused += 2;
    disk.make_room();
    served.run(&["create", "new"]).expect(0);
    drop(served);
    cell.succeeded += 1;
    let new = bench.create();
    bench.run(&["verify", &new]).expect(0);
    cell.tell("disk full", "create", "files");
}

#[test]
fn an_import_that_runs_out_of_room_leaves_nothing_and_works_again_when_there_is_some() {
    let bench = Bench::new();
    let Some(disk) = SmallDisk::mount(&bench, "data", 128) else { return };
    let mut cell = Cell::default();
    bench.write("light.jsonl", light_lines(1_000));
    bench.run(&["import", "light", "light.jsonl"]).expect(0);
    let before = bench.run(&["export", "light"]).expect(0).stdout;

    let vector = vec!["0.125"; 1_000].join(",");
    let mut command = bench.command(&["import", "heavy", "-", "--json"]);
    let mut child =
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    let mut lines = child.stdin.take().unwrap();
    for number in 0..6_000 {
        // By then it has taken more than it can have waiting, and so has begun to stage.
        if number == 400 {
            disk.fill(64);
        }
        // A process that has failed closes its end.
        if writeln!(lines, "{{\"id\":\"{number:06}\",\"vector\":[{vector}]}}").is_err() {
            break;
        }
    }
    drop(lines);
    let output = child.wait_with_output().unwrap();
    let said = String::from_utf8(output.stderr).unwrap();
    assert_eq!(output.status.code(), Some(1), "{said}");
    assert!(said.contains("room") && output.stdout.is_empty(), "{said}");
    cell.refused += 1;
    // Not even with the disk still full is anything lost.
    assert_eq!(bench.run(&["export", "light"]).expect(0).stdout, before);
    disk.make_room();
    assert_eq!(bench.collections(), ["light"]);
    assert_eq!(bench.run(&["export", "light"]).expect(0).stdout, before);
    bench.run(&["import", "again", "light.jsonl"]).expect(0);
    cell.succeeded += 1;
    cell.tell("disk full", "import", "embedded");
}

/// Fills the disk once a restore has staged something.
struct Filler(PathBuf);

impl Monitor for Filler {
    fn progress(&self, progress: Progress) {
        if progress.phase == Phase::Reading && progress.records > 1_000 {
            fill(&self.0, 64);
        }
    }

    fn cancelled(&self) -> bool {
        false
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_restore_that_runs_out_of_room_leaves_the_old_state_and_works_again_when_there_is_some() {
    let bench = Bench::new();
    let Some(disk) = SmallDisk::mount(&bench, "data", 160) else { return };
    let mut cell = Cell::default();
    let vector = vec!["0.5"; 1_000].join(",");
    let line = |number| format!("{{\"id\":\"{number:06}\",\"vector\":[{vector}]}}\n");
    bench.write("heavy.jsonl", (0..5_000).map(line).collect::<String>());
    bench.write("light.jsonl", light_lines(1_000));
    // Of other collections: where a store has held as much before, it needs no room.
    bench.run(&["import", "c", "heavy.jsonl", "--data", "elsewhere"]).expect(0);
    let backup = bench.json(&["create", "heavy", "--data", "elsewhere"])["id"].as_str().unwrap().to_owned();
    bench.run(&["import", "c", "light.jsonl"]).expect(0);
    let before = bench.run(&["export", "c"]).expect(0).stdout;

    // Refused beforehand, because of what it would take.
    disk.fill(1_024);
    let refused = bench.run(&["restore", &backup, "--json"]).expect(1);
    assert!(refused.error()["message"].as_str().unwrap().contains("room"), "{refused:?}");
    assert_eq!(bench.run(&["export", "c"]).expect(0).stdout, before);
    disk.make_room();
    cell.refused += 1;

    let store = FsBlobStore::open(&bench.path("backups"), DirectoryPolicy::MustExist).unwrap();
    let collections = Collections::open(&bench.path("data")).unwrap();
    let request = RestoreRequest::all(BackupId::parse(&backup).unwrap());
    let host =
        Host { workers: ThreadPool::new(Some(1)).unwrap(), monitor: Arc::new(Filler(disk.path.clone())) };
    let error = restore(&(Arc::new(store) as _), &collections, request, &host).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::NoSpace, "{error}");
    assert!(matches!(*error, Error::Collections(_)), "{error}");
    cell.refused += 1;
    drop(collections);
    assert_eq!(bench.run(&["export", "c"]).expect(0).stdout, before);
    disk.make_room();
    bench.run(&["restore", &backup]).expect(0);
    assert_eq!(bench.run(&["export", "c"]).expect(0).stdout.lines().count(), 5_000);
    cell.succeeded += 1;
    cell.tell("disk full", "restore", "embedded");
}

#[test]
fn what_was_deleted_by_accident_is_restored_into_the_room_that_it_left() {
    let bench = Bench::new();
    let Some(disk) = SmallDisk::mount(&bench, "data", 256) else { return };
    let mut cell = Cell::default();
    let vector = vec!["0.5"; 1_000].join(",");
    let line = |number| format!("{{\"id\":\"{number:06}\",\"vector\":[{vector}]}}\n");
    bench.write("heavy.jsonl", (0..15_000).map(line).collect::<String>());
    bench.run(&["import", "c", "heavy.jsonl"]).expect(0);
    let backup = bench.create();
    let served = Served::start(&bench, &[], "backups are in");
    // The file system alone has little more than what a restore leaves of it.
    disk.fill(66 << 10);
    assert_eq!(ureq::delete(format!("{}/collections/c", served.url)).call().unwrap().status(), 200);
    served.run(&["restore", &backup]).expect(0);
    assert_eq!(served.run(&["export", "c"]).expect(0).stdout.lines().count(), 15_000);
    cell.succeeded += 1;
    cell.tell("disk nearly full", "restore", "embedded");
}

#[test]
fn a_full_disk_keeps_no_server_from_starting_that_was_killed_at_work() {
    let bench = Bench::new();
    let Some(disk) = SmallDisk::mount(&bench, "data", 128) else { return };
    let mut cell = Cell::default();
    bench.write("light.jsonl", light_lines(1_000));
    bench.run(&["import", "light", "light.jsonl"]).expect(0);
    let served = Served::start(&bench, &[], "backups are in");
    jobs::ended(&served, &jobs::start(&served, "x"));
    drop(served);
    // As it is found where the server was killed before the job had ended.
    let document = fs::read_dir(bench.path("data/jobs")).unwrap().next().unwrap().unwrap().path();
    let text = fs::read_to_string(&document).unwrap();
    assert!(text.contains("\"succeeded\""), "{text}");
    fs::write(&document, text.replace("\"succeeded\"", "\"running\"")).unwrap();
    disk.fill(0);
    let served = Served::start(&bench, &[], "backups are in");
    assert!(served.run(&["jobs", "--json"]).expect(0).stdout.contains("\"interrupted\""));
    assert!(fs::read_to_string(&document).unwrap().contains("\"running\""), "it could not be written");
    cell.succeeded += 1;
    cell.tell("disk full", "serve", "jobs");
}
