use futures_util::FutureExt;
use vecvault_core::{Error, Monitor, Phase, Progress};

use super::super::jobs::{Job, JobKind};
use super::*;

const UNKNOWN: &str = "550e8400-e29b-41d4-a716-446655440000";

/// Runs until it is cancelled, and says that it reads.
async fn endless(monitor: Arc<dyn Monitor>) -> vecvault_core::Result<()> {
    let phase = Phase::Reading;
    monitor.progress(Progress { phase, records: 3, total_records: Some(9), bytes: 5, total_bytes: None });
    while !monitor.cancelled() {
        tokio::task::yield_now().await;
    }
    Err(Error::Cancelled.into())
}

impl Fixture {
    /// Sends a request that prefers to be answered with a job.
    async fn post_async(&self, path: &str, body: Value) -> Answer {
        let (prefer, body) = ([("prefer", "respond-async")], body.to_string());
        let response = self.request("POST", path, &prefer, Some(body.as_bytes())).await;
        self.answer(&response)
    }

    /// Starts a job that goes on until it is cancelled.
    pub(super) async fn endless(&self) -> Arc<Job> {
        let sent = serde_json::value::to_raw_value(&json!({"name": "x"})).unwrap();
        self.context.jobs.start(JobKind::Create, sent, endless, |()| ()).await.unwrap()
    }

    /// A job that has been accepted, once it has ended.
    async fn ended(&self, accepted: &Answer) -> Value {
        assert_eq!(accepted.status, 202, "{}", accepted.body);
        assert_eq!(accepted.headers["preference-applied"], "respond-async");
        assert_eq!(accepted.body["state"], "running");
        let path = accepted.headers["location"].to_str().unwrap();
        assert_eq!(path, format!("/api/jobs/{}", accepted.body["id"].as_str().unwrap()));
        self.context.jobs.idle().await;
        self.get(path).await.body
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn each_verb_can_be_a_job_whose_result_is_the_answer_of_the_call() {
    let fixture = Fixture::new();
    fixture.collection("docs", 5).await;
    let before = fixture.records("docs").await;
    let request = json!({"name": "x", "collections": ["docs"]});
    let created = fixture.ended(&fixture.post_async("/api/backups/create", request.clone()).await).await;
    assert_eq!((&created["kind"], &created["state"]), (&json!("create"), &json!("succeeded")));
    assert_eq!((&created["request"], &created["error"]), (&request, &Value::Null));
    assert_eq!(created["progress"]["phase"], "writing");
    let id = created["result"]["id"].as_str().unwrap();
    assert_eq!(fixture.get(&format!("/backups/{id}")).await.body, created["result"]);

    let accepted = fixture.post_async(&format!("/backups/{id}/verify"), json!({"depth": "quick"})).await;
    let verified = fixture.ended(&accepted).await;
    assert_eq!(verified["request"], json!({"backup_id": id, "depth": "quick"}));
    assert_eq!((&verified["kind"], &verified["result"]["ok"]), (&json!("verify"), &json!(true)));

    fixture.delete("/collections/docs").await;
    let accepted = fixture.post_async("/backups/restore", json!({"backup_id": id})).await;
    let restored = fixture.ended(&accepted).await;
    assert_eq!((&restored["kind"], &restored["result"]["success"]), (&json!("restore"), &json!(true)));
    assert_eq!(fixture.records("docs").await, before);

    let list = fixture.get("/jobs").await.body;
    assert_eq!(list["jobs"], json!([restored, verified, created]), "newest first");
    assert!(fixture.lines.lock().unwrap().iter().any(|line| line.ends_with("create succeeded")));
}

#[tokio::test(flavor = "multi_thread")]
async fn what_makes_no_sense_is_refused_at_once_and_what_fails_later_says_so_in_the_job() {
    let fixture = Fixture::new();
    let bad = fixture.post_async("/backups/create", json!({"name": ""})).await;
    assert_eq!(bad.error(), (400, "validation_error"));
    assert!(!bad.headers.contains_key("preference-applied"));
    assert_eq!(fixture.get("/jobs").await.body, json!({"jobs": []}));

    let accepted = fixture.post_async("/backups/restore", json!({"backup_id": UNKNOWN})).await;
    let failed = fixture.ended(&accepted).await;
    assert_eq!((&failed["state"], &failed["result"]), (&json!("failed"), &Value::Null));
    assert_eq!(failed["error"]["error_type"], "backup_not_found");
    assert_eq!(failed["error"]["status_code"], 404);
    assert_eq!(failed["error"]["details"]["backup_id"], UNKNOWN);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_running_job_is_shown_cancelled_once_and_then_has_ended() {
    let fixture = Fixture::with(|config| config.limits.heavy_jobs = 1, |vault| vault);
    let job = fixture.endless().await;
    let refused = fixture.post_async("/backups/create", json!({"name": "x"})).await;
    assert_eq!(refused.error(), (429, "queue_full"));
    assert!(refused.headers.contains_key("retry-after"));

    let path = format!("/api/jobs/{}", job.id);
    let mut shown = fixture.get(&path).await.body;
    while shown["progress"].is_null() {
        shown = fixture.get(&path).await.body;
    }
    let progress =
        json!({"phase": "reading", "records": 3, "total_records": 9, "bytes": 5, "total_bytes": null});
    assert_eq!((&shown["state"], &shown["progress"]), (&json!("running"), &progress));
    assert_eq!(fixture.send("POST", &format!("{path}/cancel"), None).await.status, 200);
    fixture.context.jobs.idle().await;
    assert_eq!(fixture.get(&path).await.body["state"], "cancelled");
    assert_eq!(fixture.post(&format!("{path}/cancel"), json!({})).await.error(), (409, "job_ended"));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_job_is_followed_to_its_end() {
    let fixture = Fixture::new();
    let job = fixture.endless().await;
    let path = format!("/api/jobs/{}/events", job.id);
    let mut events = Box::pin(fixture.request("GET", &path, &[], None));
    assert!((&mut events).now_or_never().is_none(), "it goes on as long as the job does");
    fixture.post(&format!("/jobs/{}/cancel", job.id), json!({})).await;
    let events = events.await;
    assert_eq!(events.headers()["content-type"], "text/event-stream");
    assert_eq!(events.headers()["cache-control"], "no-store");
    let text = std::str::from_utf8(events.body()).unwrap();
    let (_, end) = text.split_once("event: end\ndata: ").unwrap();
    let end: Value = serde_json::from_str(end.strip_suffix("\n\n").unwrap()).unwrap();
    assert_eq!(end, fixture.get(&format!("/jobs/{}", job.id)).await.body);
    assert_eq!(end["state"], "cancelled");
}

#[tokio::test]
async fn unknown_and_malformed_ids_of_jobs_are_told_apart() {
    let fixture = Fixture::new();
    for (method, path) in [("GET", ""), ("GET", "/events"), ("POST", "/cancel")] {
        let unknown = fixture.send(method, &format!("/jobs/{UNKNOWN}{path}"), None).await;
        assert_eq!(unknown.error(), (404, "job_not_found"), "{method}");
        for malformed in ["x", "..%2fx", "550e8400e29b41d4a716446655440000"] {
            let malformed = fixture.send(method, &format!("/jobs/{malformed}{path}"), None).await;
            assert_eq!(malformed.error(), (400, "validation_error"));
            assert_eq!(malformed.body["details"]["field"], "job");
        }
    }
}
