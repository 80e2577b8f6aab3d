//! Threads: instances of this module in workers of JavaScript's, which share its memory. Core's jobs go to them as they do
//! natively; the rest, JavaScript's values above all, stays with the thread that began.
//!
//! Only what is compiled with atomics shares memory: `vecvault-threads.wasm`. `js/threads.js` begins the workers. In each,
//! [`work`] never returns: it waits for jobs, in memory rather than for messages. That a job begins and that one is done is
//! told only so that the process lives meanwhile; results come through core's own channels.
//!
//! The threads are shared by all verbs under way: each may have its part of them in flight, so that a hundred builds take no
//! more memory than they would without threads, and one has all of them. An open backup is none: it may lie there unread.

use std::collections::VecDeque;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Condvar, Mutex, PoisonError};

use vecvault_core::Job;

/// Jobs that wait for a thread; the one that has waited longest is next.
struct Queue {
    jobs: Mutex<VecDeque<Job>>,
    more: Condvar,
    threads: AtomicUsize,
    /// How many verbs are under way.
    verbs: AtomicUsize,
}

impl Queue {
    const fn new() -> Self {
        Self {
            jobs: Mutex::new(VecDeque::new()),
            more: Condvar::new(),
            threads: AtomicUsize::new(0),
            verbs: AtomicUsize::new(0),
        }
    }

    /// How many threads take jobs.
    fn threads(&self) -> usize {
        self.threads.load(Ordering::Acquire)
    }

    /// From now on the calling thread takes jobs too.
    fn join(&self) {
        self.threads.fetch_add(1, Ordering::Release);
    }

    /// How many jobs of one verb can run at once.
    fn share(&self) -> usize {
        match (self.threads(), self.verbs.load(Ordering::Relaxed).max(1)) {
            // The thread works while the one that began reads and hands over: that is two at once.
            (1, 1) => 2,
            (threads, verbs) => threads.div_ceil(verbs).max(1),
        }
    }

    fn push(&self, job: Job) {
        self.jobs.lock().unwrap_or_else(PoisonError::into_inner).push_back(job);
        self.more.notify_one();
    }

    /// Waits for a job. Never on the thread that began: who blocks it blocks the event loop.
    fn next(&self) -> Job {
        let mut jobs = self.jobs.lock().unwrap_or_else(PoisonError::into_inner);
        loop {
            match jobs.pop_front() {
                Some(job) => return job,
                None => jobs = self.more.wait(jobs).unwrap_or_else(PoisonError::into_inner),
            }
        }
    }
}

#[cfg(target_feature = "atomics")]
pub use shared::{Keeper, Teller, keep_alive, work};
#[cfg(target_feature = "atomics")]
pub(crate) use shared::{Pool, ReadingPool};

#[cfg(target_feature = "atomics")]
mod shared {
    use std::cell::RefCell;
    use std::sync::atomic::Ordering;

    use vecvault_core::{Job, Workers};
    use wasm_bindgen::prelude::wasm_bindgen;

    use super::Queue;

    static QUEUE: Queue = Queue::new();

    thread_local! {
        /// Of the thread that began.
        static KEEPER: RefCell<Option<Keeper>> = const { RefCell::new(None) };
    }

    #[wasm_bindgen]
    extern "C" {
        /// What keeps the process alive while jobs are under way, as `js/threads.js` hands it in. It does not throw.
        pub type Keeper;
        #[wasm_bindgen(method)]
        fn begun(this: &Keeper);

        /// What a thread tells of itself, as `js/threads-worker.js` hands it in. It does not throw.
        pub type Teller;
        #[wasm_bindgen(method)]
        fn up(this: &Teller);
        #[wasm_bindgen(method)]
        fn done(this: &Teller);
    }

    /// A verb's part of the threads; while there are none, jobs run on the spot.
    pub(crate) struct Pool(());

    impl Default for Pool {
        fn default() -> Self {
            QUEUE.verbs.fetch_add(1, Ordering::Relaxed);
            Self(())
        }
    }

    impl Drop for Pool {
        fn drop(&mut self) {
            QUEUE.verbs.fetch_sub(1, Ordering::Relaxed);
        }
    }

    impl Workers for Pool {
        fn parallelism(&self) -> usize {
            QUEUE.share()
        }

        fn run(&self, job: Job) {
            run(job);
        }
    }

    /// The threads as an open backup has them, which is not counted: a few, whoever else is at work.
    #[derive(Default)]
    pub(crate) struct ReadingPool;

    impl Workers for ReadingPool {
        fn parallelism(&self) -> usize {
            QUEUE.threads().clamp(1, 2)
        }

        fn run(&self, job: Job) {
            run(job);
        }
    }

    fn run(job: Job) {
        if QUEUE.threads() == 0 {
            return job();
        }
        KEEPER.with_borrow(|keeper| keeper.as_ref().map(Keeper::begun));
        QUEUE.push(job);
    }

    /// Says who is told of every job that goes to a thread, before any has begun.
    #[wasm_bindgen(js_name = keepAlive)]
    pub fn keep_alive(keeper: Keeper) {
        KEEPER.set(Some(keeper));
    }

    /// What a worker does, for ever.
    #[wasm_bindgen]
    pub fn work(teller: &Teller) {
        QUEUE.join();
        teller.up();
        loop {
            QUEUE.next()();
            teller.done();
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::{Arc, Barrier, mpsc};
    use std::thread;

    use super::*;

    #[test]
    fn verbs_share_the_threads_and_each_has_one_at_least() {
        let queue = Queue::new();
        let share = |threads, verbs| {
            queue.threads.store(threads, Ordering::Relaxed);
            queue.verbs.store(verbs, Ordering::Relaxed);
            queue.share()
        };
        assert_eq!([share(0, 0), share(0, 1), share(0, 9)], [1, 1, 1]);
        assert_eq!([share(1, 1), share(1, 2)], [2, 1]);
        assert_eq!([share(8, 1), share(8, 2), share(8, 3), share(8, 100)], [8, 4, 3, 1]);
    }

    #[test]
    fn every_job_runs_once_on_one_of_the_threads() {
        let queue = Arc::new(Queue::new());
        let (sender, ran) = mpsc::channel();
        let push = |number: usize| {
            let sender = sender.clone();
            queue.push(Box::new(move || sender.send((number, thread::current().id())).unwrap()));
        };
        // Half of the jobs wait before anybody takes them.
        (0..500).for_each(push);
        let joined = Arc::new(Barrier::new(5));
        for _ in 0..4 {
            let (queue, joined) = (queue.clone(), joined.clone());
            // Ends with the test's process: a thread of the queue's has no end.
            thread::spawn(move || {
                queue.join();
                joined.wait();
                loop {
                    queue.next()();
                }
            });
        }
        joined.wait();
        assert_eq!(queue.threads(), 4);
        (500..1_000).for_each(push);
        let mut numbers = Vec::new();
        for (number, thread) in ran.iter().take(1_000) {
            assert_ne!(thread, thread::current().id());
            numbers.push(number);
        }
        numbers.sort_unstable();
        assert_eq!(numbers, (0..1_000).collect::<Vec<_>>());
    }
}
