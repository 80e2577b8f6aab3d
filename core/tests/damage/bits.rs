//! Single bits, cuts and what is added.

use crate::forge::Anatomy;
use crate::judge::{judge, small};
use crate::matrix::Cell;

#[test]
fn every_flipped_bit_is_found_named_and_confined_to_its_collection() {
    let (file, original) = small();
    let anatomy = Anatomy::of(&file);
    let mut sound = Cell::default();
    sound.count(&judge(&file).refusal.map_or(Ok(()), Err));
    assert_eq!(sound.succeeded, 1);
    let (mut whole, mut by_name) = (Cell::default(), Cell::default());
    for at in 0..file.len() {
        for bit in 0..8 {
            let about = format!("byte {at}, bit {bit}");
            let mut mutant = file.clone();
            mutant[at] ^= 1 << bit;
            let verdict = judge(&mutant);
            verdict.is_found(&about, &mut whole);
            let (collection, block) = anatomy.place(at);
            if let Some(collection) = collection {
                verdict.names(&about, collection, block, at);
            }
            // Which bit of a byte it is makes no difference to the others.
            if bit == at % 8 {
                for (name, _) in &anatomy.collections {
                    let restored = verdict.restores(&about, name, &original);
                    assert_eq!(restored, anatomy.survives(name, at), "{about}: restore of {name} by name");
                    by_name.count(&if restored { Ok(()) } else { Err(()) });
                }
            }
        }
    }
    whole.tell("a flipped bit", "verify = restore", "indexed file");
    by_name.tell("a flipped bit", "restore by name", "indexed file");
}

#[test]
fn every_truncation_and_every_longer_file_is_found() {
    let (file, original) = small();
    let mut cell = Cell::default();
    for cut in 0..file.len() {
        judge(&file[..cut]).is_found(&format!("cut at {cut}"), &mut cell);
    }
    cell.tell("truncated at N", "verify = restore", "indexed file");
    let mut cell = Cell::default();
    let rubbish: [&[u8]; 7] = [b"\n", b" ", b"x", b"{}", b"\0", &[0; 5_000], &file];
    for tail in rubbish {
        let longer = [&file, tail].concat();
        judge(&longer).is_found(&format!("{} bytes more", tail.len()), &mut cell);
        let before = [tail, &file[..]].concat();
        let verdict = judge(&before);
        verdict.is_found(&format!("{} bytes before it", tail.len()), &mut cell);
        assert!(!verdict.restores("bytes before it", "docs", &original), "nothing is where the index has it");
    }
    judge(&[b"\xef\xbb\xbf", &file[..]].concat()).is_found("a byte order mark", &mut cell);
    judge(&[]).is_found("an empty file", &mut cell);
    judge(&vec![0; file.len()]).is_found("zeros", &mut cell);
    // A byte more or less in the middle moves everything behind it.
    for at in (0..file.len()).step_by(7) {
        let (head, tail) = file.split_at(at);
        judge(&[head, &tail[1..]].concat()).is_found(&format!("byte {at} is missing"), &mut cell);
        judge(&[head, b" ", tail].concat()).is_found(&format!("a space before byte {at}"), &mut cell);
    }
    cell.tell("longer, shifted, zeros", "verify = restore", "indexed file");
}
