//! Every byte of an indexed file, past any damage: what is sound goes on being checked.

use std::sync::Arc;

use super::{Finding, VerifyDepth, VerifyReport};
use crate::blob::{BlobMeta, BlobStore};
use crate::collections::CollectionReader;
use crate::error::Result;
use crate::format::FormatError;
use crate::format::layout::Layout;
use crate::host::{Host, Phase, Progress};
use crate::inspect::{
    Damage, IndexedReader, check_ending, check_head, from_collection_error, in_block, in_collection,
};
use crate::model::RecordBatch;

/// Reads head and index, and in a full check everything else; the report gets what is wrong.
pub(super) async fn check(
    store: &Arc<dyn BlobStore>,
    meta: BlobMeta,
    layout: Layout,
    host: &Host,
    report: &mut VerifyReport,
) -> Result<()> {
    if let Err(error) = check_head(&**store, &meta, &layout).await {
        report.find_damage(error)?;
    }
    let quick = report.depth == VerifyDepth::Quick;
    let layout = Arc::new(layout);
    report.bytes = if quick { layout.tail.root_offset - layout.data_end } else { meta.size };
    if !quick {
        check_collections(store, &meta, &layout, host, report).await?;
    }
    for (page, error) in check_ending(&**store, &meta, &layout, host).await? {
        match page {
            // It was found when its blocks were looked for; they have not been read.
            Some(page) if report.has_page(&layout, page) => {
                report.bytes = report.bytes.saturating_sub(layout.bytes_of_page(page));
            }
            Some(page) => report.find(page_finding(&layout, page, &error)),
            None => report.find(Finding::of(&error)),
        }
    }
    Ok(())
}

/// Reads the collections.
async fn check_collections(
    store: &Arc<dyn BlobStore>,
    meta: &BlobMeta,
    layout: &Arc<Layout>,
    host: &Host,
    report: &mut VerifyReport,
) -> Result<()> {
    let total_records = Some(layout.root.collections.iter().map(|c| c.proof.count).sum());
    let mut reader = IndexedReader::noting(store.clone(), meta.clone(), layout.clone(), host.clone());
    for number in 0..layout.root.collections.len() {
        reader.begin(number);
        let (before, mut memory) = (report.records, RecordBatch::default());
        loop {
            memory = reader.next(memory).await.map_err(from_collection_error)?;
            report.records = before + reader.found().count;
            for damage in reader.take_noted() {
                report.find(finding(layout, number, damage));
            }
            if memory.is_empty() {
                break;
            }
            let (bytes, total_bytes) = (reader.decoded_to(), Some(meta.size));
            let (phase, records) = (Phase::Reading, report.records);
            host.report(Progress { phase, records, total_records, bytes, total_bytes })?;
        }
    }
    Ok(())
}

/// What is reported of damage in the collection of a number.
fn finding(layout: &Layout, number: usize, damage: Damage) -> Finding {
    let name = &layout.root.collections[number].name;
    let collection = Some(name.to_string());
    match damage {
        Damage::Collection(error) => Finding { collection, ..Finding::of(&in_collection(error, name)) },
        Damage::Block { block, entry, error } => Finding {
            collection,
            block: Some(block),
            offset: entry.offset,
            bytes: Some(entry.bytes),
            ..Finding::of(&in_block(error, name, block, &entry))
        },
        Damage::Page { page, error } => page_finding(layout, page, &error),
    }
}

impl VerifyReport {
    /// Whether a damaged page has been found already.
    fn has_page(&self, layout: &Layout, page: usize) -> bool {
        let offset = layout.root.pages[page].offset;
        self.findings.iter().any(|finding| finding.code == PAGE_DAMAGED && finding.offset == offset)
    }
}

/// What is reported of a damaged page: the blocks that it describes could not be looked at.
fn page_finding(layout: &Layout, page: usize, damage: &FormatError) -> Finding {
    let entry = &layout.root.pages[page];
    Finding { code: PAGE_DAMAGED, offset: entry.offset, bytes: Some(entry.bytes), ..Finding::of(damage) }
}

/// The code of a finding about a page of the index.
const PAGE_DAMAGED: &str = "page_damaged";
