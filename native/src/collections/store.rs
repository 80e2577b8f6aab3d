//! The engine and its sweeper, which go together: the sweeper stops before the engine closes.

use std::path::Path;
use std::sync::Arc;

use super::directory::DataDirectory;
use super::engine::Engine;
use super::sweep::Sweeper;
use super::{OpenError, OpenOptions};

/// An open store. Whoever reads or writes shares it, so that it closes after the last of them.
pub(super) struct Store {
    /// Declared first: it is dropped, and its thread ended, before the engine.
    sweeper: Sweeper,
    engine: Arc<Engine>,
}

impl Store {
    /// Opens the store of a directory and begins to sweep what earlier processes left.
    pub(super) fn open(directory: &Path, options: OpenOptions) -> Result<Self, OpenError> {
        let engine = Arc::new(Engine::open(DataDirectory::open(directory)?, options)?);
        let sweeper = Sweeper::start(engine.clone()).map_err(|source| OpenError::Io {
            doing: "swept",
            directory: directory.into(),
            source,
        })?;
        Ok(Self { sweeper, engine })
    }

    pub(super) fn engine(&self) -> &Arc<Engine> {
        &self.engine
    }

    pub(super) fn sweeper(&self) -> &Sweeper {
        &self.sweeper
    }
}
