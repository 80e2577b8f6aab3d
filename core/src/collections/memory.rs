//! Collections in memory.

/// Placeholder.
#[derive(Debug)]
pub struct MemoryCollections;
