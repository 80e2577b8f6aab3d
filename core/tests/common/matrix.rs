//! The matrix of faults: one line a cell, printed by the test that fills it and kept in
//! `tests/.cache/matrix`, where `tests/run.sh` makes one table of the lines of all test programs.
#![allow(dead_code, missing_docs, unreachable_pub)]

use std::fs;
use std::path::PathBuf;

/// A cell: what was done to what, how often, and what came of it.
#[derive(Debug, Default)]
pub struct Cell {
    /// Cases in which the operation did what it is for.
    pub succeeded: u64,
    /// Cases in which it said an error and nothing had changed, or damage was found.
    pub refused: u64,
    /// Cases in which nobody was left to hear of it: the future was dropped, the power gone.
    pub cut_off: u64,
}

impl Cell {
    /// Counts what an operation said.
    pub fn count<T, E>(&mut self, result: &Result<T, E>) {
        match result {
            Ok(_) => self.succeeded += 1,
            Err(_) => self.refused += 1,
        }
    }

    /// All cases.
    pub fn cases(&self) -> u64 {
        self.succeeded + self.refused + self.cut_off
    }

    /// Writes the line: fault, operation, store, cases, and what came of them.
    pub fn tell(&self, fault: &str, operation: &str, store: &str) {
        let Self { succeeded, refused, cut_off } = self;
        let cases = self.cases();
        assert!(cases > 0, "{fault}, {operation}, {store}: a cell without a case");
        let line = format!("{fault}\t{operation}\t{store}\t{cases}\t{succeeded}\t{refused}\t{cut_off}\n");
        print!("{line}");
        let folder = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../tests/.cache/matrix");
        let name: String = format!("{fault}.{operation}.{store}")
            .chars()
            .map(|c| if c.is_ascii_alphanumeric() || c == '.' { c } else { '-' })
            .collect();
        fs::create_dir_all(&folder).unwrap();
        fs::write(folder.join(name), line).unwrap();
    }
}
