//! A store that loses power: a model of a directory of files on a disk that holds back what is not synced.
//!
//! A blob is written to a file without a name, the file is synced, it gets its name, and the directory is
//! synced. Each of these, and each chunk, is a step at which the power can go. What comes back then is what
//! was synced, and of the rest a part that a seed chooses: bytes may be missing, zero or rubbish, and changes
//! of names may be there or not. It is a model and no proof of any real disk; it shows that a verb relies on
//! nothing that a store has not promised.

use std::collections::BTreeMap;
use std::ops::{Bound, Range};
use std::sync::{Mutex, MutexGuard, PoisonError};

use async_trait::async_trait;
use bytes::Bytes;
use futures_util::{TryStreamExt, stream};

use super::SplitMix64;
use crate::blob::{
    BlobError, BlobErrorKind, BlobKey, BlobMeta, BlobPage, BlobRead, BlobStore, BlobVersion, ByteStream,
    PutMode,
};

/// Which syncs a [`CrashStore`] does. Both are needed: a test that leaves one out shows that it would notice.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Discipline {
    /// Sync a file before it gets its name.
    pub sync_files: bool,
    /// Sync the directory before `put` and `delete` say that they are done.
    pub sync_names: bool,
}

/// Blobs on a disk that may lose power.
#[derive(Debug)]
pub struct CrashStore {
    discipline: Discipline,
    state: Mutex<State>,
}

#[derive(Debug, Default)]
struct State {
    files: BTreeMap<u64, File>,
    /// Names as whoever looks sees them.
    names: BTreeMap<BlobKey, u64>,
    /// Names as they were when the directory was last synced.
    durable_names: BTreeMap<BlobKey, u64>,
    /// Changes of names since: to a file, or to nothing.
    changes: Vec<(BlobKey, Option<u64>)>,
    next_file: u64,
    steps: u64,
    power_fails_at: Option<u64>,
    dark: bool,
}

#[derive(Clone, Debug, Default)]
struct File {
    bytes: Vec<u8>,
    /// How many of them are synced.
    durable: usize,
}

/// What a disk writes as one: bytes that are lost or spoilt together.
const SECTOR: usize = 64;

impl CrashStore {
    /// An empty store that keeps its contract.
    pub fn new() -> Self {
        Self::with(Discipline { sync_files: true, sync_names: true })
    }

    /// An empty store that syncs this much.
    pub fn with(discipline: Discipline) -> Self {
        Self { discipline, state: Mutex::default() }
    }

    /// The same, syncing this much from here on.
    #[must_use]
    pub fn under(self, discipline: Discipline) -> Self {
        Self { discipline, ..self }
    }

    /// Steps done so far.
    pub fn steps(&self) -> u64 {
        self.state().steps
    }

    /// The power goes before this step, counted from now on and from 1: it and everything after it fails
    /// until [`CrashStore::restart`].
    pub fn fail_power_at(&self, step: u64) {
        let mut state = self.state();
        state.power_fails_at = Some(state.steps + step);
    }

    /// The power goes, if it has not, and comes back: the store as the disk has it then. The seed chooses
    /// what has become of that which was not synced.
    #[must_use]
    pub fn restart(&self, seed: u64) -> Self {
        let (mut random, before) = (SplitMix64::new(seed), self.state());
        let mut names = before.durable_names.clone();
        for (key, file) in &before.changes {
            if random.coin() {
                match file {
                    Some(file) => drop(names.insert(key.clone(), *file)),
                    None => drop(names.remove(key)),
                }
            }
        }
        let files =
            names.values().filter_map(|id| Some((*id, before.files.get(id)?.after_crash(&mut random))));
        let state = State {
            files: files.collect(),
            durable_names: names.clone(),
            names,
            next_file: before.next_file,
            ..State::default()
        };
        Self { discipline: self.discipline, state: Mutex::new(state) }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The state, while there is power.
    fn powered(&self) -> Result<MutexGuard<'_, State>, BlobError> {
        let state = self.state();
        if state.dark {
            Err(BlobError::new(BlobErrorKind::Transient, "the power is gone"))
        } else {
            Ok(state)
        }
    }

