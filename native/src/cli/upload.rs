//! upload: a backup file becomes a backup of the store.

use std::fs::File;
use std::io::Read;
use std::path::PathBuf;
use std::sync::Arc;

use futures_util::stream;
use vecvault::ReceivedFile;
use vecvault_core::{BlobError, BlobErrorKind, ByteStream, Error, Monitor};

use super::context::Context;
use super::document::Document;
use super::exit::{Exit, Failure, Outcome};
use super::remote::files;
use super::views::BackupView;

/// Take a backup file into the store
///
/// Every byte of it is proved before it appears in the list, under the id that it says; one that is damaged
/// (exit code 20), that a later version wrote (21), or whose id is there already (11), changes nothing. A file that another program wrote carries
/// no hashes: it must read through.
#[derive(Debug, clap::Args)]
pub(crate) struct Upload {
    /// The backup file
    file: PathBuf,
}

impl Upload {
    pub(crate) async fn run(self, context: &Context) -> Outcome {
        let failed = |error| Failure::io(self.file.display(), &error);
        let file = File::open(&self.file).map_err(failed)?;
        let metadata = file.metadata().map_err(failed)?;
        if !metadata.is_file() {
            return Err(Failure::usage(format!("{}: not a regular file", self.file.display())));
        }
        let uploaded = upload(context, file, metadata.len()).await;
        // Whatever an interrupted one failed with.
        let uploaded = uploaded.map_err(|failure| match context.interrupt.requested() {
            true => Failure::interrupted(),
            false => failure,
        });
        let shown = context.show(&uploaded?, BackupView::render);
        shown.map_err(|failure| failure.although("the file was uploaded and proved"))?;
        Ok(Exit::Ok)
    }
}

async fn upload(context: &Context, file: File, length: u64) -> Outcome<Document> {
    if let Some(server) = context.remote() {
        return files::upload(server, "backups/upload", file, length, context.bar()).await;
    }
    let (store, host) = (context.open_backups()?, context.host()?);
    let body = pieces(file, host.monitor.clone());
    let received = ReceivedFile::receive(&store, body, Some(length)).await?;
    Document::of(&received.keep(&host).await?)
}

/// A file as a stream.
fn pieces(file: File, monitor: Arc<dyn Monitor>) -> ByteStream {
    const PIECE: u64 = 1 << 20;
    Box::pin(stream::try_unfold((file, monitor), |(mut file, monitor)| async move {
        let failed = |error: std::io::Error| {
            BlobError::new(BlobErrorKind::Body, format!("the file cannot be read: {error}"))
        };
        if monitor.cancelled() {
            return Err(BlobError::new(BlobErrorKind::Body, "interrupted").because(Error::Cancelled));
        }
        let read = tokio::task::spawn_blocking(move || {
            let mut piece = Vec::new();
            (&mut file).take(PIECE).read_to_end(&mut piece).map(|_| (piece, file))
        });
        let (piece, file) = read.await.map_err(std::io::Error::other).map_err(failed)?.map_err(failed)?;
        Ok((!piece.is_empty()).then(|| (piece.into(), (file, monitor))))
    }))
}
