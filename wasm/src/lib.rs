//! VecVault where there is JavaScript: the core's functions for browsers and edge workers.
//!
//! Thin: names, types and errors become JavaScript's here, and clock and randomness come from it. Formats
//! and rules are `vecvault-core`'s; what needs an operating system is not in reach. No export panics: a
//! panic would leave the instance unusable.

use chrono::Utc;
use vecvault_core::BackupId;
use wasm_bindgen::prelude::{JsError, wasm_bindgen};

/// A new backup's id: a version 7 UUID of now, so that ids sort by the time of their making.
///
/// # Errors
///
/// Throws where the host gives no randomness.
#[wasm_bindgen(js_name = newBackupId)]
pub fn new_backup_id() -> Result<String, JsError> {
    Ok(new_id()?.to_string())
}

/// The key that a backup is stored under, in a bucket, a key-value store or a folder: `{id}.backup`.
///
/// # Errors
///
/// Throws where `id` is not a UUID in its hyphenated form.
#[wasm_bindgen(js_name = backupKey)]
pub fn backup_key(id: &str) -> Result<String, JsError> {
    Ok(key(id)?)
}

fn new_id() -> Result<BackupId, getrandom::Error> {
    let mut random = [0; 10];
    getrandom::fill(&mut random)?;
    Ok(BackupId::new(u64::try_from(Utc::now().timestamp_millis()).unwrap_or(0), random))
}

fn key(id: &str) -> Result<String, vecvault_core::Error> {
    Ok(id.parse::<BackupId>()?.key().as_str().to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_new_id_has_a_key_of_its_own() {
        let (a, b) = (new_id().unwrap(), new_id().unwrap());
        assert_ne!(a, b);
        assert_eq!(key(&a.to_string()).unwrap(), format!("{a}.backup"));
    }

    #[test]
    fn what_is_no_id_has_no_key() {
        let error = key("../550e8400-e29b-41d4-a716-446655440000").unwrap_err();
        assert!(error.to_string().contains("../550e8400"), "{error}");
    }
}
