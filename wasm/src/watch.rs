//! Who watches a verb from JavaScript: progress and cancellation.

use std::sync::Arc;

#[cfg(not(target_feature = "atomics"))]
use vecvault_core::InlineWorkers as Pool;
use vecvault_core::{Host, Monitor, Phase, Progress};
use wasm_bindgen::prelude::wasm_bindgen;

#[cfg(target_feature = "atomics")]
use crate::threads::Pool;

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

/// A host that this one watches; without threads, unless this is the module that has them.
#[allow(
    clippy::arc_with_non_send_sync,
    reason = "core's hosts are shared by `Arc`; this one stays on its thread"
)]
pub(crate) fn host(watch: Watch) -> Host {
    Host { workers: Arc::new(Pool::default()), monitor: Arc::new(watch) }
}
