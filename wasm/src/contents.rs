//! What is in an open backup: pages, records one by one, collections as a backup of their own.

use std::sync::Arc;

use async_trait::async_trait;
use js_sys::Promise;
use vecvault_core::{
    Backup, CollectionError, CollectionHead, CollectionName, CollectionReader, CollectionSnapshot,
    CollectionSource, CollectionSummary, Selection,
};
use wasm_bindgen::JsValue;
use wasm_bindgen::prelude::wasm_bindgen;

use crate::backup::{OpenBackup, name_of};
use crate::errors::{invalid, to_js};
use crate::output::{Output, Reading, RecordReader};
use crate::promise::promise;
use crate::records::Records;
use crate::vault::Request;
use crate::watch::{Watch, host};

#[wasm_bindgen]
impl OpenBackup {
    /// Up to `limit` records from a position on.
    pub fn page(&self, collection: String, offset: f64, limit: u32) -> Promise {
        let backup = self.0.clone();
        promise(async move {
            let name = name_of(&collection)?;
            check_page(&backup, &name, offset as u64, limit)?;
            let page =
                backup.page(&name, offset as u64, limit as usize).await.map_err(|error| to_js(&error))?;
            Ok(Records::new(page.records, page.offset, page.total).into())
        })
    }

    /// The record of an id; `undefined` where there is none.
    pub fn find(&self, collection: String, id: String) -> Promise {
        let backup = self.0.clone();
        promise(async move {
            let name = name_of(&collection)?;
            let found = backup.find(&name, &id).await.map_err(|error| to_js(&error))?;
            Ok(found.map(|batch| Records::new(batch, 0, 1)).into())
        })
    }

    /// All records of a collection, proved as they are read.
    pub fn records(&self, collection: &str) -> Result<RecordReader, JsValue> {
        let collection = name_of(collection)?;
        let reader = self.0.records(&collection).map_err(|error| to_js(&error))?;
        let total = contents_of(&self.0, &collection).map_or(0, |contents| contents.proof.count);
        Ok(RecordReader::new(Reading { reader, position: 0, total }))
    }

    /// Some collections, in this order, as a new backup.
    pub fn extract(
        &self,
        collections: Vec<String>,
        request: Request,
        watch: Watch,
    ) -> Result<Output, JsValue> {
        let names = collections.iter().map(|name| name_of(name)).collect::<Result<_, _>>()?;
        let request = request.take(Selection::Only(names));
        Ok(Output::begin(Box::new(Contents(self.0.clone())), request, host(watch)))
    }
}

/// What is known of a collection, where it is there.
fn contents_of<'a>(backup: &'a Backup, name: &CollectionName) -> Option<&'a CollectionSummary> {
    backup.summary().contents.iter().find(|contents| contents.name == *name)
}

/// Refuses a page that would not fit: memory that is not to be had ends a module for good.
fn check_page(backup: &Backup, name: &CollectionName, offset: u64, limit: u32) -> Result<(), JsValue> {
    let Some(contents) = contents_of(backup, name) else { return Ok(()) };
    let records = contents.proof.count.saturating_sub(offset).min(u64::from(limit));
    let most = MAX_PAGE_NUMBERS / contents.config.dimension().max(1) as u64;
    if records > most {
        return Err(invalid(format!("limit: a page of this collection has {most} records at most")));
    }
    Ok(())
}

/// How many numbers a page has at most: 256 MiB of them.
const MAX_PAGE_NUMBERS: u64 = 1 << 26;

/// The collections of a backup as the source of another.
struct Contents(Arc<Backup>);

#[async_trait(?Send)]
impl CollectionSource for Contents {
    async fn snapshot(&self) -> Result<Box<dyn CollectionSnapshot>, CollectionError> {
        Ok(Box::new(Shared(self.0.clone())))
    }
}

struct Shared(Arc<Backup>);

#[async_trait(?Send)]
impl CollectionSnapshot for Shared {
    fn collections(&self) -> &[CollectionHead] {
        self.0.collections()
    }

    async fn read(&self, name: &CollectionName) -> Result<Box<dyn CollectionReader>, CollectionError> {
        self.0.read(name).await
    }
}
