//! The backup file: bytes to values and back. Synchronous and sans-I/O; `FORMAT.md` beside this crate's
//! manifest specifies every byte.
//!
//! Nothing here knows a store, a collection source or a clock.

mod error;
pub mod fingerprint;
pub mod float;
pub mod json;
pub mod limits;
mod records;

pub use error::{FormatError, FormatErrorKind};
pub(crate) use error::member_segment;
pub use records::{Body, BodyDecoder, LinesDecoder, RecordMembers};
