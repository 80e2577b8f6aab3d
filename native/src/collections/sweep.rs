//! Deleting generations that no name leads to, a little at a time, so that writers never wait for long.
//!
//! One thread does it, woken at open and whenever a generation has lost its name or a restore has ended.
//! What it does not get to is found at the next wake or the next open. Its errors are not reported: nothing
//! live depends on it.

use std::io;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{self, Sender};
use std::thread::JoinHandle;

use redb::ReadableTable;
use tokio::sync::oneshot;

use super::engine::Engine;
use super::error::{Result, from_engine};
use super::schema::{self, Generation, UNNAMED};
use super::tables::Tables;

/// What one transaction deletes, in bytes and in chunks. The engine reads what it deletes.
const BYTES_AT_ONCE: usize = 8 << 20;
const CHUNKS_AT_ONCE: usize = 256;

/// The thread that sweeps; it ends with the value.
pub(super) struct Sweeper {
    wake: Option<Sender<Option<oneshot::Sender<()>>>>,
    stop: Arc<AtomicBool>,
    thread: Option<JoinHandle<()>>,
}

impl Sweeper {
    /// Starts the thread, which begins with what is there.
    pub(super) fn start(engine: Arc<Engine>) -> io::Result<Self> {
        let (wake, woken) = mpsc::channel::<Option<oneshot::Sender<()>>>();
        let stop = Arc::new(AtomicBool::new(false));
        let stopped = stop.clone();
        let thread = std::thread::Builder::new().name("vecvault-sweeper".into()).spawn(move || {
            // A failed sweep is tried again at the next wake.
            let _ = sweep(&engine, &stopped);
            for waiting in woken {
                let _ = sweep(&engine, &stopped);
                if let Some(waiting) = waiting {
                    let _ = waiting.send(());
                }
            }
        })?;
        Ok(Self { wake: Some(wake), stop, thread: Some(thread) })
    }

    /// Something is there to sweep.
    pub(super) fn wake(&self) {
        self.send(None);
    }

    /// Sweeps all that is there now; what it gives yields when that is done.
    pub(super) fn finish(&self) -> oneshot::Receiver<()> {
        let (tell, told) = oneshot::channel();
        self.send(Some(tell));
        told
    }

    fn send(&self, waiting: Option<oneshot::Sender<()>>) {
        if let Some(wake) = &self.wake {
            // The thread lives as long as the channel.
            let _ = wake.send(waiting);
        }
    }
}

impl Drop for Sweeper {
    fn drop(&mut self) {
        self.stop.store(true, Ordering::Relaxed);
        self.wake = None;
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}

/// Deletes all generations that no name leads to and no restore holds.
fn sweep(engine: &Engine, stop: &AtomicBool) -> Result<()> {
    for_each(unnamed(engine)?, |generation| {
        while !stop.load(Ordering::Relaxed) && delete_some(engine, generation)? {}
        Ok(())
    })
}

/// Goes through all generations: one that cannot be deleted, because it is damaged, keeps no other one. Gives
/// the first error.
fn for_each(generations: Vec<Generation>, delete: impl FnMut(Generation) -> Result<()>) -> Result<()> {
    generations.into_iter().map(delete).fold(Ok(()), Result::and)
}

fn unnamed(engine: &Engine) -> Result<Vec<Generation>> {
    let table = engine.begin_read()?.open_table(UNNAMED).map_err(from_engine)?;
    let mut generations = Vec::new();
    for entry in table.iter().map_err(from_engine)? {
        generations.push(entry.map_err(from_engine)?.0.value());
    }
    Ok(generations)
}

/// Deletes some chunks of a generation, and with the last of them its listing; true where there are more.
fn delete_some(engine: &Engine, generation: Generation) -> Result<bool> {
    let keys = schema::keys(generation);
    let transaction = engine.begin_write()?;
    let more = {
        let mut tables = Tables::open(&transaction)?;
        // Asked within the one write transaction: a restore lets go of a generation only after the commit
        // that names it, so one that is unnamed and not held stays so.
        let listed = tables.unnamed.get(generation).map_err(from_engine)?.is_some();
        if !listed || engine.held().generations.contains(&generation) {
            return Ok(false);
        }
        let mut some = Vec::with_capacity(CHUNKS_AT_ONCE);
        for entry in
            tables.counts.range(&keys.start[..]..&keys.end[..]).map_err(from_engine)?.take(CHUNKS_AT_ONCE)
        {
            some.push(entry.map_err(from_engine)?.0.value().to_vec());
        }
        let (mut bytes, mut deleted) = (0, 0);
        for key in &some {
            if bytes >= BYTES_AT_ONCE {
                break;
            }
            let chunk = tables.chunks.remove(&key[..]).map_err(from_engine)?;
            bytes += chunk.map_or(0, |chunk| chunk.value().len());
            tables.counts.remove(&key[..]).map_err(from_engine)?;
            deleted += 1;
        }
        let more = deleted == CHUNKS_AT_ONCE || deleted < some.len();
        if !more {
            tables.unnamed.remove(generation).map_err(from_engine)?;
        }
        more
    };
    transaction.commit().map_err(from_engine)?;
    Ok(more)
}

#[cfg(test)]
mod tests {
    use super::super::error::corrupt;
    use super::*;

    #[test]
    fn a_generation_that_cannot_be_deleted_keeps_no_other() {
        let mut tried = Vec::new();
        let error = for_each(vec![1, 2, 3, 4], |generation| {
            tried.push(generation);
            if generation % 2 == 0 { Err(corrupt(format!("{generation}"))) } else { Ok(()) }
        });
        assert_eq!(error.unwrap_err().to_string(), "2", "the first one is told");
        assert_eq!(tried, [1, 2, 3, 4]);
    }
}
