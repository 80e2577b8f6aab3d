//! The server of the documented API, on warp.
//!
//! A request goes one way: `connections` accepts it, `service` carries it through `guard` (who may call; pages
//! of other `origins` among them, by their `names`), `routes` (what is asked for), `handlers` (which call the
//! [`Vault`]) and `replies` or `errors` (what is answered). Bodies are counted as they arrive (`body`), what is
//! held in memory is shared (`memory`), heavy work is limited and cancelled (`jobs`). `page` is what a browser
//! gets, `openapi` what a program reads of the API.
//! No rule of backups is here, and no file but those that jobs are kept in.

mod body;
mod config;
mod connections;
mod errors;
mod guard;
mod handlers;
mod jobs;
mod memory;
mod names;
mod openapi;
mod origins;
mod page;
mod ranges;
mod replies;
mod requests;
mod routes;
mod service;

pub use config::{Limits, Log, ServerConfig, Token};
pub use jobs::{JobJournal, JournalError};
pub use names::{HostName, NameError, Origin};
pub use replies::BackupList;

use std::net::SocketAddr;
use std::sync::Arc;

use futures_util::Stream;
use tokio::net::TcpListener;
use warp::Filter;
use warp::reply::Response;

use crate::Vault;
use service::Context;

/// A server that is bound to its address and does not yet answer.
pub struct Server {
    listener: TcpListener,
    address: SocketAddr,
    context: Arc<Context>,
}

/// Why a server does not start.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum BindError {
    /// Other machines could reach it, and anyone could call it.
    #[error("{address} can be reached from other machines: set a token, or listen on 127.0.0.1")]
    TokenRequired {
        /// The address.
        address: SocketAddr,
    },
    /// The system refuses the address.
    #[error("cannot listen on {address}: {source}")]
    Listen {
        /// The address.
        address: SocketAddr,
        /// What it says.
        source: std::io::Error,
    },
}

/// The API as a warp filter: to mount in a server of one's own, or to call without a socket. It is guarded as
/// [`Server`]'s is; connections, how many and how slow, are then the caller's to limit.
pub fn api(
    config: ServerConfig,
    vault: Vault,
) -> impl Filter<Extract = (Response,), Error = warp::Rejection> + Clone + Send + Sync + 'static {
    service::api(Arc::new(Context::new(config, vault)))
}

impl Server {
    /// Binds the address of `config`, which is refused without a token unless it is a loopback one.
    pub async fn bind(config: ServerConfig, vault: Vault) -> Result<Self, BindError> {
        let address = config.address;
        if config.token.is_none() && !address.ip().is_loopback() {
            return Err(BindError::TokenRequired { address });
        }
        let listen = |source| BindError::Listen { address, source };
        let listener = TcpListener::bind(address).await.map_err(listen)?;
        let address = listener.local_addr().map_err(listen)?;
        Ok(Self { listener, address, context: Arc::new(Context::new(config, vault)) })
    }

    /// The address that it listens on: the port is the real one.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Answers until `stop` yields. Then no connection is accepted any more, and requests and jobs that run may
    /// end. When `stop` yields again, or the grace time of the config is over, the heavy work that still runs is
    /// cancelled: it changes nothing, unless it commits already, which comes to its end. What has not ended some
    /// seconds later is left.
    pub async fn run(self, stop: impl Stream<Item = ()>) {
        let api = service::api(self.context.clone());
        connections::serve(self.listener, api, self.context, stop).await;
    }
}

impl std::fmt::Debug for Server {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Server").field("address", &self.address).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests;
