//! The sink: a restore writes new generations beside the live ones, and one transaction gives them the
//! names.
//!
//! Whoever writes to a collection while it is restored writes to the old generation, which the restore
//! replaces.

use std::sync::Arc;

use async_trait::async_trait;
use vecvault_core::{
    CollectionError, CollectionErrorKind, CollectionName, CollectionReader, RecordBatch, StagedCollection,
    StagedRestore,
};

use super::engine::{Engine, blocking};
use super::error::{Result, about, from_engine, invalid};
use super::loader::Loader;
use super::reader::{BlockingReader, GenerationReader};
use super::schema::{CHUNKS, Generation, Stored};
use super::staging::Staging;
use super::store::Store;
use super::tables::Tables;

/// Room that a restore leaves on the file system.
const RESERVE_BYTES: u64 = 64 << 20;

/// A restore between `begin` and `commit`.
pub(super) struct Restore {
    /// `None` while a call is under way, and after one that failed or was broken off.
    work: Option<Work>,
}

/// What a restore has. It moves to a blocking thread for every call, so that one that is broken off is
/// still cleaned up after.
struct Work {
    collections: Vec<Staging>,
    loader: Loader,
    hold: Hold,
}

/// The names and generations of a restore, held until it ends.
pub(super) struct Hold {
    names: Vec<CollectionName>,
    generations: Vec<Generation>,
    store: Arc<Store>,
}

impl Restore {
    /// Begins a restore of about `bytes`.
    pub(super) fn begin(store: Arc<Store>, plan: &[StagedCollection], bytes: u64) -> Result<Self> {
        check_space(&store, plan, bytes)?;
        let hold = Hold::take(store, plan)?;
        let collections = plan.iter().map(Staging::new).collect();
        Ok(Self { work: Some(Work { collections, loader: Loader::default(), hold }) })
    }

    /// Does blocking work; after an error, or when the future is dropped, the restore is over.
    async fn work<T: Send + 'static>(
        &mut self,
        work: impl FnOnce(&mut Work) -> Result<T> + Send + 'static,
    ) -> Result<T> {
        let mut state = self.work.take().ok_or_else(ended)?;
        let (state, done) = blocking(move || work(&mut state).map(|done| (state, done))).await?;
        self.work = Some(state);
        Ok(done)
    }
}

#[async_trait]
impl StagedRestore for Restore {
    async fn write(
        &mut self,
        collection: usize,
        mut batch: RecordBatch,
    ) -> Result<RecordBatch, CollectionError> {
        self.work(move |work| {
            work.write(collection, &batch)?;
            batch.reset(batch.dimension());
            Ok(batch)
        })
        .await
    }

    async fn read_back(&mut self, collection: usize) -> Result<Box<dyn CollectionReader>, CollectionError> {
        let reader = self.work(move |work| {
            let staging = work.collections.get_mut(collection).ok_or_else(unplanned)?;
            let generation =
                staging.finish(&mut work.hold, &mut work.loader).map_err(about(staging.name()))?;
            let engine = work.hold.store.engine();
            work.loader.flush(engine)?;
            let chunks = engine.begin_read()?.open_table(CHUNKS).map_err(from_engine)?;
            let reader = GenerationReader::new(&chunks, generation, staging.config().dimension())?;
            Ok(BlockingReader::new(work.hold.store.clone(), staging.name().clone(), reader))
        });
        Ok(Box::new(reader.await?))
    }

    async fn commit(mut self: Box<Self>) -> Result<(), CollectionError> {
        self.work(Work::commit).await
    }

    async fn abort(self: Box<Self>) -> Result<(), CollectionError> {
        // What was staged is let go with the value, and swept.
        Ok(())
    }
}

