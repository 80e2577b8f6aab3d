//! Ranges.

use std::ops::Range;

use super::BlobSuite;
use super::bodies::pattern;
use super::steps::{LENGTH, get, is_absent, key, put, refused};
use crate::blob::{BlobErrorKind, PutMode};
use crate::conformance::expect::{Outcome, same_bytes};

pub(super) async fn what_is_absent_is_not_found(suite: &BlobSuite<'_>) -> Outcome {
    let key = key("absent")?;
    is_absent(suite, &key).await?;
    let read = suite.store.get(&key, Some(0..0), None).await;
    refused("get of a range of nothing", read, &key, &[BlobErrorKind::NotFound]).map(drop)
}

pub(super) async fn a_range_yields_exactly_its_bytes(suite: &BlobSuite<'_>) -> Outcome {
    let key = key("ranges")?;
    // A short blob, and one that stores read in several pieces.
    for (seed, length) in [(1, 1), (2, LENGTH), (3, (3 << 20) + 5)] {
        let bytes = pattern(seed, length);
        put(suite, &key, &bytes, PutMode::Overwrite).await?;
        let (end, middle) = (length as u64, length as u64 / 2);
        let page = (1 << 20).min(end);
        for range in [
            0..end,
            0..1,
            end - 1..end,
            middle..end,
            0..middle,
            middle..middle + 1,
            page - 1..(page + 1).min(end),
        ] {
            let seen = get(suite, &key, Some(range.clone()), None).await?;
            let expected = &bytes[range.start as usize..range.end as usize];
            same_bytes(&format!("bytes {range:?} of {length}"), &seen, expected)?;
        }
    }
    Ok(())
}

pub(super) async fn an_empty_range_yields_nothing(suite: &BlobSuite<'_>) -> Outcome {
    let key = key("empty-ranges")?;
    for length in [0, LENGTH] {
        put(suite, &key, &pattern(1, length), PutMode::Overwrite).await?;
        let (end, middle) = (length as u64, length as u64 / 2);
        for at in [0, middle, end] {
            let seen = get(suite, &key, Some(at..at), None).await?;
            same_bytes(&format!("bytes {at}..{at} of {length}"), &seen, b"")?;
        }
    }
    Ok(())
}

pub(super) async fn a_range_past_the_end_is_refused(suite: &BlobSuite<'_>) -> Outcome {
    let key = key("past-the-end")?;
    put(suite, &key, &pattern(1, LENGTH), PutMode::Create).await?;
    let end = LENGTH as u64;
    let past = [
        (0, end + 1),
        (end - 1, end + 1),
        (end, end + 1),
        (end + 1, end + 1),
        (end + 1, end + 10),
        (0, u64::MAX),
        (u64::MAX, u64::MAX),
        (end, end - 1),
    ];
    for (start, end) in past {
        let read = suite.store.get(&key, Some(Range { start, end }), None).await;
        let what = format!("bytes {start}..{end} of {LENGTH}");
        refused(&what, read, &key, &[BlobErrorKind::InvalidRange])?;
    }
    Ok(())
}
