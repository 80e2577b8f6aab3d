//! The bodies of requests, parsed once: a wrong type, a missing or an unknown member is refused with its
//! name.
//!
//! Calls that make, restore or verify backups refuse members that they do not know: a misspelled
//! `collections` must not restore everything. Those that put data in ignore them, because clients send more.

use std::borrow::Cow;
use std::collections::BTreeMap;

use serde::de::{DeserializeOwned, Error as _, MapAccess, Visitor};
use serde::{Deserialize, Deserializer};
use serde_json::value::RawValue;
use vecvault_core::{
    BackupName, CollectionConfig, CollectionName, DiffRequest, Metric, RestoreRequest, Selection, VerifyDepth,
};

use warp::http::{HeaderMap, HeaderName};

use super::errors::ApiError;

const PREFER: HeaderName = HeaderName::from_static("prefer");

/// `POST /backups/create`.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct CreateBackup {
    pub(super) name: BackupName,
    collections: Option<Vec<CollectionName>>,
}

impl CreateBackup {
    /// Absent, null or empty: all.
    pub(super) fn selection(&mut self) -> Selection {
        match self.collections.take() {
            Some(names) if !names.is_empty() => Selection::Only(names),
            _ => Selection::All,
        }
    }
}

/// `POST /backups/restore`.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct RestoreBackup {
    backup_id: String,
    collections: Option<Vec<CollectionName>>,
    #[serde(default, deserialize_with = "renames")]
    rename: BTreeMap<CollectionName, CollectionName>,
    /// Only say what would be done.
    #[serde(default)]
    pub(super) dry_run: bool,
}

impl TryFrom<RestoreBackup> for RestoreRequest {
    type Error = ApiError;

    fn try_from(body: RestoreBackup) -> Result<Self, ApiError> {
        let collections = match body.collections {
            None => Selection::All,
            Some(names) if names.is_empty() => {
                return Err(ApiError::invalid("collections", "it is empty; leave it out to restore all"));
            }
            Some(names) => Selection::Only(names),
        };
        Ok(Self { id: body.backup_id.parse()?, collections, rename: body.rename })
    }
}

/// `POST /backups/{id}/verify`; the body may be absent.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct VerifyBackup {
    depth: Option<Depth>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "lowercase")]
enum Depth {
    Quick,
    Full,
}

impl VerifyBackup {
    pub(super) fn depth(&self) -> VerifyDepth {
        match self.depth {
            Some(Depth::Quick) => VerifyDepth::Quick,
            Some(Depth::Full) | None => VerifyDepth::Full,
        }
    }
}

/// `POST /collections`. One of the clients says `metric`, another `similarity_metric`.
#[derive(Debug, Deserialize)]
pub(super) struct CreateCollection {
    pub(super) name: CollectionName,
    dimension: usize,
    metric: Option<String>,
    similarity_metric: Option<String>,
}

impl CreateCollection {
    /// Cosine where no metric is named; an unknown one is refused.
    pub(super) fn config(&self) -> Result<CollectionConfig, ApiError> {
        let read = |field: &'static str, text: &Option<String>| match text.as_deref().map(Metric::parse) {
            Some(Metric::Other(text)) => {
                Err(ApiError::invalid(field, format!("{text:?} is none of cosine, dotproduct, euclidean")))
            }
            metric => Ok(metric),
        };
        let (metric, similarity) =
            (read("metric", &self.metric)?, read("similarity_metric", &self.similarity_metric)?);
        if let (Some(one), Some(other)) = (&metric, &similarity)
            && one != other
        {
            return Err(ApiError::invalid("similarity_metric", format!("{other} contradicts metric, {one}")));
        }
        let metric = metric.or(similarity).unwrap_or(Metric::Cosine);
        CollectionConfig::new(self.dimension, metric)
            .map_err(|error| ApiError::invalid("dimension", error.message()))
    }

    /// Whether the caller expects the answer of the client that says `similarity_metric`.
    pub(super) fn says_similarity_metric(&self) -> bool {
        self.similarity_metric.is_some()
    }
}

/// `POST /insert_texts` and `/batch_insert`.
#[derive(Debug, Deserialize)]
pub(super) struct InsertTexts<'a> {
    pub(super) collection: CollectionName,
    #[serde(borrow)]
    pub(super) texts: Vec<Text<'a>>,
}

/// A text that is to be embedded.
#[derive(Debug, Deserialize)]
pub(super) struct Text<'a> {
    #[serde(borrow)]
    pub(super) id: Cow<'a, str>,
    #[serde(borrow)]
    pub(super) text: Cow<'a, str>,
    #[serde(borrow)]
    pub(super) metadata: Option<&'a RawValue>,
}

