//! What the fuzz targets do with bytes. None may panic, and each says what must hold beyond that.
//!
//! `fuzz/` beside this folder hands them to cargo-fuzz; the test below replays the committed corpus, which
//! has an input for everything that a fuzzer ever found, on any Rust.

mod files;
mod floats;
mod index;
mod records;
mod requests;

pub use files::files;
pub use floats::floats;
pub use index::index;
pub use records::records;
pub use requests::requests;

use std::sync::OnceLock;

/// A small backup of three collections.
fn honest_file() -> &'static [u8] {
    static FILE: OnceLock<Vec<u8>> = OnceLock::new();
    FILE.get_or_init(|| crate::judge::small().0)
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::path::Path;

    use super::*;
    use crate::matrix::Cell;

    /// Runs a target over its part of the corpus.
    fn replay(name: &str, target: fn(&[u8])) {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("fuzz/corpus").join(name);
        let mut cell = Cell::default();
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            println!("{}", path.display());
            target(&fs::read(path).unwrap());
            cell.succeeded += 1;
        }
        cell.tell("inputs of fuzzers", name, "corpus");
    }

    #[test]
    fn whole_files() {
        replay("files", files);
    }

    #[test]
    fn arrays_of_numbers() {
        replay("floats", floats);
    }

    #[test]
    fn lies_in_the_index() {
        replay("index", index);
    }

    #[test]
    fn lines_and_bodies_of_records() {
        replay("records", records);
    }

    #[test]
    fn requests_to_the_server() {
        replay("requests", requests);
    }
}
