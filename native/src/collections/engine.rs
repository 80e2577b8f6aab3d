//! The open engine: transactions, generation numbers, and which of them a restore holds.
//!
//! Everything here blocks; the async side goes through [`blocking`].

use std::collections::BTreeSet;
use std::fs;
use std::io::ErrorKind;
use std::os::unix::fs::MetadataExt;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError, RwLock};

use redb::{
    Database, DatabaseError, ReadTransaction, ReadableDatabase, ReadableTable, ReadableTableMetadata,
};
use redb::{StorageError, TransactionError, WriteTransaction};
use tokio::task::JoinHandle;
use vecvault_core::{CollectionError, CollectionErrorKind, CollectionName};

use super::directory::DataDirectory;
use super::error::{Result, from_engine};
use super::schema::{CHUNKS, COLLECTIONS, COUNTS, Generation, UNNAMED};
use super::{OpenError, OpenOptions};

/// The open engine.
pub(super) struct Engine {
    /// `None` between an input or output error and the next attempt to open.
    database: RwLock<Option<Database>>,
    /// Held by the writer that is next. The engine itself lets a thread that writes again and again
    /// overtake those that wait.
    turn: Mutex<()>,
    options: OpenOptions,
    next_generation: AtomicU64,
    held: Mutex<Held>,
    /// Declared last: the lock goes after the database.
    directory: DataDirectory,
}

/// What running restores hold.
#[derive(Debug, Default)]
pub(super) struct Held {
    /// The names that they will replace.
    pub(super) names: BTreeSet<CollectionName>,
    /// The generations that must not be swept.
    pub(super) generations: BTreeSet<Generation>,
}

impl Engine {
    /// Opens the engine of a locked directory.
    pub(super) fn open(directory: DataDirectory, options: OpenOptions) -> Result<Self, OpenError> {
        let (database, last) = open_checked(&directory, &options)?;
        Ok(Self {
            database: RwLock::new(Some(database)),
            turn: Mutex::default(),
            options,
            next_generation: AtomicU64::new(last + 1),
            held: Mutex::default(),
            directory,
        })
    }

    pub(super) fn options(&self) -> &OpenOptions {
        &self.options
    }

    /// Bytes that the directory's file system has left for this process.
    pub(super) fn free_bytes(&self) -> Result<u64> {
        let stat = rustix::fs::statvfs(self.directory.path())
            .map_err(|error| from_engine(StorageError::Io(error.into())))?;
        Ok(stat.f_bavail.saturating_mul(stat.f_frsize))
    }

    /// Bytes of the engine's file that hold nothing: what is written next takes them before the file grows, and
    /// those that a backup under way still reads once that has ended. It reads all that is stored to tell, so it
    /// is for when room is short; writers go on meanwhile.
    pub(super) fn reusable_bytes(&self) -> Result<u64> {
        const BLOCK_BYTES: u64 = 512;
        // Not the file's length: it is made longer than was written, and a hole takes room when it is filled.
        let blocks = fs::metadata(self.directory.database())
            .map_err(|error| from_engine(StorageError::Io(error)))?
            .blocks();
        let transaction = self.begin_read()?;
        let stats = [
            transaction.open_table(CHUNKS).map_err(from_engine)?.stats(),
            transaction.open_table(COUNTS).map_err(from_engine)?.stats(),
            transaction.open_table(COLLECTIONS).map_err(from_engine)?.stats(),
            transaction.open_table(UNNAMED).map_err(from_engine)?.stats(),
        ];
        let mut held = 0;
        for table in stats {
            let table = table.map_err(from_engine)?;
            held += table.stored_bytes() + table.metadata_bytes() + table.fragmented_bytes();
        }
        Ok((blocks * BLOCK_BYTES).saturating_sub(held))
    }

    /// A number for a generation that has had no chunks.
    pub(super) fn new_generation(&self) -> Generation {
        self.next_generation.fetch_add(1, Ordering::Relaxed)
    }

    /// What restores hold. Never locked across a transaction's begin or commit.
    pub(super) fn held(&self) -> MutexGuard<'_, Held> {
        self.held.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Begins to read all tables as of now.
    pub(super) fn begin_read(&self) -> Result<ReadTransaction> {
        self.begin(|database| database.begin_read())
    }

    /// Begins the one write transaction; waits for another to end. Its commit is durable, and a crash
    /// afterwards costs no long repair.
    pub(super) fn begin_write(&self) -> Result<WriteTransaction> {
        let turn = self.turn.lock().unwrap_or_else(PoisonError::into_inner);
        let mut transaction = self.begin(|database| database.begin_write())?;
        drop(turn);
        transaction.set_quick_repair(true);
        Ok(transaction)
    }

