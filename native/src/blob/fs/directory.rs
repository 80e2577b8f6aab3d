//! The directory that a store keeps its files in: every system call on it, and none elsewhere.

use std::fs::{DirBuilder, File};
use std::io;
use std::os::fd::OwnedFd;
use std::os::unix::fs::DirBuilderExt;
use std::path::{Path, PathBuf};

use rustix::fs::{
    Access, AtFlags, Dir, FileType, Mode, OFlags, Stat, accessat, fstat, fstatvfs, linkat, openat, renameat,
    statat, unlinkat,
};
use rustix::io::Errno;
use vecvault_core::{BlobError, BlobErrorKind, BlobKey, PutMode};

use super::super::errno::blob_error;
use super::super::open_file::{FileState, not_regular};

/// What [`FsBlobStore::open`](super::FsBlobStore::open) does where the directory is missing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DirectoryPolicy {
    /// Creates it, for its owner only; its parent must be there. For the default directory.
    CreateMissing,
    /// Refuses: a directory that someone named must be there, or backups go to where nobody looks.
    MustExist,
    /// Refuses, and wants to read only: a snapshot or a share that cannot be written gives its backups too.
    OnlyRead,
}

/// Why a directory of backups cannot be opened. These errors name the path: they are for whoever starts
/// the program, not for its clients.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum OpenDirectoryError {
    /// It is not there.
    #[error("the backup directory {} does not exist; create it or name another", .path.display())]
    Missing {
        /// The directory.
        path: PathBuf,
    },
    /// Something else has that name.
    #[error("{} is not a directory", .path.display())]
    NotADirectory {
        /// What is not a directory.
        path: PathBuf,
    },
    /// It cannot be read, or not written where that is wanted.
    #[error("no permission for the backup directory {}: {source}", .path.display())]
    PermissionDenied {
        /// The directory.
        path: PathBuf,
        /// The system's error.
        source: io::Error,
    },
    /// Any other reason.
    #[error("cannot open the backup directory {}: {source}", .path.display())]
    Other {
        /// The directory.
        path: PathBuf,
        /// The system's error.
        source: io::Error,
    },
}

/// An open directory.
#[derive(Debug)]
pub(super) struct Directory {
    handle: File,
}

impl Directory {
    /// Opens a directory that can be read and, unless it is only read, written.
    pub(super) fn open(path: &Path, policy: DirectoryPolicy) -> Result<Self, OpenDirectoryError> {
        open_directory(path, policy).map_err(|source| {
            let path = path.to_owned();
            match source.kind() {
                io::ErrorKind::NotFound => OpenDirectoryError::Missing { path },
                io::ErrorKind::NotADirectory => OpenDirectoryError::NotADirectory { path },
                io::ErrorKind::PermissionDenied | io::ErrorKind::ReadOnlyFilesystem => {
                    OpenDirectoryError::PermissionDenied { path, source }
                }
                _ => OpenDirectoryError::Other { path, source },
            }
        })
    }

    /// Opens a file to read it, without following a link or waiting for a pipe's writer.
    pub(super) fn open_file(&self, name: &str) -> Result<OwnedFd, BlobError> {
        let flags = OFlags::RDONLY | OFlags::NOFOLLOW | OFlags::NONBLOCK | OFlags::NOCTTY | OFlags::CLOEXEC;
        match openat(&self.handle, name, flags, Mode::empty()) {
            Ok(file) => Ok(file),
            Err(Errno::NOENT) => Err(not_found()),
            // A link, and a socket.
            Err(Errno::LOOP | Errno::NXIO) => Err(not_regular()),
            Err(error) => Err(blob_error("open the file", error)),
        }
    }

    /// Creates a file for writing; only its owner may read it.
    pub(super) fn create_file(&self, name: &str) -> Result<File, BlobError> {
        let flags = OFlags::RDWR | OFlags::CREATE | OFlags::EXCL | OFlags::NOFOLLOW | OFlags::CLOEXEC;
        match openat(&self.handle, name, flags, Mode::RUSR | Mode::WUSR) {
            Ok(file) => Ok(file.into()),
            Err(Errno::NOENT) => Err(gone()),
            Err(error) => Err(blob_error("create a temporary file", error)),
        }
    }

    /// What is at a name, itself and not what it may link to; `None` where there is nothing.
    pub(super) fn stat(&self, name: &str) -> Result<Option<Stat>, BlobError> {
        match statat(&self.handle, name, AtFlags::SYMLINK_NOFOLLOW) {
            Ok(stat) => Ok(Some(stat)),
            Err(Errno::NOENT) => Ok(None),
            Err(error) => Err(blob_error("look at the file", error)),
        }
    }

    /// Every file whose name is a key, in no order. Others, and what is known not to be a regular file,
    /// are left out.
    pub(super) fn keys(&self) -> Result<Vec<BlobKey>, BlobError> {
        let mut keys = Vec::new();
        self.for_each_file(|name| keys.extend(BlobKey::parse(name).ok()))?;
        Ok(keys)
    }

