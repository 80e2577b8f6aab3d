//! A backup read whole and parsed with serde_json's typed structs: what a program without VecVault does.

use std::fs;
use std::hint::black_box;
use std::path::Path;

use super::print_figures;
use crate::Result;
use crate::typed::TypedBackup;

pub(crate) fn run(backup: &Path) -> Result<()> {
    print_figures(|| {
        let bytes = fs::read(backup)?;
        black_box(serde_json::from_slice::<TypedBackup>(&bytes)?);
        Ok(())
    })
}
