//! Tests that need another process: one to be locked out by, to kill, or to run out of room.
//!
//! The other process is this test binary with one test, which is ignored otherwise.

use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Child, Command, Stdio};

use vecvault_core::{CollectionErrorKind, CollectionSink};

use super::testing::{Fixture, batch, config, named, staged, versions};
use super::{Collections, OpenError};

const ROLE: &str = "VECVAULT_TEST_ROLE";
const DIRECTORY: &str = "VECVAULT_TEST_DIRECTORY";

/// Starts the other process; with a limit, no file of it may grow over so many of the shell's blocks (of 512
/// or 1,024 bytes).
fn start(directory: &Path, role: &str, limit: Option<u32>) -> Child {
    let test = std::env::current_exe().unwrap();
    let limit = limit.map_or(String::new(), |limit| format!("trap '' XFSZ; ulimit -f {};", limit));
    let module = module_path!().split_once("::").unwrap().1;
    Command::new("sh")
        .args([
            "-c",
            &format!("{limit} exec \"$0\" --exact {module}::the_other_process --ignored --nocapture"),
        ])
        .arg(test)
        .env(ROLE, role)
        .env(DIRECTORY, directory)
        .stdout(Stdio::piped())
        .spawn()
        .unwrap()
}

/// The lines that the other process says.
fn lines(child: &mut Child) -> impl Iterator<Item = String> {
    let lines = BufReader::new(child.stdout.take().unwrap()).lines().map(Result::unwrap);
    lines.filter_map(|line| line.strip_prefix("other: ").map(str::to_owned))
}

#[tokio::test]
#[ignore = "it is the other process of the tests below"]
async fn the_other_process() {
    let Ok(role) = std::env::var(ROLE) else { return };
    let directory = std::env::var_os(DIRECTORY).unwrap();
    let collections = Collections::open(directory.as_ref()).unwrap();
    println!("\nother: open");
    match role.as_str() {
        "writes until it is killed" => write_for_ever(&collections).await,
        "runs out of room" => run_out_of_room(&collections).await,
        _ => unreachable!("{role}"),
    }
}

/// Upserts and restores in turn, and says so when each is durable.
async fn write_for_ever(collections: &Collections) {
    collections.create(&named("a"), config(3)).await.unwrap();
    for round in 0.. {
        collections.upsert(&named("a"), batch(round * 10..round * 10 + 10)).await.unwrap();
        println!("other: upsert {round}");
        let mut restore = collections.begin(&[staged("b", false), staged("c", true)], 0).await.unwrap();
        for number in 0..2 {
            restore.write(number, versions((0..2000).map(|number| (number, round)))).await.unwrap();
        }
        restore.commit().await.unwrap();
        println!("other: restore {round}");
    }
}

async fn run_out_of_room(collections: &Collections) {
    collections.create(&named("a"), config(3)).await.unwrap();
    collections.upsert(&named("a"), batch(0..2000)).await.unwrap();
    let mut restore = collections.begin(&[staged("a", true)], 0).await.unwrap();
    let mut start = 0;
    let error = loop {
        if let Err(error) = restore.write(0, batch(start..start + 1000)).await {
            break error;
        }
        start += 1000;
    };
    assert_eq!(error.kind(), CollectionErrorKind::NoSpace, "{error}");
    drop(restore);
    collections.sweep().await;
    assert_eq!(
        collections.page(&named("a"), 0, 5000, usize::MAX).await.unwrap(),
        batch(0..2000),
        "nothing is lost"
    );
    collections.upsert(&named("a"), batch(2000..2010)).await.unwrap();
    println!("other: went on");
}

#[tokio::test]
async fn a_process_that_is_killed_leaves_what_it_said_and_no_half_of_the_rest() {
    for lines_to_wait_for in [1, 2, 5, 8] {
        let directory = tempfile::tempdir().unwrap();
        let mut child = start(directory.path(), "writes until it is killed", None);
        let said: Vec<_> = lines(&mut child).take(lines_to_wait_for).collect();
        let Err(OpenError::Locked { holder }) = Collections::open(directory.path()) else {
            panic!("the other process has it open")
        };
        assert!(holder.starts_with(&format!("process {} (", child.id())), "{holder}");
        child.kill().unwrap();
        child.wait().unwrap();

        let fixture = Fixture::open(directory);
        let upserts = said.iter().filter(|line| line.starts_with("upsert")).count();
        let restores = said.iter().filter(|line| line.starts_with("restore")).count();
        let list = fixture.collections.list().await.unwrap();
        let there = |name| list.iter().any(|state| state.head.name == named(name));
        if there("a") {
            let records = fixture.records("a").await;
            assert_eq!(records, batch(0..records.len() as u32));
            assert!(records.len() >= upserts * 10 && records.len() % 10 == 0);
        }
        assert!(there("a") || upserts == 0);
        assert_eq!(there("b"), there("c"), "both of a restore or none");
        if there("b") {
            let records = fixture.records("b").await;
            assert_eq!(fixture.records("c").await, records, "both of one restore");
            let round = records.record(0).vector[2].to_bits() - 1;
            assert_eq!(records, versions((0..2000).map(|number| (number, round))));
            assert!(round as usize + 1 >= restores);
        }
        assert!(there("b") || restores == 0);
        fixture.collections.sweep().await;
        let (generations, unnamed) = fixture.generations();
        assert!(generations.len() <= list.len() && unnamed.is_empty());
    }
}

#[cfg(unix)]
#[tokio::test]
async fn no_room_is_said_and_writing_goes_on_where_there_is_room_again() {
    let directory = tempfile::tempdir().unwrap();
    let mut child = start(directory.path(), "runs out of room", Some(12_000));
    let said: Vec<_> = lines(&mut child).collect();
    assert!(child.wait().unwrap().success(), "{said:?}");
    assert_eq!(said, ["open", "went on"]);
    assert_eq!(Fixture::open(directory).records("a").await, batch(0..2010));
}
