//! Names of collections and backups: one rule for both.

use std::fmt;

use crate::format::json::Quoted;
use crate::format::limits::MAX_NAME_BYTES;

/// The name of a collection: 1 to 255 bytes of UTF-8 without control characters.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct CollectionName(Box<str>);

/// The name that a person gave a backup: 1 to 255 bytes of UTF-8 without control characters.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct BackupName(Box<str>);

/// A text that is no name, and why.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{what} {problem}")]
pub struct InvalidName {
    /// Whose name: "a collection's name" or "a backup's name".
    pub what: &'static str,
    /// What is wrong with it.
    pub problem: NameProblem,
}

/// Why a text is no name.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum NameProblem {
    /// A control character stands at this byte.
    #[error("has a control character at byte {at}")]
    ControlCharacter {
        /// Its byte offset.
        at: usize,
    },
    /// No text.
    #[error("is empty")]
    Empty,
    /// Over [`MAX_NAME_BYTES`].
    #[error("has {bytes} bytes; at most {MAX_NAME_BYTES} are allowed")]
    TooLong {
        /// How long it is.
        bytes: usize,
    },
}

fn check(what: &'static str, text: &str) -> Result<Box<str>, InvalidName> {
    let problem = if text.is_empty() {
        NameProblem::Empty
    } else if text.len() > MAX_NAME_BYTES {
        NameProblem::TooLong { bytes: text.len() }
    } else if let Some((at, _)) = text.char_indices().find(|(_, c)| c.is_control()) {
        NameProblem::ControlCharacter { at }
    } else {
        return Ok(text.into());
    };
    Err(InvalidName { what, problem })
}

macro_rules! name_type {
    ($name:ident, $what:literal) => {
        impl $name {
            /// Parses a name.
            pub fn parse(text: &str) -> Result<Self, InvalidName> {
                check($what, text).map(Self)
            }

            /// The name as text.
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                fmt::Display::fmt(&Quoted(&self.0), f)
            }
        }

        impl serde::Serialize for $name {
            fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.serialize_str(&self.0)
            }
        }

        impl<'de> serde::Deserialize<'de> for $name {
            fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                let text = String::deserialize(deserializer)?;
                Self::parse(&text).map_err(serde::de::Error::custom)
            }
        }
    };
}

name_type!(CollectionName, "a collection's name");
name_type!(BackupName, "a backup's name");

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_bounded_and_free_of_control_characters() {
        assert_eq!(CollectionName::parse("docs/2024 é").unwrap().as_str(), "docs/2024 é");
        assert!(CollectionName::parse(&"x".repeat(255)).is_ok());
        let problem = |text: &str| BackupName::parse(text).unwrap_err().problem;
        assert_eq!(problem(""), NameProblem::Empty);
        assert_eq!(problem(&"x".repeat(256)), NameProblem::TooLong { bytes: 256 });
        assert_eq!(problem("a\nb"), NameProblem::ControlCharacter { at: 1 });
        assert_eq!(problem("é\u{85}"), NameProblem::ControlCharacter { at: 2 });
    }
}
