//! Which jobs there are: those that run, and the last ones that have ended.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use chrono::Utc;
use serde_json::value::RawValue;
use tokio::sync::watch;
use warp::http::StatusCode;

use super::control::{Control, News, TooLate};
use super::document::{Ending, Job, JobId, JobKind};
use super::journal::JobJournal;
use crate::server::config::Log;
use crate::server::errors::ApiError;

/// How many jobs are known at one time.
const MOST_JOBS: usize = 200;
/// How much those that have ended may hold together: fewer are known where their results are large.
const MOST_BYTES: usize = 32 << 20;

/// The jobs, in memory and in the journal.
#[derive(Debug)]
pub(super) struct Register {
    journal: JobJournal,
    log: Log,
    jobs: Mutex<BTreeMap<JobId, Entry>>,
}

#[derive(Debug)]
enum Entry {
    /// As it was when it began, and what knows how far it has come.
    Running(Arc<Job>, Arc<Control>),
    Ended(Arc<Job>),
}

/// A job to follow.
#[derive(Debug)]
pub(in crate::server) enum Watched {
    Running(watch::Receiver<News>),
    Ended(Arc<Job>),
}

impl Register {
    /// The jobs that the journal has found.
    pub(super) fn new(journal: JobJournal, log: Log) -> Self {
        let found = journal.take_found();
        found.problems.iter().for_each(|problem| log.line(problem));
        let jobs = found.jobs.into_iter().map(|job| (job.id, Entry::Ended(Arc::new(job)))).collect();
        Self { journal, log, jobs: Mutex::new(jobs) }
    }

    /// Enters a new job; the journal has it before its caller is told.
    pub(super) async fn begin(
        &self,
        kind: JobKind,
        request: Box<RawValue>,
        control: Arc<Control>,
    ) -> Result<Arc<Job>, ApiError> {
        let (job, forgotten) = {
            let mut jobs = self.jobs();
            let job = Arc::new(Job::new(new_id(&jobs)?, kind, request));
            jobs.insert(job.id, Entry::Running(job.clone(), control));
            (job, make_room(&mut jobs))
        };
        let written = self.journal.write(job.clone()).await;
        self.forget(forgotten).await;
        if let Err(error) = written {
            self.jobs().remove(&job.id);
            return Err(not_recorded(&error));
        }
        Ok(job)
    }

    /// Writes down how a job ended, and tells whoever watches it.
    pub(super) async fn end(&self, id: JobId, ending: Ending, control: &Control) {
        let Some(begun) = self.running(id) else { return };
        let job = begun.at(control.so_far()).ended(&ending, Utc::now());
        let cause = ending.outcome.err().and_then(|error| error.for_log());
        let cause = cause.map_or_else(String::new, |cause| format!(": {cause}"));
        self.log.line(&format!("job {id} {} {}{cause}", job.kind.as_str(), job.state.as_str()));
        let job = Arc::new(job);
        if let Err(error) = self.journal.write(job.clone()).await {
            // It has ended so, whatever the journal says after the next start.
            self.log.line(&format!("job {id}: its end could not be recorded: {error}"));
        }
        let forgotten = {
            let mut jobs = self.jobs();
            jobs.insert(id, Entry::Ended(job.clone()));
            make_room(&mut jobs)
        };
        control.announce(job);
        self.forget(forgotten).await;
    }

    pub(super) fn list(&self) -> Vec<Arc<Job>> {
        self.jobs().values().rev().map(Entry::job).collect()
    }

    pub(super) fn show(&self, id: JobId) -> Result<Arc<Job>, ApiError> {
        self.jobs().get(&id).map(Entry::job).ok_or_else(|| not_found(id))
    }

    pub(super) fn watch(&self, id: JobId) -> Result<Watched, ApiError> {
        match self.jobs().get(&id).ok_or_else(|| not_found(id))? {
            Entry::Running(_, control) => Ok(Watched::Running(control.watch())),
            Entry::Ended(job) => Ok(Watched::Ended(job.clone())),
        }
    }

