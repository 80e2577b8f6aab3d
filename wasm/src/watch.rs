//! Who watches a verb from JavaScript: progress and cancellation.

use std::sync::Arc;

use vecvault_core::{Host, Monitor, Phase, Progress, Workers};
#[cfg(not(target_feature = "atomics"))]
use vecvault_core::{InlineWorkers as Pool, InlineWorkers as ReadingPool};
use wasm_bindgen::prelude::wasm_bindgen;

#[cfg(target_feature = "atomics")]
use crate::threads::{Pool, ReadingPool};

#[wasm_bindgen]
extern "C" {
    /// A watcher as `js/bridge.js` hands it in. Its functions do not throw.
    pub type Watch;
    #[wasm_bindgen(method)]
    fn progress(
        this: &Watch,
        phase: &str,
        records: f64,
        total_records: Option<f64>,
        bytes: f64,
        total_bytes: Option<f64>,
    );
    #[wasm_bindgen(method)]
    fn cancelled(this: &Watch) -> bool;
}

impl Monitor for Watch {
    fn progress(&self, progress: Progress) {
        let phase = match progress.phase {
            Phase::Writing => "writing",
            _ => "reading",
        };
        let number = |number: u64| number as f64;
        self.progress(
            phase,
            number(progress.records),
            progress.total_records.map(number),
            number(progress.bytes),
            progress.total_bytes.map(number),
        );
    }

    fn cancelled(&self) -> bool {
        self.cancelled()
    }
}

/// The host of a verb that this one watches; without threads, unless this is the module that has them.
pub(crate) fn host(watch: Watch) -> Host {
    with(Pool::default(), watch)
}

/// The host of an open backup, which it keeps.
pub(crate) fn reading_host(watch: Watch) -> Host {
    with(ReadingPool, watch)
}

#[allow(
    clippy::arc_with_non_send_sync,
    reason = "core's hosts are shared by `Arc`; this one stays on its thread"
)]
fn with(workers: impl Workers + 'static, watch: Watch) -> Host {
    Host { workers: Arc::new(workers), monitor: Arc::new(watch) }
}
