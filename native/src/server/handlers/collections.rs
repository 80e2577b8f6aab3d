//! `/collections`: what clients need to have something to back up.

use vecvault_core::CollectionName;

use super::Outcome;
use crate::collections::Collections;
use crate::server::body::Body;
use crate::server::replies::{self, Collection, CollectionCreated, CollectionList, Message};
use crate::server::requests::{self, CreateCollection};

pub(super) async fn list(live: &Collections) -> Outcome {
    let collections: Vec<_> = live.list().await?.into_iter().map(Collection::from).collect();
    replies::json(&CollectionList { total_collections: collections.len(), collections })
}

pub(super) async fn create(live: &Collections, mut body: Body) -> Outcome {
    let request: CreateCollection = requests::parse(&body.whole().await?)?;
    let config = request.config()?;
    let (dimension, metric) = (config.dimension(), config.metric().clone());
    live.create(&request.name, config).await?;
    replies::json(&if request.says_similarity_metric() {
        CollectionCreated::BySimilarityMetric { name: request.name, dimension, vector_count: 0, metric }
    } else {
        let message = "Collection created successfully";
        CollectionCreated::ByMetric { message, collection: request.name, dimension, metric }
    })
}

pub(super) async fn show(live: &Collections, name: &CollectionName) -> Outcome {
    replies::json(&Collection::from(live.get(name).await?))
}

pub(super) async fn delete(live: &Collections, name: &CollectionName) -> Outcome {
    live.delete(name).await?;
    replies::json(&Message { message: format!("Collection {name:?} deleted") })
}
