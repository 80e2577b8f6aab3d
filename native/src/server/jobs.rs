//! Heavy work: creates, restores, verifies, reading through files that have no index, and comparing records. A
//! few at a time; each runs to its end or is cancelled as a verb can be, never cut off in the middle.
//!
//! Work is done in one of two ways. An *attached* one ([`Jobs::run`]) is its caller's: a caller that goes away
//! cancels it, so that whoever gets no answer may take it that nothing happened, save where the commit had
//! begun. A *detached* one ([`Jobs::start`]) is a job with an id: it goes on when its caller leaves, is
//! watched and cancelled by its id, and how it ended is kept.
//!
//! `control` is what a verb is watched and cancelled by, `glance` tells what is too long to be no heavy work,
//! `document` what is told of a job, `journal` where it
//! is kept, `register` which jobs there are, `events` how one is followed.

mod control;
mod document;
mod events;
mod glance;
mod journal;
mod register;

pub use journal::{JobJournal, JournalError};

pub(super) use document::{Job, JobId, JobKind};
pub(super) use events::events;
pub(super) use register::Watched;

use std::future::Future;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use serde::Serialize;
use serde_json::value::RawValue;
use tokio::sync::{OwnedSemaphorePermit, Semaphore, oneshot};
use vecvault_core::Monitor;

use super::config::{Limits, Log};
use super::errors::ApiError;
use control::Control;
use document::Ending;
use glance::Glance;
use register::Register;

/// The jobs of a server.
#[derive(Debug)]
pub(super) struct Jobs {
    slots: Arc<Semaphore>,
    count: u32,
    stopping: Arc<AtomicBool>,
    register: Arc<Register>,
}

impl Jobs {
    /// Room for as many jobs at a time as the limits say, and the ones that the journal knows.
    pub(super) fn new(limits: &Limits, journal: &JobJournal, log: &Log) -> Self {
        let count = u32::try_from(limits.heavy_jobs).unwrap_or(u32::MAX).max(1);
        Self {
            slots: Arc::new(Semaphore::new(count as usize)),
            count,
            stopping: Arc::default(),
            register: Arc::new(Register::new(journal.clone(), log.clone())),
        }
    }

    /// Watches a verb that is short as a rule: it is cancelled where it turns out to be heavy work.
    pub(super) fn glance(&self) -> Arc<dyn Monitor> {
        Arc::new(Glance::new(self.stopping.clone()))
    }

    /// Runs a verb, which must ask its monitor whether it was cancelled; refuses where there is no room.
    pub(super) async fn run<T, E, F>(&self, verb: impl FnOnce(Arc<dyn Monitor>) -> F) -> Result<T, ApiError>
    where
        T: Send + 'static,
        E: Into<ApiError> + Send + 'static,
        F: Future<Output = Result<T, E>> + Send + 'static,
    {
        self.run_in(self.slot()?, verb).await
    }

    /// The same, once there is room: for work whose caller has already sent much.
    pub(super) async fn run_in_turn<T, E, F>(
        &self,
        verb: impl FnOnce(Arc<dyn Monitor>) -> F,
    ) -> Result<T, ApiError>
    where
        T: Send + 'static,
        E: Into<ApiError> + Send + 'static,
        F: Future<Output = Result<T, E>> + Send + 'static,
    {
        let slot = self.slots.clone().acquire_owned().await;
        self.run_in(slot.map_err(|_| ApiError::internal("the server ends"))?, verb).await
    }

    async fn run_in<T, E, F>(
        &self,
        slot: OwnedSemaphorePermit,
        verb: impl FnOnce(Arc<dyn Monitor>) -> F,
    ) -> Result<T, ApiError>
    where
        T: Send + 'static,
        E: Into<ApiError> + Send + 'static,
        F: Future<Output = Result<T, E>> + Send + 'static,
    {
        let control = Arc::new(Control::new(self.stopping.clone()));
        let verb = verb(control.clone());
        let task = tokio::spawn(async move {
            let result = verb.await;
            drop(slot);
            result
        });
        let _cancel = CancelOnDrop(control);
        task.await.map_err(|_| ApiError::internal("the job broke off"))?.map_err(Into::into)
    }

    /// Starts a verb as a job of its own, once the journal has it; `request` is what was asked for, and the
    /// job's result what `reply` makes of the verb's. Refuses where there is no room.
    pub(super) async fn start<T, R, F>(
        &self,
        kind: JobKind,
        request: Box<RawValue>,
        verb: impl FnOnce(Arc<dyn Monitor>) -> F,
        reply: impl FnOnce(T) -> R + Send + 'static,
    ) -> Result<Arc<Job>, ApiError>
    where
        T: Send + 'static,
        R: Serialize,
        F: Future<Output = vecvault_core::Result<T>> + Send + 'static,
    {
        let slot = self.slot()?;
        let control = Arc::new(Control::new(self.stopping.clone()));
        let (verb, register) = (verb(control.clone()), self.register.clone());
        let (started, is_started) = oneshot::channel();
        // A task of its own from here on: a caller that leaves now leaves a job that is known and runs.
        tokio::spawn(async move {
            let job = match register.begin(kind, request, control.clone()).await {
                Ok(job) => job,
                Err(error) => return drop(started.send(Err(error))),
            };
            let id = job.id;
            let _ = started.send(Ok(job));
            // A verb that panics is a job that has failed.
            let ending = match tokio::spawn(verb).await {
                Ok(result) => Ending::of(result.map(reply), control.close()),
                Err(_) => Ending::broken_off(),
            };
            register.end(id, ending, &control).await;
            drop(slot);
        });
        is_started.await.map_err(|_| ApiError::internal("the job broke off"))?
    }

    /// All jobs that are known, newest first.
    pub(super) fn list(&self) -> Vec<Arc<Job>> {
        self.register.list()
    }

    /// One job as it is now.
    pub(super) fn show(&self, id: JobId) -> Result<Arc<Job>, ApiError> {
        self.register.show(id)
    }

    /// One job, and what becomes of it.
    pub(super) fn watch(&self, id: JobId) -> Result<Watched, ApiError> {
        self.register.watch(id)
    }

    /// Asks a job to end. It may come to its end all the same: its final state says which it was.
    pub(super) fn cancel(&self, id: JobId) -> Result<Arc<Job>, ApiError> {
        self.register.cancel(id)
    }

    /// Cancels what runs and what comes.
    pub(super) fn cancel_all(&self) {
        self.stopping.store(true, Ordering::Relaxed);
    }

    /// Waits until nothing runs.
    pub(super) async fn idle(&self) {
        drop(self.slots.acquire_many(self.count).await);
    }

    fn slot(&self) -> Result<OwnedSemaphorePermit, ApiError> {
        self.slots.clone().try_acquire_owned().map_err(|_| {
            let count = self.count;
            ApiError::busy(
                format!("{count} creates, restores, verifies or readings are running, which is the limit"),
                5,
            )
        })
    }
}

struct CancelOnDrop(Arc<Control>);

impl Drop for CancelOnDrop {
    fn drop(&mut self) {
        // Where it cannot be cancelled any more it comes to its end.
        let _ = self.0.cancel();
    }
}

#[cfg(test)]
mod tests;
