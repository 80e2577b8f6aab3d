//! Blob stores that need an operating system.
