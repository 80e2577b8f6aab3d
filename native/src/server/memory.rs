//! Memory that requests share: what arrives and what is answered takes its part of it, and gives it back with
//! the last byte. Connections may be many and slow; what they hold together has an end.

use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio::time::timeout;

use super::errors::ApiError;

/// How many bytes one permit stands for.
const PERMIT_BYTES: usize = 1 << 10;
/// How long an answer waits for others to be taken.
const PATIENCE: Duration = Duration::from_secs(5);

/// Memory that requests have all together. Cloning shares it.
#[derive(Clone, Debug)]
pub(super) struct Memory {
    permits: Arc<Semaphore>,
    count: usize,
}

/// A part of the memory, given back when it is dropped.
#[derive(Debug)]
pub(super) struct Share(OwnedSemaphorePermit);

impl Memory {
    pub(super) fn new(bytes: usize) -> Self {
        let count = bytes.div_ceil(PERMIT_BYTES).clamp(1, Semaphore::MAX_PERMITS.min(u32::MAX as usize));
        Self { permits: Arc::new(Semaphore::new(count)), count }
    }

    /// Takes a part for what is there already; `None` where others have it all.
    pub(super) fn take_now(&self, bytes: usize) -> Option<Share> {
        let permits = u32::try_from(bytes.div_ceil(PERMIT_BYTES)).ok()?;
        self.permits.clone().try_acquire_many_owned(permits).ok().map(Share)
    }

    /// Takes a part for an answer, once others have been sent; no more than there is.
    pub(super) async fn take(&self, bytes: usize) -> Result<Share, ApiError> {
        let permits = bytes.div_ceil(PERMIT_BYTES).min(self.count) as u32;
        match timeout(PATIENCE, self.permits.clone().acquire_many_owned(permits)).await {
            Ok(Ok(permit)) => Ok(Share(permit)),
            _ => Err(ApiError::busy("the server holds as many answers as it can", 1)),
        }
    }
}

impl Share {
    /// Adds another part.
    pub(super) fn merge(&mut self, other: Self) {
        self.0.merge(other.0);
    }

    pub(super) fn bytes(&self) -> usize {
        self.0.num_permits() * PERMIT_BYTES
    }

    /// The text as a body that keeps its part until it is sent or given up, and gives back the rest.
    pub(super) fn keep_for(mut self, mut text: Vec<u8>) -> Bytes {
        // It grew by doubling; what it does not need is not to wait with it.
        text.shrink_to_fit();
        let needed = text.len().div_ceil(PERMIT_BYTES);
        drop(self.0.split(self.0.num_permits().saturating_sub(needed)));
        Bytes::from_owner(Kept { text, _share: self })
    }
}

struct Kept {
    text: Vec<u8>,
    _share: Share,
}

impl AsRef<[u8]> for Kept {
    fn as_ref(&self) -> &[u8] {
        &self.text
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test(start_paused = true)]
    async fn an_answer_keeps_its_part_until_it_is_gone() {
        let memory = Memory::new(10 * PERMIT_BYTES);
        let answer = memory.take(usize::MAX).await.unwrap().keep_for(vec![0; PERMIT_BYTES + 1]);
        assert!(memory.take_now(9 * PERMIT_BYTES).is_none());
        let mut rest = memory.take_now(7 * PERMIT_BYTES).unwrap();
        rest.merge(memory.take_now(1).unwrap());
        assert_eq!(rest.bytes(), 8 * PERMIT_BYTES);
        let refused = memory.take(1).await.unwrap_err().into_response("");
        assert!(refused.status() == 429 && refused.headers().contains_key("retry-after"));
        assert!(memory.take_now(usize::MAX).is_none());
        let slice = answer.slice(1..2);
        drop((answer, rest));
        assert!(memory.take_now(9 * PERMIT_BYTES).is_none(), "a part of it is still being sent");
        drop(slice);
        assert!(memory.take_now(10 * PERMIT_BYTES).is_some());
    }
}
