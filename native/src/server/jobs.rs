//! Heavy work: creates, restores, verifies, and reading through files that have no index. A few at a time; each runs to its end or is cancelled as a
//! verb can be, never cut off in the middle.
//!
//! A caller that goes away cancels its job: whoever gets no answer may take it that nothing happened,
//! save where the commit had begun.

use std::future::Future;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use tokio::sync::Semaphore;
use vecvault_core::{Monitor, Progress};

use super::errors::ApiError;

/// The jobs of a server.
#[derive(Debug)]
pub(super) struct Jobs {
    slots: Arc<Semaphore>,
    count: u32,
    all_cancelled: Arc<AtomicBool>,
}

impl Jobs {
    /// Room for `count` jobs at a time.
    pub(super) fn new(count: usize) -> Self {
        let count = u32::try_from(count).unwrap_or(u32::MAX).max(1);
        Self { slots: Arc::new(Semaphore::new(count as usize)), count, all_cancelled: Arc::default() }
    }

    /// Runs a verb, which must ask its monitor whether it was cancelled; refuses where there is no room.
    pub(super) async fn run<T, F>(&self, verb: impl FnOnce(Arc<dyn Monitor>) -> F) -> Result<T, ApiError>
    where
        T: Send + 'static,
        F: Future<Output = vecvault_core::Result<T>> + Send + 'static,
    {
        let slot = self.slots.clone().try_acquire_owned().map_err(|_| {
            ApiError::busy(
                format!(
                    "{} creates, restores, verifies or readings are running, which is the limit",
                    self.count
                ),
                5,
            )
        })?;
        let caller_left = Arc::new(AtomicBool::new(false));
        let verb = verb(Arc::new(Cancellation { one: caller_left.clone(), all: self.all_cancelled.clone() }));
        let task = tokio::spawn(async move {
            let result = verb.await;
            drop(slot);
            result
        });
        let _cancel = CancelOnDrop(caller_left);
        task.await.map_err(|_| ApiError::internal("the job broke off"))?.map_err(ApiError::from)
    }

    /// Cancels what runs and what comes.
    pub(super) fn cancel_all(&self) {
        self.all_cancelled.store(true, Ordering::Relaxed);
    }

    /// Waits until nothing runs.
    pub(super) async fn idle(&self) {
        drop(self.slots.acquire_many(self.count).await);
    }
}

/// Ends what turns out to be long: a verb that has read 4 MiB and is not done.
#[derive(Debug, Default)]
pub(super) struct Glance(AtomicBool);

impl Monitor for Glance {
    fn progress(&self, progress: Progress) {
        const SHORT: u64 = 4 << 20;
        self.0.fetch_or(progress.bytes > SHORT, Ordering::Relaxed);
    }

    fn cancelled(&self) -> bool {
        self.0.load(Ordering::Relaxed)
    }
}

struct Cancellation {
    one: Arc<AtomicBool>,
    all: Arc<AtomicBool>,
}

impl Monitor for Cancellation {
    fn progress(&self, _: Progress) {}

    fn cancelled(&self) -> bool {
        self.one.load(Ordering::Relaxed) || self.all.load(Ordering::Relaxed)
    }
}

struct CancelOnDrop(Arc<AtomicBool>);

impl Drop for CancelOnDrop {
    fn drop(&mut self) {
        self.0.store(true, Ordering::Relaxed);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use futures_util::FutureExt;
    use vecvault_core::Error;

    /// Runs until it is cancelled.
    async fn endless(monitor: Arc<dyn Monitor>) -> vecvault_core::Result<()> {
        while !monitor.cancelled() {
            tokio::task::yield_now().await;
        }
        Err(Error::Cancelled)
    }

    #[tokio::test]
    async fn one_too_many_is_told_to_come_back() {
        let jobs = Jobs::new(1);
        let running = jobs.run(endless);
        let refused = async {
            tokio::task::yield_now().await;
            let error = jobs.run(|_| async { Ok(()) }).await.unwrap_err();
            let response = error.into_response("");
            assert_eq!(response.status(), 429);
            assert!(response.headers().contains_key("retry-after"));
            jobs.cancel_all();
        };
        let (result, ()) = tokio::join!(running, refused);
        assert_eq!(result.unwrap_err().into_response("").status(), 503);
    }

    #[tokio::test]
    async fn a_job_whose_caller_leaves_is_cancelled_and_waited_for() {
        let jobs = Jobs::new(2);
        {
            let mut running = std::pin::pin!(jobs.run(endless));
            assert!((&mut running).now_or_never().is_none());
        }
        jobs.idle().await;
        jobs.run(|_| async { Ok(()) }).await.unwrap();
    }
}
