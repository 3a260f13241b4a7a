//! The HTTP surface: decisions as OpenID AuthZEN 1.0 asks for them, the ways in and out for programs, the first guarded
//! list, health and metrics.
//!
//! request -> route (who may call it) -> Principal -> wire text parsed -> `service` -> answer
//!
//! **Invariant:** every route stands in one table, with who may call it and why; the router is built from that table.
//! **Invariant:** no rules here: what is allowed is the service's answer.
//! **Invariant:** no address of ours is built from what a request says of its host.
//! **Invariant:** nothing of a query, a header or a body is logged: there may be a secret in each.

mod body;
mod caller;
pub mod decisions;
mod discovery;
mod form;
mod health;
mod limits;
mod oauth;
mod orders;
mod outer;
mod refusal;
mod routes;
mod shown;
mod sso;
mod telemetry;
mod tokens;
mod users;
mod v2;

pub use discovery::{BaseUrl, BaseUrlError};
pub use limits::{
    ADDRESS_BYTES_MAX, BODY_BYTES_MAX, BODY_S_MAX, DEPTH_MAX, EVALUATIONS_MAX, FIELDS_MAX, HEADERS_BYTES_MAX,
    REQUEST_ID_BYTES_MAX, SMALL_BODY_BYTES_MAX,
};
pub use outer::counted;
pub use routes::{Access, METHODS, Route, router, routes};
pub use telemetry::install_recorder;

use metrics_exporter_prometheus::PrometheusHandle;
use service::{Service, ServiceError};
use std::sync::Arc;

/// What the surface is told about its surroundings.
#[derive(Clone, Default)]
pub struct Config {
    /// Where callers reach this server; discovery is not answered without it, and no link is made.
    pub base_url: Option<BaseUrl>,
    /// Where the metrics are read from; `/metrics` is not found without it.
    pub metrics: Option<PrometheusHandle>,
    /// Whether there is a route that does all that a decision does except deciding, for benchmarks.
    pub bench_floor: bool,
}

impl std::fmt::Debug for Config {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Config")
            .field("base_url", &self.base_url)
            .field("metrics", &self.metrics.is_some())
            .field("bench_floor", &self.bench_floor)
            .finish()
    }
}

/// What every handler is given.
#[derive(Clone)]
struct App(Arc<Inner>);

struct Inner {
    service: Service,
    config: Config,
}

impl App {
    fn service(&self) -> &Service {
        &self.0.service
    }

    fn config(&self) -> &Config {
        &self.0.config
    }

    /// Runs what may wait for the database, so that other requests of this thread go on elsewhere.
    ///
    /// Handing over costs some microseconds, more than a decision: what stays in memory is called directly.
    fn blocking<T>(work: impl FnOnce() -> T) -> T {
        tokio::task::block_in_place(work)
    }

    /// Runs what may take long, hashing or a call to another server, on a thread of its own.
    async fn slowly<T: Send + 'static>(
        &self,
        work: impl FnOnce(&Service) -> Result<T, ServiceError> + Send + 'static,
    ) -> Result<T, ServiceError> {
        let service = self.service().clone();
        let done = tokio::task::spawn_blocking(move || work(&service)).await;
        done.unwrap_or_else(|error| Err(ServiceError::Internal(error.to_string())))
    }
}
