//! The process is killed, at any moment: what it had said stays said, the rest is old or new, and nobody has to
//! tidy up.
//!
//! `VECVAULT_SEED` repeats a run, as far as a machine's own timing allows.

use std::fs;
use std::io::{BufRead, BufReader};
use std::process::{Child, Stdio};
use std::sync::Arc;
use std::thread::{sleep, spawn};
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use vecvault::blob::{DirectoryPolicy, FsBlobStore};
use vecvault::collections::Collections;
use vecvault_core::conformance::faults::SplitMix64;
use vecvault_core::format::fingerprint;
use vecvault_core::{
    BackupEntry, BackupId, BlobStore, CollectionConfig, CollectionName, CollectionProof, CollectionSource,
    Host, ListRemembrance, Metric, Record, RecordBatch, VerifyDepth, list, verify,
};

use super::bench::Bench;
use crate::matrix::Cell;

/// What a backup is made of and restored over; `other` is in no backup.
const NAMES: [&str; 3] = ["code", "docs", "notes"];

/// What is killed.
#[derive(Clone, Copy, Debug)]
enum Face {
    CommandLine,
    Server,
}

#[derive(Clone, Copy, Debug, PartialEq)]
enum Verb {
    Create,
    Restore,
}

#[test]
fn a_hundred_kills_leave_old_or_new() {
    kills(25);
}

#[test]
#[ignore = "long: 2,000 kills"]
fn two_thousand_kills_leave_old_or_new() {
    kills(500);
}

fn kills(each: u64) {
    let clock = || SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_nanos() as u64;
    let seed = std::env::var("VECVAULT_SEED").map_or_else(|_| clock(), |seed| seed.parse().unwrap());
    println!("VECVAULT_SEED={seed}");
    let mut random = SplitMix64::new(seed);
    for verb in [Verb::Create, Verb::Restore] {
        for face in [Face::CommandLine, Face::Server] {
            let mut drill = Drill::new(verb, face);
            for round in 0..each {
                drill.round(&mut random, &format!("{verb:?}, {face:?}, round {round}, seed {seed}"));
            }
            let (operation, place) = match (verb, face) {
                (Verb::Create, Face::CommandLine) => ("create", "command line"),
                (Verb::Create, Face::Server) => ("create", "server"),
                (Verb::Restore, Face::CommandLine) => ("restore", "command line"),
                (Verb::Restore, Face::Server) => ("restore", "server"),
            };
            assert!(drill.cell.cut_off > 0, "no kill of {operation} came before its end");
            drill.cell.tell("kill -9", operation, place);
        }
    }
}

/// A bench with two backups, of two states of the same collections.
struct Drill {
    bench: Bench,
    verb: Verb,
    face: Face,
    backups: [BackupId; 2],
    /// Count and fingerprint of each collection in each state.
    states: [Vec<(String, CollectionProof)>; 2],
    /// The state that the collections are in.
    now: usize,
    /// About how long it takes when nobody interferes.
    usual: Duration,
    cell: Cell,
}

impl Drill {
    fn new(verb: Verb, face: Face) -> Self {
        let bench = Bench::new();
        let mut backups = Vec::new();
        let mut states = Vec::new();
        for version in 0..2 {
            fill(&bench, version);
            let names = NAMES.map(|name| ["--collection", name]).concat();
            let made = bench.json(&[&["create", "state"], &names[..]].concat());
            backups.push(BackupId::parse(made["id"].as_str().unwrap()).unwrap());
            states.push(live(&bench));
        }
        let (backups, states) = (backups.try_into().unwrap(), states.try_into().unwrap());
        let mut drill =
            Self { bench, verb, face, backups, states, now: 1, usual: Duration::ZERO, cell: Cell::default() };
        drill.usual = drill.attempt(None).0;
        drill.cell = Cell::default();
        drill
    }

