//! What a running verb is watched and cancelled by.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio::sync::watch;
use vecvault_core::{Monitor, Phase, Progress};

use super::document::Job;

/// One verb's monitor.
#[derive(Debug)]
pub(super) struct Control {
    stage: Mutex<Stage>,
    /// The server ends.
    stopping: Arc<AtomicBool>,
    news: watch::Sender<News>,
}

/// Where a verb stands between being cancelled and being past that. Whichever is first wins.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Stage {
    Running,
    /// It was asked to end.
    Cancelling,
    /// What it does becomes so, whoever asks.
    Committing,
    /// It has come to its end, in whatever way.
    Ended,
}

/// What is new of a job. Whoever is slow to look sees the latest only.
#[derive(Clone, Debug, Default)]
pub(in crate::server) struct News {
    pub(in crate::server) progress: Option<Progress>,
    /// The job once it has ended.
    pub(in crate::server) ended: Option<Arc<Job>>,
}

/// Why a verb cannot be cancelled.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum TooLate {
    Committing,
    Ended,
}

impl Control {
    pub(super) fn new(stopping: Arc<AtomicBool>) -> Self {
        Self { stage: Mutex::new(Stage::Running), stopping, news: watch::Sender::default() }
    }

    /// Asks the verb to end; it may be asked twice.
    pub(super) fn cancel(&self) -> Result<(), TooLate> {
        let mut stage = self.stage();
        match *stage {
            Stage::Running | Stage::Cancelling => {
                *stage = Stage::Cancelling;
                Ok(())
            }
            Stage::Committing => Err(TooLate::Committing),
            Stage::Ended => Err(TooLate::Ended),
        }
    }

    /// The verb has ended; gives whether it had been asked to.
    pub(super) fn close(&self) -> bool {
        std::mem::replace(&mut *self.stage(), Stage::Ended) == Stage::Cancelling
    }

    /// How far it has come.
    pub(super) fn so_far(&self) -> Option<Progress> {
        self.news.borrow().progress
    }

    /// Tells whoever watches how it ended.
    pub(super) fn announce(&self, job: Arc<Job>) {
        self.news.send_modify(|news| news.ended = Some(job));
    }

    /// What is new, from now on.
    pub(super) fn watch(&self) -> watch::Receiver<News> {
        self.news.subscribe()
    }

    fn stage(&self) -> MutexGuard<'_, Stage> {
        // It is one word, so a panic elsewhere does not spoil it.
        self.stage.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Monitor for Control {
    fn progress(&self, progress: Progress) {
        if progress.phase == Phase::Committing {
            let mut stage = self.stage();
            if *stage == Stage::Running && !self.stopping.load(Ordering::Relaxed) {
                *stage = Stage::Committing;
            }
        }
        self.news.send_modify(|news| news.progress = Some(progress));
    }

    fn cancelled(&self) -> bool {
        match *self.stage() {
            Stage::Cancelling => true,
            Stage::Running => self.stopping.load(Ordering::Relaxed),
            Stage::Committing | Stage::Ended => false,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(phase: Phase) -> Progress {
        Progress { phase, records: 1, total_records: None, bytes: 2, total_bytes: None }
    }

    #[test]
    fn whichever_of_cancel_and_commit_is_first_wins() {
        let control = Control::new(Arc::default());
        control.progress(at(Phase::Committing));
        assert_eq!(control.cancel(), Err(TooLate::Committing));
        assert!(!control.cancelled());
        assert!(!control.close());
        assert_eq!(control.cancel(), Err(TooLate::Ended));

        let control = Control::new(Arc::default());
        control.cancel().unwrap();
        control.cancel().unwrap();
        control.progress(at(Phase::Committing));
        assert!(control.cancelled() && control.close());
    }

    #[test]
    fn a_server_that_ends_cancels_what_does_not_commit_yet() {
        let stopping = Arc::new(AtomicBool::new(false));
        let (early, late) = (Control::new(stopping.clone()), Control::new(stopping.clone()));
        early.progress(at(Phase::Committing));
        stopping.store(true, Ordering::Relaxed);
        late.progress(at(Phase::Committing));
        assert!(!early.cancelled() && late.cancelled());
        assert!(!late.close(), "nobody asked for this one to end");
    }

    #[test]
    fn a_slow_watcher_sees_the_latest() {
        let control = Control::new(Arc::default());
        let mut news = control.watch();
        for phase in [Phase::Reading, Phase::Proving] {
            control.progress(at(phase));
        }
        assert_eq!(news.borrow_and_update().progress, Some(at(Phase::Proving)));
        assert!(!news.has_changed().unwrap());
    }
}
