//! core on wasm32: what differs there (the width of words, the float codec's products, futures that cannot be
//! sent) gives what it gives elsewhere. `cargo xtask wasm-test` runs it in Node and in a browser.
#![cfg(target_family = "wasm")]

use std::sync::Arc;

use bytes::Bytes;
use futures_util::{FutureExt, TryStreamExt, stream};
use vecvault_core::conformance::BlobSuite;
use vecvault_core::format::float::{Tier, read_array, write_array};
use vecvault_core::{
    BackupId, BlobStore, CollectionError, CollectionSnapshot, CollectionSource, CreateRequest, Host,
    MemoryBlobStore, PutMode, Selection, VerifyDepth, create, open, verify,
};
use wasm_bindgen_test::wasm_bindgen_test;

const GOLDEN: &[u8] = include_bytes!("../../tests/golden/format-1.backup");
const GOLDEN_ID: &str = "550e8400-e29b-41d4-a716-446655440000";

/// Floats of every exponent, both signs, with significands that are hard and easy to spell.
fn floats() -> Vec<f32> {
    let mut state = 1u32;
    let mut floats = Vec::new();
    for exponent in 0..255u32 {
        for significand in [0, 1, 2, 0x40_0000, 0x7f_fffe, 0x7f_ffff] {
            floats.push(f32::from_bits(exponent << 23 | significand));
        }
        for _ in 0..400 {
            state ^= state << 13;
            state ^= state >> 17;
            state ^= state << 5;
            floats.push(f32::from_bits((exponent << 23 | state & 0x7f_ffff) | state & 0x8000_0000));
        }
    }
    floats
}

#[wasm_bindgen_test]
fn floats_are_written_shortest_and_read_back_bit_for_bit() {
    let floats = floats();
    let mut text = Vec::new();
    write_array(Tier::detect(), &floats, &mut text).unwrap();
    let expected = format!(
        "[{}]",
        floats.iter().map(|x| serde_json::to_string(x).unwrap()).collect::<Vec<_>>().join(",")
    );
    assert!(text == expected.as_bytes(), "another spelling than serde_json's");
    let mut read = Vec::new();
    assert_eq!(read_array(Tier::detect(), &text, 1, usize::MAX, &mut read).unwrap(), text.len());
    assert!(read.iter().zip(&floats).all(|(a, b)| a.to_bits() == b.to_bits()));
}

#[wasm_bindgen_test]
async fn the_golden_backup_verifies_and_is_made_again_byte_for_byte() {
    let store = golden().await;
    let id: BackupId = GOLDEN_ID.parse().unwrap();
    let host = Host::inline();
    assert!(verify(&store, &id.key(), Some(id), VerifyDepth::Full, &host).await.unwrap().ok);
    let backup = open(&store, id, &Host::inline()).await.unwrap();
    let info = &backup.summary().info;
    let request = CreateRequest {
        id,
        name: info.name.clone(),
        now: info.date,
        collections: Selection::Only(info.collections.clone()),
    };
    let again: Arc<dyn BlobStore> = Arc::new(MemoryBlobStore::new());
    create(&*again, &Golden(store), request, &Host::inline()).await.unwrap();
    let read = again.get(&id.key(), None, None).await.unwrap();
    let bytes: Vec<Bytes> = read.body.try_collect().await.unwrap();
    assert!(bytes.concat() == GOLDEN, "another file");
}

#[wasm_bindgen_test]
async fn the_store_in_memory_keeps_the_contract() {
    BlobSuite::new(&MemoryBlobStore::new()).run().await.unwrap();
}

async fn golden() -> Arc<dyn BlobStore> {
    let store = MemoryBlobStore::new();
    let body = Box::pin(stream::once(async { Ok(Bytes::from_static(GOLDEN)) }));
    let id: BackupId = GOLDEN_ID.parse().unwrap();
    store.put(&id.key(), body, PutMode::Create).now_or_never().unwrap().unwrap();
    Arc::new(store)
}

/// The collections of the golden backup, as a source.
struct Golden(Arc<dyn BlobStore>);

#[async_trait::async_trait(?Send)]
impl CollectionSource for Golden {
    async fn snapshot(&self) -> Result<Box<dyn CollectionSnapshot>, CollectionError> {
        Ok(Box::new(open(&self.0, GOLDEN_ID.parse().unwrap(), &Host::inline()).await.unwrap()))
    }
}
