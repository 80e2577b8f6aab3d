//! What the table starts as processes of their own, so that each is measured alone.

pub(crate) mod copy_rows;
pub(crate) mod engine_load;
pub(crate) mod fill;
pub(crate) mod measure;
pub(crate) mod plain_write;
pub(crate) mod serde_read;

use crate::Result;
use crate::process::Figures;
use crate::processes::peak;
use crate::timing::wall_and_cpu;

/// Does a piece of work and prints what it took, for who started this process.
fn print_figures<T>(work: impl FnOnce() -> Result<T>) -> Result<T> {
    let (result, wall, cpu) = wall_and_cpu(work);
    let figures = Figures { wall, cpu, peak: peak("self") };
    println!("{}", serde_json::to_string(&figures)?);
    result
}
