//! A server's jobs, through the command line, and what a kill leaves of them.

use std::fmt::Write as _;

use serde_json::Value;

use super::bench::Bench;
use super::http::send;
use super::server::Served;

const READY: &str = "backups are in";
const ASYNC: (&str, &str) = ("prefer", "respond-async");

/// Starts a create as a job; its id.
pub(super) fn start(served: &Served<'_>, name: &str) -> String {
    let body = format!(r#"{{"name":"{name}"}}"#);
    let answer = send("POST", &format!("{}/api/backups/create", served.url), &[ASYNC], Some(&body));
    assert_eq!(answer.status, 202, "{answer:?}");
    answer.json()["id"].as_str().unwrap().to_owned()
}

/// A job once it has ended: as the last of its events tells it.
pub(super) fn ended(served: &Served<'_>, id: &str) -> Value {
    let events = send("GET", &format!("{}/api/jobs/{id}/events", served.url), &[], None);
    let text = String::from_utf8(events.body).unwrap();
    let (_, end) = text.split_once("event: end\ndata: ").expect("the events have an end");
    serde_json::from_str(end).unwrap()
}

#[test]
fn jobs_are_listed_shown_and_cancelled_through_a_server() {
    let bench = Bench::with_sample();
    let served = Served::start(&bench, &[], READY);
    assert_eq!(served.run(&["jobs"]).expect(0).stdout, "No jobs yet.\n");
    let id = start(&served, "nightly");
    let job = ended(&served, &id);
    assert_eq!(job["state"], "succeeded");
    assert_eq!(served.json(&["jobs", "show", &id]), job);
    assert_eq!(served.json(&["jobs"])["jobs"], Value::from(vec![job.clone()]));
    let table = served.run(&["jobs"]).expect(0).stdout;
    assert!(table.contains(&id) && table.contains("succeeded") && table.contains("writing: 235"), "{table}");
    let shown = served.run(&["jobs", "show", &id]).expect(0).stdout;
    assert!(shown.contains("kind      create"), "{shown}");
    served.run(&["jobs", "cancel", &id]).expect(11);
    served.run(&["jobs", "show", "550e8400-e29b-41d4-a716-446655440000"]).expect(10);
    served.run(&["jobs", "cancel", "../x"]).expect(2);
    bench.run(&["jobs"]).expect(2);
    served.run(&["show", job["result"]["id"].as_str().unwrap()]).expect(0);
}

#[test]
fn a_job_that_a_kill_cuts_off_is_interrupted_and_the_others_are_remembered() {
    let bench = Bench::new();
    let mut lines = String::new();
    for number in 0..20_000 {
        writeln!(lines, r#"{{"id":"{number:06}","vector":[{number}.5,1,2,3,4,5,6,7]}}"#).unwrap();
    }
    bench.write("many.jsonl", &lines);
    bench.run(&["import", "many", "many.jsonl"]).expect(0);
    let mut known: Vec<(String, String)> = Vec::new();
    let mut interrupted = 0;
    for round in 0..6 {
        let served = Served::start(&bench, &[], READY);
        for (id, state) in &known {
            assert_eq!(served.json(&["jobs", "show", id])["state"], state.as_str(), "what was said stays so");
        }
        let whole = start(&served, "whole");
        assert_eq!(ended(&served, &whole)["state"], "succeeded");
        let cut = start(&served, "cut");
        // Dropping it is kill -9.
        drop(served);
        let served = Served::start(&bench, &[], READY);
        let job = served.json(&["jobs", "show", &cut]);
        let state = job["state"].as_str().unwrap().to_owned();
        match &*state {
            "interrupted" => {
                assert_eq!(job["error"]["error_type"], "interrupted", "{job}");
                interrupted += 1;
            }
            "succeeded" => assert_eq!(
                served.json(&["verify", job["result"]["id"].as_str().unwrap()])["ok"],
                true,
                "round {round}"
            ),
            other => panic!("{other}: {job}"),
        }
        known.extend([(whole, "succeeded".to_owned()), (cut, state)]);
        assert_eq!(served.stop(), Some(0));
    }
    assert!(interrupted > 0, "every job came to its end before the kill");
    let verified = bench.json(&["list"]);
    assert!(verified["damaged"].as_array().unwrap().is_empty(), "{verified}");
}
