//! Blob stores that need an operating system: a directory of files, and a single file to look into.
//!
//! They do their input and output on tokio's blocking threads, so they must be driven within a tokio
//! runtime. Unix only: everything is relative to directory handles, which other systems lack. They refuse
//! whatever is not a plain file (links, pipes, devices).

mod blocking;
mod errno;
mod fs;
mod open_file;
mod single_file;

pub use fs::{DirectoryPolicy, FsBlobStore, OpenDirectoryError, StagedBlob, sync_names};
pub use single_file::SingleFile;