/// Parses a body, which is an object. (An array of the members' values would do for what is derived.)
pub(super) fn parse<'a, T: Deserialize<'a>>(body: &'a [u8]) -> Result<T, ApiError> {
    if body.trim_ascii_start().first() != Some(&b'{') {
        return Err(ApiError::invalid("body", "expected a JSON object"));
    }
    let mut deserializer = serde_json::Deserializer::from_slice(body);
    let value = serde_path_to_error::deserialize(&mut deserializer).map_err(|error| {
        let path = error.path().to_string();
        ApiError::invalid(if path == "." { "body".into() } else { path }, error.inner())
    })?;
    deserializer.end().map_err(|error| ApiError::invalid("body", error))?;
    Ok(value)
}

/// A body that has been parsed, as it was sent.
pub(super) fn as_sent(body: &[u8]) -> Result<&RawValue, ApiError> {
    serde_json::from_slice(body).map_err(|error| ApiError::invalid("body", error))
}

/// Parses a body that may be absent.
pub(super) fn parse_optional<T: DeserializeOwned + Default>(body: &[u8]) -> Result<T, ApiError> {
    if body.is_empty() { Ok(T::default()) } else { parse(body) }
}

/// Whether the caller wants a job rather than to wait (`Prefer: respond-async`, RFC 7240). What else it
/// prefers is not acted on.
pub(super) fn prefers_async(headers: &HeaderMap) -> bool {
    let preferences = headers.get_all(PREFER).iter().filter_map(|value| value.to_str().ok());
    preferences.flat_map(|value| value.split(',')).any(|preference| {
        let name = preference.split([';', '=']).next().unwrap_or_default();
        name.trim().eq_ignore_ascii_case("respond-async")
    })
}

/// What a page of vectors is asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct PageQuery {
    pub(super) limit: u64,
    pub(super) offset: u64,
}

impl PageQuery {
    /// Reads `limit` (10 where it is absent) and `offset` (0) of a query string.
    pub(super) fn parse(query: &str) -> Result<Self, ApiError> {
        let mut page = Self { limit: 10, offset: 0 };
        for (name, value) in form_urlencoded::parse(query.as_bytes()) {
            let target = match &*name {
                "limit" => &mut page.limit,
                "offset" => &mut page.offset,
                _ => continue,
            };
            *target = value.parse().map_err(|_| ApiError::invalid(name, "expected a whole number"))?;
        }
        if page.limit == 0 {
            return Err(ApiError::invalid("limit", "it is 0; ask for one vector at least"));
        }
        Ok(page)
    }
}

/// What a comparison of two backups is asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct DiffQuery {
    /// Up to how many ids to name of each kind, in a collection.
    pub(super) limit: usize,
}

impl DiffQuery {
    /// Reads `limit` of a query string; 100 where it is absent, 1,000 at most.
    pub(super) fn parse(query: &str) -> Result<Self, ApiError> {
        const MOST: usize = 1_000;
        let mut limit = DiffRequest::default().limit;
        for (_, value) in form_urlencoded::parse(query.as_bytes()).filter(|(name, _)| name == "limit") {
            let number = value.parse().ok().filter(|number| *number <= MOST);
            limit = number.ok_or_else(|| {
                ApiError::invalid("limit", format!("expected a whole number, {MOST} at most"))
            })?;
        }
        Ok(Self { limit })
    }
}