impl Work {
    fn write(&mut self, collection: usize, batch: &RecordBatch) -> Result<()> {
        let staging = self.collections.get_mut(collection).ok_or_else(unplanned)?;
        staging.write(&mut self.hold, &mut self.loader, batch).map_err(about(staging.name()))?;
        let buffered: usize = self.collections.iter().map(Staging::buffered_bytes).sum();
        if buffered <= self.hold.engine().options().sort_bytes {
            return Ok(());
        }
        // However many collections there are, what they buffer together is bounded.
        let largest = self.collections.iter_mut().max_by_key(|staging| staging.buffered_bytes());
        largest.map_or(Ok(()), |staging| {
            staging.spill(&mut self.hold, &mut self.loader).map_err(about(staging.name()))
        })
    }

    fn commit(&mut self) -> Result<()> {
        let mut named = Vec::with_capacity(self.collections.len());
        for staging in &mut self.collections {
            let generation =
                staging.finish(&mut self.hold, &mut self.loader).map_err(about(staging.name()))?;
            named.push(Stored::new(generation, staging.config().clone(), staging.totals()));
        }
        let engine = self.hold.store.engine();
        self.loader.flush(engine)?;
        let transaction = engine.begin_write()?;
        {
            let mut tables = Tables::open(&transaction)?;
            for (staging, stored) in self.collections.iter().zip(&named) {
                tables.name(staging.name(), stored)?;
            }
        }
        transaction.commit().map_err(from_engine)
    }
}

impl Hold {
    /// Holds the names of a plan.
    fn take(store: Arc<Store>, plan: &[StagedCollection]) -> Result<Self> {
        let names: Vec<_> = plan.iter().map(|staged| staged.name.clone()).collect();
        let mut held = store.engine().held();
        for (at, name) in names.iter().enumerate() {
            if held.names.contains(name) {
                let message = "another restore of it is running: wait for it to end";
                return Err(CollectionError::new(CollectionErrorKind::Busy, message).of(name));
            }
            if names[..at].contains(name) {
                return Err(invalid("the restore has it twice").of(name));
            }
        }
        held.names.extend(names.iter().cloned());
        drop(held);
        Ok(Self { names, generations: Vec::new(), store })
    }

    /// A new generation, which is not swept while the restore runs.
    pub(super) fn generation(&mut self) -> Generation {
        let generation = self.engine().new_generation();
        self.engine().held().generations.insert(generation);
        self.generations.push(generation);
        generation
    }

    pub(super) fn engine(&self) -> &Arc<Engine> {
        self.store.engine()
    }
}

impl Drop for Hold {
    fn drop(&mut self) {
        let mut held = self.store.engine().held();
        self.names.iter().for_each(|name| _ = held.names.remove(name));
        self.generations.iter().for_each(|generation| _ = held.generations.remove(generation));
        drop(held);
        self.store.sweeper().wake();
    }
}

/// Refuses a restore that there is no room for, on the file system and in the engine's file.
fn check_space(store: &Store, plan: &[StagedCollection], bytes: u64) -> Result<()> {
    // Records that come in no order are written once to be sorted and once more in order.
    let copies = if plan.iter().all(|staged| staged.ordered) { 1 } else { 2 };
    let needed = bytes.saturating_mul(copies).saturating_add(RESERVE_BYTES);
    let engine = store.engine();
    if needed <= engine.free_bytes()? {
        return Ok(());
    }
    // What was just deleted or replaced is room once it is swept. A sweep that fails leaves less of it.
    let _ = store.sweeper().finish().blocking_recv();
    let free = engine.free_bytes()?.saturating_add(engine.reusable_bytes()?);
    if needed <= free {
        return Ok(());
    }
    let message =
        format!("the restore needs about {needed} bytes of room; the data directory has {free} left");
    Err(CollectionError::new(CollectionErrorKind::NoSpace, message))
}

fn ended() -> CollectionError {
    CollectionError::new(
        CollectionErrorKind::Other,
        "the restore has ended: an earlier call failed or was broken off",
    )
}

fn unplanned() -> CollectionError {
    CollectionError::new(CollectionErrorKind::Other, "the restore's plan has no such collection")
}

