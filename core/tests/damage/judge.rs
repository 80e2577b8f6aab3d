//! What must hold for every mutant of a backup.

use std::sync::Arc;

use futures_executor::block_on;
use vecvault_core::{
    BlobStore, Error, Host, MemoryCollections, RestoreRequest, Selection, VerifyDepth, VerifyReport, restore,
    verify,
};

use crate::common::*;
use crate::matrix::Cell;

/// What verify says of a mutant, and what a restore of it.
pub(crate) struct Verdict {
    pub(crate) report: VerifyReport,
    pub(crate) refusal: Option<Box<Error>>,
    pub(crate) store: Arc<dyn BlobStore>,
}

/// Collections with something in them that a restore would replace.
fn target() -> MemoryCollections {
    let target = MemoryCollections::new();
    target.insert(&name("docs"), cosine(2), &records(2, 2)).unwrap();
    target
}

/// Full verify and restore must agree, and a refused restore must change nothing.
pub(crate) fn judge(mutant: &[u8]) -> Verdict {
    let store = store_of(mutant);
    let report =
        block_on(verify(&store, &id().key(), Some(id()), VerifyDepth::Full, &Host::inline())).unwrap();
    assert_eq!(report.ok, report.findings.is_empty());
    let target = target();
    let restored = block_on(restore(&store, &target, RestoreRequest::all(id()), &Host::inline()));
    assert_eq!(restored.is_ok(), report.ok, "verify: {:?}, restore: {restored:?}", report.findings);
    if restored.is_err() {
        let (config, records) = target.get(&name("docs")).unwrap();
        assert!(
            target.names().len() == 1
                && config == cosine(2)
                && records.same_bits(&crate::common::records(2, 2))
        );
    }
    Verdict { report, refusal: restored.err(), store }
}

impl Verdict {
    /// It is damage, and both say so; counted as found.
    pub(crate) fn is_found(&self, about: &str, cell: &mut Cell) {
        assert!(!self.report.ok, "{about}: nobody noticed");
        let refusal: &Error = self.refusal.as_ref().unwrap();
        assert!(matches!(refusal, Error::Damaged { .. }), "{about}: {refusal}");
        cell.refused += 1;
    }

    /// The finding and the refusal name the collection, and the block with its range of bytes where the
    /// damage is in one.
    pub(crate) fn names(&self, about: &str, collection: &str, block: Option<usize>, at: usize) {
        let named = |finding: &&vecvault_core::Finding| {
            finding.collection.as_deref() == Some(collection)
                && finding.block == block.map(|block| block as u64)
        };
        let Some(finding) = self.report.findings.iter().find(named) else {
            panic!("{about}: {:?}", self.report.findings)
        };
        let message = self.refusal.as_ref().unwrap().to_string();
        assert!(message.contains("data.") || message.contains("data["), "{about}: {message}");
        assert!(message.contains(collection), "{about}: {message}");
        if let Some(block) = block {
            let range = finding.offset..finding.offset + finding.bytes.unwrap();
            assert!(range.contains(&(at as u64)), "{about}: byte {at} is not in {range:?}");
            let place = format!("block {block}, bytes {} to {}", range.start, range.end);
            assert!(message.contains(&place) && finding.message.contains(&place), "{about}: {message}");
        }
    }

    /// Whether a collection restores by name; what it holds then is what it held at first.
    pub(crate) fn restores(&self, about: &str, collection: &str, original: &MemoryCollections) -> bool {
        let (target, collection) = (target(), name(collection));
        let before = contents(&target);
        let only = Selection::Only(vec![collection.clone()]);
        let request = RestoreRequest { collections: only, ..RestoreRequest::all(id()) };
        match block_on(restore(&self.store, &target, request, &Host::inline())) {
            Ok(report) => {
                assert!(report.rest_unread);
                let (config, records) = target.get(&collection).unwrap();
                let (true_config, true_records) = original.get(&collection).unwrap();
                assert!(
                    config == true_config && records.same_bits(&true_records),
                    "{about}: {collection:?} came back as something else"
                );
                true
            }
            Err(error) => {
                assert!(matches!(*error, Error::Damaged { .. }), "{about}: {error}");
                assert_eq!(contents(&target), before, "{about}");
                false
            }
        }
    }
}

/// `docs`, an empty collection and `code`: a file of some kilobytes, and what is in it.
pub(crate) fn small() -> (Vec<u8>, MemoryCollections) {
    let source = MemoryCollections::new();
    source.insert(&name("docs"), cosine(3), &records(6, 3)).unwrap();
    source.insert(&name("empty"), cosine(2), &vecvault_core::RecordBatch::new(2)).unwrap();
    source.insert(&name("code"), cosine(2), &records(4, 2)).unwrap();
    (file_of(&source), source)
}

/// The backup of a source, as bytes.
pub(crate) fn file_of(source: &MemoryCollections) -> Vec<u8> {
    let store = store();
    backup(&store, source);
    bytes(&store)
}
