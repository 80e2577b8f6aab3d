//! Putting vectors and texts into a collection: all of a request, or nothing of it.
//!
//! Servers of this API elsewhere answer 200 with an error beside each bad item; here a request with one bad
//! record is refused whole, and the answer names the record.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::sync::Arc;

use bytes::Bytes;
use serde_json::value::RawValue;
use vecvault_core::format::limits::MAX_RECORD_BYTES;
use vecvault_core::format::{Body as Records, BodyDecoder, RecordMembers, json};
use vecvault_core::{CollectionName, Record, RecordBatch, RecordError, RecordProblem};
use warp::http::StatusCode;

use super::{Outcome, blocking};
use crate::embedding::embed;
use crate::server::body::Body;
use crate::server::errors::ApiError;
use crate::server::memory::{Memory, Share};
use crate::server::replies::{self, Inserted};
use crate::server::requests::{self, InsertTexts, Text};
use crate::server::service::Context;

/// `POST /insert_vectors` and `/collections/{name}/vectors`. The body is decoded as it arrives.
pub(super) async fn vectors(context: &Arc<Context>, named: Option<CollectionName>, body: Body) -> Outcome {
    let mut body = body.limited(context.config.limits.insert_bytes);
    let mut decoder = BodyDecoder::new("vectors", RecordMembers::INSERT);
    while let Some(piece) = body.next_piece().await? {
        decoder = blocking(move || decoder.feed(&piece).map(|()| decoder)).await??;
    }
    let Records { members, records } = blocking(|| decoder.finish()).await??;
    let collection = collection(named, &members)?;
    let batch = records.ok_or_else(|| ApiError::invalid("vectors", "this member is required"))?;
    insert(context, collection, batch).await
}

/// `POST /insert_texts` and `/batch_insert`: the vectors are [`embed`]'s.
pub(super) async fn texts(context: &Arc<Context>, body: Body) -> Outcome {
    let most = context.config.limits.insert_bytes;
    let mut body = body.limited(most);
    let text = body.whole().await?;
    let live = context.vault.collections();
    let (text, collection) = blocking(move || {
        let request: InsertTexts<'_> = requests::parse(&text)?;
        let collection = request.collection;
        Ok::<_, ApiError>((text, collection))
    })
    .await??;
    let dimension = live.get(&collection).await?.head.config.dimension();
    let memory = context.bodies.clone();
    let (batch, _share) = blocking(move || embed_all(&text, dimension, most, &memory)).await??;
    insert(context, collection, batch).await
}

async fn insert(context: &Arc<Context>, collection: CollectionName, batch: RecordBatch) -> Outcome {
    let live = context.vault.collections();
    let dimension = live.get(&collection).await?.head.config.dimension();
    if batch.is_empty() {
        return replies::json(&Inserted::new(&collection, &[]));
    }
    if batch.dimension() != dimension {
        return Err(wrong_dimension(&batch, dimension));
    }
    let ids: Vec<String> = batch.records().map(|record| record.id.to_owned()).collect();
    live.upsert(&collection, batch).await?;
    blocking(move || replies::json(&Inserted::new(&collection, &ids))).await?
}

/// The collection of a request: the one in its path, the one in its body, or both if they agree.
fn collection(
    named: Option<CollectionName>,
    members: &[(String, String)],
) -> Result<CollectionName, ApiError> {
    let member = members.iter().find(|(name, _)| name == "collection");
    let said = member
        .map(|(_, text)| serde_json::from_str::<CollectionName>(text))
        .transpose()
        .map_err(|error| ApiError::invalid("collection", error))?;
    match (named, said) {
        (Some(named), Some(said)) if named != said => Err(ApiError::invalid(
            "collection",
            format!("{said:?} is not the collection of the path, {named:?}"),
        )),
        (Some(name), _) | (None, Some(name)) => Ok(name),
        (None, None) => Err(ApiError::invalid("collection", "this member is required")),
    }
}

fn wrong_dimension(batch: &RecordBatch, dimension: usize) -> ApiError {
    let (id, found) = (batch.record(0).id, batch.dimension());
    let message = format!(
        "vectors[0], record {id:?}: its vector has {found} numbers; the collection's dimension is {dimension}"
    );
    ApiError::new(StatusCode::BAD_REQUEST, "dimension_mismatch", message)
        .with("field", "vectors[0]")
        .with("expected", dimension)
        .with("found", found)
}

