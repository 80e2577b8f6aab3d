//! How checks compare: what was expected and what was seen, in words.

use std::fmt::{Debug, Display};

/// What a check, or a step of it, comes to; the error says what was expected and seen.
pub(super) type Outcome<T = ()> = Result<T, String>;

/// Fails unless two values are equal.
pub(super) fn equal<T: PartialEq<U> + Debug, U: Debug>(what: &str, seen: T, expected: U) -> Outcome {
    if seen == expected { Ok(()) } else { Err(format!("{what}: expected {expected:?}, saw {seen:?}")) }
}

/// Fails unless a claim holds.
pub(super) fn holds(claim: &str, seen: bool) -> Outcome {
    if seen { Ok(()) } else { Err(format!("expected that {claim}; it does not hold")) }
}

/// Fails unless bytes are equal, and says where they part.
pub(super) fn same_bytes(what: &str, seen: &[u8], expected: &[u8]) -> Outcome {
    if seen == expected {
        return Ok(());
    }
    let at = seen.iter().zip(expected).take_while(|(a, b)| a == b).count();
    let (seen, expected) = (seen.len(), expected.len());
    Err(format!("{what}: expected {expected} bytes, saw {seen}; the first difference is at byte {at}"))
}

/// Steps that must succeed.
pub(super) trait Succeeds<T> {
    /// The value, or a failure that names the step.
    fn succeeds(self, step: &str) -> Outcome<T>;
}

impl<T, E: Display + Debug> Succeeds<T> for Result<T, E> {
    fn succeeds(self, step: &str) -> Outcome<T> {
        self.map_err(|error| format!("{step}: expected success, saw the error \"{error}\" ({error:?})"))
    }
}
