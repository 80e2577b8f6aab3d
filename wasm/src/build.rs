//! Collections that JavaScript hands over, as what core makes a backup of.

use std::cell::RefCell;

use async_trait::async_trait;
use js_sys::{Float32Array, Uint8Array, Uint32Array};
use vecvault_core::format::LinesDecoder;
use vecvault_core::format::json::{Quoted, Validator};
use vecvault_core::{
    CollectionConfig, CollectionError, CollectionErrorKind, CollectionHead, CollectionName, CollectionReader,
    CollectionSnapshot, CollectionSource, Error, Record, RecordBatch,
};
use wasm_bindgen::prelude::wasm_bindgen;
use wasm_bindgen::{JsCast, JsValue};

use crate::errors::{self, of_source};
use crate::utf16;

#[wasm_bindgen]
extern "C" {
    /// Records of a collection, as `js/build.js` hands them over.
    #[derive(Clone)]
    pub type Feed;
    /// The next columns, or the next bytes of JSON lines; `undefined` at the end.
    #[wasm_bindgen(method, catch)]
    async fn next(this: &Feed) -> Result<JsValue, JsValue>;
    /// Nobody wants the rest, if there is any. It does not throw.
    #[wasm_bindgen(method)]
    fn cancel(this: &Feed);

    /// Columns: texts as UTF-8, and where each ends in UTF-16 units. An empty text in a column is an absent one.
    type Columns;
    #[wasm_bindgen(method, getter)]
    fn vectors(this: &Columns) -> Float32Array;
    #[wasm_bindgen(method, getter)]
    fn ids(this: &Columns) -> Uint8Array;
    #[wasm_bindgen(method, getter, js_name = idEnds)]
    fn id_ends(this: &Columns) -> Uint32Array;
    #[wasm_bindgen(method, getter)]
    fn metadata(this: &Columns) -> Uint8Array;
    #[wasm_bindgen(method, getter, js_name = metadataEnds)]
    fn metadata_ends(this: &Columns) -> Uint32Array;
}

/// The collections of a backup that is about to be built, in the order of the file. Each is read once.
#[wasm_bindgen]
#[derive(Default)]
pub struct Collections {
    heads: Vec<CollectionHead>,
    feeds: Vec<(CollectionName, Feed)>,
}

#[wasm_bindgen]
impl Collections {
    /// No collections yet.
    #[wasm_bindgen(constructor)]
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds a collection; `config` is its JSON text. With `ordered` the ids must ascend by their bytes.
    pub fn add(&mut self, name: &str, config: &str, ordered: bool, feed: Feed) -> Result<(), JsValue> {
        let name = CollectionName::parse(name).map_err(|error| errors::to_js(&Error::InvalidName(error)))?;
        let config = CollectionConfig::parse(config.as_bytes())
            .map_err(|error| errors::invalid(format!("collection {name:?}: {error}")))?;
        self.heads.push(CollectionHead { name: name.clone(), config, proof: None, ordered });
        self.feeds.push((name, feed));
        Ok(())
    }
}

/// What is not read to its end, because the backup failed or nobody wants it, is let go.
impl Drop for Collections {
    fn drop(&mut self) {
        self.feeds.iter().for_each(|(_, feed)| feed.cancel());
    }
}

impl Collections {
    /// The names, in the order of the file.
    pub(crate) fn names(&self) -> Vec<CollectionName> {
        self.heads.iter().map(|head| head.name.clone()).collect()
    }

    /// As a source of one snapshot, since JavaScript's iterators can be read once.
    pub(crate) fn into_source(self) -> Box<dyn CollectionSource> {
        Box::new(Once(RefCell::new(Some(self))))
    }
}

struct Once(RefCell<Option<Collections>>);

#[async_trait(?Send)]
impl CollectionSource for Once {
    async fn snapshot(&self) -> Result<Box<dyn CollectionSnapshot>, CollectionError> {
        match self.0.take() {
            Some(collections) => Ok(Box::new(collections)),
            None => Err(CollectionError::new(CollectionErrorKind::Busy, "these collections have been read")),
        }
    }
}

#[async_trait(?Send)]
impl CollectionSnapshot for Collections {
    fn collections(&self) -> &[CollectionHead] {
        &self.heads
    }

