//! The names of the metrics, with what each counts.

use metrics_exporter_prometheus::{BuildError, Matcher, PrometheusBuilder};

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
const BUCKETS_S: [f64; 12] = [0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.1, 0.5, 2.5, 10.0];

/// A recorder with the histograms that our metrics need and what each metric says.
///
/// # Errors
/// None with the buckets above; the type is the exporter's.
pub fn recorder() -> Result<PrometheusBuilder, BuildError> {
    PrometheusBuilder::new().set_buckets_for_metric(Matcher::Full(SECONDS.to_owned()), &BUCKETS_S)
}

/// Tells the recorder in force what the metrics are. To be called once it is installed.
pub(crate) fn describe() {
    metrics::describe_counter!(REQUESTS, "HTTP requests by route and status");
    metrics::describe_histogram!(SECONDS, "seconds from a request to its answer, by route");
    metrics::describe_counter!(DECISIONS, "decisions asked for over HTTP, by outcome");
    metrics::describe_counter!(SIGN_INS, "sign-ins over HTTP, by outcome");
    metrics::describe_gauge!(ACCOUNTS, "accounts held in memory");
}
