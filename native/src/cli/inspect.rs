//! inspect: look into a backup, or a backup file anywhere, without collections.

use std::fmt::Write as _;
use std::path::PathBuf;

use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;
use vecvault_core::format::float::Tier;
use vecvault_core::format::write_record;
use vecvault_core::{BackupSummary, CollectionName, RecordPage};

use super::context::Context;
use super::document::Document;
use super::exit::{Exit, Failure, Outcome};
use super::named;
use super::terminal::{count, plain, shorten};
use super::views::BackupView;

/// Look into a backup: what it holds, and a page of its records
///
/// A file may be anywhere and of any size: only its head, its tail and the blocks of the page are read.
/// --json prints the records exactly as they are in the file.
#[derive(Debug, clap::Args)]
pub(crate) struct Inspect {
    /// A path to a backup file anywhere, or a backup's id
    what: PathBuf,

    /// Show records of this collection [default: the first]
    #[arg(long, value_name = "C", value_parser = CollectionName::parse)]
    collection: Option<CollectionName>,

    /// Begin at this record, counted from 0
    #[arg(long, value_name = "N", default_value_t = 0)]
    offset: u64,

    /// Show at most this many records
    #[arg(long, value_name = "N", default_value_t = 5, value_parser = clap::value_parser!(u16).range(..=10_000))]
    limit: u16,
}

#[derive(Serialize)]
struct InspectReply<'a> {
    backup: &'a BackupSummary,
    page: Option<Page>,
}

#[derive(Serialize)]
struct Page {
    collection: CollectionName,
    offset: u64,
    total: u64,
    records: Vec<Box<RawValue>>,
}

#[derive(Deserialize)]
struct InspectView<'a> {
    backup: BackupView,
    #[serde(borrow)]
    page: Option<PageView<'a>>,
}

#[derive(Deserialize)]
struct PageView<'a> {
    collection: String,
    offset: u64,
    total: u64,
    #[serde(borrow)]
    records: Vec<RecordView<'a>>,
}

#[derive(Deserialize)]
struct RecordView<'a> {
    id: String,
    vector: Vec<f32>,
    #[serde(borrow)]
    metadata: Option<&'a RawValue>,
}

impl Inspect {
    pub(crate) async fn run(self, context: &Context) -> Outcome {
        if context.remote().is_some() && named::id(&self.what).is_some() {
            return Err(Failure::usage(
                "a server shows its own backups with show; inspect looks into files here",
            ));
        }
        let backup = named::open(context, &self.what).await?;
        let summary = backup.summary().clone();
        let collection = self.collection.or_else(|| summary.info.collections.first().cloned());
        let page = match collection {
            Some(collection) => {
                let page = backup.page(&collection, self.offset, usize::from(self.limit)).await?;
                Some(Page::new(collection, &page)?)
            }
            None => None,
        };
        context.show(&Document::of(&InspectReply { backup: &summary, page })?, render)?;
        Ok(Exit::Ok)
    }
}

impl Page {
    fn new(collection: CollectionName, page: &RecordPage) -> Outcome<Self> {
        let mut records = Vec::with_capacity(page.records.len());
        for record in page.records.records() {
            let mut text = Vec::new();
            let failed = |error: String| Failure::new(Exit::Failure, error);
            write_record(Tier::detect(), record, &mut text).map_err(|error| failed(error.to_string()))?;
            let text = String::from_utf8(text).map_err(|error| failed(error.to_string()))?;
            records.push(RawValue::from_string(text)?);
        }
        Ok(Self { collection, offset: page.offset, total: page.total, records })
    }
}

fn render(reply: &InspectView<'_>) -> String {
    let mut text = reply.backup.render();
    if let Some(page) = &reply.page {
        text.push('\n');
        text.push_str(&render_page(page));
    }
    text
}

fn render_page(page: &PageView<'_>) -> String {
    const NUMBERS: usize = 4;
    const METADATA_COLUMNS: usize = 200;
    let PageView { collection, offset, total, records } = page;
    let mut text = String::new();
    // Writing to a String cannot fail.
    let _ = match records.len() {
        0 => writeln!(text, "{}: no records from {offset} on, of {}", plain(collection), count(*total)),
        n => {
            let last = offset + n as u64 - 1;
            writeln!(text, "{}: records {offset} to {last} of {}", plain(collection), count(*total))
        }
    };
    for record in records {
        let numbers: Vec<_> = record.vector.iter().take(NUMBERS).map(f32::to_string).collect();
        let more = if record.vector.len() > NUMBERS { ", …" } else { "" };
        let _ = writeln!(text, "\n  {}\n    vector    [{}{more}]", plain(&record.id), numbers.join(", "));
        if let Some(metadata) = record.metadata {
            let metadata = plain(metadata.get());
            let _ = writeln!(text, "    metadata  {}", shorten(&metadata, METADATA_COLUMNS));
        }
    }
    text
}
