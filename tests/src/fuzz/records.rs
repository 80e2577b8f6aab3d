//! JSON lines and the bodies of inserts: cut anywhere they mean the same, and what is accepted is JSON that
//! reads back as what it was.

use vecvault_core::RecordBatch;
use vecvault_core::format::float::Tier;
use vecvault_core::format::{BodyDecoder, FormatError, LinesDecoder, RecordMembers, write_record};

/// The first byte says how the rest is cut.
pub fn records(input: &[u8]) {
    let Some((cut, text)) = input.split_first() else { return };
    let size = usize::from(*cut).max(1);
    lines(text, size);
    body(text, size);
}

fn lines(text: &[u8], size: usize) {
    let whole = read_lines(text, text.len().max(1));
    assert_eq!(outcome(&read_lines(text, size)), outcome(&whole));
    let Ok(batch) = whole else { return };
    let accepted = text.split(|byte| *byte == b'\n').filter(|line| !line.trim_ascii().is_empty());
    let mut count = 0;
    for line in accepted {
        let line: serde_json::Result<&serde_json::value::RawValue> = serde_json::from_slice(line);
        line.unwrap();
        count += 1;
    }
    assert_eq!(batch.len(), count);
    let mut again = Vec::new();
    for record in batch.records() {
        write_record(Tier::detect(), record, &mut again).unwrap();
        again.push(b'\n');
    }
    // Metadata may hold no line break, because a line had none.
    assert!(read_lines(&again, again.len().max(1)).unwrap().same_bits(&batch));
}

fn read_lines(text: &[u8], size: usize) -> Result<RecordBatch, FormatError> {
    let mut decoder = LinesDecoder::new();
    for piece in text.chunks(size) {
        decoder.feed(piece)?;
    }
    decoder.finish()?;
    Ok(decoder.take())
}

fn body(text: &[u8], size: usize) {
    let read = |size| {
        let mut decoder = BodyDecoder::new("vectors", RecordMembers::INSERT);
        for piece in text.chunks(size) {
            decoder.feed(piece)?;
        }
        decoder.finish()
    };
    let (whole, cut) = (read(text.len().max(1)), read(size));
    let members = |body: &Result<vecvault_core::format::Body, FormatError>| {
        body.as_ref().ok().map(|body| body.members.clone())
    };
    assert_eq!(members(&whole), members(&cut));
    let records = |body: Result<vecvault_core::format::Body, FormatError>| {
        body.map(|body| body.records.unwrap_or_default())
    };
    if whole.is_ok() {
        let any: serde_json::Result<&serde_json::value::RawValue> = serde_json::from_slice(text);
        any.unwrap();
    }
    assert_eq!(outcome(&records(whole)), outcome(&records(cut)));
}

/// What a reading came to, to be compared: the records, or the error with its place.
fn outcome(result: &Result<RecordBatch, FormatError>) -> Result<Vec<u8>, String> {
    let batch = result.as_ref().map_err(ToString::to_string)?;
    let mut text = Vec::new();
    for record in batch.records() {
        write_record(Tier::Portable, record, &mut text).map_err(|error| error.to_string())?;
        text.push(b'\n');
    }
    Ok(text)
}
