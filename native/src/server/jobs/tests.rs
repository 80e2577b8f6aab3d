use std::path::Path;

use futures_util::{FutureExt, StreamExt};
use serde_json::{Value, json};
use tempfile::TempDir;
use tokio::sync::mpsc;
use vecvault_core::{Error, Phase, Progress};

use super::document::JobState;
use super::*;

/// Runs until it is cancelled.
async fn endless(monitor: Arc<dyn Monitor>) -> vecvault_core::Result<()> {
    while !monitor.cancelled() {
        tokio::task::yield_now().await;
    }
    Err(Error::Cancelled.into())
}

async fn nothing(_: Arc<dyn Monitor>) -> vecvault_core::Result<&'static str> {
    Ok("done")
}

fn jobs(count: usize) -> Jobs {
    with_journal(count, &JobJournal::default())
}

fn with_journal(count: usize, journal: &JobJournal) -> Jobs {
    Jobs::new(&Limits { heavy_jobs: count, ..Limits::default() }, journal, &Log::new(|_| {}))
}

/// The jobs of a journal, and what the log says of it.
fn with_log(journal: &JobJournal) -> (Jobs, Vec<String>) {
    let lines = Arc::new(std::sync::Mutex::new(Vec::new()));
    let log = lines.clone();
    let log = Log::new(move |line| log.lock().unwrap().push(line.to_owned()));
    let jobs = Jobs::new(&Limits::default(), journal, &log);
    let lines = std::mem::take(&mut *lines.lock().unwrap());
    (jobs, lines)
}

fn raw(value: Value) -> Box<RawValue> {
    serde_json::value::to_raw_value(&value).unwrap()
}

/// Starts a job that does `verb`.
async fn start<T, F>(jobs: &Jobs, verb: impl FnOnce(Arc<dyn Monitor>) -> F) -> Result<Arc<Job>, ApiError>
where
    T: Serialize + Send + 'static,
    F: Future<Output = vecvault_core::Result<T>> + Send + 'static,
{
    jobs.start(JobKind::Create, raw(json!({"name": "x"})), verb, |done| done).await
}

fn told(job: &Job) -> Value {
    serde_json::to_value(job).unwrap()
}

fn status(error: ApiError) -> u16 {
    error.into_response("").status().as_u16()
}

/// A data directory's journal, opened as a server that starts does.
struct Data(TempDir);

impl Data {
    fn new() -> Self {
        Self(tempfile::tempdir().unwrap())
    }

    fn path(&self) -> std::path::PathBuf {
        self.0.path().join("jobs")
    }

    fn open(&self) -> JobJournal {
        JobJournal::open(&self.path()).unwrap()
    }

    fn names(&self) -> Vec<String> {
        let entries = std::fs::read_dir(self.path()).unwrap();
        let mut names: Vec<_> =
            entries.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
        names.sort();
        names
    }
}

#[tokio::test]
async fn one_too_many_is_told_to_come_back() {
    let jobs = jobs(1);
    let running = jobs.run(endless);
    let refused = async {
        tokio::task::yield_now().await;
        for error in [jobs.run(nothing).await.unwrap_err(), start(&jobs, nothing).await.unwrap_err()] {
            let response = error.into_response("");
            assert_eq!(response.status(), 429);
            assert!(response.headers().contains_key("retry-after"));
        }
        assert!(jobs.list().is_empty());
        jobs.cancel_all();
    };
    let (result, ()) = tokio::join!(running, refused);
    assert_eq!(status(result.unwrap_err()), 503);
}

#[tokio::test]
async fn what_has_waited_its_turn_runs() {
    let jobs = jobs(1);
    let job = start(&jobs, endless).await.unwrap();
    let mut waiting = std::pin::pin!(jobs.run_in_turn(nothing));
    assert!((&mut waiting).now_or_never().is_none());
    jobs.cancel(job.id).unwrap();
    assert_eq!(waiting.await.unwrap(), "done");
}

#[tokio::test]
async fn an_attached_job_whose_caller_leaves_is_cancelled_and_waited_for() {
    let jobs = jobs(2);
    {
        let mut running = std::pin::pin!(jobs.run(endless));
        assert!((&mut running).now_or_never().is_none());
    }
    jobs.idle().await;
    jobs.run(nothing).await.unwrap();
}

