//! collections: what is live, here or on a server.

use serde::{Deserialize, Serialize};

use super::context::Context;
use super::document::Document;
use super::exit::{Exit, Outcome};
use super::terminal::{Table, count};

/// List the live collections
#[derive(Debug, clap::Args)]
pub(crate) struct Collections {}

/// A live collection, the same whether it is read here or through a server.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct LiveCollection {
    pub(crate) name: String,
    pub(crate) dimension: u64,
    pub(crate) metric: String,
    #[serde(alias = "vector_count")]
    pub(crate) count: u64,
    /// Servers of this API do not tell it in a list.
    pub(crate) fingerprint: Option<String>,
}

#[derive(Serialize, Deserialize)]
struct CollectionsReply {
    collections: Vec<LiveCollection>,
}

impl Collections {
    pub(crate) async fn run(self, context: &Context) -> Outcome {
        let document = Document::of(&CollectionsReply { collections: live(context).await? })?;
        context.show(&document, render)?;
        Ok(Exit::Ok)
    }
}

/// The live collections, ascending by name.
pub(crate) async fn live(context: &Context) -> Outcome<Vec<LiveCollection>> {
    let mut collections = match context.remote() {
        Some(server) => server.get("collections").await?.view::<CollectionsReply>()?.collections,
        None => {
            let states = context.existing_collections()?.list().await?;
            let heads = states.into_iter().map(|state| state.head);
            heads
                .map(|head| LiveCollection {
                    name: head.name.to_string(),
                    dimension: head.config.dimension() as u64,
                    metric: head.config.metric().to_string(),
                    count: head.proof.map_or(0, |proof| proof.count),
                    fingerprint: head.proof.map(|proof| proof.fingerprint.to_string()),
                })
                .collect()
        }
    };
    collections.sort_by(|a, b| a.name.cmp(&b.name));
    Ok(collections)
}

fn render(reply: &CollectionsReply) -> String {
    if reply.collections.is_empty() {
        return "No collections yet. Make one with: vecvault import COLLECTION FILE\n".into();
    }
    let mut table = Table::new(&["COLLECTION", ">RECORDS", ">DIMENSION", "METRIC", "FINGERPRINT"]);
    for collection in &reply.collections {
        let LiveCollection { name, dimension, metric, count: records, fingerprint } = collection;
        let fingerprint = fingerprint.as_deref().unwrap_or("-");
        table.row([name, &count(*records), &dimension.to_string(), metric, fingerprint]);
    }
    table.render()
}