    /// The state, for something that changes the disk.
    fn step(&self) -> Result<MutexGuard<'_, State>, BlobError> {
        let mut state = self.powered()?;
        state.steps += 1;
        state.dark = state.power_fails_at.is_some_and(|at| state.steps >= at);
        drop(state);
        self.powered()
    }

    fn sync_names(&self) -> Result<(), BlobError> {
        if self.discipline.sync_names {
            let mut state = self.step()?;
            state.durable_names = state.names.clone();
            state.changes.clear();
        }
        Ok(())
    }

    /// Writes a body to a file without a name.
    async fn write(&self, mut body: ByteStream) -> Result<u64, BlobError> {
        let id = {
            let mut state = self.step()?;
            state.next_file += 1;
            let id = state.next_file;
            state.files.insert(id, File::default());
            id
        };
        while let Some(chunk) = body.try_next().await? {
            self.step()?.files.entry(id).or_default().bytes.extend_from_slice(&chunk);
        }
        if self.discipline.sync_files {
            let mut state = self.step()?;
            let file = state.files.entry(id).or_default();
            file.durable = file.bytes.len();
        }
        Ok(id)
    }

    fn publish(&self, key: &BlobKey, file: u64, mode: PutMode) -> Result<BlobMeta, BlobError> {
        let mut state = self.step()?;
        if mode == PutMode::Create && state.names.contains_key(key) {
            return Err(already_exists());
        }
        state.names.insert(key.clone(), file);
        state.changes.push((key.clone(), Some(file)));
        drop(state);
        self.sync_names()?;
        self.powered()?.meta(key)
    }

    fn remove(&self, key: &BlobKey) -> Result<bool, BlobError> {
        if !self.powered()?.names.contains_key(key) {
            return Ok(false);
        }
        let mut state = self.step()?;
        state.names.remove(key);
        state.changes.push((key.clone(), None));
        drop(state);
        self.sync_names()?;
        Ok(true)
    }
}

impl Default for CrashStore {
    fn default() -> Self {
        Self::new()
    }
}

impl State {
    fn meta(&self, key: &BlobKey) -> Result<BlobMeta, BlobError> {
        let (id, file) = self.file(key)?;
        let version = BlobVersion(id.to_string());
        Ok(BlobMeta { key: key.clone(), size: file.bytes.len() as u64, version, modified: None })
    }

    fn file(&self, key: &BlobKey) -> Result<(u64, &File), BlobError> {
        let file = self.names.get(key).and_then(|id| Some((*id, self.files.get(id)?)));
        file.ok_or_else(|| BlobError::new(BlobErrorKind::NotFound, "no such blob"))
    }
}

impl File {
    /// What the disk has of it.
    fn after_crash(&self, random: &mut SplitMix64) -> Self {
        let length = self.durable + random.below(self.bytes.len() - self.durable + 1);
        let mut bytes = self.bytes[..length].to_vec();
        for sector in bytes[self.durable..].chunks_mut(SECTOR) {
            match random.below(3) {
                0 => sector.fill(0),
                1 => sector.iter_mut().for_each(|byte| *byte = random.next_u64() as u8),
                _ => {}
            }
        }
        Self { durable: bytes.len(), bytes }
    }
}

fn already_exists() -> BlobError {
    BlobError::new(BlobErrorKind::AlreadyExists, "there is one already")
}

#[cfg_attr(not(target_family = "wasm"), async_trait)]
#[cfg_attr(target_family = "wasm", async_trait(?Send))]
impl BlobStore for CrashStore {
    async fn put(&self, key: &BlobKey, body: ByteStream, mode: PutMode) -> Result<BlobMeta, BlobError> {
        let put = async {
            let file = self.write(body).await?;
            self.publish(key, file, mode)
        };
        put.await.map_err(|error| error.of(key))
    }

    async fn get(
        &self,
        key: &BlobKey,
        range: Option<Range<u64>>,
        version: Option<&BlobVersion>,
    ) -> Result<BlobRead, BlobError> {
        let read = || {
            let state = self.powered()?;
            let meta = state.meta(key)?;
            if version.is_some_and(|version| *version != meta.version) {
                return Err(BlobError::new(BlobErrorKind::VersionChanged, "it was replaced meanwhile"));
            }
            let range = range.unwrap_or(0..meta.size);
            if range.start > range.end || range.end > meta.size {
                return Err(BlobError::new(BlobErrorKind::InvalidRange, "the range reaches past the end"));
            }
            let bytes = &state.file(key)?.1.bytes[range.start as usize..range.end as usize];
            let chunks = if bytes.is_empty() { vec![] } else { vec![Ok(Bytes::copy_from_slice(bytes))] };
            Ok(BlobRead { meta, range, body: Box::pin(stream::iter(chunks)) })
        };
        read().map_err(|error| error.of(key))
    }

    async fn head(&self, key: &BlobKey) -> Result<BlobMeta, BlobError> {
        let meta = self.powered().and_then(|state| state.meta(key));
        meta.map_err(|error| error.of(key))
    }

    async fn list(&self, prefix: &str, after: Option<&BlobKey>, limit: usize) -> Result<BlobPage, BlobError> {
        let state = self.powered()?;
        let start = after.map_or(Bound::Unbounded, Bound::Excluded);
        let mut keys = state
            .names
            .range::<BlobKey, _>((start, Bound::Unbounded))
            .map(|(key, _)| key)
            .filter(|key| key.as_str().starts_with(prefix));
        let blobs = keys.by_ref().take(limit).map(|key| state.meta(key)).collect::<Result<_, _>>()?;
        Ok(BlobPage { blobs, more: keys.next().is_some() })
    }

    async fn delete(&self, key: &BlobKey) -> Result<bool, BlobError> {
        self.remove(key).map_err(|error| error.of(key))
    }
}
