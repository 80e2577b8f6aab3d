//! projection: a picture of a collection in two dimensions.
//!
//! A sample of the records, spread evenly over the collection, is drawn by its first two principal components:
//! the two directions along which its vectors differ most. Only the blocks are read that hold a record of the
//! sample; of a foreign file, which has no blocks, all up to the last. The picture is the same to the last bit
//! on every host.

mod components;
mod sample;

use serde::Serialize;

use crate::error::{Error, Result};
use crate::host::Host;
use crate::inspect::Backup;
use crate::model::{CollectionName, RecordBatch};
use components::Components;

/// How many records a sample has where nobody says otherwise.
pub const DEFAULT_SAMPLE: usize = 2_000;
/// How many numbers a sample's vectors have at most, 64 MiB of them: of the largest vectors it takes 256.
const MOST_NUMBERS: usize = 1 << 24;

/// A picture of a collection.
#[derive(Clone, Debug, PartialEq)]
pub struct Projection {
    /// How many records the collection has.
    pub total: u64,
    /// The positions of the sample in the collection, ascending.
    pub positions: Vec<u64>,
    /// Ids and metadata of the sample, without vectors: a batch of dimension 0. Metadata of more than 64 KiB
    /// are left out.
    pub records: RecordBatch,
    /// Along the first principal component.
    pub x: Vec<f32>,
    /// Along the second.
    pub y: Vec<f32>,
    /// Which share of the sample's variance lies along each of the two: 0 to 1.
    pub explained: Explained,
}

/// Shares of the variance.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize)]
pub struct Explained {
    /// Along the first principal component.
    pub x: f64,
    /// Along the second.
    pub y: f64,
}

/// Draws a collection: up to `sample` of its records, fewer where these would have more than 2^24 numbers.
pub async fn projection(
    backup: &Backup,
    collection: &CollectionName,
    sample: usize,
    host: &Host,
) -> Result<Projection> {
    let mut projecting = Projecting::begin(backup, collection, sample, host).await?;
    loop {
        let (done, next) = host
            .spawn(move || {
                let done = projecting.step();
                (done, projecting)
            })
            .await?;
        projecting = next;
        if done {
            return host.spawn(move || projecting.finish()).await;
        }
        host.check_cancelled()?;
    }
}

/// A projection whose sample has been read, for a host that wants its turn between the steps of the
/// computation.
pub struct Projecting {
    found: Projection,
    components: Components,
}

impl Projecting {
    /// Reads the sample.
    pub async fn begin(
        backup: &Backup,
        collection: &CollectionName,
        sample: usize,
        host: &Host,
    ) -> Result<Self> {
        if sample == 0 {
            return Err(Error::InvalidRequest("sample: at least 1 record".into()));
        }
        let number = backup.number(collection)?;
        let contents = &backup.summary().contents[number];
        let dimension = contents.config.dimension();
        let total = contents.proof.count;
        let positions = sample::positions(total, sample.min(MOST_NUMBERS / dimension));
        let (vectors, records) = sample::read(backup, number, &positions, host).await?;
        let explained = Explained::default();
        let found = Projection { total, positions, records, x: Vec::new(), y: Vec::new(), explained };
        Ok(Self { found, components: Components::new(vectors, dimension) })
    }

    /// Comes closer to the principal components; `true` when they are found.
    pub fn step(&mut self) -> bool {
        self.components.step()
    }

    /// The picture by the components as they are now.
    pub fn finish(mut self) -> Projection {
        let [x, y] = self.components.shares();
        (self.found.x, self.found.y) = self.components.project();
        self.found.explained = Explained { x, y };
        self.found
    }
}

impl std::fmt::Debug for Projecting {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Projecting").field("sample", &self.found.positions.len()).finish_non_exhaustive()
    }
}
