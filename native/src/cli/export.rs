//! export: a live collection, or one of a backup, becomes JSON lines.

use std::ffi::OsString;
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};
use vecvault::lines::write_lines;
use vecvault_core::format::fingerprint;
use vecvault_core::format::float::Tier;
use vecvault_core::{
    BackupId, CollectionName, CollectionProof, CollectionReader, CollectionSource, Error, Monitor, Phase,
    Progress, RecordBatch,
};

use super::context::Context;
use super::document::Document;
use super::exit::{Exit, Failure, Outcome};
use super::output::Output;
use super::progress::Bar;
use super::remote::records::Pages;
use super::terminal::{count, plain};

/// Write a collection as JSON lines
///
/// A line is one record, {"id", "vector", "metadata"}: what `vecvault import` reads. Numbers are in their
/// shortest form and come back bit for bit; metadata are written to the byte. Reads one snapshot of the
/// live collection, or with --backup a collection of a backup, and counts and fingerprints what it wrote.
#[derive(Debug, clap::Args)]
#[command(
    override_usage = "vecvault export COLLECTION [FILE]\n       vecvault export --backup ID --collection C [FILE]"
)]
pub(crate) struct Export {
    /// The live collection, then the file to create (`-` is stdout, and the default); with --backup the
    /// file only
    #[arg(value_name = "COLLECTION] [FILE", num_args = 0..=2)]
    operands: Vec<OsString>,

    /// Export from this backup
    #[arg(long, value_name = "ID", requires = "collection")]
    backup: Option<BackupId>,

    /// The backup's collection
    #[arg(long, value_name = "C", requires = "backup", value_parser = CollectionName::parse)]
    collection: Option<CollectionName>,
}

#[derive(Serialize, Deserialize)]
struct ExportReply {
    collection: String,
    /// As people read it: what of a path is no text is lost.
    file: String,
    count: u64,
    fingerprint: String,
}

impl Export {
    pub(crate) async fn run(self, context: &Context) -> Outcome {
        let (name, file) = self.operands()?;
        if file.is_none() && context.options.json {
            return Err(Failure::usage(
                "with --json the records need a FILE: stdout carries the one document",
            ));
        }
        let mut output = Output::create(file.as_deref())?;
        let (records, expected) = self.open(context, &name).await?;
        let written = write(records, &mut output, &context.bar()).await?;
        if let Some(expected) = expected.filter(|expected| *expected != written) {
            return Err(Error::ProofFailed {
                collection: name,
                during: "exporting",
                expected,
                found: written,
            }
            .into());
        }
        output.finish()?;
        let reply = ExportReply {
            collection: name.to_string(),
            count: written.count,
            fingerprint: written.fingerprint.to_string(),
            file: file.as_ref().map(|file| file.display().to_string()).unwrap_or_default(),
        };
        match file {
            None => context.note(render(&reply).trim_end()),
            Some(_) => context.show(&Document::of(&reply)?, render)?,
        }
        Ok(Exit::Ok)
    }

    /// The collection, and the file where it is not stdout.
    fn operands(&self) -> Outcome<(CollectionName, Option<PathBuf>)> {
        let (name, rest) = match (&self.collection, self.operands.split_first()) {
            (Some(name), _) => (name.clone(), self.operands.as_slice()),
            (None, Some((name, rest))) => {
                let name = name.to_str().ok_or_else(|| Failure::usage("export: COLLECTION is not text"))?;
                (CollectionName::parse(name).map_err(Error::from)?, rest)
            }
            (None, None) => return Err(Failure::usage("export: which COLLECTION?")),
        };
        match rest {
            [] => Ok((name, None)),
            [file] => Ok((name, Some(PathBuf::from(file)).filter(|file| file != Path::new("-")))),
            [_, extra, ..] => {
                Err(Failure::usage(format!("export: one operand too many: {}", extra.display())))
            }
        }
    }

    /// Begins to read; gives what the records must add up to, where that is known.
    async fn open(
        &self,
        context: &Context,
        name: &CollectionName,
    ) -> Outcome<(Records, Option<CollectionProof>)> {
        if let (None, Some(server)) = (self.backup, context.remote()) {
            return Ok((Records::Pages(Pages::open(server, name).await?), None));
        }
        if let Some(id) = self.backup {
            if context.remote().is_some() {
                return Err(Failure::usage(
                    "--backup is read from the directory of backups, not through a server",
                ));
            }
            // A backup's reader proves what it reads by itself.
            let backup = vecvault_core::open(&context.store()?, id, &context.host()?).await?;
            return Ok((Records::Reader(backup.records(name)?), None));
        }
        let snapshot = context.existing_collections()?.snapshot().await?;
        let head = snapshot.collections().iter().find(|head| head.name == *name);
        let proof = head.ok_or_else(|| Error::CollectionNotFound { name: name.clone() })?.proof;
        Ok((Records::Reader(snapshot.read(name).await?), proof))
    }
}

/// Where the records come from.
enum Records {
    Pages(Pages),
    Reader(Box<dyn CollectionReader>),
}

impl Records {
    /// The next records; an empty batch is the end. `batch` lends its memory.
    async fn next(&mut self, batch: RecordBatch) -> Outcome<RecordBatch> {
        match self {
            Self::Pages(pages) => pages.next().await,
            Self::Reader(reader) => Ok(reader.next(batch).await?),
        }
    }
}

/// Writes every record; gives what they add up to.
async fn write(mut records: Records, output: &mut Output, bar: &Bar) -> Outcome<CollectionProof> {
    let mut written = CollectionProof::EMPTY;
    let mut batch = RecordBatch::default();
    let mut lines = Vec::new();
    let tier = Tier::detect();
    loop {
        batch = records.next(batch).await?;
        if batch.is_empty() {
            return Ok(written);
        }
        lines.clear();
        write_lines(tier, &batch, &mut lines)
            .map_err(|error| Failure::new(Exit::Failure, error.to_string()))?;
        output.write(&lines)?;
        written = written.plus(fingerprint::of_batch(&batch));
        let (records, bytes) = (written.count, 0);
        bar.progress(Progress {
            phase: Phase::Reading,
            records,
            total_records: None,
            bytes,
            total_bytes: None,
        });
    }
}

fn render(reply: &ExportReply) -> String {
    let ExportReply { collection, count: records, fingerprint, .. } = reply;
    format!(
        "Exported {}: {} records, fingerprint {}\n",
        plain(collection),
        count(*records),
        plain(fingerprint)
    )
}
