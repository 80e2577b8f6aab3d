//! Core's errors as JavaScript's, and errors of stores and sources written in JavaScript as core's.
//!
//! An error thrown over there comes back as the `cause` of the one that it led to, the very same object.

use std::cell::RefCell;
use std::error::Error as StdError;
use std::fmt;

use js_sys::{Error as JsError, Reflect};
use vecvault_core::{BlobError, BlobErrorKind, CollectionError, CollectionErrorKind, Error};
use wasm_bindgen::{JsCast, JsValue};

use crate::codes;

thread_local! {
    /// Core's errors can be sent to other threads and JavaScript's values cannot: these wait here, and the
    /// error carries their number.
    static THROWN: RefCell<(u64, Vec<(u64, JsValue)>)> = RefCell::default();
}

/// Something that JavaScript threw, as the source of one of core's errors.
#[derive(Debug)]
struct Thrown(u64);

impl Thrown {
    fn keep(value: &JsValue) -> Self {
        THROWN.with_borrow_mut(|(last, values)| {
            *last += 1;
            values.push((*last, value.clone()));
            Self(*last)
        })
    }

    fn value(&self) -> Option<JsValue> {
        THROWN.with_borrow(|(_, values)| {
            values.iter().find(|(number, _)| *number == self.0).map(|(_, value)| value.clone())
        })
    }
}

impl Drop for Thrown {
    fn drop(&mut self) {
        // Few wait at any time: an error is told as soon as it is there.
        THROWN.with_borrow_mut(|(_, values)| values.retain(|(number, _)| *number != self.0));
    }
}

impl fmt::Display for Thrown {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("thrown by JavaScript")
    }
}

impl StdError for Thrown {}

/// An error of core, as JavaScript throws it: `Error` with `code`, and where they apply `offset`, `path`,
/// `backup`, `collection`, `record` and `cause`.
pub(crate) fn to_js(error: &Error) -> JsValue {
    let error = within(error);
    let value = JsError::new(&error.to_string());
    set(&value, "code", codes::of_error(error).into());
    match error {
        Error::Damaged { backup, error } => {
            set(&value, "backup", backup.as_str().into());
            set(&value, "offset", (error.offset() as f64).into());
            set(&value, "path", error.path().into());
        }
        Error::BackupNotFound { id } => set(&value, "backup", id.to_string().into()),
        Error::CollectionNotFound { name }
        | Error::CollectionNotInBackup { name, .. }
        | Error::DuplicateCollection { name } => set(&value, "collection", name.as_str().into()),
        Error::Collections(error) => {
            if let Some(name) = error.collection() {
                set(&value, "collection", name.as_str().into());
            }
            if let Some(record) = error.record() {
                set(&value, "record", record.into());
            }
        }
        Error::InvalidRecord { collection, error } => {
            set(&value, "collection", collection.as_str().into());
            set(&value, "record", error.id.as_str().into());
        }
        _ => {}
    }
    if let Some(cause) = thrown(error) {
        set(&value, "cause", cause);
    }
    value.into()
}

/// The error of core that a reader of collections has passed on, or the error itself.
fn within(error: &Error) -> &Error {
    match error {
        Error::Collections(collections) => StdError::source(collections)
            .and_then(|source| source.downcast_ref::<Error>())
            .map_or(error, within),
        _ => error,
    }
}

/// An error of the caller: an argument that makes no sense.
pub(crate) fn invalid(message: impl Into<String>) -> JsValue {
    to_js(&Error::InvalidRequest(message.into()))
}

fn set(error: &JsError, name: &str, value: JsValue) {
    // An `Error` that was made here takes any property.
    let _ = Reflect::set(error, &name.into(), &value);
}

/// What JavaScript threw that led to an error.
fn thrown(error: &Error) -> Option<JsValue> {
    let mut next = StdError::source(error);
    while let Some(source) = next {
        if let Some(thrown) = source.downcast_ref::<Thrown>() {
            return thrown.value();
        }
        next = source.source();
    }
    None
}

/// What a store threw, as core knows a store's errors.
pub(crate) fn of_store(value: &JsValue) -> BlobError {
    let kind = text(value, "code").map_or(BlobErrorKind::Other, |code| codes::to_blob(&code));
    BlobError::new(kind, message(value)).because(Thrown::keep(value))
}

/// What a source of records threw, as core knows a source's errors.
pub(crate) fn of_source(value: &JsValue) -> CollectionError {
    CollectionError::new(CollectionErrorKind::Other, message(value)).because(Thrown::keep(value))
}

fn message(value: &JsValue) -> String {
    value
        .dyn_ref::<JsError>()
        .map(|error| String::from(error.message()))
        .or_else(|| value.as_string())
        .unwrap_or_else(|| "something that is no Error was thrown".into())
}

fn text(value: &JsValue, name: &str) -> Option<String> {
    Reflect::get(value, &name.into()).ok()?.as_string()
}
