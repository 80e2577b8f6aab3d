//! Where commands write what is not their document: stdout, or a new file.

use std::fs::{File, Permissions};
use std::io::{self, BufWriter, Write};
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

use tempfile::NamedTempFile;
use vecvault::blob::sync_names;

use super::exit::{Exit, Failure, Outcome};

/// Where the bytes go: stdout, or a file that appears when it is whole and replaces none.
pub(crate) enum Output {
    Stdout(BufWriter<io::Stdout>),
    File { file: BufWriter<NamedTempFile>, path: PathBuf },
}

impl Output {
    pub(crate) fn create(path: Option<&Path>) -> Outcome<Self> {
        /// As every new file: what the umask leaves of it.
        const MODE: u32 = 0o666;
        let Some(path) = path else { return Ok(Self::Stdout(BufWriter::new(io::stdout()))) };
        if path.exists() {
            return Err(Failure::new(
                Exit::Conflict,
                format!("{}: this file exists already", path.display()),
            ));
        }
        let file = tempfile::Builder::new()
            .prefix(".vecvault-")
            .permissions(Permissions::from_mode(MODE))
            .tempfile_in(directory_of(path))
            .map_err(|error| Failure::io(path.display(), &error))?;
        Ok(Self::File { file: BufWriter::new(file), path: path.to_owned() })
    }

    pub(crate) fn write(&mut self, bytes: &[u8]) -> Outcome<()> {
        match self {
            Self::Stdout(stdout) => {
                stdout.write_all(bytes).map_err(|error| Failure::io("standard output", &error))
            }
            Self::File { file, path } => {
                file.write_all(bytes).map_err(|error| Failure::io(path.display(), &error))
            }
        }
    }

    /// Where what was written so far can be read; `None` for stdout.
    pub(crate) fn written(&mut self) -> Outcome<Option<&Path>> {
        match self {
            Self::Stdout(_) => Ok(None),
            Self::File { file, path } => {
                file.flush().map_err(|error| Failure::io(path.display(), &error))?;
                Ok(Some(file.get_ref().path()))
            }
        }
    }

    /// How many bytes the file has so far; 0 for stdout.
    pub(crate) fn size(&self) -> Outcome<u64> {
        match self {
            Self::Stdout(_) => Ok(0),
            Self::File { file, path } => {
                let metadata = file.get_ref().as_file().metadata();
                Ok(metadata.map_err(|error| Failure::io(path.display(), &error))?.len())
            }
        }
    }

    /// Gives the file its name, durably.
    pub(crate) fn finish(self) -> Outcome<()> {
        match self {
            Self::Stdout(mut stdout) => {
                stdout.flush().map_err(|error| Failure::io("standard output", &error))
            }
            Self::File { file, path } => {
                publish(file, &path).map_err(|error| Failure::io(path.display(), &error))
            }
        }
    }
}

fn publish(file: BufWriter<NamedTempFile>, path: &Path) -> io::Result<()> {
    let file = file.into_inner().map_err(io::IntoInnerError::into_error)?;
    file.as_file().sync_all()?;
    file.persist_noclobber(path).map_err(|error| error.error)?;
    File::open(directory_of(path)).and_then(|directory| sync_names(&directory)).map_err(|error| {
        let message =
            format!("the file is there and whole, but whether it would survive a crash is unknown: {error}");
        io::Error::new(error.kind(), message)
    })
}

/// The directory that a file is or will be in.
fn directory_of(path: &Path) -> &Path {
    path.parent().filter(|parent| !parent.as_os_str().is_empty()).unwrap_or(Path::new("."))
}