    /// Begins a transaction. After an input or output error (a full disk, say) the engine refuses until it
    /// has been opened again: that is done here, so that room regained is enough to go on.
    fn begin<T>(&self, begin: impl Fn(&Database) -> Result<T, TransactionError>) -> Result<T> {
        {
            let database = self.database.read().unwrap_or_else(PoisonError::into_inner);
            match database.as_ref().map(&begin) {
                Some(Err(TransactionError::Storage(StorageError::PreviousIo))) | None => {}
                Some(begun) => return begun.map_err(from_engine),
            }
        }
        let mut database = self.database.write().unwrap_or_else(PoisonError::into_inner);
        if let Some(broken) = database.as_ref() {
            match begin(broken) {
                Err(TransactionError::Storage(StorageError::PreviousIo)) => {}
                begun => return begun.map_err(from_engine),
            }
        }
        // The engine locks its file: the broken one has to be closed first.
        *database = None;
        let opened = open_database(&self.directory, &self.options, false).map_err(|error| {
            CollectionError::new(
                CollectionErrorKind::Unavailable,
                "the collections could not be opened again after an input or output error",
            )
            .because(error)
        })?;
        begin(database.insert(opened)).map_err(from_engine)
    }
}

/// Runs blocking work of the engine on a thread for it. Dropping the future does not stop the work.
pub(super) async fn blocking<T: Send + 'static>(
    work: impl FnOnce() -> Result<T> + Send + 'static,
) -> Result<T> {
    finished(&mut tokio::task::spawn_blocking(work)).await
}

/// The result of blocking work. A future that is dropped can be had again.
pub(super) async fn finished<T>(work: &mut JoinHandle<Result<T>>) -> Result<T> {
    match work.await {
        Ok(done) => done,
        Err(error) => {
            Err(CollectionError::new(CollectionErrorKind::Other, "work on the collections broke off")
                .because(error))
        }
    }
}

/// Opens the database and its tables; gives the last generation that there is.
fn open_checked(
    directory: &DataDirectory,
    options: &OpenOptions,
) -> Result<(Database, Generation), OpenError> {
    let path = || directory.path().to_owned();
    let open = || {
        let database = open_database(directory, options, directory.is_new())?;
        if directory.is_new() {
            create_tables(&database)?;
            directory.finish()?;
        }
        let last = last_generation(&database)?;
        Ok((database, last))
    };
    // The engine trusts a file that was closed in order, and may panic where it was damaged since.
    let opened = catch_unwind(AssertUnwindSafe(open));
    opened.unwrap_or_else(|_| Err(redb::Error::Corrupted("it cannot be read".into()))).map_err(|error| {
        match error {
            redb::Error::DatabaseAlreadyOpen => OpenError::Locked { holder: "another process".into() },
            redb::Error::Io(source)
                if !matches!(source.kind(), ErrorKind::InvalidData | ErrorKind::UnexpectedEof) =>
            {
                OpenError::Io { doing: "opened", directory: path(), source }
            }
            error => OpenError::Damaged { directory: path(), reason: error.to_string() },
        }
    })
}

fn open_database(
    directory: &DataDirectory,
    options: &OpenOptions,
    new: bool,
) -> Result<Database, DatabaseError> {
    let mut builder = Database::builder();
    builder.set_cache_size(options.cache_bytes);
    if new { builder.create(directory.database()) } else { builder.open(directory.database()) }
}

fn last_generation(database: &Database) -> Result<Generation, redb::Error> {
    let transaction = database.begin_read()?;
    let unnamed = transaction.open_table(UNNAMED)?;
    let mut last = unnamed.last()?.map_or(0, |(generation, _)| generation.value());
    for row in transaction.open_table(COLLECTIONS)?.iter()? {
        last = last.max(row?.1.value().0);
    }
    Ok(last)
}

fn create_tables(database: &Database) -> Result<(), redb::Error> {
    let mut transaction = database.begin_write()?;
    transaction.set_quick_repair(true);
    transaction.open_table(CHUNKS)?;
    transaction.open_table(COUNTS)?;
    transaction.open_table(UNNAMED)?;
    transaction.open_table(COLLECTIONS)?;
    Ok(transaction.commit()?)
}

#[cfg(test)]
mod tests {
    use std::fs;

    use crate::collections::testing::{Fixture, batch};
    use crate::collections::{Collections, OpenError};

    #[tokio::test]
    async fn a_damaged_file_is_an_error_and_not_an_empty_store() {
        let fixture = Fixture::new().with("a", batch(0..1000)).await;
        drop(fixture.collections);
        let file = fixture.directory.path().join("collections.redb");
        let whole = fs::read(&file).unwrap();
        let mut header = whole.clone();
        header[..4096].fill(0);
        for damaged in [Vec::new(), b"no database at all".to_vec(), whole[..whole.len() / 2].to_vec(), header]
        {
            fs::write(&file, damaged).unwrap();
            let error = Collections::open(fixture.directory.path()).unwrap_err();
            assert!(matches!(error, OpenError::Damaged { .. }), "{error:?}");
        }
        fs::remove_file(&file).unwrap();
        for _ in 0..2 {
            let error = Collections::open(fixture.directory.path()).unwrap_err();
            assert!(matches!(error, OpenError::Damaged { .. }), "{error:?}");
        }
        fs::write(&file, whole).unwrap();
        assert_eq!(Fixture::open(fixture.directory).records("a").await, batch(0..1000));
    }
}
