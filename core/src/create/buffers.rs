//! Memory for text that a store takes and drops when it has written it.

use std::sync::{Arc, Mutex, PoisonError};

use bytes::Bytes;

/// How many unused buffers are kept.
const SPARE: usize = 4;

/// Buffers that come back when the last of the bytes lent in them is dropped, wherever that is. What does
/// not come back is made anew.
#[derive(Clone, Debug, Default)]
pub(super) struct Buffers(Arc<Mutex<Vec<Vec<u8>>>>);

impl Buffers {
    /// A buffer with anything in it.
    pub(super) fn take(&self) -> Vec<u8> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).pop().unwrap_or_default()
    }

    /// The buffer's bytes.
    pub(super) fn lend(&self, buffer: Vec<u8>) -> Bytes {
        Bytes::from_owner(Lent { buffer, home: self.clone() })
    }
}

struct Lent {
    buffer: Vec<u8>,
    home: Buffers,
}

impl AsRef<[u8]> for Lent {
    fn as_ref(&self) -> &[u8] {
        &self.buffer
    }
}

impl Drop for Lent {
    fn drop(&mut self) {
        let mut spare = self.home.0.lock().unwrap_or_else(PoisonError::into_inner);
        if spare.len() < SPARE {
            spare.push(std::mem::take(&mut self.buffer));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn memory_comes_back_when_the_last_of_its_bytes_is_dropped() {
        let buffers = Buffers::default();
        let mut buffer = buffers.take();
        buffer.resize(1000, 7);
        let memory = buffer.as_ptr();
        let bytes = buffers.lend(buffer);
        let part = bytes.slice(10..20);
        drop(bytes);
        let other = buffers.take();
        assert_ne!(other.as_ptr(), memory);
        assert_eq!(part[..], [7; 10]);
        drop(part);
        let same = buffers.take();
        assert_eq!(same.as_ptr(), memory);
    }
}