#[cfg(test)]
mod tests {
    use vecvault_core::{CollectionErrorKind, CollectionSink, CollectionSource, RecordBatch};

    use crate::collections::testing::{Fixture, batch, collect, config, id, named, read, staged};

    async fn fixture() -> Fixture {
        Fixture::new()
            .with("a", batch(0..10))
            .await
            .with("b", batch(10..20))
            .await
            .with("c", batch(20..30))
            .await
    }

    #[tokio::test]
    async fn a_restore_replaces_its_collections_at_one_moment_and_no_other() {
        let fixture = fixture().await;
        let before = fixture.collections.snapshot().await.unwrap();
        let mut restore = fixture.stage(&[staged("a", true), staged("new", true), staged("b", true)]).await;
        for start in (0..1000).step_by(100) {
            assert!(restore.write(0, batch(start..start + 100)).await.unwrap().is_empty());
            restore.write(1, batch(start..start + 50)).await.unwrap();
        }
        assert_eq!(fixture.records("a").await, batch(0..10), "nothing is visible yet");
        assert_eq!(fixture.collections.list().await.unwrap().len(), 3);
        assert_eq!(collect(restore.read_back(0).await.unwrap()).await, batch(0..1000));
        assert_eq!(collect(restore.read_back(2).await.unwrap()).await, batch([]));
        // Whoever writes meanwhile writes to what is replaced.
        fixture.collections.upsert(&named("a"), batch(5000..5001)).await.unwrap();
        restore.commit().await.unwrap();

        assert_eq!(fixture.records("a").await, batch(0..1000));
        assert_eq!(fixture.records("new").await.len(), 500);
        assert_eq!(fixture.records("b").await, batch([]));
        assert_eq!(fixture.records("c").await, batch(20..30));
        assert_eq!(read(&*before, "a").await, batch(0..10), "a snapshot stays as it was");
        assert_eq!(before.collections().len(), 3);
        drop(before);

        fixture.collections.sweep().await;
        let (generations, unnamed) = fixture.generations();
        assert_eq!((generations.len(), unnamed.len()), (3, 0));
        let fixture = fixture.reopen();
        assert_eq!(fixture.records("a").await, batch(0..1000));
    }

    #[tokio::test]
    async fn a_restore_that_is_dropped_changes_nothing_and_leaves_nothing() {
        let fixture = fixture().await;
        for aborted in [true, false] {
            let mut restore = fixture.stage(&[staged("a", true), staged("new", false)]).await;
            restore.write(0, batch(0..1000)).await.unwrap();
            restore.write(1, batch(0..1000)).await.unwrap();
            restore.read_back(1).await.unwrap();
            assert!(fixture.generations().0.len() > 3);
            if aborted {
                restore.abort().await.unwrap()
            } else {
                drop(restore)
            }
            fixture.collections.sweep().await;
            let (generations, unnamed) = fixture.generations();
            assert_eq!((generations.len(), unnamed.len()), (3, 0));
            assert_eq!(fixture.records("a").await, batch(0..10));
        }
    }

    #[tokio::test]
    async fn what_a_crash_left_is_swept_at_the_next_open() {
        let fixture = fixture().await;
        let mut restore = fixture.stage(&[staged("a", true)]).await;
        restore.write(0, batch(0..1000)).await.unwrap();
        // The files of this moment are what a crash would leave.
        let copy = tempfile::tempdir().unwrap();
        for file in ["VERSION", "collections.redb"] {
            std::fs::copy(fixture.directory.path().join(file), copy.path().join(file)).unwrap();
        }
        drop(restore);
        let crashed = Fixture {
            collections: crate::collections::Collections::open(copy.path()).unwrap(),
            directory: copy,
        };
        assert_eq!(crashed.records("a").await, batch(0..10));
        crashed.collections.sweep().await;
        let (generations, unnamed) = crashed.generations();
        assert_eq!((generations.len(), unnamed.len()), (3, 0));
    }

