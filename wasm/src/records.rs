//! Records out of a batch: a few crossings for any number of them.

use js_sys::{Float32Array, Uint32Array};
use vecvault_core::{RecordBatch, Texts};
use wasm_bindgen::prelude::wasm_bindgen;

use crate::utf16;

/// Records in columns, as JavaScript takes them: each text column is one string and the ends, in UTF-16
/// units, of the texts in it.
#[wasm_bindgen]
pub struct Records {
    batch: RecordBatch,
    /// The position of the first one in the collection.
    offset: f64,
    /// How many the collection has.
    total: f64,
}

impl Records {
    pub(crate) fn new(batch: RecordBatch, offset: u64, total: u64) -> Self {
        Self { batch, offset: offset as f64, total: total as f64 }
    }

    fn text(&self, column: Texts<'_>) -> String {
        column.text(0..self.batch.len()).to_owned()
    }

    fn ends(&self, column: Texts<'_>) -> Uint32Array {
        let range = 0..self.batch.len();
        let ends = utf16::from_bytes(column.text(range.clone()), column.ends(range));
        Uint32Array::from(&*ends)
    }
}

#[wasm_bindgen]
impl Records {
    /// The position of the first one in the collection.
    #[wasm_bindgen(getter)]
    pub fn offset(&self) -> f64 {
        self.offset
    }

    /// How many the collection has.
    #[wasm_bindgen(getter)]
    pub fn total(&self) -> f64 {
        self.total
    }

    /// How many numbers a vector has.
    #[wasm_bindgen(getter)]
    pub fn dimension(&self) -> u32 {
        self.batch.dimension() as u32
    }

    /// All vectors, one after the other.
    pub fn vectors(&self) -> Float32Array {
        Float32Array::from(self.batch.vectors())
    }

    /// The ids.
    pub fn ids(&self) -> String {
        self.text(self.batch.ids())
    }

    /// Where they end.
    #[wasm_bindgen(js_name = idEnds)]
    pub fn id_ends(&self) -> Uint32Array {
        self.ends(self.batch.ids())
    }

    /// The JSON texts of the metadata; an absent one is empty.
    pub fn metadata(&self) -> String {
        self.text(self.batch.metadata())
    }

    /// Where they end.
    #[wasm_bindgen(js_name = metadataEnds)]
    pub fn metadata_ends(&self) -> Uint32Array {
        self.ends(self.batch.metadata())
    }

    /// The other members, as JSON text without the braces; empty for none.
    pub fn extra(&self) -> String {
        self.text(self.batch.extra())
    }

    /// Where they end.
    #[wasm_bindgen(js_name = extraEnds)]
    pub fn extra_ends(&self) -> Uint32Array {
        self.ends(self.batch.extra())
    }
}
