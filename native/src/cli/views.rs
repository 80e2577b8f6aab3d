//! What the renderings for people read of the documents, and the ones that several commands share.

use std::fmt::Write as _;

use serde::Deserialize;

use super::terminal::{Table, count, exact_size, plain, shorten};

/// A backup, or a row of a list.
#[derive(Debug, Deserialize)]
pub(crate) struct BackupView {
    pub(crate) id: String,
    pub(crate) name: String,
    pub(crate) date: String,
    pub(crate) size: u64,
    #[serde(default)]
    pub(crate) collections: Vec<String>,
    pub(crate) provenance: Option<ProvenanceView>,
    #[serde(default)]
    pub(crate) contents: Vec<CollectionView>,
}

#[derive(Debug, Deserialize)]
pub(crate) struct ProvenanceView {
    pub(crate) kind: String,
    pub(crate) format: Option<u32>,
    pub(crate) creator: Option<String>,
    pub(crate) root: Option<String>,
}

/// A collection in a backup.
#[derive(Debug, Deserialize)]
pub(crate) struct CollectionView {
    pub(crate) name: String,
    pub(crate) config: ConfigView,
    pub(crate) count: u64,
    pub(crate) fingerprint: String,
}

#[derive(Debug, Deserialize)]
pub(crate) struct ConfigView {
    pub(crate) dimension: u64,
    pub(crate) metric: String,
}

impl BackupView {
    /// Everything that is known of a backup.
    pub(crate) fn render(&self) -> String {
        let mut text = format!(
            "backup       {}\nname         {}\ndate         {}\nsize         {}\n",
            plain(&self.id),
            plain(&self.name),
            plain(&self.date),
            exact_size(self.size),
        );
        // Writing to a String cannot fail.
        let _ = match &self.provenance {
            Some(ProvenanceView {
                format: Some(format), creator: Some(creator), root: Some(root), ..
            }) => {
                writeln!(
                    text,
                    "format       {format}, written by {}\nroot hash    {}",
                    plain(creator),
                    plain(root)
                )
            }
            Some(view) if view.kind == "foreign" => {
                writeln!(text, "format       another writer's: readable, without hashes to verify it against")
            }
            _ => Ok(()),
        };
        text.push('\n');
        text.push_str(&self.render_contents());
        text
    }

    fn render_contents(&self) -> String {
        let mut table = Table::new(&["COLLECTION", ">RECORDS", ">DIMENSION", "METRIC", "FINGERPRINT"]);
        for collection in &self.contents {
            let CollectionView { name, config, count: records, fingerprint } = collection;
            let dimension = config.dimension.to_string();
            table.row([name, &count(*records), &dimension, &config.metric, fingerprint]);
        }
        table.render()
    }

    /// Its collections in a few words.
    pub(crate) fn collections_in_short(&self) -> String {
        const COLUMNS: usize = 48;
        shorten(&plain(&self.collections.join(", ")), COLUMNS).into_owned()
    }
}
