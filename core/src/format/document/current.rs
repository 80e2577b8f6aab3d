//! A collection of a foreign file while it is read, and what it comes to at its end.

use std::collections::BTreeSet;

use super::DocumentCollection;
use crate::format::error::{FormatError, FormatErrorKind};
use crate::format::json::write_string;
use crate::format::limits::MAX_MEMBER_BYTES;
use crate::format::unique::UniqueIds;
use crate::model::{CollectionConfig, CollectionName, CollectionProof, CollectionSummary};

/// The collection that is being read.
#[derive(Debug)]
pub(super) struct Current {
    pub(super) name: CollectionName,
    /// Its members but `vectors`: key and raw JSON text, in all no longer than one member may be.
    members: Vec<(String, String)>,
    members_bytes: usize,
    /// The keys of all its members.
    keys: BTreeSet<String>,
    pub(super) proof: CollectionProof,
    /// The records' dimension; 0 while there are none.
    pub(super) dimension: usize,
    pub(super) unique: UniqueIds,
    pub(super) ordered: bool,
    pub(super) last_id: String,
    pub(super) vectors: Option<(u64, u64)>,
}

impl Current {
    /// A collection of which nothing has been read.
    pub(super) fn new(name: CollectionName) -> Self {
        Self {
            name,
            members: Vec::new(),
            members_bytes: 0,
            keys: BTreeSet::new(),
            proof: CollectionProof::EMPTY,
            dimension: 0,
            unique: UniqueIds::new(false),
            ordered: true,
            last_id: String::new(),
            vectors: None,
        }
    }

    /// Whether it has had a member of this key.
    pub(super) fn has(&self, key: &str) -> bool {
        self.keys.contains(key)
    }

    /// Keeps a member, whose key stands at an offset.
    pub(super) fn member(&mut self, key: String, text: String, at: u64) -> Result<(), FormatError> {
        self.members_bytes += key.len() + text.len();
        if self.members_bytes > MAX_MEMBER_BYTES {
            return Err(FormatError::too_large(
                at,
                "the length of the members beside the vectors",
                MAX_MEMBER_BYTES,
            ));
        }
        self.keys.insert(key.clone());
        self.members.push((key, text));
        Ok(())
    }

    /// Its vectors begin at an offset.
    pub(super) fn begin_vectors(&mut self, start: u64) {
        self.keys.insert("vectors".into());
        self.vectors = Some((start, start));
    }

    /// The collection, at the offset of its closing brace.
    pub(super) fn finish(&self, at: u64) -> Result<DocumentCollection, FormatError> {
        let (start, end) = self.vectors.ok_or_else(|| FormatError::missing(at, "vectors"))?;
        let config = self.config(at)?;
        if self.dimension != 0 && config.dimension() != self.dimension {
            let (expected, found) = (config.dimension(), self.dimension);
            let message =
                format!("the vectors have {found} numbers; the collection's dimension is {expected}");
            return Err(FormatError::new(FormatErrorKind::WrongDimension { expected, found }, at, message));
        }
        let summary =
            CollectionSummary { name: self.name.clone(), config, proof: self.proof, ordered: self.ordered };
        Ok(DocumentCollection { summary, start, end })
    }

    /// The member `config`, or, as Vectorizer servers write it, the members beside `vectors`; a dimension
    /// that is nowhere said is that of the vectors.
    pub(super) fn config(&self, at: u64) -> Result<CollectionConfig, FormatError> {
        let shifted = |error: FormatError| {
            FormatError::new(error.kind().clone(), at, error.message()).within(error.path())
        };
        let find = |name: &str| self.members.iter().find(|(key, _)| key == name);
        if let Some((_, text)) = find("config") {
            return CollectionConfig::parse(text.as_bytes()).map_err(shifted);
        }
        let mut text = Vec::new();
        let mut push = |key: &str, value: &str| {
            text.push(if text.is_empty() { b'{' } else { b',' });
            write_string(key, &mut text);
            text.push(b':');
            text.extend_from_slice(value.as_bytes());
        };
        if find("dimension").is_none() && self.dimension != 0 {
            push("dimension", &self.dimension.to_string());
        }
        self.members.iter().for_each(|(key, value)| push(key, value));
        if text.is_empty() {
            text.push(b'{');
        }
        text.push(b'}');
        CollectionConfig::parse(&text).map_err(shifted)
    }
}
