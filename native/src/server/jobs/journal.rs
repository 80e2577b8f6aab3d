//! Where jobs are kept: a directory with one JSON document a job, `{id}.json`.
//!
//! A document is written to a temporary file, synced, and takes its name in one step, so that a crash leaves
//! the one of before or the new one. It is written when its job begins and when it ends; one that says that
//! its job runs although nobody runs it is of a server that was cut off.

use std::fs::{self, DirBuilder, File};
use std::io::{self, Write};
use std::os::unix::fs::DirBuilderExt;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

use chrono::Utc;

use super::document::{Ending, Job, JobId, JobState};

/// What a document's name ends with, and a temporary file's name begins with.
const SUFFIX: &str = ".json";
const PREFIX: &str = ".tmp-";

/// Where a server keeps its jobs: a directory, or nowhere ([`JobJournal::default`]), which forgets them with
/// the process. Cloning shares it.
#[derive(Clone, Debug, Default)]
pub struct JobJournal {
    kept: Option<Arc<Kept>>,
}

#[derive(Debug)]
struct Kept {
    directory: PathBuf,
    /// What was there at the start, for the server to take.
    found: Mutex<Found>,
}

/// What is in a journal that is opened.
#[derive(Debug, Default)]
pub(super) struct Found {
    pub(super) jobs: Vec<Job>,
    /// What could not be read or written of it, for the log: no job is worth not starting for.
    pub(super) problems: Vec<String>,
}

/// Why a journal cannot be opened. It names the path: it is for whoever starts the server.
#[derive(Debug, thiserror::Error)]
#[error("cannot keep jobs in {}: {source}", .directory.display())]
pub struct JournalError {
    directory: PathBuf,
    source: io::Error,
}

impl JobJournal {
    /// Opens a directory, which is created where it is missing, for this process alone: nothing else may have
    /// it open. Jobs that it says run were cut off, and are marked `interrupted`, if only in memory where the
    /// disk is full. A document that cannot be read is left where it is. Blocks.
    pub fn open(directory: &Path) -> Result<Self, JournalError> {
        let found = open(directory).map_err(|source| JournalError { directory: directory.into(), source })?;
        let kept = Kept { directory: directory.into(), found: Mutex::new(found) };
        Ok(Self { kept: Some(Arc::new(kept)) })
    }

    /// What was there at the start; the first to ask gets it.
    pub(super) fn take_found(&self) -> Found {
        let Some(kept) = &self.kept else { return Found::default() };
        std::mem::take(&mut *kept.found.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// Writes down how a job stands, durably.
    pub(super) async fn write(&self, job: Arc<Job>) -> io::Result<()> {
        self.blocking(move |directory| write(directory, &job)).await
    }

    /// Forgets jobs. What cannot be removed now goes another time.
    pub(super) async fn remove(&self, ids: Vec<JobId>) -> io::Result<()> {
        let remove = move |directory: &Path| {
            ids.iter().try_for_each(|id| match fs::remove_file(path(directory, *id)) {
                Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
                _ => Ok(()),
            })
        };
        self.blocking(remove).await
    }

    async fn blocking(&self, work: impl FnOnce(&Path) -> io::Result<()> + Send + 'static) -> io::Result<()> {
        let Some(kept) = self.kept.clone() else { return Ok(()) };
        tokio::task::spawn_blocking(move || work(&kept.directory)).await.map_err(io::Error::other)?
    }
}

fn path(directory: &Path, id: JobId) -> PathBuf {
    directory.join(format!("{id}{SUFFIX}"))
}

fn open(directory: &Path) -> io::Result<Found> {
    match DirBuilder::new().mode(0o700).create(directory) {
        Err(error) if error.kind() != io::ErrorKind::AlreadyExists => return Err(error),
        _ => {}
    }
    let mut found = Found::default();
    for entry in fs::read_dir(directory)? {
        let entry = entry?;
        let name = entry.file_name();
        let name = name.to_string_lossy();
        if name.starts_with(PREFIX) {
            // A crash left it. Where it cannot be removed it is in nobody's way.
            let _ = fs::remove_file(entry.path());
        } else if let Some(id) = name.strip_suffix(SUFFIX).and_then(|id| id.parse::<JobId>().ok()) {
            match read(&entry.path(), id) {
                Ok(job) => found.jobs.push(job),
                Err(error) => found.problems.push(format!("job {id}: its document cannot be read: {error}")),
            }
        }
    }
    let Found { jobs, problems } = &mut found;
    for job in jobs.iter_mut().filter(|job| job.state == JobState::Running) {
        *job = job.clone().ended(&Ending::interrupted(), Utc::now());
        // Left as it is, the document says at the next start what it says now.
        if let Err(error) = write(directory, job) {
            problems.push(format!("job {}: that it was interrupted could not be recorded: {error}", job.id));
        }
    }
    Ok(found)
}

fn read(path: &Path, id: JobId) -> io::Result<Job> {
    let job = serde_json::from_slice::<Job>(&fs::read(path)?)?;
    if job.id == id { Ok(job) } else { Err(io::Error::other(format!("it is that of job {}", job.id))) }
}

fn write(directory: &Path, job: &Job) -> io::Result<()> {
    let mut file = tempfile::Builder::new().prefix(PREFIX).tempfile_in(directory)?;
    serde_json::to_writer(&mut file, job)?;
    file.write_all(b"\n")?;
    file.as_file().sync_all()?;
    file.persist(path(directory, job.id))?;
    File::open(directory)?.sync_all()
}
