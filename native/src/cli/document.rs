//! What a command has to say: one JSON document, printed as it is or rendered for people.
//!
//! Locally it is made of core's own types; through a server it is the reply. The rendering reads it, so
//! that both show the same whatever they came from.

use std::io::{self, Write};

use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;

use super::exit::{Failure, Outcome};

/// A JSON document.
#[derive(Debug)]
pub(crate) struct Document(Box<RawValue>);

impl Document {
    pub(crate) fn of(value: &impl Serialize) -> Outcome<Self> {
        Ok(Self(serde_json::value::to_raw_value(value)?))
    }

    /// Takes a text from outside, which must be one JSON document.
    pub(crate) fn parse(text: String) -> Outcome<Self> {
        Ok(Self(RawValue::from_string(text)?))
    }

    /// Reads it as what a rendering needs of it.
    pub(crate) fn view<'a, V: Deserialize<'a>>(&'a self) -> Outcome<V> {
        Ok(serde_json::from_str(self.0.get())?)
    }

    pub(crate) fn text(&self) -> &str {
        self.0.get()
    }
}

/// Writes a line for people, or an error, to stderr. Where nobody reads that, the exit code says it.
pub(crate) fn tell(line: &str) {
    let _ = writeln!(io::stderr(), "{line}");
}

/// Writes a whole text to stdout.
pub(crate) fn print(text: &str) -> Outcome<()> {
    let mut stdout = io::stdout().lock();
    stdout
        .write_all(text.as_bytes())
        .and_then(|()| stdout.flush())
        .map_err(|error| Failure::io("standard output", &error))
}
