//! The identity of a backup.

use std::fmt;
use std::str::FromStr;

use uuid::Uuid;

use crate::blob::BlobKey;

/// The id of a backup: a UUID, written in lower case with hyphens.
///
/// New backups get version 7 ids, which sort by the time of their making; any version is read.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct BackupId(Uuid);

/// What a backup's key ends with.
const SUFFIX: &str = ".backup";

impl BackupId {
    /// Makes a version 7 id from the time in milliseconds since 1970 and ten random bytes: the host has
    /// the clock and the randomness.
    pub fn new(unix_millis: u64, random: [u8; 10]) -> Self {
        Self(uuid::Builder::from_unix_timestamp_millis(unix_millis, &random).into_uuid())
    }

    /// Parses the hyphenated form, upper or lower case. Nothing else is an id: no braces, no `urn:`, no
    /// path.
    pub fn parse(text: &str) -> Option<Self> {
        let hyphenated = text.len() == uuid::fmt::Hyphenated::LENGTH;
        if hyphenated { Uuid::try_parse(text).ok().map(Self) } else { None }
    }

    /// The blob that holds this backup: `{id}.backup`.
    pub fn key(&self) -> BlobKey {
        BlobKey::from_trusted(format!("{self}{SUFFIX}"))
    }

    /// The id of the backup that a key holds; `None` where the key is not a backup's, or not spelled as
    /// [`BackupId::key`] spells it (so no two keys are one backup).
    pub fn from_key(key: &BlobKey) -> Option<Self> {
        let id = Self::parse(key.as_str().strip_suffix(SUFFIX)?)?;
        (id.key() == *key).then_some(id)
    }
}

impl fmt::Display for BackupId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.as_hyphenated().fmt(f)
    }
}

impl fmt::Debug for BackupId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl FromStr for BackupId {
    type Err = crate::Error;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Self::parse(text).ok_or_else(|| crate::Error::InvalidId { text: crate::error::excerpt(text) })
    }
}

impl serde::Serialize for BackupId {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const TEXT: &str = "550e8400-e29b-41d4-a716-446655440000";

    #[test]
    fn only_the_hyphenated_form_is_an_id() {
        assert_eq!(BackupId::parse(TEXT).unwrap().to_string(), TEXT);
        assert_eq!(BackupId::parse(&TEXT.to_uppercase()).unwrap().to_string(), TEXT);
        for bad in
            ["", "..", "../x", "550e8400e29b41d4a716446655440000", "{550e8400-e29b-41d4-a716-446655440000}"]
        {
            assert_eq!(BackupId::parse(bad), None, "{bad}");
        }
    }

    #[test]
    fn a_key_is_one_backup_s_and_the_other_way_round() {
        let id = BackupId::parse(TEXT).unwrap();
        assert_eq!(id.key().as_str(), "550e8400-e29b-41d4-a716-446655440000.backup");
        assert_eq!(BackupId::from_key(&id.key()), Some(id));
        let twin = BlobKey::parse("550E8400-E29B-41D4-A716-446655440000.backup").unwrap();
        assert_eq!(BackupId::from_key(&twin), None, "a key of another case is no second way to a backup");
    }

    #[test]
    fn new_ids_are_version_7_and_sort_by_time() {
        let (early, late) = (BackupId::new(1_000, [0xff; 10]), BackupId::new(1_001, [0; 10]));
        assert!(early.to_string() < late.to_string());
        assert_eq!(early.0.get_version_num(), 7);
    }
}
