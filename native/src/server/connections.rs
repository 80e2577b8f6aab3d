//! Connections: accepted up to a limit, held to a time for each request's head and for taking the answer,
//! drained at the end.
//!
//! warp's own loop has no limit, no times and no end to its draining, so its service is run here on hyper.

use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;

use futures_util::{Stream, StreamExt, stream};
use hyper::server::conn::http1;
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::server::graceful::GracefulShutdown;
use hyper_util::service::TowerToHyperService;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio::time::{sleep, timeout};
use tokio_io_timeout::TimeoutStream;
use warp::Filter;
use warp::reply::Response;

use super::service::Context;

/// What a connection may buffer of what it reads: a request's head must fit.
const BUFFER_BYTES: usize = 64 << 10;
/// How long to wait when no connection can be accepted (too many open files).
const ACCEPT_PAUSE: Duration = Duration::from_millis(100);
/// How long cancelled jobs and their answers may take.
const CANCEL_GRACE: Duration = Duration::from_secs(10);

/// Serves until `stop` yields; then lets running requests end, for the grace time or until `stop` yields
/// again; then cancels the jobs that still run.
pub(super) async fn serve<F>(
    listener: TcpListener,
    api: F,
    context: Arc<Context>,
    stop: impl Stream<Item = ()>,
) where
    F: Filter<Extract = (Response,), Error = warp::Rejection> + Clone + Send + Sync + 'static,
{
    let mut stop = pin!(stop.chain(stream::pending()));
    let limits = &context.config.limits;
    let slots = Arc::new(Semaphore::new(limits.connections.clamp(1, Semaphore::MAX_PERMITS)));
    let connections = GracefulShutdown::new();
    let mut builder = http1::Builder::new();
    builder.timer(TokioTimer::new()).header_read_timeout(limits.head_timeout).max_buf_size(BUFFER_BYTES);
    loop {
        let (socket, slot) = tokio::select! {
            biased;
            _ = stop.next() => break,
            accepted = accept(&listener, &slots) => accepted,
        };
        let service = TowerToHyperService::new(warp::service(api.clone()));
        let mut socket = TimeoutStream::new(socket);
        socket.set_write_timeout(Some(limits.write_timeout));
        let connection = builder.serve_connection(TokioIo::new(Box::pin(socket)), service);
        let connection = connections.watch(connection);
        tokio::spawn(async move {
            // A connection that breaks is its caller's affair; the request's own line says what came of it.
            let _ = connection.await;
            drop(slot);
        });
    }
    drop(listener);
    let mut drained = pin!(connections.shutdown());
    // Jobs that no connection waits for have the same time.
    let done = async {
        drained.as_mut().await;
        context.jobs.idle().await;
    };
    let in_time = tokio::select! {
        () = done => true,
        () = sleep(limits.shutdown_grace) => false,
        _ = stop.next() => false,
    };
    context.jobs.cancel_all();
    let last = async {
        context.jobs.idle().await;
        if !in_time {
            drained.await;
        }
    };
    let _ = timeout(CANCEL_GRACE, last).await;
}

/// The next connection, once there is room for it.
async fn accept(listener: &TcpListener, slots: &Arc<Semaphore>) -> (TcpStream, Option<OwnedSemaphorePermit>) {
    let slot = slots.clone().acquire_owned().await.ok();
    loop {
        match listener.accept().await {
            Ok((socket, _)) => {
                let _ = socket.set_nodelay(true);
                return (socket, slot);
            }
            Err(_) => sleep(ACCEPT_PAUSE).await,
        }
    }
}