    #[tokio::test]
    async fn a_second_restore_of_a_name_is_told_to_wait() {
        let fixture = fixture().await;
        let first = fixture.stage(&[staged("a", true), staged("b", true)]).await;
        let error =
            fixture.collections.begin(&[staged("c", true), staged("b", true)], 0).await.err().unwrap();
        assert_eq!((error.kind(), error.collection()), (CollectionErrorKind::Busy, Some(&named("b"))));
        fixture.stage(&[staged("c", true)]).await.abort().await.unwrap();
        first.commit().await.unwrap();
        fixture.stage(&[staged("c", true), staged("b", true)]).await;
        let error =
            fixture.collections.begin(&[staged("d", true), staged("d", true)], 0).await.err().unwrap();
        assert_eq!(error.kind(), CollectionErrorKind::Invalid);
        fixture.stage(&[staged("d", true)]).await;
    }

    #[tokio::test]
    async fn a_restore_without_room_does_not_begin() {
        let fixture = Fixture::new();
        let free = fixture.collections.free_bytes().await.unwrap();
        let error = fixture.collections.begin(&[staged("a", true)], u64::MAX - 1).await.err().unwrap();
        assert_eq!(error.kind(), CollectionErrorKind::NoSpace);
        assert!(error.to_string().contains(&u64::MAX.to_string()), "{error}");
        assert!(free > 0);
        fixture.stage(&[staged("a", true)]).await;
    }

    #[tokio::test]
    async fn what_a_deleted_collection_held_is_room() {
        let fixture = Fixture::new().with("a", batch(0..10)).await.with("b", batch(0..20_000)).await;
        let weight = fixture.collections.get(&named("b")).await.unwrap().weight;
        let reusable = || fixture.collections.store.engine().reusable_bytes().unwrap();
        let before = reusable();
        fixture.collections.delete(&named("b")).await.unwrap();
        fixture.collections.sweep().await;
        let gained = reusable() - before;
        assert!(gained > weight * 9 / 10, "{gained} of {weight}");
        let before = reusable();
        let fixture = fixture.with("b", batch(0..10_000)).await;
        let taken = before - fixture.collections.store.engine().reusable_bytes().unwrap();
        assert!(taken > weight * 4 / 10, "{taken} of {weight}");
    }

    #[tokio::test]
    async fn ids_that_do_not_ascend_and_other_dimensions_are_refused_and_end_the_restore() {
        let fixture = Fixture::new();
        let cases = [
            (batch([1, 2]), format!("collection \"a\": id {:?} occurs twice", id(2))),
            (
                batch([0]),
                format!(
                    "collection \"a\": id {:?} comes after {:?}, though the ids were to ascend",
                    id(0),
                    id(2)
                ),
            ),
            (
                batch([4, 3]),
                format!(
                    "collection \"a\": id {:?} comes after {:?}, though the ids were to ascend",
                    id(3),
                    id(4)
                ),
            ),
        ];
        for (second, message) in cases {
            let second = if message.contains("twice") { batch([2]) } else { second };
            let mut restore = fixture.stage(&[staged("a", true)]).await;
            restore.write(0, batch([1, 2])).await.unwrap();
            let error = restore.write(0, second).await.unwrap_err();
            assert_eq!((error.kind(), error.to_string()), (CollectionErrorKind::Invalid, message));
            restore.commit().await.unwrap_err();
        }
        let mut restore = fixture.stage(&[staged("a", false)]).await;
        let mut other = RecordBatch::new(2);
        other.push(vecvault_core::Record { id: "a", vector: &[0.0; 2], metadata: None, extra: "" }).unwrap();
        let error = restore.write(0, other).await.unwrap_err();
        assert!(error.to_string().contains("have 2 numbers; the collection's dimension is 3"), "{error}");
        assert!(fixture.collections.list().await.unwrap().is_empty());
        fixture.collections.create(&named("a"), config(2)).await.unwrap();
    }
}
