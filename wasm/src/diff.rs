//! What differs between two open backups.

use js_sys::{Array, Promise};
use vecvault_core::{CollectionDiff, DiffRequest, DiffStatus, diff};
use wasm_bindgen::JsValue;
use wasm_bindgen::prelude::wasm_bindgen;

use crate::backup::OpenBackup;
use crate::errors::to_js;
use crate::promise::promise;
use crate::watch::{Watch, host};

#[wasm_bindgen]
impl OpenBackup {
    /// Compares with another one: a row for each collection of either, as `js/diff.js` reads it.
    pub fn diff(&self, other: &OpenBackup, limit: u32, watch: Watch) -> Promise {
        let (a, b) = (self.0.clone(), other.0.clone());
        promise(async move {
            let request = DiffRequest { limit: limit as usize };
            let report = diff(&a, &b, request, &host(watch)).await.map_err(|error| to_js(&error))?;
            let rows = Array::new();
            for found in &report.collections {
                rows.push(&row(found));
            }
            Ok(rows.into())
        })
    }
}

fn row(found: &CollectionDiff) -> JsValue {
    let status = match found.status {
        DiffStatus::OnlyInA => "only_in_a",
        DiffStatus::OnlyInB => "only_in_b",
        DiffStatus::Equal => "equal",
        DiffStatus::Different => "different",
    };
    let row = Array::of3(&found.name.as_str().into(), &status.into(), &found.config_changed.into());
    for count in [found.added, found.removed, found.changed, found.unchanged] {
        row.push(&(count as f64).into());
    }
    for ids in [&found.added_ids, &found.removed_ids, &found.changed_ids] {
        let texts = Array::new();
        for id in ids {
            texts.push(&id.as_str().into());
        }
        row.push(&texts);
    }
    row.into()
}