/// Embeds the texts of a body. What comes of a short text can be much larger than the text: `most` bytes of
/// numbers are made at most, and they take their part of the memory.
fn embed_all(
    body: &Bytes,
    dimension: usize,
    most: usize,
    memory: &Memory,
) -> Result<(RecordBatch, Share), ApiError> {
    let request: InsertTexts<'_> = requests::parse(body)?;
    let fit = most / (dimension * size_of::<f32>());
    if request.texts.len() > fit {
        let message = format!(
            "{} texts are too many at this dimension; send at most {fit} at a time",
            request.texts.len()
        );
        return Err(
            ApiError::new(StatusCode::PAYLOAD_TOO_LARGE, "payload_too_large", message).with("limit", fit)
        );
    }
    let share = memory
        .take_now(request.texts.len() * dimension * size_of::<f32>())
        .ok_or_else(|| ApiError::busy("the server holds as many vectors as it can", 1))?;
    let mut batch = RecordBatch::new(dimension);
    let mut vector = vec![0.0; dimension];
    for (index, text) in request.texts.iter().enumerate() {
        push(text, &mut vector, &mut batch)
            .map_err(|(member, problem)| ApiError::invalid(format!("texts[{index}]{member}"), problem))?;
    }
    Ok((batch, share))
}

/// Embeds a text into `vector` and appends its record to the batch; says what of it is refused, and why.
fn push(text: &Text<'_>, vector: &mut [f32], batch: &mut RecordBatch) -> Result<(), (&'static str, String)> {
    let metadata = metadata(text).map_err(|problem| (".metadata", problem))?;
    let of_text = |error: RecordError| ("", error.to_string());
    let id = &*text.id;
    let bytes = Record { id, vector, metadata: Some(&metadata), extra: "" }.weight();
    // The larger a text is, the longer embedding it takes: not to refuse it afterwards.
    if bytes > MAX_RECORD_BYTES {
        return Err(of_text(RecordError { id: id.into(), problem: RecordProblem::TooLarge { bytes } }));
    }
    embed(&text.text, vector);
    batch.push(Record { id, vector, metadata: Some(&metadata), extra: "" }).map_err(of_text)
}

/// What is kept with an embedded text: the text itself and the metadata as they came. A `text` among the
/// metadata stays.
fn metadata(text: &Text<'_>) -> Result<String, String> {
    let member = serde_json::to_string(&text.text).map_err(|error| error.to_string())?;
    let Some(given) = text.metadata.map(RawValue::get).filter(|given| *given != "null") else {
        return Ok(format!("{{\"text\":{member}}}"));
    };
    let given = json::validate_object(given.as_bytes()).map_err(|error| error.to_string())?;
    let members: BTreeMap<Cow<'_, str>, &RawValue> =
        serde_json::from_str(given).map_err(|error| error.to_string())?;
    Ok(match members.len() {
        _ if members.contains_key("text") => given.to_owned(),
        0 => format!("{{\"text\":{member}}}"),
        _ => format!("{{\"text\":{member},{}", given[1..].trim_start()),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn with_metadata(metadata_text: &str) -> Result<String, String> {
        let metadata_text = RawValue::from_string(metadata_text.to_owned()).unwrap();
        metadata(&Text { id: "a".into(), text: "x\"y".into(), metadata: Some(&metadata_text) })
    }

    #[test]
    fn a_text_is_kept_with_its_metadata_and_their_text_is_left_alone() {
        assert_eq!(
            metadata(&Text { id: "a".into(), text: "x".into(), metadata: None }).unwrap(),
            r#"{"text":"x"}"#
        );
        assert_eq!(with_metadata("null").unwrap(), r#"{"text":"x\"y"}"#);
        assert_eq!(with_metadata("{ }").unwrap(), r#"{"text":"x\"y"}"#);
        assert_eq!(with_metadata(r#"{ "n": 1e400 }"#).unwrap(), r#"{"text":"x\"y","n": 1e400 }"#);
        assert_eq!(with_metadata(r#"{"te\u0078t":1}"#).unwrap(), r#"{"te\u0078t":1}"#);
        for bad in ["[]", "5", "\"x\"", r#"{"a":1,"a":2}"#] {
            assert!(with_metadata(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn a_text_that_no_record_can_hold_is_not_embedded() {
        let text = |text: String| Text { id: "a".into(), text: text.into(), metadata: None };
        let (mut vector, mut batch) = (vec![9.0; 4], RecordBatch::new(4));
        let (member, problem) =
            push(&text("w ".repeat(MAX_RECORD_BYTES / 2)), &mut vector, &mut batch).unwrap_err();
        assert_eq!((member, &vector[..]), ("", &[9.0; 4][..]));
        assert!(problem.contains("\"a\"") && problem.contains("16777216"), "{problem}");
        push(&text("w".into()), &mut vector, &mut batch).unwrap();
        assert!(batch.len() == 1 && vector != [9.0; 4]);
    }

    #[test]
    fn few_short_texts_cannot_ask_for_much_memory() {
        let body = Bytes::from(r#"{"collection":"a","texts":[{"id":"1","text":""},{"id":"2","text":""}]}"#);
        let status = |most, memory| match embed_all(&body, 1_000, most, &Memory::new(memory)) {
            Ok(_) => 200,
            Err(error) => error.into_response("").status().as_u16(),
        };
        assert_eq!(status(8_000, 8 << 10), 200);
        assert_eq!(status(7_999, 8 << 10), 413);
        assert_eq!(status(8_000, 7 << 10), 429, "others have the rest");
    }
}
