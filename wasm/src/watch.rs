//! Who watches a verb from JavaScript: progress and cancellation.

use std::sync::Arc;

use vecvault_core::{Host, InlineWorkers, Monitor, Phase, Progress};
use wasm_bindgen::prelude::wasm_bindgen;

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

/// A host without threads that this one watches.
#[allow(clippy::arc_with_non_send_sync, reason = "core's hosts are shared by `Arc`; wasm has one thread")]
pub(crate) fn host(watch: Watch) -> Host {
    Host { workers: Arc::new(InlineWorkers), monitor: Arc::new(watch) }
}
