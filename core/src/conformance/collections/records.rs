//! Records that are easily spoiled, and how they are compared.

use std::collections::BTreeMap;

use crate::conformance::expect::{Outcome, Succeeds};
use crate::model::{Record, RecordBatch};

/// A record of the suite's own.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Sample {
    /// f32 bits: equality of floats would let `-0.0` pass for `0.0`.
    pub(super) bits: Vec<u32>,
    pub(super) metadata: Option<String>,
    pub(super) extra: String,
}

/// Records by id.
pub(super) type Samples = BTreeMap<String, Sample>;

/// Numbers that do not survive careless hands.
const NUMBERS: [f32; 10] = [
    0.0,
    -0.0,
    1.0e-45,
    f32::MIN_POSITIVE,
    f32::MAX,
    f32::MIN,
    0.1,
    16_777_217.0,
    1.000_000_1,
    -3.402_823e-39,
];

/// Metadata that does not survive being parsed and printed.
const METADATA: [Option<&str>; 9] = [
    None,
    Some("null"),
    Some("{}"),
    Some(r#"{ "a" : 1 , "b":[ ] }"#),
    Some(r#"{"large":18446744073709551617,"float":1.10,"exponent":1E2}"#),
    Some(r#"{"z":1,"a":2,"é":"\u00e9\n","":""}"#),
    Some(r#""text""#),
    Some("[1,null,true]"),
    Some(r#"{"nested":{"nested":{"nested":[[[{}]]]}}}"#),
];

/// Unknown members.
const EXTRA: [&str; 3] = ["", r#""payload":{"a": 1}"#, r#""sparse":[1,2],"x":null"#];

/// Ids that sort differently as text, as numbers and as bytes.
const ID_FORMS: [&str; 6] = ["", "A", "a b", "é", "\"\\/", "😀"];

/// `count` records of `dimension` numbers; those of another seed differ, ids excepted.
pub(super) fn samples(seed: usize, count: usize, dimension: usize) -> Samples {
    (0..count)
        .map(|at| (format!("{}{at}", ID_FORMS[at % ID_FORMS.len()]), sample(seed + at, dimension)))
        .collect()
}

fn sample(seed: usize, dimension: usize) -> Sample {
    let number = |at: usize| match NUMBERS.get((seed + at) % (2 * NUMBERS.len())) {
        Some(number) => number.to_bits(),
        None => ((seed * 7_919 + at) as f32 / 977.0).to_bits(),
    };
    Sample {
        bits: (0..dimension).map(number).collect(),
        metadata: METADATA[seed % METADATA.len()].map(str::to_owned),
        extra: EXTRA[seed % EXTRA.len()].to_owned(),
    }
}

/// A batch of these records, in this order.
pub(super) fn batch_of<'a>(
    dimension: usize,
    records: impl IntoIterator<Item = (&'a String, &'a Sample)>,
) -> Outcome<RecordBatch> {
    let mut batch = RecordBatch::new(dimension);
    for (id, sample) in records {
        let vector: Vec<f32> = sample.bits.iter().map(|bits| f32::from_bits(*bits)).collect();
        let record =
            Record { id, vector: &vector, metadata: sample.metadata.as_deref(), extra: &sample.extra };
        batch.push(record).succeeds("make a record")?;
    }
    Ok(batch)
}

/// What a record is, as a sample.
pub(super) fn sample_of(record: Record<'_>) -> Sample {
    Sample {
        bits: record.vector.iter().map(|number| number.to_bits()).collect(),
        metadata: record.metadata.map(str::to_owned),
        extra: record.extra.to_owned(),
    }
}

/// Fails unless two sets of records are the same: to the byte, or with metadata of equal values where
/// `exact` is false.
pub(super) fn same_records(what: &str, seen: &Samples, expected: &Samples, exact: bool) -> Outcome {
    for (id, expected) in expected {
        let Some(seen) = seen.get(id) else {
            return Err(format!("{what}: expected a record {id:?}, saw none"));
        };
        let same =
            if exact { seen == expected } else { seen.bits == expected.bits && same_values(seen, expected) };
        if !same {
            let (seen, expected) = (shown(seen), shown(expected));
            return Err(format!("{what}: record {id:?}: expected {expected}, saw {seen}"));
        }
    }
    match seen.keys().find(|id| !expected.contains_key(*id)) {
        Some(id) => Err(format!("{what}: expected no record {id:?}, saw one")),
        None => Ok(()),
    }
}

fn same_values(seen: &Sample, expected: &Sample) -> bool {
    let value = |text: &Option<String>| {
        text.as_ref().and_then(|text| serde_json::from_str::<serde_json::Value>(text).ok())
    };
    value(&seen.metadata) == value(&expected.metadata)
}

/// A record for a message: short, even where it is the largest there is.
fn shown(sample: &Sample) -> String {
    let bits = &sample.bits[..sample.bits.len().min(16)];
    let metadata = sample.metadata.as_deref().map(crate::error::excerpt);
    format!("f32 bits {bits:x?}, metadata {metadata:?}, extra {:?}", crate::error::excerpt(&sample.extra))
}
