//! A job as server-sent events: `progress` while it runs, and at last `end` with the whole job.
//!
//! Whoever reads slowly gets fewer events, never older ones, and holds one at a time.

use std::time::Duration;

use bytes::Bytes;
use futures_util::{Stream, StreamExt, future, stream};
use serde::Serialize;
use tokio::sync::watch;
use tokio::time::{sleep, timeout};

use super::control::News;
use super::register::Watched;

/// The least time between two events.
const GAP: Duration = Duration::from_millis(100);
/// How long nothing may be sent: a comment then says that the connection lives.
const SILENCE: Duration = Duration::from_secs(15);
/// A comment, which readers of events skip.
const HEARTBEAT: &[u8] = b": working\n\n";

/// What is to be sent of a job, from now on.
pub(in crate::server) fn events(job: Watched) -> impl Stream<Item = Bytes> + Send + 'static {
    match job {
        Watched::Ended(job) => stream::once(future::ready(event("end", &*job))).left_stream(),
        Watched::Running(news) => {
            let follow = Follow { news, greeted: false };
            stream::unfold(Some(follow), |follow| async move { next(follow?).await }).right_stream()
        }
    }
}

struct Follow {
    news: watch::Receiver<News>,
    /// Whether something was sent: where things stand comes at once.
    greeted: bool,
}

/// The next event, and what to go on with; nothing comes after the job's end.
async fn next(mut follow: Follow) -> Option<(Bytes, Option<Follow>)> {
    let comment = |follow| Some((Bytes::from_static(HEARTBEAT), Some(follow)));
    if follow.greeted {
        match timeout(SILENCE, follow.news.changed()).await {
            Ok(Ok(())) => {}
            // The job is gone without having ended: the process ends.
            Ok(Err(_)) => return None,
            Err(_) => return comment(follow),
        }
        if follow.news.borrow().ended.is_none() {
            sleep(GAP).await;
        }
    }
    follow.greeted = true;
    let latest = follow.news.borrow_and_update().clone();
    match latest {
        News { ended: Some(job), .. } => Some((event("end", &*job), None)),
        News { progress: Some(progress), .. } => Some((event("progress", &progress), Some(follow))),
        News { progress: None, ended: None } => comment(follow),
    }
}

fn event(name: &str, data: &impl Serialize) -> Bytes {
    // JSON has no line breaks of its own, so it is one line of data.
    let data = serde_json::to_string(data).unwrap_or_default();
    format!("event: {name}\ndata: {data}\n\n").into()
}
