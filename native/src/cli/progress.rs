//! A verb's progress as a bar on the terminal, and Ctrl-C as its cancellation.

use std::sync::{Arc, Mutex, PoisonError};

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use vecvault_core::{Monitor, Phase, Progress};

use super::interrupt::Interrupt;

/// Draws on stderr where that is a terminal and people's text is wanted, and nothing elsewhere.
#[derive(Debug)]
pub(crate) struct Bar {
    bar: ProgressBar,
    phase: Mutex<Option<Phase>>,
    interrupt: Interrupt,
}

impl Bar {
    pub(crate) fn new(visible: bool, interrupt: Interrupt) -> Arc<Self> {
        let target = if visible { ProgressDrawTarget::stderr() } else { ProgressDrawTarget::hidden() };
        let bar = ProgressBar::with_draw_target(None, target);
        Arc::new(Self { bar, phase: Mutex::new(None), interrupt })
    }

    /// Begins a new bar where the verb begins a new phase.
    fn enter(&self, phase: Phase) {
        let mut current = self.phase.lock().unwrap_or_else(PoisonError::into_inner);
        if current.replace(phase) == Some(phase) {
            return;
        }
        self.bar.reset();
        self.bar.set_message(match phase {
            Phase::Committing => "committing",
            Phase::Proving => "proving",
            Phase::Reading => "reading",
            Phase::Writing => "writing",
            _ => "working",
        });
    }
}

impl Monitor for Bar {
    fn progress(&self, progress: Progress) {
        self.enter(progress.phase);
        let (done, total, template) = match (progress.total_bytes, progress.total_records) {
            (Some(total), _) => (progress.bytes, Some(total), BYTES),
            (None, Some(total)) => (progress.records, Some(total), RECORDS),
            (None, None) => (progress.records, None, UNKNOWN),
        };
        match total {
            Some(total) => self.bar.set_length(total),
            None => self.bar.unset_length(),
        }
        if let Ok(style) = ProgressStyle::with_template(template) {
            self.bar.set_style(style);
        }
        self.bar.set_position(done);
    }

    fn cancelled(&self) -> bool {
        self.interrupt.requested()
    }
}

impl Drop for Bar {
    fn drop(&mut self) {
        self.bar.finish_and_clear();
    }
}

const BYTES: &str = "{msg:10} {wide_bar} {bytes}/{total_bytes} {bytes_per_sec} {eta}";
const RECORDS: &str = "{msg:10} {wide_bar} {human_pos}/{human_len} records {eta}";
const UNKNOWN: &str = "{msg:10} {spinner} {human_pos} records {elapsed}";
