//! What fails, and when.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use crate::blob::{BlobError, BlobErrorKind};
use crate::collections::{CollectionError, CollectionErrorKind};

/// What goes wrong.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fault {
    /// A call, or the next chunk of a body, is an error, and has done nothing. The places: every call of the
    /// traits, every chunk of a body that is read or written, and the end of each.
    Error(Cause),
    /// A call that changes something does so, and then its answer is lost: it looks like an error
    /// ([`Cause::Unreachable`]). The places: `put`, `delete`, `begin`, `write`, `commit`.
    LostReply,
    /// What is read ends early and says nothing. The places: every chunk of a blob's body, every batch of a
    /// collection.
    ShortRead,
    /// What is written ends early, and the store says that all is well. The places: every chunk of a body
    /// that is put.
    ShortWrite,
}

/// Why, in terms that a store and collections both have words for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Cause {
    /// The data are damaged.
    Corrupt,
    /// No room.
    NoSpace,
    /// Anything else.
    Other,
    /// The store refuses.
    Refused,
    /// Gone for now, retries included.
    Unreachable,
}

/// When a plan strikes. Places are counted from 1.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Strike {
    /// Not at all: the plan only counts.
    Never,
    /// At one place.
    At(u64),
    /// At one place and at every one after it.
    From(u64),
}

/// A fault and when it strikes. Cloning shares it, so that one plan can go through a store, its collections
/// and all that they hand out.
#[derive(Clone, Debug)]
pub struct FaultPlan {
    state: Arc<Mutex<State>>,
}

#[derive(Debug)]
struct State {
    fault: Fault,
    strike: Strike,
    places: u64,
    struck: Vec<String>,
}

impl FaultPlan {
    /// A plan.
    pub fn new(fault: Fault, strike: Strike) -> Self {
        Self { state: Arc::new(Mutex::new(State { fault, strike, places: 0, struck: Vec::new() })) }
    }

    /// A plan by which nothing ever fails.
    pub fn peace() -> Self {
        Self::new(Fault::Error(Cause::Other), Strike::Never)
    }

    /// Another fault from here on, with places counted anew.
    pub fn set(&self, fault: Fault, strike: Strike) {
        *self.state() = State { fault, strike, places: 0, struck: Vec::new() };
    }

    /// Places that were passed so far at which the fault could strike.
    pub fn places(&self) -> u64 {
        self.state().places
    }

    /// Where it has struck, in order: the number of the place, and the call.
    pub fn struck(&self) -> Vec<String> {
        self.state().struck.clone()
    }

    /// No more faults from here on.
    pub fn end(&self) {
        self.state().strike = Strike::Never;
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Passes a place of a fault; `true` where it strikes.
    fn pass(&self, at: impl Fn(Fault) -> bool, call: &str) -> bool {
        let mut state = self.state();
        if !at(state.fault) {
            return false;
        }
        state.places += 1;
        let place = state.places;
        let strikes = match state.strike {
            Strike::Never => false,
            Strike::At(at) => place == at,
            Strike::From(from) => place >= from,
        };
        if strikes {
            state.struck.push(format!("{place}: {call}"));
        }
        strikes
    }

    /// Before a call, or a chunk.
    pub(super) fn before(&self, call: &str) -> Result<(), Cause> {
        let cause = match self.state().fault {
            Fault::Error(cause) => cause,
            _ => return Ok(()),
        };
        if self.pass(|fault| matches!(fault, Fault::Error(_)), call) { Err(cause) } else { Ok(()) }
    }

    /// After a call that changed something.
    pub(super) fn after(&self, call: &str) -> Result<(), Cause> {
        if self.pass(|fault| fault == Fault::LostReply, call) { Err(Cause::Unreachable) } else { Ok(()) }
    }

    /// Whether what is read ends here.
    pub(super) fn ends_read(&self, call: &str) -> bool {
        self.pass(|fault| fault == Fault::ShortRead, call)
    }

    /// Whether what is written ends here.
    pub(super) fn ends_write(&self, call: &str) -> bool {
        self.pass(|fault| fault == Fault::ShortWrite, call)
    }
}

/// What every injected error says.
const MESSAGE: &str = "a fault that a test injected";

impl Cause {
    /// As a store says it.
    pub(super) fn of_blob(self) -> BlobError {
        let kind = match self {
            Self::Corrupt => BlobErrorKind::Corrupt,
            Self::NoSpace => BlobErrorKind::NoSpace,
            Self::Other => BlobErrorKind::Other,
            Self::Refused => BlobErrorKind::PermissionDenied,
            Self::Unreachable => BlobErrorKind::Transient,
        };
        BlobError::new(kind, MESSAGE)
    }

    /// As collections say it.
    pub(super) fn of_collections(self) -> CollectionError {
        let kind = match self {
            Self::Corrupt => CollectionErrorKind::Corrupt,
            Self::NoSpace => CollectionErrorKind::NoSpace,
            Self::Other => CollectionErrorKind::Other,
            Self::Refused | Self::Unreachable => CollectionErrorKind::Unavailable,
        };
        CollectionError::new(kind, MESSAGE)
    }
}
