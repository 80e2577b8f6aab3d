//! What is wrong with bytes, and where.

use std::fmt;

use super::json::Quoted;

/// What is wrong with a file or a text.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum FormatErrorKind {
    /// A dimension out of 1 to 65,536.
    DimensionOutOfRange {
        /// What was found.
        found: u64,
    },
    /// An object has this key twice.
    DuplicateKey,
    /// Two records have this id.
    DuplicateId,
    /// A hash is not that of the bytes it stands for.
    HashMismatch,
    /// The id in the file is not the one of its key.
    IdMismatch,
    /// Not JSON, or not of the shape that is required here; the message says what.
    Invalid,
    /// The index says something that cannot be, or that the rest of the file contradicts.
    InvalidIndex,
    /// A lone surrogate or another text that is not Unicode.
    InvalidText,
    /// A required member is not there.
    Missing,
    /// It does not begin as a backup does, or has nothing that is a backup's.
    NotABackup,
    /// A number that f32 cannot hold.
    NumberOutOfRange,
    /// Records are not in the order that the index says.
    OutOfOrder,
    /// Count or fingerprint is not what the file says.
    ProofMismatch,
    /// Past a limit of the format.
    TooLarge,
    /// Bytes after the end.
    TrailingBytes,
    /// The bytes end before the value does.
    Truncated,
    /// A format of a later version.
    Unsupported,
    /// A vector of another length than the collection's dimension.
    WrongDimension {
        /// The collection's dimension.
        expected: usize,
        /// The vector's length.
        found: usize,
    },
}

impl FormatErrorKind {
    /// A stable word for it, such as `hash_mismatch`.
    pub fn code(&self) -> &'static str {
        match self {
            Self::DimensionOutOfRange { .. } => "dimension_out_of_range",
            Self::DuplicateId => "duplicate_id",
            Self::DuplicateKey => "duplicate_key",
            Self::HashMismatch => "hash_mismatch",
            Self::IdMismatch => "id_mismatch",
            Self::Invalid => "invalid",
            Self::InvalidIndex => "invalid_index",
            Self::InvalidText => "invalid_text",
            Self::Missing => "missing_member",
            Self::NotABackup => "not_a_backup",
            Self::NumberOutOfRange => "number_out_of_range",
            Self::OutOfOrder => "out_of_order",
            Self::ProofMismatch => "proof_mismatch",
            Self::TooLarge => "too_large",
            Self::TrailingBytes => "trailing_bytes",
            Self::Truncated => "truncated",
            Self::Unsupported => "unsupported_version",
            Self::WrongDimension { .. } => "wrong_dimension",
        }
    }
}

/// Bytes that are not what they must be: the kind, the byte offset, the path to the value, and a message.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FormatError {
    inner: Box<Inner>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
struct Inner {
    kind: FormatErrorKind,
    offset: u64,
    path: String,
    message: String,
}

impl FormatError {
    /// An error at a byte offset.
    pub fn new(kind: FormatErrorKind, offset: impl TryInto<u64>, message: impl Into<String>) -> Self {
        let offset = offset.try_into().unwrap_or(u64::MAX);
        Self { inner: Box::new(Inner { kind, offset, path: String::new(), message: message.into() }) }
    }

    /// Not JSON, or not of the required shape.
    pub fn invalid(offset: impl TryInto<u64>, message: impl Into<String>) -> Self {
        Self::new(FormatErrorKind::Invalid, offset, message)
    }

    /// A required member is missing.
    pub(crate) fn missing(offset: impl TryInto<u64>, member: &str) -> Self {
        Self::new(FormatErrorKind::Missing, offset, "this member is required").within(member)
    }

    /// The same error, for a file in which nothing is a backup's.
    pub(crate) fn not_a_backup(mut self) -> Self {
        self.inner.kind = FormatErrorKind::NotABackup;
        self.about("this is not a backup")
    }

    /// A dimension that no vector has.
    pub(crate) fn dimension_out_of_range(offset: impl TryInto<u64>, found: u64) -> Self {
        let message = format!("a dimension of {found}; 1 to {} are allowed", super::limits::MAX_DIMENSION);
        Self::new(FormatErrorKind::DimensionOutOfRange { found }, offset, message)
    }

    /// Past a limit.
    pub(crate) fn too_large(offset: impl TryInto<u64>, what: &str, limit: usize) -> Self {
        Self::new(FormatErrorKind::TooLarge, offset, format!("{what} is over the limit of {limit}"))
    }

    /// The bytes end too early.
    pub(crate) fn truncated(offset: impl TryInto<u64>) -> Self {
        Self::new(FormatErrorKind::Truncated, offset, "the bytes end before the value does")
    }

    /// The same error, seen from the value that contains this one: `segment` comes before the path.
    #[must_use]
    pub fn within(mut self, segment: impl fmt::Display) -> Self {
        let path = &self.inner.path;
        let joint = if path.is_empty() || path.starts_with('[') { "" } else { "." };
        self.inner.path = format!("{segment}{joint}{path}");
        self
    }

    /// The same error, with what it is about before its message.
    #[must_use]
    pub(crate) fn about(mut self, what: impl fmt::Display) -> Self {
        self.inner.message = format!("{what}: {}", self.inner.message);
        self
    }

    /// The same error, seen from bytes in which these ones begin at `start`.
    #[must_use]
    pub fn shifted(mut self, start: u64) -> Self {
        self.inner.offset = self.inner.offset.saturating_add(start);
        self
    }

    /// What is wrong.
    pub fn kind(&self) -> &FormatErrorKind {
        &self.inner.kind
    }

    /// Where: the offset of a byte.
    pub fn offset(&self) -> u64 {
        self.inner.offset
    }

    /// Where: the path to the value, such as `data.docs.vectors[17].vector[3]`; empty for the whole.
    pub fn path(&self) -> &str {
        &self.inner.path
    }

    /// What, without the place.
    pub fn message(&self) -> &str {
        &self.inner.message
    }

    /// Whether the file may well be whole, but of a later version.
    pub fn is_unsupported(&self) -> bool {
        self.inner.kind == FormatErrorKind::Unsupported
    }

    /// Whether more bytes could mend it.
    pub(crate) fn is_truncated(&self) -> bool {
        self.inner.kind == FormatErrorKind::Truncated
    }
}

impl fmt::Display for FormatError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Inner { offset, path, message, .. } = &*self.inner;
        if path.is_empty() {
            write!(f, "at byte {offset}: {message}")
        } else {
            write!(f, "{path}, at byte {offset}: {message}")
        }
    }
}

impl std::error::Error for FormatError {}

/// A path segment for a member: `docs`, or `["a b"]` where the name is not a plain word.
pub(crate) fn member_segment(name: &str) -> String {
    let plain =
        !name.is_empty() && name.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'_' | b'-'));
    if plain { name.into() } else { format!("[{}]", Quoted(&crate::error::excerpt(name))) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_grow_outwards() {
        let error =
            FormatError::missing(7, "id").within("[3]").within("vectors").within(member_segment("a b"));
        assert_eq!(error.path(), r#"["a b"].vectors[3].id"#);
        assert_eq!(
            error.shifted(10).to_string(),
            r#"["a b"].vectors[3].id, at byte 17: this member is required"#
        );
    }
}
