//! The limit of a create: bytes that are ready, written to a file in chunks and made durable.

use std::fs::{self, File};
use std::io::Write;
use std::path::Path;

use super::print_figures;
use crate::Result;

pub(crate) fn run(from: &Path, to: &Path) -> Result<()> {
    const CHUNK: usize = 256 << 10;
    let bytes = fs::read(from)?;
    print_figures(|| {
        let mut file = File::create(to)?;
        for chunk in bytes.chunks(CHUNK) {
            file.write_all(chunk)?;
        }
        Ok(file.sync_data()?)
    })
}
