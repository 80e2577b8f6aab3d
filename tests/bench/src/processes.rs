//! Whole processes, in turns: wall time, CPU time and peak memory.

mod chroma;
mod create;
mod list;
mod page;
mod postgres;
mod proc_stat;
mod restore;
mod scaling;
mod server;
mod site;
mod verify;
mod versus;

use crate::Result;
use crate::options::{Section, Table as Options};
use crate::report::Report;
use postgres::Postgres;
use site::Site;

pub(crate) use proc_stat::peak;

pub(crate) fn run(options: &Options, report: &mut Report) -> Result<()> {
    use Section::{Chroma, Create, List, Page, Restore, Scaling, Verify};
    let wanted = |sections: &[Section]| sections.iter().any(|section| options.wants(*section));
    if wanted(&[Create, Restore, Verify, Page]) {
        let site = Site::new(options)?;
        if wanted(&[Create, Restore]) {
            let postgres = Postgres::start(&site).map_err(|error| error.to_string());
            if options.wants(Create) {
                create::run(&site, postgres.as_ref(), report)?;
            }
            if options.wants(Restore) {
                restore::run(&site, postgres.as_ref(), report)?;
            }
        }
        if options.wants(Verify) {
            verify::run(&site, report)?;
        }
        if options.wants(Page) && !options.million {
            page::run(&site, report)?;
        }
    }
    if options.wants(Page) && options.million {
        page::run(&Site::of(options, 1_000_000)?, report)?;
    }
    if options.wants(List) {
        list::run(options, report)?;
    }
    if options.wants(Chroma) {
        chroma::run(options, report)?;
    }
    if options.wants(Scaling) {
        scaling::run(options, report)?;
    }
    Ok(())
}
