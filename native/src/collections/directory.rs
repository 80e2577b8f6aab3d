//! The data directory: its lock, its version, and where the engine's file is. Nothing here knows what is
//! in that file.

use std::fs::{self, DirBuilder, File, TryLockError};
use std::io::{self, Write};
use std::os::unix::fs::DirBuilderExt;
use std::path::{Path, PathBuf};

use super::OpenError;

/// The text of `VERSION`. A layout that this code cannot read gets another number.
const VERSION: &str = "vecvault collections 1";

/// A data directory that this process alone has open, as long as the value lives.
#[derive(Debug)]
pub(super) struct DataDirectory {
    path: PathBuf,
    new: bool,
    lock: File,
}

/// The engine's file.
const DATABASE: &str = "collections.redb";
/// `VERSION` of a directory that is being made: nobody has been told of anything in it.
const UNFINISHED: &str = "VERSION.new";

impl DataDirectory {
    /// Locks a directory, which is created for its owner only where it is missing, and checks its version.
    pub(super) fn open(path: &Path) -> Result<Self, OpenError> {
        let failed = |doing| move |source| OpenError::Io { doing, directory: path.into(), source };
        DirBuilder::new().recursive(true).mode(0o700).create(path).map_err(failed("created"))?;
        let lock = lock(&path.join("LOCK"))
            .map_err(failed("locked"))?
            .map_err(|holder| OpenError::Locked { holder })?;
        let mut directory = Self { path: path.into(), new: false, lock };
        match fs::read_to_string(path.join("VERSION")) {
            Ok(text) if text.trim_end() == VERSION => {
                // Without this it would be made anew, and look like a store that never held anything.
                if directory.database().exists() { Ok(directory) } else { Err(directory.lacks(DATABASE)) }
            }
            Ok(text) => Err(OpenError::Version { directory: path.into(), found: text.trim_end().into() }),
            Err(error) if error.kind() == io::ErrorKind::NotFound => {
                directory.begin()?;
                Ok(directory)
            }
            Err(error) => Err(failed("read")(error)),
        }
    }

    /// Whether there is nothing in it yet: the engine's file is to be made, and then [`Self::finish`] called.
    pub(super) fn is_new(&self) -> bool {
        self.new
    }

    /// The engine's file.
    pub(super) fn database(&self) -> PathBuf {
        self.path.join(DATABASE)
    }

    /// The directory, as it was given.
    pub(super) fn path(&self) -> &Path {
        &self.path
    }

    /// Makes the names in the directory durable.
    fn sync(&self) -> io::Result<()> {
        // Elsewhere a directory cannot be opened as a file.
        if cfg!(unix) { File::open(&self.path)?.sync_all() } else { Ok(()) }
    }

    /// Begins a new directory, or begins again with one whose making was cut off: what is there of the
    /// engine's file has never been used.
    fn begin(&mut self) -> Result<(), OpenError> {
        let unfinished = self.path.join(UNFINISHED);
        if self.database().exists() && !unfinished.exists() {
            return Err(self.lacks("VERSION"));
        }
        let write = || {
            let mut file = File::create(&unfinished)?;
            writeln!(file, "{VERSION}")?;
            file.sync_all()?;
            self.sync()?;
            match fs::remove_file(self.database()) {
                Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
                _ => Ok(()),
            }
        };
        write().map_err(|source| OpenError::Io { doing: "written", directory: self.path.clone(), source })?;
        self.new = true;
        Ok(())
    }

    /// The engine's file is made and synced: from now on its absence, or that of the version, is damage.
    pub(super) fn finish(&self) -> io::Result<()> {
        fs::rename(self.path.join(UNFINISHED), self.path.join("VERSION"))?;
        self.sync()
    }

    fn lacks(&self, file: &str) -> OpenError {
        OpenError::Damaged { directory: self.path.clone(), reason: format!("its {file} file is missing") }
    }
}

impl Drop for DataDirectory {
    fn drop(&mut self) {
        // Closing it is not enough: a child that is just being started has a copy of the open file until it
        // becomes another program, and the lock would last as long.
        let _ = self.lock.unlock();
    }
}

/// Takes the lock and writes who holds it, or tells who does. The system releases a lock with the process
/// that held it, so that an old text means nothing.
fn lock(path: &Path) -> io::Result<Result<File, String>> {
    let mut file = File::options().create(true).truncate(false).write(true).open(path)?;
    match file.try_lock() {
        Ok(()) => {}
        Err(TryLockError::WouldBlock) => {
            let holder = fs::read_to_string(path).unwrap_or_default();
            let holder = Some(holder.trim_end()).filter(|text| !text.is_empty()).unwrap_or("another process");
            return Ok(Err(holder.into()));
        }
        Err(TryLockError::Error(error)) => return Err(error),
    }
    file.set_len(0)?;
    writeln!(file, "process {} ({})", std::process::id(), command())?;
    Ok(Ok(file))
}

