//! download: a backup becomes a file somewhere else.

use std::path::{Path, PathBuf};

use futures_util::TryStreamExt;
use serde::{Deserialize, Serialize};
use vecvault_core::{BackupId, BlobErrorKind, Error, Monitor, Phase, Progress, VerifyDepth};

use super::context::Context;
use super::document::Document;
use super::exit::{Exit, Failure, Outcome};
use super::named::single_file;
use super::output::Output;
use super::remote::files;
use super::terminal::{exact_size, plain};

/// Copy a backup out of the store, to the byte
///
/// The file appears when all of it has arrived, and replaces none. It is then read through: where it is
/// damaged it is kept as it is, and the exit code is 20. A download through a server (--server) that breaks off,
/// or over which nothing comes for 30 seconds, is taken up where it broke, also by a server that is started anew.
#[derive(Debug, clap::Args)]
pub(crate) struct Download {
    /// The backup's id, as `vecvault list` prints it
    id: BackupId,

    /// The file to create; `-` is stdout, which is not read through [default: ID.backup, here]
    file: Option<PathBuf>,
}

#[derive(Serialize, Deserialize)]
struct DownloadReply {
    id: String,
    /// As people read it: what of a path is no text is lost.
    file: String,
    size: u64,
    /// Whether nothing is wrong with it.
    ok: bool,
    /// Whether it carries hashes to say so by.
    verifiable: bool,
}

impl Download {
    pub(crate) async fn run(self, context: &Context) -> Outcome {
        let file = self.file.unwrap_or_else(|| format!("{}.backup", self.id).into());
        let to_stdout = file == Path::new("-");
        if to_stdout && context.options.json {
            return Err(Failure::usage("with --json the file needs a name: stdout carries the one document"));
        }
        let mut output = Output::create(Some(&*file).filter(|_| !to_stdout))?;
        let bar = context.bar();
        match context.remote() {
            Some(server) => {
                let path = format!("backups/{}/download", self.id);
                files::download(server, path, &mut output, &*bar).await?;
            }
            None => copy(context, self.id, &mut output, &*bar).await?,
        }
        let report = match output.written()? {
            None => {
                output.finish()?;
                return Ok(Exit::Ok);
            }
            Some(written) => {
                let (store, key) = single_file(written)?;
                let host = context.host()?;
                vecvault_core::verify(&store, &key, Some(self.id), VerifyDepth::Full, &host).await?
            }
        };
        let size = output.size()?;
        output.finish()?;
        let (ok, verifiable) = (report.ok, report.verifiable);
        let (id, file) = (self.id.to_string(), file.display().to_string());
        let reply = DownloadReply { id, file, size, ok, verifiable };
        let exit = match ok {
            true => Exit::Ok,
            false => Exit::of_findings(report.findings.iter().map(|finding| finding.code)),
        };
        context.show(&Document::of(&reply)?, |reply| render(reply, exit))?;
        if let Some(finding) = report.findings.first() {
            let what = if exit == Exit::Unsupported { "not readable" } else { "damaged" };
            context.note(&format!("{what}: {}", plain(&finding.message)));
        }
        Ok(exit)
    }
}

/// Copies a backup of the directory.
async fn copy(context: &Context, id: BackupId, output: &mut Output, monitor: &dyn Monitor) -> Outcome<()> {
    let read = context.store()?.get(&id.key(), None, None).await.map_err(|error| match error.kind() {
        BlobErrorKind::NotFound => Error::BackupNotFound { id },
        _ => error.into(),
    })?;
    let (mut body, mut bytes, total_bytes) = (read.body, 0, Some(read.meta.size));
    while let Some(piece) = body.try_next().await.map_err(Error::from)? {
        output.write(&piece)?;
        bytes += piece.len() as u64;
        let phase = Phase::Reading;
        monitor.progress(Progress { phase, records: 0, total_records: None, bytes, total_bytes });
    }
    Ok(())
}

fn render(reply: &DownloadReply, exit: Exit) -> String {
    let verdict = match (reply.ok, reply.verifiable) {
        (false, _) if exit == Exit::Unsupported => "not readable by this version, and kept as it is",
        (false, _) => "DAMAGED, and kept as it is",
        (true, false) => "readable; it carries no hashes to verify it against",
        (true, true) => "whole: every hash, count and fingerprint is right",
    };
    let (id, file) = (plain(&reply.id), plain(&reply.file));
    format!("Downloaded {id} to {file}: {}, {verdict}\n", exact_size(reply.size))
}