#[tokio::test]
async fn a_detached_job_goes_on_when_its_caller_leaves() {
    let data = Data::new();
    let jobs = with_journal(1, &data.open());
    {
        let mut starting = std::pin::pin!(start(&jobs, nothing));
        assert!((&mut starting).now_or_never().is_none(), "the journal has it first");
    }
    jobs.idle().await;
    let [job] = &jobs.list()[..] else { panic!() };
    assert_eq!(told(job)["state"], "succeeded");
    assert_eq!(told(job)["result"], "done");
}

#[tokio::test]
async fn a_job_is_cancelled_by_its_id_and_its_end_is_kept() {
    let data = Data::new();
    let id = {
        let jobs = with_journal(1, &data.open());
        let job = start(&jobs, endless).await.unwrap();
        assert_eq!(job.state, JobState::Running);
        jobs.cancel(job.id).unwrap();
        jobs.idle().await;
        assert_eq!(jobs.show(job.id).unwrap().state, JobState::Cancelled);
        let late = jobs.cancel(job.id).unwrap_err().into_response("");
        assert_eq!(late.status(), 409);
        job.id
    };
    let jobs = with_journal(1, &data.open());
    let job = told(&jobs.show(id).unwrap());
    assert_eq!((&job["state"], &job["error"]["error_type"]), (&json!("cancelled"), &json!("cancelled")));
    assert_eq!((&job["request"], &job["result"]), (&json!({"name": "x"}), &Value::Null));
    assert!(job["started"].is_string() && job["finished"].is_string());
    assert_eq!(status(jobs.show(JobId::new(1, [0; 10])).unwrap_err()), 404);
}

#[tokio::test]
async fn what_commits_cannot_be_cancelled_any_more() {
    let jobs = jobs(1);
    let (go_on, mut gone_on) = mpsc::channel::<()>(1);
    let verb = |monitor: Arc<dyn Monitor>| async move {
        let phase = Phase::Committing;
        monitor.progress(Progress { phase, records: 7, total_records: None, bytes: 0, total_bytes: None });
        gone_on.recv().await;
        if monitor.cancelled() { Err(Error::Cancelled.into()) } else { Ok("committed") }
    };
    let job = start(&jobs, verb).await.unwrap();
    while jobs.show(job.id).unwrap().progress.is_none() {
        tokio::task::yield_now().await;
    }
    let refused = jobs.cancel(job.id).unwrap_err();
    assert_eq!(serde_json::to_value(refused.envelope("")).unwrap()["error_type"], "job_committing");
    go_on.send(()).await.unwrap();
    jobs.idle().await;
    let job = told(&jobs.show(job.id).unwrap());
    assert_eq!((&job["state"], &job["result"]), (&json!("succeeded"), &json!("committed")));
    assert_eq!(job["progress"]["records"], 7, "how far it had come stays");
}

#[tokio::test]
async fn a_job_that_fails_or_panics_says_so_and_gives_its_place_back() {
    let jobs = jobs(1);
    let failing = start(&jobs, |_| async { Err::<(), _>(Error::WorkerLost.into()) }).await.unwrap();
    jobs.idle().await;
    let failed = told(&jobs.show(failing.id).unwrap());
    assert_eq!((&failed["state"], &failed["error"]["status_code"]), (&json!("failed"), &json!(500)));
    let panicking = start(&jobs, |_| async { panic!("a fault") as vecvault_core::Result<()> }).await.unwrap();
    jobs.idle().await;
    assert_eq!(told(&jobs.show(panicking.id).unwrap())["error"]["error_type"], "internal_error");
}

#[tokio::test]
async fn what_the_server_s_end_cuts_off_is_interrupted() {
    let data = Data::new();
    let jobs = with_journal(2, &data.open());
    let stopped = start(&jobs, endless).await.unwrap();
    jobs.cancel_all();
    jobs.idle().await;
    assert_eq!(jobs.show(stopped.id).unwrap().state, JobState::Interrupted);

    // A server that is killed leaves a document that says that its job runs.
    let killed = Job::new(JobId::new(1, [7; 10]), JobKind::Restore, raw(json!({"backup_id": "x"})));
    std::fs::write(data.path().join(format!("{}.json", killed.id)), told(&killed).to_string()).unwrap();
    std::fs::write(data.path().join(".tmp-half"), "{").unwrap();
    for _ in 0..2 {
        let jobs = with_journal(2, &data.open());
        let job = told(&jobs.show(killed.id).unwrap());
        assert_eq!((&job["state"], &job["kind"]), (&json!("interrupted"), &json!("restore")));
        assert_eq!(job["error"]["error_type"], "interrupted");
        assert!(job["finished"].is_string());
        assert_eq!(jobs.list().len(), 2);
        assert_eq!(jobs.list()[0].id, stopped.id, "newest first");
    }
    assert_eq!(data.names().len(), 2, "{:?}", data.names());
}

