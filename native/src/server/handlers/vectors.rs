//! `/collections/{name}/vectors`: looking at records, and taking one out.

use vecvault_core::{CollectionName, RecordBatch};
use warp::reply::Response;

use super::{Outcome, blocking};
use crate::collections::Collections;
use crate::server::errors::ApiError;
use crate::server::memory::Share;
use crate::server::replies::{self, Message, OneVector, Vector, VectorPage};
use crate::server::requests::PageQuery;
use crate::server::service::Context;

pub(super) async fn list(context: &Context, collection: &CollectionName, query: PageQuery) -> Outcome {
    let live = context.vault.collections();
    let limits = &context.config.limits;
    let total = replies::count(&live.get(collection).await?);
    let limit =
        usize::try_from(query.limit).map_or(limits.page_records, |limit| limit.min(limits.page_records));
    let share = context.answers.take(limits.page_bytes).await?;
    let batch = live.page(collection, query.offset, limit, limits.page_bytes).await?;
    blocking(move || page(&batch, total, limit, query, share)).await?
}

pub(super) async fn show(context: &Context, collection: &CollectionName, id: &str) -> Outcome {
    let live = context.vault.collections();
    let share = context.answers.take(context.config.limits.page_bytes).await?;
    let not_found = || ApiError::vector_not_found(collection.as_str(), id);
    let batch = live.record(collection, id).await?.filter(|batch| !batch.is_empty()).ok_or_else(not_found)?;
    replies::json_held(&OneVector::new(batch.record(0))?, share)
}

pub(super) async fn delete(live: &Collections, collection: &CollectionName, id: String) -> Outcome {
    let ids = [id];
    if live.delete_records(collection, &ids).await? == 0 {
        return Err(ApiError::vector_not_found(collection.as_str(), &ids[0]));
    }
    replies::json(&Message { message: format!("Vector {:?} deleted", ids[0]) })
}

/// The answer; where it holds less than was asked for, it says where to go on.
fn page(
    batch: &RecordBatch,
    total: u64,
    limit: usize,
    query: PageQuery,
    share: Share,
) -> Result<Response, ApiError> {
    let next = query.offset.saturating_add(batch.len() as u64);
    let cut_short = (batch.len() as u64) < query.limit && next < total;
    let message = cut_short.then(|| {
        format!("a page has at most {limit} vectors, fewer where they are large: go on at offset {next}")
    });
    let vectors = batch.records().map(Vector::new).collect::<Result<_, _>>()?;
    replies::json_held(&VectorPage { vectors, total, limit, offset: query.offset, message }, share)
}