    /// One operation that is killed somewhere, and a look at what is left.
    fn round(&mut self, random: &mut SplitMix64, about: &str) {
        let after = self.usual.mul_f64(random.below(1_100) as f64 / 1_000.0);
        let (_, said) = self.attempt(Some(after));
        match said {
            Some(_) => self.cell.succeeded += 1,
            None => self.cell.cut_off += 1,
        }
        // However fast the machine is at the moment: about one in five comes to its end, and the kills of the
        // others fall everywhere before it.
        self.usual = self.usual.mul_f64(if said.is_some() { 0.8 } else { 1.05 });
        self.judge(said, about);
    }

    /// Does it, and kills the process after a time; gives how long it took and what it said it had done, where
    /// it came to that.
    fn attempt(&self, kill_after: Option<Duration>) -> (Duration, Option<String>) {
        let target = self.backups[1 - self.now].to_string();
        match self.face {
            Face::CommandLine => {
                let arguments = match self.verb {
                    Verb::Create => vec!["create", "new", "--json"],
                    Verb::Restore => vec!["restore", &target, "--json"],
                };
                let mut command = self.bench.command(&arguments);
                let began = Instant::now();
                let mut child = command.stdout(Stdio::piped()).stderr(Stdio::null()).spawn().unwrap();
                kill(&mut child, kill_after);
                let output = child.wait_with_output().unwrap();
                let said = output.status.success().then(|| String::from_utf8(output.stdout).unwrap());
                (began.elapsed(), said)
            }
            Face::Server => self.through_server(&target, kill_after),
        }
    }