    pub(super) fn cancel(&self, id: JobId) -> Result<Arc<Job>, ApiError> {
        let jobs = self.jobs();
        let entry = jobs.get(&id).ok_or_else(|| not_found(id))?;
        let asked = match entry {
            Entry::Running(_, control) => control.cancel(),
            Entry::Ended(_) => Err(TooLate::Ended),
        };
        let refused = |error_type, message| ApiError::new(StatusCode::CONFLICT, error_type, message);
        asked.map(|()| entry.job()).map_err(|late| match late {
            TooLate::Committing => {
                refused("job_committing", format!("job {id} is committing and cannot be cancelled any more"))
            }
            TooLate::Ended => refused("job_ended", format!("job {id} has ended")),
        })
    }

    fn running(&self, id: JobId) -> Option<Arc<Job>> {
        match self.jobs().get(&id) {
            Some(Entry::Running(job, _)) => Some(job.clone()),
            _ => None,
        }
    }

    async fn forget(&self, ids: Vec<JobId>) {
        if ids.is_empty() {
            return;
        }
        if let Err(error) = self.journal.remove(ids).await {
            self.log.line(&format!("old jobs could not be removed from the journal: {error}"));
        }
    }

    fn jobs(&self) -> MutexGuard<'_, BTreeMap<JobId, Entry>> {
        // The map is never left half changed, so a panic elsewhere does not spoil it.
        self.jobs.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Entry {
    /// The job as it is now.
    fn job(&self) -> Arc<Job> {
        match self {
            Self::Running(job, control) => Arc::new(job.at(control.so_far())),
            Self::Ended(job) => job.clone(),
        }
    }
}

/// An id later than all others, whatever the clock says.
fn new_id(jobs: &BTreeMap<JobId, Entry>) -> Result<JobId, ApiError> {
    let mut random = [0; 10];
    getrandom::fill(&mut random)
        .map_err(|error| ApiError::internal(format!("the system gives no randomness: {error}")))?;
    let now = u64::try_from(Utc::now().timestamp_millis()).unwrap_or(0);
    let last = jobs.last_key_value().map_or(0, |(id, _)| id.unix_millis());
    Ok(JobId::new(now.max(last + 1), random))
}

/// Drops the oldest jobs that have ended where there are too many, though never the newest job.
fn make_room(jobs: &mut BTreeMap<JobId, Entry>) -> Vec<JobId> {
    let ended: Vec<(JobId, usize)> = jobs
        .iter()
        .filter_map(|(id, entry)| match entry {
            Entry::Ended(job) => Some((*id, job.bytes())),
            Entry::Running(..) => None,
        })
        .collect();
    let newest = jobs.last_key_value().map(|(id, _)| *id);
    let mut bytes: usize = ended.iter().map(|(_, bytes)| bytes).sum();
    let mut forgotten = Vec::new();
    for (id, size) in ended {
        if (jobs.len() <= MOST_JOBS && bytes <= MOST_BYTES) || Some(id) == newest {
            break;
        }
        jobs.remove(&id);
        bytes -= size;
        forgotten.push(id);
    }
    forgotten
}

fn not_found(id: JobId) -> ApiError {
    let message = format!("there is no job {id}; the last {MOST_JOBS} are kept");
    ApiError::new(StatusCode::NOT_FOUND, "job_not_found", message).with("job", id.to_string())
}

/// A job that would be forgotten by a crash is not begun.
fn not_recorded(error: &std::io::Error) -> ApiError {
    match error.kind() {
        std::io::ErrorKind::StorageFull | std::io::ErrorKind::QuotaExceeded => {
            let message = "there is no room to record the job; nothing was begun";
            ApiError::new(StatusCode::INSUFFICIENT_STORAGE, "insufficient_storage", message)
        }
        _ => ApiError::internal("the job could not be recorded; nothing was begun").caused_by(error),
    }
}
