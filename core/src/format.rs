//! The backup file: bytes to values and back. Synchronous and sans-I/O; `FORMAT.md` beside this crate's
//! manifest specifies every byte.
//!
//! Nothing here knows a store, a collection source or a clock.

pub(crate) mod array;
pub(crate) mod block;
pub(crate) mod document;
mod error;
pub(crate) mod feed;
pub mod fingerprint;
pub(crate) mod glue;
pub(crate) mod hash;
pub(crate) mod index;
pub mod json;
pub(crate) mod layout;
pub mod limits;
mod record;
mod records;
pub(crate) mod run;
pub(crate) mod unique;
pub(crate) mod writer;

pub use vecvault_float as float;

pub use block::{read_records, write_records};
pub(crate) use error::member_segment;
pub use error::{FormatError, FormatErrorKind};
pub use record::{RecordMembers, write_record};
pub use records::{Body, BodyDecoder, LinesDecoder};