#[tokio::test]
async fn a_document_that_cannot_be_read_is_left_alone() {
    let data = Data::new();
    drop(data.open());
    let odd = ["notes.txt".to_owned(), format!("{}.json", JobId::new(1, [1; 10]))];
    for name in &odd {
        std::fs::write(data.path().join(name), "{\"state\":").unwrap();
    }
    // Nor can this one be, by anyone.
    let folder = JobId::new(2, [1; 10]);
    std::fs::create_dir(data.path().join(format!("{folder}.json"))).unwrap();
    let (jobs, lines) = with_log(&data.open());
    assert!(jobs.list().is_empty());
    assert_eq!(data.names().len(), odd.len() + 1);
    assert_eq!(lines.len(), 2, "{lines:?}");
    assert!(lines.iter().any(|line| line.starts_with(&format!("job {folder}: its document cannot be read"))));
}

#[tokio::test]
async fn the_last_two_hundred_are_known() {
    let data = Data::new();
    let jobs = with_journal(1, &data.open());
    let mut ids = Vec::new();
    for _ in 0..203 {
        ids.push(start(&jobs, nothing).await.unwrap().id);
        jobs.idle().await;
    }
    assert!(ids.is_sorted());
    ids.reverse();
    ids.truncate(200);
    let known = |jobs: &Jobs| jobs.list().iter().map(|job| job.id).collect::<Vec<_>>();
    assert_eq!(known(&jobs), ids);
    assert_eq!(data.names().len(), 200);
    assert_eq!(known(&with_journal(1, &data.open())), ids);
}

#[tokio::test]
async fn large_results_push_out_older_jobs() {
    let jobs = jobs(1);
    for _ in 0..6 {
        start(&jobs, |_| async { Ok("r".repeat(10 << 20)) }).await.unwrap();
        jobs.idle().await;
    }
    assert_eq!(jobs.list().len(), 3);
}

#[tokio::test]
async fn a_job_that_cannot_be_recorded_is_not_begun() {
    let data = Data::new();
    let jobs = with_journal(1, &data.open());
    std::fs::remove_dir(data.path()).unwrap();
    let begun = Arc::new(AtomicBool::new(false));
    let says = begun.clone();
    let verb = |_| async move {
        says.store(true, Ordering::Relaxed);
        Ok(())
    };
    let refused = start(&jobs, verb).await.unwrap_err();
    assert_eq!(status(refused), 500);
    jobs.idle().await;
    assert!(!begun.load(Ordering::Relaxed) && jobs.list().is_empty());
    assert!(JobJournal::open(Path::new("/dev/null/jobs")).is_err());
}

#[tokio::test(start_paused = true)]
async fn events_tell_where_things_stand_and_end_with_the_job() {
    let jobs = jobs(1);
    let (progress, mut progresses) = mpsc::channel::<Option<u64>>(1);
    let verb = |monitor: Arc<dyn Monitor>| async move {
        while let Some(Some(records)) = progresses.recv().await {
            let phase = Phase::Writing;
            monitor.progress(Progress { phase, records, total_records: None, bytes: 0, total_bytes: None });
        }
        Ok("done")
    };
    let job = start(&jobs, verb).await.unwrap();
    let mut events = Box::pin(events(jobs.watch(job.id).unwrap()));
    assert_eq!(events.next().await.unwrap(), ": working\n\n", "the head is answered at once");
    assert_eq!(events.next().await.unwrap(), ": working\n\n", "and silence is a heartbeat");
    for records in 1..=5 {
        progress.send(Some(records)).await.unwrap();
    }
    let event = String::from_utf8(events.next().await.unwrap().to_vec()).unwrap();
    let data = event.strip_prefix("event: progress\ndata: ").unwrap().trim_end();
    assert_eq!(serde_json::from_str::<Value>(data).unwrap()["records"], 5, "the latest only");
    progress.send(None).await.unwrap();
    let event = String::from_utf8(events.next().await.unwrap().to_vec()).unwrap();
    let data = event.strip_prefix("event: end\ndata: ").unwrap().trim_end();
    assert_eq!(serde_json::from_str::<Value>(data).unwrap()["result"], "done");
    assert!(events.next().await.is_none());
    let after: Vec<_> = super::events(jobs.watch(job.id).unwrap()).collect().await;
    assert_eq!(after, [event], "who comes later is told the end");
}