    /// Calls `each` with the name of every entry that may be a regular file and is UTF-8.
    pub(super) fn for_each_file(&self, mut each: impl FnMut(&str)) -> Result<(), BlobError> {
        let failed = |error| blob_error("list the backup directory", error);
        // A directory that was removed would be read as an empty one.
        if fstat(&self.handle).map_err(failed)?.st_nlink == 0 {
            return Err(gone());
        }
        for entry in Dir::read_from(&self.handle).map_err(failed)? {
            let entry = entry.map_err(failed)?;
            if matches!(entry.file_type(), FileType::RegularFile | FileType::Unknown)
                && let Ok(name) = entry.file_name().to_str()
            {
                each(name);
            }
        }
        Ok(())
    }

    /// Gives a file that is written and synced its name, in one step, and makes that durable.
    pub(super) fn publish(&self, temporary: &str, name: &str, mode: PutMode) -> Result<(), BlobError> {
        let named = match mode {
            PutMode::Create => self.rename_to_new(temporary, name),
            PutMode::Overwrite => renameat(&self.handle, temporary, &self.handle, name),
        };
        match named {
            Ok(()) => {}
            Err(Errno::EXIST) => return Err(already_exists()),
            Err(error) => return Err(blob_error("give the file its name", error)),
        }
        sync_names(&self.handle).map_err(|error| {
            if mode == PutMode::Create {
                // Nothing new is to be visible after an error. If this fails too, the message still holds.
                let _ = unlinkat(&self.handle, name, AtFlags::empty());
            }
            blob_error(
                "sync the backup directory, so whether the blob would survive a crash is unknown",
                error,
            )
        })
    }

    /// Removes a regular file for good; `false` where there was none.
    pub(super) fn remove(&self, name: &str) -> Result<bool, BlobError> {
        match self.stat(name)? {
            None => return Ok(false),
            Some(stat) => FileState::of(&stat)?,
        };
        match self.unlink(name) {
            Ok(()) => sync_names(&self.handle).map(|()| true).map_err(|error| {
                blob_error("sync the backup directory, so whether the blob stays deleted is unknown", error)
            }),
            Err(Errno::NOENT) => Ok(false),
            Err(error) => Err(blob_error("delete the file", error)),
        }
    }

    /// Removes a name, whatever it is the name of, without making that durable.
    pub(super) fn unlink(&self, name: &str) -> Result<(), Errno> {
        unlinkat(&self.handle, name, AtFlags::empty())
    }

    /// Bytes that this user may still write.
    pub(super) fn free_bytes(&self) -> Result<u64, BlobError> {
        let stat = fstatvfs(&self.handle).map_err(|error| blob_error("ask for free space", error))?;
        Ok(stat.f_bavail.saturating_mul(stat.f_frsize))
    }

    /// Renames where nothing has the new name; of several at once one succeeds.
    fn rename_to_new(&self, temporary: &str, name: &str) -> Result<(), Errno> {
        #[cfg(any(target_os = "linux", target_vendor = "apple"))]
        match rustix::fs::renameat_with(
            &self.handle,
            temporary,
            &self.handle,
            name,
            rustix::fs::RenameFlags::NOREPLACE,
        ) {
            // Not every file system can.
            Err(Errno::INVAL | Errno::NOSYS | Errno::NOTSUP) => {}
            done => return done,
        }
        linkat(&self.handle, temporary, &self.handle, name, AtFlags::empty())?;
        // The blob is published; its second name is swept later if it cannot be removed now.
        let _ = self.unlink(temporary);
        Ok(())
    }
}

/// Makes the names in a directory durable. A file system that cannot sync directories says so, and does what it can
/// without.
pub fn sync_names(directory: &File) -> io::Result<()> {
    match directory.sync_all() {
        Err(error) if matches!(Errno::from_io_error(&error), Some(Errno::INVAL | Errno::NOTSUP)) => Ok(()),
        done => done,
    }
}

fn open_directory(path: &Path, policy: DirectoryPolicy) -> io::Result<Directory> {
    if policy == DirectoryPolicy::CreateMissing {
        match DirBuilder::new().mode(0o700).create(path) {
            Err(error) if error.kind() != io::ErrorKind::AlreadyExists => return Err(error),
            _ => {}
        }
    }
    let flags = OFlags::RDONLY | OFlags::DIRECTORY | OFlags::CLOEXEC;
    let handle = rustix::fs::open(path, flags, Mode::empty())?;
    let write = if policy == DirectoryPolicy::OnlyRead { Access::empty() } else { Access::WRITE_OK };
    accessat(&handle, ".", Access::READ_OK | Access::EXEC_OK | write, AtFlags::EACCESS)?;
    Ok(Directory { handle: handle.into() })
}

pub(super) fn not_found() -> BlobError {
    BlobError::new(BlobErrorKind::NotFound, "no such blob")
}

pub(super) fn already_exists() -> BlobError {
    BlobError::new(BlobErrorKind::AlreadyExists, "there is one already")
}

fn gone() -> BlobError {
    BlobError::new(
        BlobErrorKind::Other,
        "the backup directory was removed while in use; restart with it in place",
    )
}
