//! The threads that blocks are encoded and decoded on, apart from the async ones.

use std::sync::Arc;

use vecvault_core::{Job, Workers};

/// A pool of as many threads as the machine has cores.
#[derive(Debug)]
pub struct ThreadPool {
    pool: rayon::ThreadPool,
}

impl ThreadPool {
    /// A pool of `threads` threads, or of one a core where that is `None`.
    pub fn new(threads: Option<usize>) -> Result<Arc<Self>, rayon::ThreadPoolBuildError> {
        let pool = rayon::ThreadPoolBuilder::new()
            .num_threads(threads.unwrap_or(0))
            .thread_name(|index| format!("vecvault-worker-{index}"))
            .build()?;
        Ok(Arc::new(Self { pool }))
    }
}

impl Workers for ThreadPool {
    fn parallelism(&self) -> usize {
        self.pool.current_num_threads()
    }

    fn run(&self, job: Job) {
        self.pool.spawn_fifo(job);
    }
}
