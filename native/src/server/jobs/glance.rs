//! A look that must be short.

use std::sync::atomic::{AtomicBool, Ordering};

use vecvault_core::{Monitor, Progress};

/// Ends what turns out to be long: a verb that has read 4 MiB and is not done.
#[derive(Debug, Default)]
pub(in crate::server) struct Glance(AtomicBool);

impl Monitor for Glance {
    fn progress(&self, progress: Progress) {
        const SHORT: u64 = 4 << 20;
        self.0.fetch_or(progress.bytes > SHORT, Ordering::Relaxed);
    }

    fn cancelled(&self) -> bool {
        self.0.load(Ordering::Relaxed)
    }
}
