//! VecVault where there is an operating system: backups in a directory, embedded collections, the server
//! of the documented API and the command line.
//!
//! Formats and rules are `vecvault-core`'s; this crate gives them files, a clock, randomness, threads and
//! a runtime. [`Vault`] is where those come together: the server and the command line call nothing else.

pub mod blob;
pub mod collections;
pub mod embedding;
pub mod lines;
mod plan;
pub mod server;
mod upload;
mod vault;
mod workers;

pub use plan::{LiveCollection, RestoreAction, RestorePlan, RestoreStep};
pub use upload::{ReceivedFile, UploadError};
pub use vault::Vault;
pub use workers::ThreadPool;
