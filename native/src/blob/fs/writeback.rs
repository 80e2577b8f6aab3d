//! Writing back early: a long file goes to the disk while it is being made, so that the sync at its end has
//! little left to do. Without it the disk waits for the processor, and then the other way round.

use std::fs::File;
use std::io;
use std::sync::mpsc::{SyncSender, TrySendError, sync_channel};
use std::thread::{Builder, JoinHandle};

/// How many bytes are written before they are synced.
const STEP: u64 = 16 << 20;

/// Syncs a file again and again while it is written.
#[derive(Debug, Default)]
pub(super) struct Writeback {
    waiting: u64,
    /// From the first step on.
    syncer: Option<Syncer>,
}

#[derive(Debug)]
struct Syncer {
    wake: SyncSender<()>,
    thread: JoinHandle<io::Result<()>>,
}

impl Writeback {
    /// So many bytes have been written. An earlier sync's failure comes out here or at the end.
    pub(super) fn wrote(&mut self, file: &File, bytes: usize) -> io::Result<()> {
        self.waiting += bytes as u64;
        if self.waiting < STEP {
            return Ok(());
        }
        self.waiting = 0;
        let syncer = match &self.syncer {
            Some(syncer) => syncer,
            None => self.syncer.insert(Syncer::start(file)?),
        };
        match syncer.wake.try_send(()) {
            // One that is still at it will see to these bytes the next time.
            Ok(()) | Err(TrySendError::Full(())) => Ok(()),
            Err(TrySendError::Disconnected(())) => self.finish(),
        }
    }

    /// Waits for the sync that is under way. What was written last still has to be synced.
    pub(super) fn finish(&mut self) -> io::Result<()> {
        let Some(Syncer { wake, thread }) = self.syncer.take() else { return Ok(()) };
        drop(wake);
        thread.join().unwrap_or_else(|_| Err(io::Error::other("the thread that syncs has panicked")))
    }
}

impl Syncer {
    fn start(file: &File) -> io::Result<Self> {
        // The system reports a failed write once for an open file, whichever of its handles asks: a failure
        // here is the only sign, and must fail the whole.
        let file = file.try_clone()?;
        let (wake, woken) = sync_channel(1);
        let sync = move || woken.iter().try_for_each(|()| file.sync_data());
        let thread = Builder::new().name("vecvault-sync".into()).spawn(sync)?;
        Ok(Self { wake, thread })
    }
}

#[cfg(test)]
mod tests {
    use std::io::Write;

    use super::*;

    #[test]
    fn short_files_need_no_thread_and_long_ones_have_one() {
        let mut file = tempfile::tempfile().unwrap();
        let mut writeback = Writeback::default();
        file.write_all(b"short").unwrap();
        writeback.wrote(&file, 5).unwrap();
        assert!(writeback.syncer.is_none());
        for _ in 0..3 {
            writeback.wrote(&file, STEP as usize).unwrap();
        }
        assert!(writeback.syncer.is_some());
        writeback.finish().unwrap();
        writeback.finish().unwrap();
    }

    #[test]
    fn a_sync_that_fails_is_told() {
        // A pipe cannot be synced.
        let (_reader, writer) = io::pipe().unwrap();
        let file = File::from(std::os::fd::OwnedFd::from(writer));
        let mut writeback = Writeback::default();
        writeback.wrote(&file, STEP as usize).unwrap();
        assert!(writeback.finish().is_err());
    }
}
