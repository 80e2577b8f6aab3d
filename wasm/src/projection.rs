//! A picture of a collection, a step at a time: JavaScript's event loop has its turn in between.

use js_sys::{Array, Float32Array, Float64Array, Promise};
use wasm_bindgen::prelude::wasm_bindgen;

use crate::backup::{OpenBackup, name_of};
use crate::errors::to_js;
use crate::promise::promise;
use crate::records::Records;
use crate::statistics::whole_numbers;
use crate::watch::{Watch, host};

/// A projection whose sample has been read.
#[wasm_bindgen]
pub struct Projecting(vecvault_core::Projecting);

#[wasm_bindgen]
impl OpenBackup {
    /// Reads a sample of a collection.
    pub fn project(&self, collection: String, sample: u32, watch: Watch) -> Promise {
        let backup = self.0.clone();
        promise(async move {
            let name = name_of(&collection)?;
            let host = host(watch);
            let begun = vecvault_core::Projecting::begin(&backup, &name, sample as usize, &host).await;
            Ok(Projecting(begun.map_err(|error| to_js(&error))?).into())
        })
    }
}

#[wasm_bindgen]
impl Projecting {
    /// Comes closer to the principal components; `true` when they are found.
    pub fn step(&mut self) -> bool {
        self.0.step()
    }

    /// The picture, as `js/projection.js` reads it.
    pub fn finish(self) -> Array {
        let found = self.0.finish();
        let explained = found.explained;
        let all = Array::new();
        all.push(&Float64Array::from(&[explained.x, explained.y][..]));
        all.push(&whole_numbers(&found.positions));
        all.push(&Float32Array::from(&*found.x));
        all.push(&Float32Array::from(&*found.y));
        all.push(&Records::new(found.records, 0, found.total).into());
        all
    }
}
