//! An index that lies about its file, with every hash made right: only its structure can give it away.

use arbitrary::{Arbitrary, Unstructured};
use serde_json::{Value, json};

use crate::forge::{Entry, Forgery, Page, hash};
use crate::judge::judge;

use super::honest_file;

/// A lie, or something that is nearly the truth.
#[derive(Arbitrary, Debug)]
enum Lie<'a> {
    BlockOffset(u8, Number),
    BlockBytes(u8, Number),
    BlockRecords(u8, Number),
    BlockId(u8, &'a str),
    BlockHash(u8, &'a [u8]),
    BlocksSwapped(u8, u8),
    BlockTwice(u8),
    BlockGone(u8),
    CollectionName(u8, &'a str),
    CollectionCount(u8, Number),
    CollectionFingerprint(u8, u128),
    CollectionOrdered(u8, bool),
    CollectionBlocks(u8, Number),
    CollectionStart(u8, Number),
    CollectionEnd(u8, Number),
    CollectionDimension(u8, Number),
    CollectionMetric(u8, &'a str),
    CollectionConfig(u8, &'a str),
    CollectionsSwapped(u8, u8),
    CollectionGone(u8),
    PageOffset(Number),
    PageBytes(Number),
    PageRecords(Number),
    PageFirstBlock(Number),
    PageFirstId(&'a str),
    RootId(&'a str),
    RootName(&'a str),
    RootDate(&'a str),
    RootMember(&'a str, &'a str),
    Block(u8, &'a [u8]),
}

/// A number that is near the true one, or anything.
#[derive(Arbitrary, Clone, Copy, Debug)]
enum Number {
    Near(i8),
    Any(u64),
}

impl Number {
    fn tell(self, truth: &mut u64) {
        *truth = match self {
            Self::Near(by) => truth.wrapping_add_signed(by.into()),
            Self::Any(number) => number,
        };
    }
}

/// Verify and restore agree on it, and neither panics or allocates what it declares.
pub fn index(input: &[u8]) {
    let Ok(lies) = Vec::<Lie<'_>>::arbitrary_take_rest(Unstructured::new(input)) else { return };
    let mut forgery = Forgery::of(honest_file());
    let of_blocks = |lie: &&Lie<'_>| matches!(lie, Lie::Block(..));
    let told = || lies.iter().take(8);
    // The bytes of a block can be exchanged as long as its place is the true one.
    told().filter(of_blocks).for_each(|lie| tell(&mut forgery, lie));
    told().filter(|lie| !of_blocks(lie)).for_each(|lie| tell(&mut forgery, lie));
    if forgery.entries.is_empty() {
        return;
    }
    judge(&forgery.seal_with(|page, root| tell_of_root(&lies, page, root)));
}

fn pick<T>(items: &mut [T], number: u8) -> Option<&mut T> {
    let count = items.len().max(1);
    items.get_mut(usize::from(number) % count)
}

fn tell(forgery: &mut Forgery, lie: &Lie<'_>) {
    let Forgery { entries, collections, .. } = forgery;
    let entry = |entries: &mut [Entry], number, change: &dyn Fn(&mut Entry)| {
        pick(entries, number).map(change);
    };
    match *lie {
        Lie::BlockOffset(at, number) => entry(entries, at, &|entry| number.tell(&mut entry.offset)),
        Lie::BlockBytes(at, number) => entry(entries, at, &|entry| number.tell(&mut entry.bytes)),
        Lie::BlockRecords(at, number) => entry(entries, at, &|entry| number.tell(&mut entry.records)),
        Lie::BlockId(at, id) => entry(entries, at, &|entry| entry.first_id = id.into()),
        Lie::BlockHash(at, bytes) => entry(entries, at, &|entry| entry.hash = hash(bytes)),
        Lie::BlocksSwapped(one, other) if !entries.is_empty() => {
            let count = entries.len();
            entries.swap(usize::from(one) % count, usize::from(other) % count);
        }
        Lie::BlockTwice(at) => {
            let copy = pick(entries, at).map(|entry| entry.clone());
            entries.extend(copy);
        }
        Lie::BlockGone(at) if !entries.is_empty() => drop(entries.remove(usize::from(at) % entries.len())),
        Lie::CollectionsSwapped(one, other) if !collections.is_empty() => {
            let count = collections.len();
            collections.swap(usize::from(one) % count, usize::from(other) % count);
        }
        Lie::CollectionGone(at) if !collections.is_empty() => {
            drop(collections.remove(usize::from(at) % collections.len()));
        }
        _ => tell_of_collection(forgery, lie),
    }
}

fn tell_of_collection(forgery: &mut Forgery, lie: &Lie<'_>) {
    let of = |forgery: &mut Forgery, at, change: &dyn Fn(&mut crate::forge::Collection)| {
        pick(&mut forgery.collections, at).map(change);
    };
    match *lie {
        Lie::CollectionName(at, name) => of(forgery, at, &|c| c.name = name.into()),
        Lie::CollectionCount(at, number) => of(forgery, at, &|c| number.tell(&mut c.count)),
        Lie::CollectionFingerprint(at, number) => {
            of(forgery, at, &|c| c.fingerprint = format!("{number:032x}"))
        }
        Lie::CollectionOrdered(at, ordered) => of(forgery, at, &|c| c.ordered = ordered),
        Lie::CollectionBlocks(at, number) => of(forgery, at, &|c| number.tell(&mut c.blocks)),
        Lie::CollectionStart(at, number) => of(forgery, at, &|c| number.tell(&mut c.start)),
        Lie::CollectionEnd(at, number) => of(forgery, at, &|c| number.tell(&mut c.end)),
        Lie::CollectionDimension(at, number) => of(forgery, at, &|c| {
            let mut dimension = c.config["dimension"].as_u64().unwrap_or(0);
            number.tell(&mut dimension);
            c.config = json!({"dimension": dimension, "metric": "cosine"});
        }),
        Lie::CollectionMetric(at, metric) => of(forgery, at, &|c| {
            c.config = json!({"dimension": c.config["dimension"], "metric": metric});
        }),
        Lie::CollectionConfig(at, text) => of(forgery, at, &|c| {
            c.config = serde_json::from_str(text).unwrap_or(Value::Null);
        }),
        Lie::RootId(id) => forgery.id = id.into(),
        Lie::RootName(name) => forgery.name = name.into(),
        Lie::RootDate(date) => forgery.date = date.into(),
        Lie::Block(at, bytes) if !bytes.is_empty() => {
            let at = usize::from(at) % forgery.entries.len();
            forgery.replace_block(at, bytes);
        }
        _ => {}
    }
}

fn tell_of_root(lies: &[Lie<'_>], page: &mut Page, root: &mut Value) {
    for lie in lies.iter().take(8) {
        match *lie {
            Lie::PageOffset(number) => number.tell(&mut page.offset),
            Lie::PageBytes(number) => number.tell(&mut page.bytes),
            Lie::PageRecords(number) => number.tell(&mut page.records),
            Lie::PageFirstBlock(number) => number.tell(&mut page.first_block),
            Lie::PageFirstId(id) => page.first_id = id.into(),
            Lie::RootMember(name, text) => {
                root[name] = serde_json::from_str(text).unwrap_or_else(|_| json!(text));
            }
            _ => {}
        }
    }
}
