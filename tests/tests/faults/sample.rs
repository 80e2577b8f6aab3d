//! What is backed up and restored: small, but of more than one block and more than one collection.

use vecvault_core::{
    BackupId, CollectionConfig, CollectionName, Metric, Record, RecordBatch, StagedCollection,
};

/// The backup that is there before anything goes wrong.
pub(crate) fn old_id() -> BackupId {
    BackupId::new(1, [1; 10])
}

/// The backup that is about to be made.
pub(crate) fn new_id() -> BackupId {
    BackupId::new(2, [2; 10])
}

/// A file that another program wrote.
pub(crate) fn foreign_id() -> BackupId {
    BackupId::new(3, [3; 10])
}

pub(crate) fn name(text: &str) -> CollectionName {
    CollectionName::parse(text).unwrap()
}

/// A collection of a state.
pub(crate) struct Collection {
    pub(crate) staged: StagedCollection,
    pub(crate) records: RecordBatch,
}

/// The live collections: `docs` has two blocks, `code` one, `empty` has none in version 0.
pub(crate) fn collections(version: usize) -> Vec<Collection> {
    let collection = |title: &str, dimension: usize, count: usize, text: usize| {
        let config = CollectionConfig::new(dimension, Metric::Cosine).unwrap();
        let mut records = RecordBatch::new(dimension);
        for number in 0..count {
            let vector: Vec<f32> =
                (0..dimension).map(|d| (number * 31 + d + version * 7) as f32 / 9.0 - 4.0).collect();
            let metadata = format!("{{\"v\":{version},\"t\":\"{}\"}}", "é".repeat(text / 2));
            let record = Record {
                id: &format!("id-{number:04}"),
                vector: &vector,
                metadata: Some(&metadata),
                extra: "",
            };
            records.push(record).unwrap();
        }
        let staged = StagedCollection { name: name(title), config, proof: None, ordered: true };
        Collection { staged, records }
    };
    vec![
        collection("code", 2 + version, 30, 10),
        collection("docs", 3, 3, 140_000),
        collection("empty", 5, 3 * version, 20),
    ]
}

/// A file without an index.
pub(crate) fn foreign() -> String {
    let records: Vec<String> = (0..20)
        .map(|n| format!("{{\"id\":\"f{n:03}\",\"vector\":[{n}.5,0.25],\"metadata\":{{\"n\":{n}}}}}"))
        .collect();
    format!(
        "{{\"id\":\"{}\",\"name\":\"theirs\",\"date\":\"2024-01-15T10:30:00Z\",\"collections\":[\"code\"],\n\
         \"data\":{{\"code\":{{\"dimension\":2,\"metric\":\"Cosine\",\"vectors\":[\n{}\n]}}}},\"size\":0}}\n",
        foreign_id(),
        records.join(",\n"),
    )
}
