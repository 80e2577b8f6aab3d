//! What a collection is like, in a few arrays.

use js_sys::{Array, Float32Array, Float64Array, Promise};
use vecvault_core::{Statistics, statistics};
use wasm_bindgen::prelude::wasm_bindgen;

use crate::backup::{OpenBackup, name_of};
use crate::errors::to_js;
use crate::promise::promise;
use crate::watch::{Watch, host};

#[wasm_bindgen]
impl OpenBackup {
    /// Statistics over a collection, as `js/statistics.js` reads them.
    pub fn statistics(&self, collection: String, watch: Watch) -> Promise {
        let backup = self.0.clone();
        promise(async move {
            let name = name_of(&collection)?;
            let found = statistics(&backup, &name, &host(watch)).await.map_err(|error| to_js(&error))?;
            Ok(columns(&found).into())
        })
    }
}

fn columns(found: &Statistics) -> Array {
    let Statistics { norms, dimensions, near_zero, duplicates, metadata, .. } = found;
    let histogram = &norms.histogram;
    let mut numbers = vec![norms.min, norms.mean, norms.max, histogram.start, histogram.width];
    let counts = [
        found.count,
        near_zero.count,
        duplicates.count,
        duplicates.compared,
        metadata.absent,
        metadata.not_objects,
        metadata.other,
    ];
    numbers.extend(counts.map(|count| count as f64));
    let (keys, mut types) = (Array::new(), Vec::new());
    for key in &metadata.keys {
        keys.push(&key.key.as_str().into());
        let of = key.types;
        types.extend([key.count, of.string, of.number, of.boolean, of.null, of.object, of.array]);
    }
    let pairs: Vec<u64> = duplicates.pairs.iter().flat_map(|(first, second)| [*first, *second]).collect();
    let all = Array::new();
    for doubles in [&numbers, &dimensions.mean, &dimensions.deviation] {
        all.push(&Float64Array::from(&**doubles));
    }
    for floats in [&dimensions.min, &dimensions.max] {
        all.push(&Float32Array::from(&**floats));
    }
    for whole in [&histogram.counts, &near_zero.positions, &pairs, &types] {
        all.push(&whole_numbers(whole));
    }
    all.push(&keys);
    all
}

/// Counts and positions as JavaScript has them; a file's are far below 2^53.
pub(crate) fn whole_numbers(numbers: &[u64]) -> Float64Array {
    let doubles: Vec<f64> = numbers.iter().map(|number| *number as f64).collect();
    Float64Array::from(&*doubles)
}
