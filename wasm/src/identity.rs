//! New ids, from the host's clock and randomness.

use chrono::Utc;
use vecvault_core::{BackupId, BlobError, BlobErrorKind};

/// A new backup's id: a version 7 UUID of now, so that ids sort by the time of their making.
pub(crate) fn new_id() -> vecvault_core::Result<BackupId> {
    let mut random = [0; 10];
    getrandom::fill(&mut random)
        .map_err(|_| BlobError::new(BlobErrorKind::Other, "this host gives no randomness: hand an id in"))?;
    Ok(BackupId::new(u64::try_from(Utc::now().timestamp_millis()).unwrap_or(0), random))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_new_id_is_a_new_one() {
        let (a, b) = (new_id().unwrap(), new_id().unwrap());
        assert_ne!(a, b);
        assert!(a.to_string().starts_with(&b.to_string()[..8]), "{a} {b}: both begin with the time");
    }
}
