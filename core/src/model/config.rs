//! The config of a collection.

use std::borrow::Cow;
use std::fmt;

use crate::format::FormatError;
use crate::format::json;
use crate::format::limits::{MAX_DIMENSION, MAX_MEMBER_BYTES};

/// How distance is measured in a collection.
///
/// Read without regard to case and in all the spellings that servers of this API use; written as
/// `cosine`, `euclidean` or `dotproduct`. Another metric is kept as it is spelled.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Metric {
    /// Cosine similarity.
    Cosine,
    /// The dot product.
    DotProduct,
    /// Euclidean distance.
    Euclidean,
    /// One that VecVault carries without knowing it.
    Other(Box<str>),
}

impl Metric {
    /// Reads any spelling: `Cosine`, `DOT_PRODUCT`, `dot`, `l2`, `Euclid` …
    pub fn parse(text: &str) -> Self {
        let letters = text.bytes().filter(|byte| !matches!(byte, b'_' | b'-' | b' '));
        match letters.map(|byte| byte.to_ascii_lowercase()).collect::<Vec<_>>().as_slice() {
            b"cosine" | b"cos" => Self::Cosine,
            b"dot" | b"dotproduct" | b"ip" | b"innerproduct" => Self::DotProduct,
            b"euclidean" | b"euclid" | b"l2" => Self::Euclidean,
            _ => Self::Other(text.into()),
        }
    }

    /// The canonical spelling.
    pub fn as_str(&self) -> &str {
        match self {
            Self::Cosine => "cosine",
            Self::DotProduct => "dotproduct",
            Self::Euclidean => "euclidean",
            Self::Other(text) => text,
        }
    }
}

impl fmt::Display for Metric {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl serde::Serialize for Metric {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.as_str())
    }
}

/// A collection's config: the JSON object as it was given, to the byte, and the two members that
/// VecVault acts on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CollectionConfig {
    json: Box<str>,
    dimension: usize,
    metric: Metric,
}

impl CollectionConfig {
    /// `{"dimension":…,"metric":"…"}`.
    pub fn new(dimension: usize, metric: Metric) -> Result<Self, FormatError> {
        let mut text = format!("{{\"dimension\":{dimension},\"metric\":").into_bytes();
        json::write_string(metric.as_str(), &mut text);
        text.push(b'}');
        Self::parse(&text)
    }

    /// Takes a JSON object with a `dimension` (1 to 65,536) and a `metric`; its other members are kept as
    /// they are. Offsets in errors count from the start of `text`.
    pub fn parse(text: &[u8]) -> Result<Self, FormatError> {
        if text.len() > MAX_MEMBER_BYTES {
            return Err(FormatError::too_large(0, "the config's length", MAX_MEMBER_BYTES).within("config"));
        }
        let text = json::validate_object(text).map_err(|error| error.within("config"))?;
        let (dimension, metric) = known_members(text).map_err(|error| error.within("config"))?;
        let dimension = dimension.ok_or_else(|| FormatError::missing(0, "dimension").within("config"))?;
        let dimension = usize::try_from(dimension)
            .ok()
            .filter(|d| (1..=MAX_DIMENSION).contains(d))
            .ok_or_else(|| FormatError::dimension_out_of_range(0, dimension).within("config.dimension"))?;
        let metric = metric.ok_or_else(|| FormatError::missing(0, "metric").within("config"))?;
        Ok(Self { json: text.into(), dimension, metric: Metric::parse(&metric) })
    }

    /// The JSON object, as it was given.
    pub fn json(&self) -> &str {
        &self.json
    }

    /// How many numbers a vector has: 1 to 65,536.
    pub fn dimension(&self) -> usize {
        self.dimension
    }

    /// The metric.
    pub fn metric(&self) -> &Metric {
        &self.metric
    }
}

/// The dimension and the metric of a valid object, where they are there and not null.
fn known_members(object: &str) -> Result<(Option<u64>, Option<Cow<'_, str>>), FormatError> {
    let (mut dimension, mut metric) = (None, None);
    json::members(object, |key, value, at| {
        let expected = |what: &str| FormatError::invalid(at, format!("expected {what}")).within(key);
        match key {
            _ if value == "null" => {}
            "dimension" => dimension = Some(value.parse().map_err(|_| expected("a whole number"))?),
            "metric" => metric = Some(json::text(value).ok_or_else(|| expected("a string"))?),
            _ => {}
        }
        Ok(())
    })?;
    Ok((dimension, metric))
}

impl serde::Serialize for CollectionConfig {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let raw = serde_json::value::RawValue::from_string(self.json.to_string());
        raw.map_err(serde::ser::Error::custom)?.serialize(serializer)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn metrics_are_read_in_every_spelling_of_the_api() {
        for (text, metric) in [
            ("Cosine", Metric::Cosine),
            ("COSINE", Metric::Cosine),
            ("dot_product", Metric::DotProduct),
            ("DotProduct", Metric::DotProduct),
            ("dot", Metric::DotProduct),
            ("L2", Metric::Euclidean),
            ("Euclidean", Metric::Euclidean),
            ("hamming", Metric::Other("hamming".into())),
        ] {
            assert_eq!(Metric::parse(text), metric, "{text}");
        }
    }

    #[test]
    fn a_config_keeps_its_text_to_the_byte() {
        let text = br#"{ "metric" : "Cosine", "big": 18446744073709551617, "dimension":3}"#;
        let config = CollectionConfig::parse(text).unwrap();
        assert_eq!(config.json().as_bytes(), text);
        assert_eq!((config.dimension(), config.metric()), (3, &Metric::Cosine));
    }

    #[test]
    fn a_config_without_its_members_is_refused_with_the_place() {
        for (text, path) in [
            ("{}", "config.dimension"),
            (r#"{"dimension":3}"#, "config.metric"),
            (r#"{"dimension":0,"metric":"cosine"}"#, "config.dimension"),
            (r#"{"dimension":65537,"metric":"cosine"}"#, "config.dimension"),
        ] {
            assert_eq!(CollectionConfig::parse(text.as_bytes()).unwrap_err().path(), path, "{text}");
        }
        assert!(CollectionConfig::parse(br#"{"dimension":3,"dimension":4,"metric":"cosine"}"#).is_err());
        assert!(CollectionConfig::parse(b"[]").is_err());
    }
}
