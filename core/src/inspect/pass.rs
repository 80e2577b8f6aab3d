//! All records of a reader, a batch at a time, on the host's workers.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use super::from_collection_error;
use crate::collections::CollectionReader;
use crate::error::Result;
use crate::host::Reading;
use crate::model::RecordBatch;

/// What is done with each batch; `false` when it has seen enough.
pub(crate) type Each = Arc<dyn Fn(&RecordBatch) -> bool + Send + Sync>;

/// Reads front to back, until the end or until `each` has seen enough. What it gathers is shared with the
/// caller ([`lock`]): verbs differ in their closures alone, and the code is there once.
pub(crate) async fn pass(
    mut reader: Box<dyn CollectionReader>,
    each: Each,
    reading: &mut Reading<'_>,
) -> Result<()> {
    let mut memory = RecordBatch::default();
    loop {
        let batch = reader.next(memory).await.map_err(from_collection_error)?;
        if batch.is_empty() {
            return Ok(());
        }
        let (count, each) = (batch.len() as u64, each.clone());
        let job = reading.host.spawn(move || (each(&batch), batch));
        let (goes_on, lent) = job.await?;
        memory = lent;
        reading.done(count)?;
        if !goes_on {
            return Ok(());
        }
    }
}

/// What a pass gathers. A job that panicked has ended its verb, so that nobody sees what it left.
pub(crate) fn lock<T>(gathered: &Mutex<T>) -> MutexGuard<'_, T> {
    gathered.lock().unwrap_or_else(PoisonError::into_inner)
}