    async fn read(&self, name: &CollectionName) -> Result<Box<dyn CollectionReader>, CollectionError> {
        let feed = self.feeds.iter().find(|(known, _)| known == name);
        let head = self.heads.iter().find(|head| head.name == *name);
        let (Some((_, feed)), Some(head)) = (feed, head) else {
            return Err(CollectionError::new(
                CollectionErrorKind::NotFound,
                format!("no collection {name:?}"),
            ));
        };
        Ok(Box::new(Reader {
            name: name.clone(),
            feed: feed.clone(),
            dimension: head.config.dimension(),
            lines: None,
            validator: Validator::new(),
        }))
    }
}

struct Reader {
    name: CollectionName,
    feed: Feed,
    dimension: usize,
    /// Where the records come as JSON lines.
    lines: Option<LinesDecoder>,
    validator: Validator,
}

#[async_trait(?Send)]
impl CollectionReader for Reader {
    async fn next(&mut self, batch: RecordBatch) -> Result<RecordBatch, CollectionError> {
        self.read(batch).await.map_err(|error| error.of(&self.name))
    }
}

impl Reader {
    async fn read(&mut self, mut batch: RecordBatch) -> Result<RecordBatch, CollectionError> {
        batch.reset(self.dimension);
        loop {
            let next = self.feed.next().await.map_err(|thrown| of_source(&thrown))?;
            if next.is_undefined() {
                return self.end(batch);
            }
            match next.dyn_ref::<Uint8Array>() {
                Some(bytes) => {
                    let lines = self.lines.get_or_insert_default();
                    lines.feed(&bytes.to_vec()).map_err(|error| refused(error.to_string()))?;
                    batch = lines.take();
                }
                None => append(&mut batch, next.unchecked_ref(), &mut self.validator)?,
            }
            if !batch.is_empty() {
                return Ok(batch);
            }
        }
    }

    /// What is left at the end of JSON lines; the next call then finds nothing.
    fn end(&mut self, empty: RecordBatch) -> Result<RecordBatch, CollectionError> {
        let Some(mut lines) = self.lines.take() else { return Ok(empty) };
        lines.finish().map_err(|error| refused(error.to_string()))?;
        Ok(lines.take())
    }
}

/// Appends columns, and checks what core's batches trust: that texts fill their column, and that
/// metadata are JSON that a backup can hold.
fn append(
    batch: &mut RecordBatch,
    columns: &Columns,
    validator: &mut Validator,
) -> Result<(), CollectionError> {
    let vectors = columns.vectors().to_vec();
    let (ids, id_ends) = texts(&columns.ids(), &columns.id_ends())?;
    let (metadata, metadata_ends) = texts(&columns.metadata(), &columns.metadata_ends())?;
    let dimension = batch.dimension();
    if vectors.len() != id_ends.len() * dimension || metadata_ends.len() != id_ends.len() {
        let (numbers, records) = (vectors.len(), id_ends.len());
        return Err(refused(format!("{numbers} numbers for {records} records of dimension {dimension}")));
    }
    let (mut id_start, mut metadata_start) = (0, 0);
    for (index, vector) in vectors.chunks_exact(dimension).enumerate() {
        let id = &ids[id_start..id_ends[index]];
        let text = &metadata[metadata_start..metadata_ends[index]];
        (id_start, metadata_start) = (id_ends[index], metadata_ends[index]);
        let checked = (!text.is_empty()).then(|| validator.whole(text.as_bytes())).transpose();
        let metadata = checked
            .map_err(|error| refused(format!("metadata of record {}: {error}", Quoted(id))).of_record(id))?;
        let record = Record { id, vector, metadata, extra: "" };
        batch.push(record).map_err(|error| refused(error.to_string()).of_record(id))?;
    }
    Ok(())
}

/// A column of texts, and where each ends in bytes.
fn texts(utf8: &Uint8Array, ends: &Uint32Array) -> Result<(String, Vec<usize>), CollectionError> {
    let text = String::from_utf8(utf8.to_vec()).map_err(|_| refused("a text is not UTF-8"))?;
    let ends = utf16::to_bytes(&text, &ends.to_vec())
        .filter(|ends| ends.last().copied().unwrap_or(0) == text.len())
        .ok_or_else(|| refused("the texts do not fill their column"))?;
    Ok((text, ends))
}

fn refused(message: impl Into<String>) -> CollectionError {
    CollectionError::new(CollectionErrorKind::Invalid, message.into())
}
