//! Other writers' files: nothing in them is hashed, so a change may make another file that is whole; what is
//! not whole is refused, and verify and restore never disagree.

use allocation_counter::measure;
use futures_executor::block_on;
use vecvault_core::{Error, Host, VerifyDepth, verify};

use crate::common::*;
use crate::judge::judge;
use crate::matrix::Cell;

fn file() -> String {
    format!(
        "{{\"id\":\"{ID}\",\"name\":\"theirs\",\"date\":\"2024-01-15T10:30:00Z\",\"collections\":[\"docs\",\"code\"],\n\
         \"data\":{{\"docs\":{{\"vectors\":[\n{{\"id\":\"a\",\"vector\":[0.5,-1e-7],\"metadata\":{{\"t\":\"\\u00e9\"}}}},\n\
         {{\"vector\":[3,4],\"id\":\"b\"}}],\"dimension\":2,\"metric\":\"Cosine\"}},\
         \"code\":{{\"config\":{{\"dimension\":1,\"metric\":\"dot\"}},\"vectors\":[]}}}},\"size\":48}}"
    )
}

#[test]
fn whatever_bit_flips_verify_and_restore_agree() {
    let (file, mut cell) = (file().into_bytes(), Cell::default());
    assert!(judge(&file).report.ok);
    for at in 0..file.len() {
        for bit in 0..8 {
            let mut mutant = file.clone();
            mutant[at] ^= 1 << bit;
            cell.count(&judge(&mutant).refusal.map_or(Ok(()), Err));
        }
    }
    assert!(cell.refused > cell.succeeded, "{cell:?}");
    cell.tell("a flipped bit", "verify = restore", "foreign file");
}

#[test]
fn every_truncation_is_refused() {
    let (file, mut cell) = (file(), Cell::default());
    for cut in 0..file.len() {
        judge(&file.as_bytes()[..cut]).is_found(&format!("cut at {cut}"), &mut cell);
    }
    cell.tell("truncated at N", "verify = restore", "foreign file");
}

#[test]
fn every_lie_is_refused_and_says_where() {
    let (file, mut cell) = (file(), Cell::default());
    for (from, to, expected) in [
        ("\"vectors\":[\n", "\"vectors\":[\n{\"id\":\"b\",\"vector\":[1,2]},", "two records have the id"),
        ("[0.5,-1e-7]", "[0.5]", "data.docs.vectors"),
        ("[0.5,-1e-7]", "[]", "data.docs.vectors[0]"),
        ("[0.5,-1e-7]", "[0.5,1e39]", "data.docs.vectors[0].vector[1]"),
        ("[0.5,-1e-7]", "[0.5,null]", "data.docs.vectors[0].vector[1]"),
        ("[0.5,-1e-7]", "[0.5,NaN]", "data.docs.vectors[0].vector[1]"),
        ("\"dimension\":2", "\"dimension\":3", "data.docs"),
        ("\"dimension\":2", "\"dimension\":18446744073709551615", "data.docs"),
        ("\"metric\":\"Cosine\"", "\"metric\":null", "data.docs"),
        ("\"name\":\"theirs\"", "\"name\":null", "name"),
        ("\"name\":\"theirs\"", "\"nome\":\"theirs\"", "name"),
        ("\"name\":\"theirs\"", "\"name\":\"a\",\"name\":\"b\"", "name"),
        ("\\u00e9", "\\ud800", "data.docs.vectors[0].metadata"),
        ("\"t\":", "\"t\":1,\"t\":", "data.docs.vectors[0].metadata"),
        ("\"size\":48", "\"size\":48,\"vecvault\":{}", "vecvault"),
        ("\"size\":48", &format!("\"{}\":48", "s".repeat(256)), "a member's name"),
        (ID, "550e8400-e29b-41d4-a716-446655440001", "id"),
    ] {
        assert!(file.contains(from), "{from}");
        let about = format!("{from} becomes {to}");
        let verdict = judge(file.replacen(from, to, 1).as_bytes());
        verdict.is_found(&about, &mut cell);
        let Some(Error::Damaged { error, .. }) = verdict.refusal.as_deref() else { panic!("{about}") };
        assert!(error.to_string().contains(expected), "{about}: {error}");
    }
    cell.tell("a file that lies", "verify = restore", "foreign file");
}

#[test]
fn members_of_any_number_are_soon_too_many() {
    let file = file();
    let judged = |text: &str| {
        let (store, mut code) = (store_of(text.as_bytes()), "");
        let used = measure(|| {
            let (key, host) = (id().key(), Host::inline());
            let report = block_on(verify(&store, &key, None, VerifyDepth::Full, &host)).unwrap();
            code = report.findings[0].code;
        });
        (code, used.bytes_max)
    };
    // Each is short; in time, too, as many cost no more than their number.
    let members: String = (0..400_000).map(|number| format!("\"{number:07}\":0,")).collect();
    for (place, whole) in [
        ("the whole", format!("{{{members}{}", &file[1..])),
        ("a collection", file.replacen("\"docs\":{", &format!("\"docs\":{{{members}"), 1)),
    ] {
        let (code, used) = judged(&whole);
        assert_eq!(code, "too_large", "{place}");
        assert!(used < 80 << 20, "{used} bytes for members of {place}");
    }
}
