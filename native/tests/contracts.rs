//! The embedded collections keep the contracts of their traits. (The directory of backups has the suite
//! beside its code.)

use vecvault::collections::Collections;
use vecvault_core::conformance::CollectionSuite;

#[tokio::test(flavor = "multi_thread")]
async fn the_embedded_collections_keep_their_contract() {
    let directory = tempfile::tempdir().unwrap();
    let collections = Collections::open(directory.path()).unwrap();
    let suite = CollectionSuite::new(&collections, &collections);
    suite.run().await.unwrap();
    // What the first run left behind is no obstacle.
    suite.run().await.unwrap();
}