/// This process's program and first argument: enough to know it by, and no secrets.
fn command() -> String {
    let mut args = std::env::args_os();
    let program = args.next().map(PathBuf::from);
    let program =
        program.as_deref().and_then(Path::file_name).unwrap_or_default().to_string_lossy().into_owned();
    match args.next() {
        Some(first) => format!("{program} {}", first.to_string_lossy()),
        None => program,
    }
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt;

    use super::*;

    #[test]
    fn the_second_to_open_is_told_who_was_first() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("deep/data");
        let first = made(&path);
        let error = DataDirectory::open(&path).unwrap_err();
        let OpenError::Locked { holder } = &error else { panic!("{error}") };
        assert!(holder.starts_with(&format!("process {} (", std::process::id())), "{holder}");
        drop(first);
        DataDirectory::open(&path).unwrap();
    }

    #[test]
    fn an_old_lock_text_holds_nobody_up() {
        let directory = tempfile::tempdir().unwrap();
        fs::write(directory.path().join("LOCK"), "process 1 (a much longer command that was killed)\n")
            .unwrap();
        let _open = DataDirectory::open(directory.path()).unwrap();
        let text = fs::read_to_string(directory.path().join("LOCK")).unwrap();
        assert!(
            text.starts_with(&format!("process {} (", std::process::id())) && !text.contains("killed"),
            "{text}"
        );
    }

    #[test]
    fn another_version_is_named_and_left_alone() {
        let directory = tempfile::tempdir().unwrap();
        fs::write(directory.path().join("VERSION"), "vecvault collections 2\n").unwrap();
        let error = DataDirectory::open(directory.path()).unwrap_err();
        assert!(
            matches!(&error, OpenError::Version { found, .. } if found == "vecvault collections 2"),
            "{error}"
        );
    }

    /// A directory with an engine's file that is as good as any here.
    fn made(path: &Path) -> DataDirectory {
        let directory = DataDirectory::open(path).unwrap();
        fs::write(directory.database(), "").unwrap();
        directory.finish().unwrap();
        directory
    }

    #[test]
    fn a_directory_whose_making_was_cut_off_is_made_again() {
        let directory = tempfile::tempdir().unwrap();
        for left in [&[UNFINISHED][..], &[UNFINISHED, DATABASE]] {
            left.iter().for_each(|name| fs::write(directory.path().join(name), "half").unwrap());
            let begun = DataDirectory::open(directory.path()).unwrap();
            assert!(begun.is_new() && !begun.database().exists());
        }
        drop(made(directory.path()));
        assert!(!DataDirectory::open(directory.path()).unwrap().is_new());
    }

    #[test]
    fn a_version_without_an_engine_file_is_damage_and_no_empty_store() {
        let directory = tempfile::tempdir().unwrap();
        drop(made(directory.path()));
        fs::remove_file(directory.path().join(DATABASE)).unwrap();
        for _ in 0..2 {
            let error = DataDirectory::open(directory.path()).unwrap_err();
            assert!(matches!(error, OpenError::Damaged { .. }), "{error}");
        }
    }

    #[test]
    fn an_engine_file_without_a_version_is_damage() {
        let directory = tempfile::tempdir().unwrap();
        fs::write(directory.path().join("collections.redb"), "").unwrap();
        assert!(matches!(DataDirectory::open(directory.path()), Err(OpenError::Damaged { .. })));
    }

    #[test]
    fn what_is_made_is_for_its_owner_and_what_was_there_stays_as_it_was() {
        let parent = tempfile::tempdir().unwrap();
        let mode = |path: &Path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
        let path = parent.path().join("deep").join("data");
        drop(made(&path));
        assert_eq!((mode(&path), mode(&parent.path().join("deep"))), (0o700, 0o700));
        fs::set_permissions(&path, fs::Permissions::from_mode(0o750)).unwrap();
        drop(DataDirectory::open(&path).unwrap());
        assert_eq!(mode(&path), 0o750);
    }

    #[test]
    fn a_directory_that_cannot_be_made_is_a_clear_error() {
        let directory = tempfile::tempdir().unwrap();
        let file = directory.path().join("file");
        fs::write(&file, "").unwrap();
        let error = DataDirectory::open(&file.join("data")).unwrap_err();
        assert!(matches!(error, OpenError::Io { doing: "created", .. }), "{error}");
    }
}
