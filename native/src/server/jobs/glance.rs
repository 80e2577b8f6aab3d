//! A look that must be short.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

use vecvault_core::{Monitor, Progress};

/// What is short of a verb that tells how many bytes it has read.
const BYTES: u64 = 4 << 20;
/// What is short of one that tells records only: of vectors of 500 numbers, as many bytes. It tells of about a
/// block at a time, so that large records are bounded by how often it does.
const RECORDS: u64 = 2_000;
const REPORTS: u64 = 32;

/// Ends what turns out to be long: a verb that has read more than is short and is not done. It ends with the
/// server as well.
#[derive(Debug)]
pub(super) struct Glance {
    stopping: Arc<AtomicBool>,
    reports: AtomicU64,
    long: AtomicBool,
}

impl Glance {
    pub(super) fn new(stopping: Arc<AtomicBool>) -> Self {
        Self { stopping, reports: AtomicU64::new(0), long: AtomicBool::new(false) }
    }
}

impl Monitor for Glance {
    fn progress(&self, progress: Progress) {
        let long = if progress.bytes > 0 {
            progress.bytes > BYTES
        } else {
            progress.records > RECORDS || self.reports.fetch_add(1, Ordering::Relaxed) >= REPORTS
        };
        self.long.fetch_or(long, Ordering::Relaxed);
    }

    fn cancelled(&self) -> bool {
        self.long.load(Ordering::Relaxed) || self.stopping.load(Ordering::Relaxed)
    }
}

#[cfg(test)]
mod tests {
    use vecvault_core::Phase;

    use super::*;

    /// Whether a verb is ended that tells of these records and bytes.
    fn ends(told: impl IntoIterator<Item = (u64, u64)>) -> bool {
        let glance = Glance::new(Arc::default());
        for (records, bytes) in told {
            let phase = Phase::Reading;
            glance.progress(Progress { phase, records, total_records: None, bytes, total_bytes: None });
        }
        glance.cancelled()
    }

    #[test]
    fn what_is_long_is_ended_however_it_tells_how_far_it_is() {
        assert!(!ends([(0, BYTES)]) && ends([(0, BYTES + 1)]));
        assert!(!ends([(RECORDS, 0)]) && ends([(RECORDS + 1, 0)]));
        assert!(!ends((1..=REPORTS).map(|block| (block, 0))));
        assert!(ends((1..=REPORTS + 1).map(|block| (block, 0))), "blocks of one large record each");
        assert!(!ends((1..=REPORTS * 2).map(|piece| (RECORDS * 2, piece))), "small records in few bytes");
        assert!(ends([(0, BYTES + 1), (0, 0)]), "once long, it stays long");
    }

    #[test]
    fn a_server_that_ends_ends_it() {
        let stopping = Arc::new(AtomicBool::new(false));
        let glance = Glance::new(stopping.clone());
        assert!(!glance.cancelled());
        stopping.store(true, Ordering::Relaxed);
        assert!(glance.cancelled());
    }
}
