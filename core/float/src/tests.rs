//! The codec as a whole: every tier against the others, `serde_json` and the standard library.
//!
//! The proof over all floats, `every_float`, is ignored by default; it takes minutes:
//!
//! ```text
//! cargo test --release every_float -- --ignored --nocapture
//! ```

mod exhaustive;
mod hostile;
mod lengths;
mod memory;
mod midpoints;
mod reading;
mod reference;
mod samples;
mod shortest;
mod writing;
