//! What a host hands to every verb: workers for CPU work, and a monitor for progress and cancellation.

use std::sync::Arc;

use futures_channel::oneshot;
use futures_util::TryFutureExt;
use futures_util::future::MapErr;

use crate::error::{Error, Result};
use crate::maybe_send::{MaybeSend, MaybeSync};

/// A piece of CPU work.
pub type Job = Box<dyn FnOnce() + Send>;

/// Where CPU work runs. Encoding, decoding, hashing and proving are cut into jobs of about a block;
/// a host with threads runs them on all cores and off its async threads.
pub trait Workers: MaybeSend + MaybeSync {
    /// How many jobs can run at once: verbs keep this many and a little more in flight.
    fn parallelism(&self) -> usize;

    /// Runs a job, now or soon, here or on another thread. A job that is dropped unrun ends the verb with
    /// an error.
    fn run(&self, job: Job);
}

/// Runs every job on the spot: wasm, and tests.
#[derive(Clone, Copy, Debug, Default)]
pub struct InlineWorkers;

impl Workers for InlineWorkers {
    fn parallelism(&self) -> usize {
        1
    }

    fn run(&self, job: Job) {
        job();
    }
}

/// What a verb is doing.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Serialize)]
#[serde(rename_all = "lowercase")]
#[non_exhaustive]
pub enum Phase {
    /// Making the restored collections the live ones. It cannot be cancelled any more.
    Committing,
    /// Reading back what was restored, to prove it.
    Proving,
    /// Reading a backup.
    Reading,
    /// Writing a backup.
    Writing,
}

/// How far a verb has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Serialize)]
pub struct Progress {
    /// What is being done.
    pub phase: Phase,
    /// Records done in this phase.
    pub records: u64,
    /// Records to do in this phase, where known.
    pub total_records: Option<u64>,
    /// Bytes of the backup read or written in this phase.
    pub bytes: u64,
    /// Bytes to do in this phase, where known.
    pub total_bytes: Option<u64>,
}

/// Watches a verb, and may end it.
pub trait Monitor: MaybeSend + MaybeSync {
    /// Called about once a block.
    fn progress(&self, progress: Progress);

    /// Asked about once a block; `true` ends the verb with [`Error::Cancelled`] and changes nothing.
    fn cancelled(&self) -> bool {
        false
    }
}

/// Watches nothing.
#[derive(Clone, Copy, Debug, Default)]
pub struct Silent;

impl Monitor for Silent {
    fn progress(&self, _: Progress) {}
}

/// What a host gives to a verb.
#[derive(Clone)]
pub struct Host {
    /// Where CPU work runs.
    pub workers: Arc<dyn Workers>,
    /// Who watches.
    pub monitor: Arc<dyn Monitor>,
}

impl Host {
    /// No threads and nobody watching.
    pub fn inline() -> Self {
        Self { workers: Arc::new(InlineWorkers), monitor: Arc::new(Silent) }
    }

    /// How many runs may be in flight: enough to keep every worker busy until whoever feeds them has its turn.
    pub(crate) fn window(&self) -> usize {
        match self.workers.parallelism() {
            0 | 1 => 1,
            n => 2 * n + 1,
        }
    }

    /// Reports progress, and ends the verb when it was cancelled.
    pub(crate) fn report(&self, progress: Progress) -> Result<()> {
        self.monitor.progress(progress);
        self.check_cancelled()
    }

    /// Ends the verb when it was cancelled.
    pub(crate) fn check_cancelled(&self) -> Result<()> {
        if self.monitor.cancelled() { Err(Error::Cancelled) } else { Ok(()) }
    }

    /// Starts a job at once and gives a future of its result.
    pub(crate) fn spawn<T: Send + 'static>(&self, job: impl FnOnce() -> T + Send + 'static) -> Running<T> {
        let (sender, receiver) = oneshot::channel();
        self.workers.run(Box::new(move || {
            // A receiver that has gone away means that the verb was dropped: nobody wants the result.
            let _ = sender.send(job());
        }));
        receiver.map_err(|_| Error::WorkerLost)
    }
}

/// The result of a job that runs.
pub(crate) type Running<T> = MapErr<oneshot::Receiver<T>, fn(oneshot::Canceled) -> Error>;

/// Progress of a verb that reads records.
pub(crate) struct Reading<'a> {
    pub(crate) host: &'a Host,
    /// `None` where nothing is reported.
    progress: Option<Progress>,
}

impl<'a> Reading<'a> {
    /// Nothing of `total` records is read yet.
    pub(crate) fn begin(host: &'a Host, total: u64) -> Self {
        let (phase, total_records) = (Phase::Reading, Some(total));
        let progress = Progress { phase, records: 0, total_records, bytes: 0, total_bytes: None };
        Self { host, progress: Some(progress) }
    }

    /// Reads what has been counted already: it may be cancelled, and reports nothing.
    pub(crate) fn again(host: &'a Host) -> Self {
        Self { host, progress: None }
    }

    /// Reports that so many more are done, and ends the verb when it was cancelled.
    pub(crate) fn done(&mut self, records: u64) -> Result<()> {
        match &mut self.progress {
            Some(progress) => {
                progress.records += records;
                self.host.report(*progress)
            }
            None => self.host.check_cancelled(),
        }
    }
}

impl std::fmt::Debug for Host {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Host").field("parallelism", &self.workers.parallelism()).finish_non_exhaustive()
    }
}
