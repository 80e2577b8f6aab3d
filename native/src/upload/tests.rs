use futures_util::stream;
use tempfile::TempDir;
use vecvault_core::{
    BackupName, CreateRequest, Error, MemoryBlobStore, MemoryCollections, Selection, create,
};

use super::*;
use crate::blob::DirectoryPolicy;

const ID: &str = "550e8400-e29b-41d4-a716-446655440000";

/// A directory of backups, and its names.
struct Backups {
    directory: TempDir,
    store: FsBlobStore,
}

impl Backups {
    fn new() -> Self {
        let directory = tempfile::tempdir().unwrap();
        let store = FsBlobStore::open(directory.path(), DirectoryPolicy::MustExist).unwrap();
        Self { directory, store }
    }

    async fn upload(&self, bytes: &[u8]) -> Result<BackupSummary, UploadError> {
        let pieces: Vec<_> = bytes.chunks(1_000).map(|piece| Ok(piece.to_vec().into())).collect();
        let body = Box::pin(stream::iter(pieces));
        ReceivedFile::receive(&self.store, body, None).await?.keep(&Host::inline()).await
    }

    fn names(&self) -> Vec<String> {
        let entries = std::fs::read_dir(&self.directory).unwrap();
        entries.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect()
    }
}

/// An indexed file without collections.
async fn indexed() -> Vec<u8> {
    let store = MemoryBlobStore::new();
    let (id, now) = (ID.parse().unwrap(), "2024-01-15T10:30:00Z".parse().unwrap());
    let name = BackupName::parse("x").unwrap();
    let request = CreateRequest { id, name, now, collections: Selection::All };
    create(&store, &MemoryCollections::new(), request, &Host::inline()).await.unwrap();
    let read = store.get(&id.key(), None, None).await.unwrap();
    futures_util::TryStreamExt::try_collect::<Vec<_>>(read.body).await.unwrap().concat()
}

/// A file of another writer.
fn foreign(id: &str, collections: &str, vector: &str) -> String {
    format!(
        r#"{{"id":"{id}","name":"a","date":"2024-01-15T10:30:00Z","collections":{collections},"size":1,"data":{{"c":{{"dimension":1,"metric":"Cosine","vectors":[{{"id":"a","vector":{vector}}}]}}}}}}"#
    )
}

fn damage(refused: Result<BackupSummary, UploadError>) -> Finding {
    match refused {
        Err(UploadError::Damaged { finding, findings }) => {
            assert!(findings > 0);
            *finding
        }
        other => panic!("{other:?}"),
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_whole_file_is_kept_as_it_is_under_the_id_that_it_says() {
    for bytes in [indexed().await, foreign(ID, r#"["c"]"#, "[1.5]").into_bytes()] {
        let backups = Backups::new();
        let summary = backups.upload(&bytes).await.unwrap();
        assert_eq!((summary.info.id.to_string().as_str(), summary.info.size), (ID, bytes.len() as u64));
        assert_eq!(backups.names(), [format!("{ID}.backup")]);
        assert_eq!(std::fs::read(backups.directory.path().join(&backups.names()[0])).unwrap(), bytes);
        let again = backups.upload(&bytes).await;
        assert!(matches!(again, Err(UploadError::Exists { id }) if id.to_string() == ID));
        assert_eq!(backups.names().len(), 1);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_killed_writer_left_makes_room_first_whatever_length_is_said() {
    let (backups, bytes) = (Backups::new(), indexed().await);
    let left = backups.directory.path().join(".tmp-0123456789abcdef0123456789abcdef");
    let file = std::fs::File::create(&left).unwrap();
    file.set_modified(std::time::SystemTime::now() - std::time::Duration::from_secs(120)).unwrap();
    backups.upload(&bytes).await.unwrap();
    assert_eq!(backups.names(), [format!("{ID}.backup")]);
}

#[tokio::test(flavor = "multi_thread")]
async fn whatever_is_damaged_is_refused_with_the_place_and_leaves_nothing() {
    let backups = Backups::new();
    let whole = indexed().await;
    // Each costs a sync: the damage suite of core looks at every byte.
    for length in (0..whole.len()).step_by(41) {
        damage(backups.upload(&whole[..length]).await);
    }
    for at in (0..whole.len()).step_by(37) {
        let mut flipped = whole.clone();
        flipped[at] ^= 1;
        let refused = backups.upload(&flipped).await;
        assert!(refused.is_err(), "byte {at}");
    }
    damage(backups.upload(&[&whole[..], b" "].concat()).await);
    for (file, path) in [
        (foreign(ID, r#"["c"]"#, "[1e99]"), "data.c.vectors[0].vector[0]"),
        (foreign(ID, r#"["c"]"#, "[1,2]"), "data.c.vectors[0].vector"),
        (foreign("../../etc/passwd", r#"["c"]"#, "[1]"), "id"),
        (foreign(ID, r#"["c","gone"]"#, "[1]"), "collections"),
        ("[]".to_owned(), ""),
    ] {
        let finding = damage(backups.upload(file.as_bytes()).await);
        assert_eq!(finding.path, path, "{finding:?}");
    }
    assert_eq!(backups.names(), [""; 0]);
}

#[tokio::test]
async fn what_there_is_no_room_for_is_not_begun() {
    let backups = Backups::new();
    let never = Box::pin(stream::pending());
    let refused = ReceivedFile::receive(&backups.store, never, Some(u64::MAX)).await.unwrap_err();
    assert!(matches!(*refused, Error::InsufficientSpace { needed: u64::MAX, .. }), "{refused}");
}