/// Old names to new ones; an old name twice is refused, not overruled by the later one.
fn renames<'de, D: Deserializer<'de>>(
    deserializer: D,
) -> Result<BTreeMap<CollectionName, CollectionName>, D::Error> {
    struct Renames;
    impl<'de> Visitor<'de> for Renames {
        type Value = BTreeMap<CollectionName, CollectionName>;

        fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
            f.write_str("an object of old names and new names")
        }

        fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
            let mut renames = BTreeMap::new();
            while let Some((old, new)) = map.next_entry::<CollectionName, _>()? {
                if renames.contains_key(&old) {
                    return Err(A::Error::custom(format!("{old:?} is renamed twice")));
                }
                renames.insert(old, new);
            }
            Ok(renames)
        }
    }
    deserializer.deserialize_map(Renames)
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::Value;

    /// The field that the error names.
    fn field<'a, T: Deserialize<'a>>(body: &'a str) -> String {
        let error = parse::<T>(body.as_bytes()).err().expect("it was refused");
        let envelope = serde_json::to_value(format!("{error:?}")).unwrap();
        let Value::String(debug) = envelope else { unreachable!() };
        debug.split("\"field\": String(\"").nth(1).unwrap().split("\")").next().unwrap().to_owned()
    }

    #[test]
    fn what_is_wrong_is_named() {
        assert_eq!(field::<CreateBackup>(r#"{"name":5}"#), "name");
        assert_eq!(field::<CreateBackup>(r#"{"name":""}"#), "name");
        assert_eq!(field::<CreateBackup>(r#"{"name":"a","collections":"b"}"#), "collections");
        assert_eq!(field::<CreateBackup>(r#"{"name":"a","collections":["b",1]}"#), "collections[1]");
        assert_eq!(field::<CreateBackup>(r#"{"name":"a","colections":[]}"#), "colections");
        assert_eq!(field::<CreateBackup>("{} {}"), "body");
        for body in ["", "nope", "5", r#"["a",["b"]]"#, r#"["a",null]"#] {
            assert_eq!(field::<CreateBackup>(body), "body", "{body}");
        }
        assert_eq!(field::<RestoreBackup>(r#"{"backup_id":"x","rename":{"a":"b","a":"c"}}"#), "rename");
        assert_eq!(field::<VerifyBackup>(r#"{"depth":"deep"}"#), "depth");
        assert_eq!(field::<CreateCollection>(r#"{"name":"a","dimension":-1}"#), "dimension");
        assert_eq!(field::<InsertTexts<'_>>(r#"{"collection":"a","texts":[{"id":"a"}]}"#), "texts[0]");
    }

    #[test]
    fn a_preference_is_found_among_others_and_needs_its_own_name() {
        let prefers = |values: &[&str]| {
            prefers_async(&values.iter().map(|value| (PREFER, value.parse().unwrap())).collect())
        };
        for values in
            [&["respond-async"][..], &["wait=10, Respond-Async"], &["handling=lenient", "respond-async; x=y"]]
        {
            assert!(prefers(values), "{values:?}");
        }
        for values in [&[][..], &["respond-asynchronously"], &["x=respond-async"], &["return=minimal"]] {
            assert!(!prefers(values), "{values:?}");
        }
    }

    #[test]
    fn an_absent_null_or_empty_selection_is_all() {
        for body in
            [r#"{"name":"a"}"#, r#"{"name":"a","collections":null}"#, r#"{"name":"a","collections":[]}"#]
        {
            assert_eq!(parse::<CreateBackup>(body.as_bytes()).unwrap().selection(), Selection::All);
        }
        let id = "550e8400-e29b-41d4-a716-446655440000";
        let restore = |rest: &str| {
            let body = format!(r#"{{"backup_id":"{id}"{rest}}}"#);
            RestoreRequest::try_from(parse::<RestoreBackup>(body.as_bytes()).unwrap())
        };
        assert_eq!(restore("").unwrap(), RestoreRequest::all(id.parse().unwrap()));
        assert!(
            restore(r#","collections":[]"#).is_err(),
            "an empty selection restores nothing rather than all"
        );
    }

    #[test]
    fn metrics_come_in_any_spelling_and_unknown_ones_are_refused() {
        let config = |rest: &str| {
            let body = format!(r#"{{"name":"a","dimension":3{rest}}}"#);
            parse::<CreateCollection>(body.as_bytes()).unwrap().config()
        };
        let metric = |rest| config(rest).unwrap().metric().clone();
        assert_eq!(metric(""), Metric::Cosine);
        assert_eq!(metric(r#","metric":"DotProduct""#), Metric::DotProduct);
        assert_eq!(metric(r#","similarity_metric":"l2","quantization":{}"#), Metric::Euclidean);
        assert!(config(r#","metric":"hamming""#).is_err());
        assert!(config(r#","metric":"cosine","similarity_metric":"dot""#).is_err());
    }

    #[test]
    fn a_diff_names_no_more_ids_than_there_is_room_for() {
        assert_eq!(DiffQuery::parse("").unwrap(), DiffQuery { limit: 100 });
        assert_eq!(DiffQuery::parse("limit=0").unwrap(), DiffQuery { limit: 0 });
        for bad in ["limit=1001", "limit=-1", "limit=x", "limit="] {
            assert!(DiffQuery::parse(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn texts_keep_their_metadata_as_text() {
        let body = br#"{"collection":"a","texts":[{"id":"1","text":"x\n","metadata":{ "n": 18446744073709551617 }}]}"#;
        let parsed: InsertTexts<'_> = parse(body).unwrap();
        assert_eq!(parsed.texts[0].metadata.unwrap().get(), "{ \"n\": 18446744073709551617 }");
        assert_eq!(parsed.texts[0].text, "x\n");
    }

    #[test]
    fn a_page_query_is_strict_about_its_own_members() {
        assert_eq!(PageQuery::parse("").unwrap(), PageQuery { limit: 10, offset: 0 });
        assert_eq!(PageQuery::parse("limit=5&offset=7&x=y").unwrap(), PageQuery { limit: 5, offset: 7 });
        for bad in ["limit=0", "limit=-1", "offset=x", "limit="] {
            assert!(PageQuery::parse(bad).is_err(), "{bad}");
        }
    }
}
