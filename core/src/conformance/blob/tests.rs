//! The suite notices stores that break their contract: each of these breaks one point of it.

use std::ops::Range;

use async_trait::async_trait;
use futures_executor::block_on;
use futures_util::{StreamExt, stream};

use super::BlobSuite;
use crate::blob::{
    BlobError, BlobErrorKind, BlobKey, BlobMeta, BlobPage, BlobRead, BlobStore, BlobVersion, ByteStream,
    MemoryBlobStore, PutMode,
};

#[derive(Clone, Copy, Debug, PartialEq)]
enum Fault {
    CheckThenWrite,
    CutRanges,
    DeleteAlwaysTrue,
    ErrorsWithoutKey,
    IgnoreVersions,
    KeepPartOfABody,
    ListFromTheFirst,
    ListOneThousand,
    OverwriteOnCreate,
    ShowWhatIsUnfinished,
}

#[derive(Debug)]
struct Faulty {
    fault: Fault,
    inner: MemoryBlobStore,
}

impl Faulty {
    fn has(&self, fault: Fault) -> bool {
        self.fault == fault
    }
}

#[cfg_attr(not(target_family = "wasm"), async_trait)]
#[cfg_attr(target_family = "wasm", async_trait(?Send))]
impl BlobStore for Faulty {
    async fn put(&self, key: &BlobKey, mut body: ByteStream, mode: PutMode) -> Result<BlobMeta, BlobError> {
        match self.fault {
            Fault::OverwriteOnCreate => self.inner.put(key, body, PutMode::Overwrite).await,
            Fault::KeepPartOfABody => {
                let whole = body.take_while(|chunk| std::future::ready(chunk.is_ok()));
                self.inner.put(key, Box::pin(whole), mode).await
            }
            Fault::ShowWhatIsUnfinished if mode == PutMode::Create => {
                let first: Vec<_> = body.next().await.into_iter().collect();
                let part = stream::iter(first.first().and_then(|chunk| chunk.as_ref().ok()).cloned().map(Ok));
                let unfinished = self.inner.put(key, Box::pin(part), mode).await?;
                match self.inner.put(key, Box::pin(stream::iter(first).chain(body)), PutMode::Overwrite).await
                {
                    Err(error) => self.inner.delete(&unfinished.key).await.and(Err(error)),
                    done => done,
                }
            }
            Fault::CheckThenWrite if mode == PutMode::Create => {
                if let Ok(meta) = self.inner.head(key).await {
                    return Err(BlobError::new(BlobErrorKind::AlreadyExists, "there is one").of(&meta.key));
                }
                let mut turns = 3;
                std::future::poll_fn(|context| {
                    turns -= 1;
                    context.waker().wake_by_ref();
                    if turns == 0 { std::task::Poll::Ready(()) } else { std::task::Poll::Pending }
                })
                .await;
                self.inner.put(key, body, PutMode::Overwrite).await
            }
            _ => self.inner.put(key, body, mode).await,
        }
    }

    async fn get(
        &self,
        key: &BlobKey,
        range: Option<Range<u64>>,
        version: Option<&BlobVersion>,
    ) -> Result<BlobRead, BlobError> {
        let mut range = range;
        if let (true, Some(range), Ok(meta)) = (self.has(Fault::CutRanges), &mut range, self.head(key).await)
        {
            range.end = range.end.min(meta.size);
        }
        self.inner.get(key, range, version.filter(|_| !self.has(Fault::IgnoreVersions))).await
    }

    async fn head(&self, key: &BlobKey) -> Result<BlobMeta, BlobError> {
        let head = self.inner.head(key).await;
        if self.has(Fault::ErrorsWithoutKey) {
            return head.map_err(|error| BlobError::new(error.kind(), "no such blob"));
        }
        head
    }

    async fn list(&self, prefix: &str, after: Option<&BlobKey>, limit: usize) -> Result<BlobPage, BlobError> {
        match self.fault {
            Fault::ListFromTheFirst if limit < 100 => self.inner.list(prefix, None, limit).await,
            Fault::ListOneThousand => {
                let page = self.inner.list(prefix, after, limit.min(1_000)).await?;
                Ok(BlobPage { more: page.more && limit <= 1_000, ..page })
            }
            _ => self.inner.list(prefix, after, limit).await,
        }
    }

    async fn delete(&self, key: &BlobKey) -> Result<bool, BlobError> {
        Ok(self.inner.delete(key).await? || self.has(Fault::DeleteAlwaysTrue))
    }
}

#[test]
fn every_broken_promise_is_noticed_by_the_check_of_its_name() {
    for (fault, check) in [
        (Fault::CheckThenWrite, "of_many_creators_exactly_one_succeeds"),
        (Fault::CutRanges, "a_range_past_the_end_is_refused"),
        (Fault::DeleteAlwaysTrue, "deleting_what_is_absent_gives_false"),
        (Fault::ErrorsWithoutKey, "a_blob_is_told_of_alike_everywhere"),
        (Fault::IgnoreVersions, "an_overwritten_version_is_refused"),
        (Fault::KeepPartOfABody, "a_body_that_fails_leaves_nothing"),
        (Fault::ListFromTheFirst, "pages_of_any_size_make_the_whole"),
        (Fault::ListOneThousand, "pages_of_any_size_make_the_whole"),
        (Fault::OverwriteOnCreate, "an_empty_blob_is_a_blob"),
        (Fault::ShowWhatIsUnfinished, "a_dropped_put_leaves_nothing"),
    ] {
        let store = Faulty { fault, inner: MemoryBlobStore::new() };
        let failure = block_on(BlobSuite::new(&store).run()).expect_err("a fault");
        assert_eq!(failure.check, check, "{fault:?}: {failure}");
    }
}

#[test]
fn the_names_of_the_checks_are_all_different() {
    let mut names: Vec<_> = BlobSuite::checks().collect();
    names.sort_unstable();
    assert!(names.is_sorted_by(|a, b| a < b));
}
