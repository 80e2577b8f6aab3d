//! The nouns: ids and names, configs, records in columns, and what is known of a backup.
//!
//! Values of these types are valid: they are parsed once, at the edge, and never checked again. Nothing
//! here reads or writes bytes of the format; `format` does.

mod batch;
mod config;
mod id;
mod info;
mod name;
mod proof;

pub use batch::{
    ColumnsError, Record, RecordBatch, RecordError, RecordProblem, StoredColumns, StoredTexts, Texts,
};
pub use config::{CollectionConfig, Metric};
pub use id::BackupId;
pub use info::{BackupInfo, BackupSummary, CollectionSummary, Provenance};
pub(crate) use info::{date_text, parse_date};
pub use name::{BackupName, CollectionName, InvalidName, NameProblem};
pub use proof::{CollectionProof, Fingerprint};
