//! Backups of vector collections that prove themselves: the formats and the rules.
//!
//! This crate turns collections into backup files and back. It knows no file system, no clock, no
//! randomness, no threads, no runtime and no JavaScript: whoever hosts it hands those in, so the same
//! core runs on a server, in a browser and in an edge worker, and its output can be compared byte for
//! byte.
//!
//! - [`BlobStore`] is where backups are kept; [`MemoryBlobStore`] is the one that forgets.
//! - [`CollectionSource`] and [`CollectionSink`] are the live side: what is backed up and restored;
//!   [`MemoryCollections`] is the smallest of them.
//! - [`Host`] carries what a host gives every verb: [`Workers`] for CPU work and a [`Monitor`] for
//!   progress and cancellation.
//! - The verbs, one a file: [`create()`], [`restore()`], [`list()`], [`open()`] (inspect), [`verify()`],
//!   [`diff()`], [`statistics()`], [`projection()`], [`delete()`].
//! - [`format`](mod@format) is the file format itself: synchronous, sans-I/O. `FORMAT.md` beside this
//!   crate's manifest specifies every byte.

mod blob;
mod collections;
#[cfg(any(test, feature = "conformance"))]
pub mod conformance;
mod create;
mod delete;
mod diff;
mod error;
pub mod format;
mod hashes;
mod host;
mod inspect;
mod list;
mod maybe_send;
mod model;
mod projection;
mod restore;
mod statistics;
mod verify;

pub use blob::{
    BlobError, BlobErrorKind, BlobKey, BlobMeta, BlobPage, BlobRead, BlobStore, BlobStoreExt, BlobVersion,
    ByteStream, InvalidBlobKey, MemoryBlobStore, PutMode,
};
pub use collections::{
    CollectionError, CollectionErrorKind, CollectionHead, CollectionReader, CollectionSink,
    CollectionSnapshot, CollectionSource, MemoryCollections, SinkCapabilities, StagedCollection,
    StagedRestore,
};
pub use create::{CreateRequest, Selection, create};
pub use delete::delete;
pub use diff::{CollectionDiff, DiffReport, DiffRequest, DiffStatus, diff};
pub use error::{Error, ErrorKind, Result};
pub use host::{Host, InlineWorkers, Job, Monitor, Phase, Progress, Silent, Workers};
pub use inspect::{Backup, RecordPage, open, open_blob, open_for};
pub use list::{BackupEntry, ListRemembrance, list};
pub use maybe_send::{MaybeSend, MaybeSync};
pub use model::{
    BackupId, BackupInfo, BackupName, BackupSummary, CollectionConfig, CollectionName, CollectionProof,
    CollectionSummary, ColumnsError, Fingerprint, InvalidName, Metric, NameProblem, Provenance, Record,
    RecordBatch, RecordError, RecordProblem, StoredColumns, StoredTexts, Texts,
};
pub use projection::{DEFAULT_SAMPLE, Explained, Projecting, Projection, projection};
pub use restore::{RestoreReport, RestoreRequest, RestoredCollection, plan_restore, restore};
pub use statistics::{
    Dimensions, Duplicates, FIRST_POSITIONS, Histogram, JsonTypes, KeyCoverage, MetadataKeys, NEAR_ZERO_NORM,
    NearZero, Norms, Statistics, statistics,
};
pub use verify::{Finding, VerifyDepth, VerifyReport, verify};
