//! Ctrl-C, SIGTERM and a terminal that goes away: the first asks a command to stop and undo, the second ends it at once.

use std::io;

use tokio::signal::unix::{SignalKind, signal};
use tokio::sync::watch;

/// How often the process was asked to stop. Cloning shares it.
#[derive(Clone, Debug)]
pub(crate) struct Interrupt {
    times: watch::Receiver<u32>,
}

impl Interrupt {
    /// Begins to listen, in a task of the current runtime.
    pub(crate) fn listen() -> io::Result<Self> {
        let mut interrupt = signal(SignalKind::interrupt())?;
        let mut terminate = signal(SignalKind::terminate())?;
        let mut hang_up = if ignores_hang_ups() { None } else { Some(signal(SignalKind::hangup())?) };
        let (sender, times) = watch::channel(0);
        tokio::spawn(async move {
            loop {
                tokio::select! {
                    _ = interrupt.recv() => {}
                    _ = terminate.recv() => {}
                    Some(_) = async { hang_up.as_mut()?.recv().await } => {}
                }
                sender.send_modify(|times| *times += 1);
            }
        });
        Ok(Self { times })
    }

    /// Whether a command has been asked to stop.
    pub(crate) fn requested(&self) -> bool {
        *self.times.borrow() > 0
    }

    /// Waits until the process was asked `times` times to stop.
    pub(crate) async fn asked(&self, times: u32) {
        let mut receiver = self.times.clone();
        if receiver.wait_for(|asked| *asked >= times).await.is_err() {
            // The runtime ends, and whoever waits with it.
            std::future::pending::<()>().await;
        }
    }
}

/// Whether whoever started the process has it ignore that its terminal goes away, as nohup does; so it is taken where the
/// system does not tell.
fn ignores_hang_ups() -> bool {
    /// The bit of SIGHUP, signal 1.
    const HANG_UP: u64 = 1;
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let ignored = status.lines().find_map(|line| line.strip_prefix("SigIgn:"));
    ignored.and_then(|mask| u64::from_str_radix(mask.trim(), 16).ok()).is_none_or(|mask| mask & HANG_UP != 0)
}
