//! The live side: what is backed up and restored.
//!
//! The second joint of VecVault. An embedded store or a live database implements [`CollectionSource`] to
//! be backed up and [`CollectionSink`] to be restored into. `conformance::collections` (feature
//! `conformance`) holds an implementation to the contracts.

mod error;
mod memory;

pub use error::{CollectionError, CollectionErrorKind};
pub use memory::MemoryCollections;

use async_trait::async_trait;

use crate::maybe_send::{MaybeSend, MaybeSync};
use crate::model::{CollectionConfig, CollectionName, CollectionProof, RecordBatch};

/// What is known of a live collection without reading its records.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CollectionHead {
    /// Its name.
    pub name: CollectionName,
    /// Its config.
    pub config: CollectionConfig,
    /// What the source itself keeps count of: a backup is then proved against it. `None` where it does
    /// not know.
    pub proof: Option<CollectionProof>,
    /// Whether its reader yields records in strictly ascending order of their ids' bytes.
    pub ordered: bool,
}

/// Collections that can be read as of one moment.
///
/// # Contract
///
/// - A snapshot shows every collection as of one moment, whatever is written, replaced or deleted while it
///   is read; writers are not held up by it.
/// - Names in a snapshot are unique and ascend by their bytes.
/// - A collection's ids are unique.
#[cfg_attr(not(target_family = "wasm"), async_trait)]
#[cfg_attr(target_family = "wasm", async_trait(?Send))]
pub trait CollectionSource: MaybeSend + MaybeSync {
    /// Begins a snapshot of all collections. It reads no records.
    async fn snapshot(&self) -> Result<Box<dyn CollectionSnapshot>, CollectionError>;
}

/// All collections as of one moment.
#[cfg_attr(not(target_family = "wasm"), async_trait)]
#[cfg_attr(target_family = "wasm", async_trait(?Send))]
pub trait CollectionSnapshot: MaybeSend + MaybeSync {
    /// Every collection of the snapshot, ascending by name.
    fn collections(&self) -> &[CollectionHead];

    /// Begins to read the records of one collection of [`CollectionSnapshot::collections`].
    async fn read(&self, name: &CollectionName) -> Result<Box<dyn CollectionReader>, CollectionError>;
}

/// Reads the records of one collection, once, front to back.
#[cfg_attr(not(target_family = "wasm"), async_trait)]
#[cfg_attr(target_family = "wasm", async_trait(?Send))]
pub trait CollectionReader: MaybeSend {
    /// Fills `batch`, which is emptied first and lends its memory, with the next records. A reader does
    /// best to stop as soon as [`RecordBatch::is_full`] is true. An empty batch means the end.
    async fn next(&mut self, batch: RecordBatch) -> Result<RecordBatch, CollectionError>;
}

/// What a sink can promise.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SinkCapabilities {
    /// All collections of a restore become live at one moment, or none does. Where not, a restore of several is refused
    /// before anything is written.
    pub atomic: bool,
    /// Metadata come back as the text they were. Where not, records whose text another writer would spell differently do
    /// not come back as the backup proves them, and their restore is refused in the end.
    pub metadata_exact: bool,
}

/// Where collections are restored to.
///
/// # Contract
///
/// - Nothing that is staged is visible to a [`CollectionSource`] over the same data before `commit`, and
///   staging does not disturb readers or writers of the live collections.
/// - `commit` replaces every staged collection, config included, at one moment and durably (where
///   [`SinkCapabilities::atomic`]); collections that were not staged stay as they are. An error from it
///   means that nothing changed.
/// - Dropping a [`StagedRestore`], or a crash, leaves nothing behind for good: what was staged is swept at
///   once or at the next start.
#[cfg_attr(not(target_family = "wasm"), async_trait)]
#[cfg_attr(target_family = "wasm", async_trait(?Send))]
pub trait CollectionSink: MaybeSend + MaybeSync {
    /// What it can promise.
    fn capabilities(&self) -> SinkCapabilities;

    /// Begins a restore of `plan`: the collections that will be staged, under the names they will have.
    /// Checks what can be checked before any record is written: names, dimensions, free space for about
    /// `bytes`, and that no other restore holds one of these names
    /// ([`CollectionErrorKind::Busy`]).
    async fn begin(
        &self,
        plan: &[StagedCollection],
        bytes: u64,
    ) -> Result<Box<dyn StagedRestore>, CollectionError>;
}

/// A collection that a restore is about to stage.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StagedCollection {
    /// The name that it will have.
    pub name: CollectionName,
    /// Its config.
    pub config: CollectionConfig,
    /// What its records must add up to, where that is known; who stages compares, the sink need not.
    pub proof: Option<CollectionProof>,
    /// Whether its records arrive in strictly ascending order of their ids' bytes.
    pub ordered: bool,
}

/// A restore that has begun and is not yet visible. Collections are numbered as in the plan.
#[cfg_attr(not(target_family = "wasm"), async_trait)]
#[cfg_attr(target_family = "wasm", async_trait(?Send))]
pub trait StagedRestore: MaybeSend + MaybeSync {
    /// Adds records to a staged collection. An id that it has already is refused
    /// ([`CollectionErrorKind::Invalid`]), here or, by a store that first sorts, when `read_back` or
    /// `commit` is called. The batch comes back empty, for its memory.
    async fn write(&mut self, collection: usize, batch: RecordBatch) -> Result<RecordBatch, CollectionError>;

    /// Reads back what was staged, in order of ids where the store has one.
    async fn read_back(&mut self, collection: usize) -> Result<Box<dyn CollectionReader>, CollectionError>;

    /// Makes all staged collections the live ones, durably, at one moment. Readers from
    /// [`StagedRestore::read_back`] are gone by then.
    async fn commit(self: Box<Self>) -> Result<(), CollectionError>;

    /// Drops what was staged. Dropping the value does as much, sooner or later.
    async fn abort(self: Box<Self>) -> Result<(), CollectionError>;
}
