//! The canonical bytes of a file that are not blocks, pages, root page or tail: the glue between them.

use super::json::write_string;
use crate::model::{BackupId, BackupName, CollectionConfig, CollectionName};

/// What stands between the records of a block, between blocks, and between pages.
pub(crate) const SEPARATOR: &[u8] = b",\n";

/// What stands before the first and after the last block of a collection, and page of the index.
pub(crate) const EDGE: &[u8] = b"\n";

/// What stands between the last page and the root page.
pub(crate) const BEFORE_ROOT: &[u8] = b"],\"root\":";

/// The beginning of a file.
pub(crate) fn head<'a>(
    id: BackupId,
    name: &BackupName,
    date: &str,
    collections: impl Iterator<Item = &'a CollectionName>,
) -> Vec<u8> {
    let mut text = format!("{{\"id\":\"{id}\",\"name\":").into_bytes();
    write_string(name.as_str(), &mut text);
    text.extend_from_slice(b",\"date\":");
    write_string(date, &mut text);
    text.extend_from_slice(b",\"collections\":[");
    for (index, collection) in collections.enumerate() {
        if index > 0 {
            text.push(b',');
        }
        write_string(collection.as_str(), &mut text);
    }
    text.extend_from_slice(b"],\"data\":{");
    text
}

/// What comes before the blocks of a collection.
pub(crate) fn open_collection(first: bool, name: &CollectionName, config: &CollectionConfig) -> Vec<u8> {
    let mut text = if first { EDGE } else { SEPARATOR }.to_vec();
    write_string(name.as_str(), &mut text);
    text.extend_from_slice(b":{\"config\":");
    text.extend_from_slice(config.json().as_bytes());
    text.extend_from_slice(b",\"vectors\":[");
    text
}

/// What comes after the blocks of a collection.
pub(crate) const CLOSE_COLLECTION: &[u8] = b"]}";

/// What comes after the last collection: up to the bracket that opens the pages.
pub(crate) fn ending(size: u64) -> Vec<u8> {
    format!("\n}},\"size\":{size},\"vecvault\":{{\"pages\":[").into_bytes()
}

/// The length of a file whose bytes, the digits of `size` left out, are `rest`.
pub(crate) fn size_with_digits(rest: u64) -> u64 {
    let mut size = rest;
    loop {
        let next = rest + u64::from(size.max(1).ilog10()) + 1;
        if next == size {
            return size;
        }
        size = next;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_size_counts_its_own_digits() {
        for rest in (0..2000).chain([9_999_990, 9_999_993, 99_999_991, 99_999_992, 99_999_993]) {
            let size = size_with_digits(rest);
            assert_eq!(size, rest + size.to_string().len() as u64, "{rest}");
        }
    }
}