    fn through_server(&self, target: &str, kill_after: Option<Duration>) -> (Duration, Option<String>) {
        let mut command = self.bench.command(&["serve", "--addr", "127.0.0.1:0", "--json"]);
        let mut child = command.stdout(Stdio::piped()).stderr(Stdio::null()).spawn().unwrap();
        let mut line = String::new();
        BufReader::new(child.stdout.take().unwrap()).read_line(&mut line).unwrap();
        let listening: serde_json::Value = serde_json::from_str(&line).unwrap();
        let url = listening["url"].as_str().unwrap();
        let (path, body) = match self.verb {
            Verb::Create => ("create", r#"{"name":"new"}"#.to_owned()),
            Verb::Restore => ("restore", format!(r#"{{"backup_id":"{target}"}}"#)),
        };
        let request = ureq::post(format!("{url}/api/backups/{path}")).content_type("application/json");
        let began = Instant::now();
        let caller = spawn(move || {
            let said = request.send(&body).ok().and_then(|answer| answer.into_body().read_to_string().ok());
            (began.elapsed(), said)
        });
        let answer = match kill_after {
            Some(after) => {
                kill(&mut child, Some(after));
                caller.join()
            }
            None => {
                let answer = caller.join();
                kill(&mut child, Some(Duration::ZERO));
                answer
            }
        };
        child.wait().unwrap();
        answer.unwrap()
    }

    /// Every backup that is listed verifies, the collections are all old or all new, and what was said is so.
    fn judge(&mut self, said: Option<String>, about: &str) {
        let backups = self.bench.path("backups");
        // A lock whose holder was killed holds nobody up, here as in the next round.
        let state = live(&self.bench);
        let version = self.states.iter().position(|known| *known == state);
        let version = version.unwrap_or_else(|| panic!("{about}: neither old nor new: {state:?}"));
        match self.verb {
            Verb::Create => assert_eq!(version, self.now, "{about}: a create changed the collections"),
            Verb::Restore => assert!(said.is_none() || version != self.now, "{about}: said, and not done"),
        }
        self.now = version;
        let store = FsBlobStore::open(&backups, DirectoryPolicy::MustExist).unwrap();
        store.sweep(Duration::ZERO).unwrap();
        let mut ids = block_on(verified(&store, about));
        for name in names(&backups) {
            let id = name.strip_suffix(".backup").unwrap_or_else(|| panic!("{about}: litter: {name}"));
            assert!(ids.contains(&id.parse().unwrap()), "{about}: {name} is not listed");
        }
        // A server keeps its jobs beside the collections.
        let data: Vec<_> =
            names(&self.bench.path("data")).into_iter().filter(|name| name != "jobs").collect();
        assert_eq!(data, ["LOCK", "VERSION", "collections.redb"], "{about}");
        ids.retain(|id| !self.backups.contains(id));
        if self.verb == Verb::Create
            && let Some(said) = said
        {
            let made: serde_json::Value = serde_json::from_str(&said).unwrap();
            assert_eq!(made["id"], ids[0].to_string(), "{about}: said, and not there");
        }
        ids.iter().for_each(|id| assert!(block_on(store.delete(&id.key())).unwrap()));
    }
}

/// Kills a process after a time, unless it has ended.
fn kill(child: &mut Child, after: Option<Duration>) {
    let Some(after) = after else { return };
    sleep(after);
    // SIGKILL. It may have ended already.
    let _ = child.kill();
}

fn block_on<F: Future>(future: F) -> F::Output {
    tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap().block_on(future)
}

/// The ids of all backups, each of which must open and verify.
async fn verified(store: &FsBlobStore, about: &str) -> Vec<BackupId> {
    let (host, mut ids) = (Host::inline(), Vec::new());
    let shared: Arc<dyn BlobStore> = Arc::new(store.clone());
    for row in list(store, &ListRemembrance::new(), &host).await.unwrap() {
        let BackupEntry::Backup(summary) = row else { panic!("{about}: listed as {row:?}") };
        let id = summary.info.id;
        let report = verify(&shared, &id.key(), Some(id), VerifyDepth::Full, &host).await.unwrap();
        assert!(report.ok, "{about}: {:?}", report.findings);
        ids.push(id);
    }
    ids
}

/// The collections in one of two states, each of several blocks.
fn fill(bench: &Bench, version: usize) {
    let collections = Collections::open(&bench.path("data")).unwrap();
    block_on(async {
        for (number, text) in NAMES.iter().chain(["other"].iter()).enumerate() {
            let name = CollectionName::parse(text).unwrap();
            if version == 0 {
                let config = CollectionConfig::new(8, Metric::Cosine).unwrap();
                collections.create(&name, config).await.unwrap();
            }
            if version == 0 || *text != "other" {
                collections.upsert(&name, records(number, version)).await.unwrap();
            }
        }
        collections.sweep().await;
    });
}

fn records(collection: usize, version: usize) -> RecordBatch {
    let mut batch = RecordBatch::new(8);
    for number in 0..400 {
        let vector: Vec<f32> = (0..8).map(|i| (number * 8 + i + version) as f32 / 7.0).collect();
        let metadata = format!("{{\"of\":{collection},\"v\":{version},\"t\":\"{}\"}}", "t".repeat(1_200));
        let id = format!("{number:05}");
        batch.push(Record { id: &id, vector: &vector, metadata: Some(&metadata), extra: "" }).unwrap();
    }
    batch
}

/// The live collections, each counted and fingerprinted from its records.
fn live(bench: &Bench) -> Vec<(String, CollectionProof)> {
    let collections = Collections::open(&bench.path("data")).unwrap();
    block_on(async {
        let snapshot = collections.snapshot().await.unwrap();
        let mut live = Vec::new();
        for head in snapshot.collections() {
            let mut reader = snapshot.read(&head.name).await.unwrap();
            let (mut proof, mut batch) = (CollectionProof::EMPTY, RecordBatch::default());
            loop {
                batch = reader.next(batch).await.unwrap();
                if batch.is_empty() {
                    break;
                }
                proof = proof.plus(fingerprint::of_batch(&batch));
            }
            assert_eq!(head.proof, Some(proof), "{}", head.name);
            live.push((head.name.to_string(), proof));
        }
        live
    })
}

/// The names in a directory, ascending.
fn names(directory: &std::path::Path) -> Vec<String> {
    let entries = fs::read_dir(directory).unwrap();
    let mut names: Vec<_> = entries.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
    names.sort();
    names
}
