//! Every limit of the format, in one place. `FORMAT.md` has the same table; a test compares them.

/// A record's id, in bytes.
pub const MAX_ID_BYTES: usize = 256;
/// The name of a collection or of a backup, or of a member of a foreign file, in bytes.
pub const MAX_NAME_BYTES: usize = 255;
/// Numbers in a vector.
pub const MAX_DIMENSION: usize = 65_536;
/// The weight of a record, in bytes.
pub const MAX_RECORD_BYTES: usize = 16 << 20;
/// The JSON text of a record in a foreign file, white space included, in bytes.
pub const MAX_RECORD_TEXT_BYTES: usize = 32 << 20;
/// A config, or any other member that is not records, in bytes of JSON text.
pub const MAX_MEMBER_BYTES: usize = 4 << 20;
/// Members of a foreign file; those of a collection in it are in all no longer than [`MAX_MEMBER_BYTES`].
pub const MAX_MEMBERS: usize = 1_000;
/// Objects and arrays within each other, in metadata, configs and unknown members.
pub const MAX_DEPTH: usize = 128;
/// Collections in a backup.
pub const MAX_COLLECTIONS: usize = 10_000;
/// The weight at which a block is closed: `12 x dimension + id + metadata + unknown members`, in bytes,
/// summed over its records.
pub const BLOCK_WEIGHT: usize = 256 << 10;
/// What a number of a vector counts towards a weight: about its length in JSON.
pub const WEIGHT_PER_NUMBER: usize = 12;
/// Block entries in a page of the index.
pub const BLOCKS_PER_PAGE: usize = 512;
/// A page of the index, in bytes.
pub const MAX_PAGE_BYTES: usize = 1 << 20;
/// The root page of the index, in bytes.
pub const MAX_ROOT_BYTES: usize = 64 << 20;
/// The encoded text of a block: what a reader is ready to hold at once.
pub const MAX_BLOCK_BYTES: usize = 24 << 20;
/// A segment of a blob's key, in bytes.
pub const MAX_BLOB_KEY_SEGMENT_BYTES: usize = 128;
/// A blob's key, in bytes.
pub const MAX_BLOB_KEY_BYTES: usize = 512;
