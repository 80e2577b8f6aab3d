//! statistics: what the records of a collection are like, in one pass.
//!
//! Every record is read once and proved on the way; what is remembered does not grow with the collection, but
//! for 32 bytes a vector to find duplicates, and for these to a bound ([`Duplicates`]). Numbers are gathered
//! in f64, in the order of the records, so that the same records give the same statistics to the last bit on
//! every host. Nothing is ever NaN: vectors are finite, and their squares are far from f64's limits.

mod duplicates;
mod histogram;
mod metadata;
mod spread;

use std::sync::{Arc, Mutex};

use serde::Serialize;

use crate::error::Result;
use crate::host::{Host, Reading};
use crate::inspect::{Backup, lock, pass};
use crate::model::{CollectionName, RecordBatch};
pub use duplicates::Duplicates;
pub use histogram::Histogram;
pub use metadata::{JsonTypes, KeyCoverage, MetadataKeys};
pub use spread::Dimensions;

/// A vector of a smaller Euclidean norm has next to no direction.
pub const NEAR_ZERO_NORM: f64 = 1e-6;
/// How many positions, or pairs of them, are told.
pub const FIRST_POSITIONS: usize = 100;

/// What the records of a collection are like.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Statistics {
    /// How many records there are.
    pub count: u64,
    /// How many numbers a vector has.
    pub dimension: usize,
    /// The vectors' lengths.
    pub norms: Norms,
    /// Each position in the vector.
    pub dimensions: Dimensions,
    /// Vectors of a norm below [`NEAR_ZERO_NORM`].
    pub near_zero: NearZero,
    /// Vectors that are there more than once.
    pub duplicates: Duplicates,
    /// What stands in the metadata.
    pub metadata: MetadataKeys,
}

/// Euclidean norms; all zero where there are no records.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct Norms {
    /// The smallest.
    pub min: f64,
    /// Their mean.
    pub mean: f64,
    /// The largest.
    pub max: f64,
    /// How many are how long.
    pub histogram: Histogram,
}

/// Vectors of next to no length.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct NearZero {
    /// How many there are.
    pub count: u64,
    /// The positions of the first [`FIRST_POSITIONS`].
    pub positions: Vec<u64>,
}

/// Reads a collection and says what its records are like.
pub async fn statistics(backup: &Backup, collection: &CollectionName, host: &Host) -> Result<Statistics> {
    let number = backup.number(collection)?;
    let contents = &backup.summary().contents[number];
    let gathered = Gathered::new(contents.config.dimension(), backup.most_records(number)?);
    let gathered = Arc::new(Mutex::new(gathered));
    let shared = gathered.clone();
    let each = Arc::new(move |batch: &_| lock(&shared).add(batch));
    pass(backup.reader(number, host.clone()), each, &mut Reading::begin(host, contents.proof.count)).await?;
    host.spawn(move || lock(&gathered).finish()).await
}

/// What has been gathered so far.
struct Gathered {
    count: u64,
    norms: Norms,
    spread: spread::Spread,
    near_zero: NearZero,
    duplicates: duplicates::Seen,
    metadata: metadata::Keys,
}

impl Gathered {
    fn new(dimension: usize, most: usize) -> Self {
        Self {
            count: 0,
            norms: Norms::default(),
            spread: spread::Spread::new(dimension),
            near_zero: NearZero::default(),
            duplicates: duplicates::Seen::new(most),
            metadata: metadata::Keys::default(),
        }
    }

    fn add(&mut self, batch: &RecordBatch) -> bool {
        for record in batch.records() {
            let position = self.count;
            self.count += 1;
            self.add_norm(norm(record.vector), position);
            self.spread.add(record.vector);
            self.duplicates.add(record.vector, position);
            self.metadata.add(record.metadata);
        }
        true
    }

    fn add_norm(&mut self, norm: f64, position: u64) {
        let norms = &mut self.norms;
        if position == 0 {
            (norms.min, norms.max) = (norm, norm);
        }
        norms.min = if norm < norms.min { norm } else { norms.min };
        norms.max = if norm > norms.max { norm } else { norms.max };
        norms.mean += (norm - norms.mean) / self.count as f64;
        norms.histogram.add(norm);
        if norm < NEAR_ZERO_NORM {
            self.near_zero.count += 1;
            if self.near_zero.positions.len() < FIRST_POSITIONS {
                self.near_zero.positions.push(position);
            }
        }
    }

    fn finish(&mut self) -> Statistics {
        let dimensions = self.spread.finish();
        Statistics {
            count: self.count,
            dimension: dimensions.mean.len(),
            norms: std::mem::take(&mut self.norms),
            dimensions,
            near_zero: std::mem::take(&mut self.near_zero),
            duplicates: self.duplicates.finish(),
            metadata: self.metadata.finish(),
        }
    }
}

/// The Euclidean norm. Squares are summed in f64, in eight sums, which is as exact and takes vector
/// instructions.
fn norm(vector: &[f32]) -> f64 {
    let (eights, rest) = vector.as_chunks::<8>();
    let mut sums = [0.0; 8];
    for eight in eights {
        for (sum, number) in sums.iter_mut().zip(eight) {
            *sum += f64::from(*number) * f64::from(*number);
        }
    }
    for (sum, number) in sums.iter_mut().zip(rest) {
        *sum += f64::from(*number) * f64::from(*number);
    }
    sums.iter().sum::<f64>().sqrt()
}
