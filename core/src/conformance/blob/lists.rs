//! Listings, page by page.

use std::collections::BTreeSet;

use super::BlobSuite;
use super::steps::{key, put_many};
use crate::blob::{BlobKey, BlobMeta, BlobStoreExt};
use crate::conformance::expect::{Outcome, Succeeds, equal, holds};

pub(super) async fn keys_ascend_by_their_bytes(suite: &BlobSuite<'_>) -> Outcome {
    // No two differ by case alone: some file systems hold such for one.
    let names =
        ["order.Z", "order.a", "order.a-b", "order.a.b", "order.a0", "order.aA", "order.a_b", "order.ab"];
    let mut keys: Vec<BlobKey> = names.into_iter().map(key).collect::<Outcome<_>>()?;
    if suite.nested {
        keys.extend([key("order.a/b")?, key("order.a/0")?]);
    }
    put_many(suite, &keys).await?;
    keys.sort_unstable();
    let prefix = format!("{}.", key("order")?);
    equal("keys listed", all_keys(suite, &prefix).await?, keys)
}

pub(super) async fn a_prefix_is_compared_byte_by_byte(suite: &BlobSuite<'_>) -> Outcome {
    let names = ["prefix.a", "prefix.ab", "prefix.abc", "prefix.b", "prefixed"];
    let keys: Vec<BlobKey> = names.into_iter().map(key).collect::<Outcome<_>>()?;
    put_many(suite, &keys).await?;
    let exact = all_keys(suite, keys[1].as_str()).await?;
    equal("keys with a whole key as prefix", exact, &keys[1..3])?;
    let within = key("pref")?;
    equal("keys with a prefix within a name", all_keys(suite, within.as_str()).await?, keys)?;
    let none = key("prefix.abcd")?;
    equal("keys with a prefix that none has", all_keys(suite, none.as_str()).await?, [])?;
    let page = suite.store.list(none.as_str(), None, 5).await.succeeds("list")?;
    equal("more after a listing of nothing", page.more, false)
}

pub(super) async fn pages_of_any_size_make_the_whole(suite: &BlobSuite<'_>) -> Outcome {
    let (prefix, keys) = put_numbered(suite, "pages").await?;
    let sizes = [suite.listed.div_ceil(7).max(1), suite.listed.max(1), suite.listed + 1, 100_000];
    for limit in sizes {
        let mut seen = Vec::new();
        while page(suite, &prefix, &mut seen, limit).await? {}
        let what = format!("pages of {limit} yield each of {} keys once and in order", keys.len());
        holds(&what, seen == keys)?;
    }
    holds("list_all yields each key once and in order", all_keys(suite, &prefix).await? == keys)?;
    // A page of one, after a key that is none of the listed.
    let mut seen = vec![BlobKey::parse(&format!("{prefix}00000.5")).succeeds("parse a key")?];
    page(suite, &prefix, &mut seen, 1).await?;
    equal("the page of one after an absent key", &seen[1..], &keys[1..2])
}

pub(super) async fn a_listing_is_whole_while_blobs_are_deleted(suite: &BlobSuite<'_>) -> Outcome {
    let (prefix, keys) = put_numbered(suite, "shrinking").await?;
    let limit = suite.listed.div_ceil(20).max(1);
    let mut seen: Vec<BlobKey> = Vec::new();
    let mut deleted = BTreeSet::new();
    while page(suite, &prefix, &mut seen, limit).await? {
        // One that was listed, the very key that the next page begins after, and one to come.
        let last = seen.len() - 1;
        let to_come = keys.binary_search(&seen[last]).map_or(None, |at| keys.get(at + 2));
        for key in [Some(&seen[last / 2]), seen.last(), to_come].into_iter().flatten() {
            if suite.store.delete(key).await.succeeds("delete between pages")? {
                deleted.insert(key.clone());
            }
        }
    }
    holds("keys ascend and none comes twice", seen.is_sorted_by(|a, b| a < b))?;
    let missed: Vec<_> = keys.iter().filter(|key| !deleted.contains(key) && !seen.contains(key)).collect();
    equal("keys that were there all along and were missed", missed, [&keys[0]; 0])?;
    let strange: Vec<_> = seen.iter().filter(|key| !keys.contains(key)).collect();
    equal("keys that never were", strange, [&keys[0]; 0])
}

/// Adds the next page's keys to those that were seen; gives whether there may be more.
async fn page(suite: &BlobSuite<'_>, prefix: &str, seen: &mut Vec<BlobKey>, limit: usize) -> Outcome<bool> {
    let page = suite.store.list(prefix, seen.last(), limit).await.succeeds("list a page")?;
    holds("a page has no more blobs than asked for", page.blobs.len() <= limit)?;
    holds("a page without blobs is the last", !page.blobs.is_empty() || !page.more)?;
    seen.extend(keys_of(page.blobs));
    Ok(page.more)
}

async fn all_keys(suite: &BlobSuite<'_>, prefix: &str) -> Outcome<Vec<BlobKey>> {
    Ok(keys_of(suite.store.list_all(prefix).await.succeeds("list_all")?))
}

fn keys_of(blobs: Vec<BlobMeta>) -> Vec<BlobKey> {
    blobs.into_iter().map(|meta| meta.key).collect()
}

/// As many blobs as the suite lists, their keys ascending, and what those begin with.
async fn put_numbered(suite: &BlobSuite<'_>, name: &str) -> Outcome<(String, Vec<BlobKey>)> {
    let keys: Vec<BlobKey> =
        (0..suite.listed.max(3)).map(|number| key(&format!("{name}.{number:05}"))).collect::<Outcome<_>>()?;
    put_many(suite, &keys).await?;
    Ok((format!("{}.", key(name)?.as_str()), keys))
}
