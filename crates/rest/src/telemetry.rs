//! The names of the metrics, with what each counts.

use metrics_exporter_prometheus::{Matcher, PrometheusBuilder, PrometheusHandle};
use std::sync::OnceLock;

/// Requests, by `route` and `status`.
pub(crate) const REQUESTS: &str = "keyward_http_requests_total";
/// Seconds from the head of a request to the head of its answer, by `route`.
pub(crate) const SECONDS: &str = "keyward_http_request_duration_seconds";
/// Decisions asked for over HTTP, by `outcome`: allowed, denied, error.
pub(crate) const DECISIONS: &str = "keyward_decisions_total";
/// Sign-ins over HTTP, by `outcome`.
pub(crate) const SIGN_INS: &str = "keyward_sign_ins_total";
/// Accounts held in memory.
pub(crate) const ACCOUNTS: &str = "keyward_accounts_loaded";

/// Upper bounds of the duration histogram, in seconds.
const BUCKETS_S: [f64; 12] =
    [0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.1, 0.5, 2.5, 10.0];

/// Makes ours the recorder of this process, once, and gives the handle that it is read by. None when another one was
/// there before: then nothing can be read here.
///
/// Whoever serves calls `run_upkeep` of the handle every few seconds, as histograms are put together there.
#[must_use]
pub fn install_recorder() -> Option<PrometheusHandle> {
    static HANDLE: OnceLock<Option<PrometheusHandle>> = OnceLock::new();
    let install = || {
        let seconds = Matcher::Full(SECONDS.to_owned());
        let builder = PrometheusBuilder::new().set_buckets_for_metric(seconds, &BUCKETS_S).ok()?;
        builder.install_recorder().ok()
    };
    HANDLE.get_or_init(install).clone()
}

/// Tells the recorder in force what the metrics are. To be called once it is installed.
pub(crate) fn describe() {
    metrics::describe_counter!(REQUESTS, "HTTP requests by route and status");
    metrics::describe_histogram!(SECONDS, "seconds from a request to its answer, by route");
    metrics::describe_counter!(DECISIONS, "decisions asked for over HTTP, by outcome");
    metrics::describe_counter!(SIGN_INS, "sign-ins over HTTP, by outcome");
    metrics::describe_gauge!(ACCOUNTS, "accounts held in memory");
}
