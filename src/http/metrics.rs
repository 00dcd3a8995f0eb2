//! Counters and timings of requests, for operators (Prometheus text).

use std::sync::OnceLock;
use std::time::Duration;

use axum::http::Method;
use metrics_exporter_prometheus::{Matcher, PrometheusBuilder, PrometheusHandle};

use crate::db::Db;

/// Seconds that divide requests into fast and slow ones.
const BUCKETS: [f64; 12] = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 10.0];

/// The process's metrics; the recorder is one for the process, so that any room may count with `metrics::counter!`.
#[derive(Clone, Default)]
pub struct Metrics(Option<PrometheusHandle>);

impl Metrics {
    /// Installs the recorder, once a process.
    pub fn install() -> Self {
        static HANDLE: OnceLock<Option<PrometheusHandle>> = OnceLock::new();
        Self(HANDLE.get_or_init(install_recorder).clone())
    }

    pub(super) fn observe(&self, method: &Method, route: &str, status: u16, took: Duration) {
        let labels = [
            ("method", word(method).to_owned()),
            ("route", route.to_owned()),
            ("status", status.to_string()),
        ];
        metrics::counter!("http_requests_total", &labels).increment(1);
        metrics::histogram!("http_request_duration_seconds", &labels[..2]).record(took.as_secs_f64());
    }

    /// Everything counted so far, with the state of the pools, in Prometheus' text form.
    pub(super) fn render(&self, db: &Db) -> String {
        for (pool, load) in db.pools() {
            metrics::gauge!("db_pool_size", "pool" => pool).set(load.size as f64);
            metrics::gauge!("db_pool_limit", "pool" => pool).set(load.max_size as f64);
            metrics::gauge!("db_pool_idle", "pool" => pool).set(load.available as f64);
            metrics::gauge!("db_pool_waiting", "pool" => pool).set(load.waiting as f64);
        }
        let Some(handle) = &self.0 else { return String::new() };
        handle.run_upkeep();
        handle.render()
    }
}

/// Clients may make up methods; a label for each would fill the memory.
fn word(method: &Method) -> &str {
    let known = [
        Method::GET,
        Method::HEAD,
        Method::POST,
        Method::PUT,
        Method::PATCH,
        Method::DELETE,
        Method::OPTIONS,
    ];
    if known.contains(method) { method.as_str() } else { "other" }
}

fn install_recorder() -> Option<PrometheusHandle> {
    let matcher = Matcher::Full("http_request_duration_seconds".into());
    let builder = PrometheusBuilder::new().set_buckets_for_metric(matcher, &BUCKETS);
    let installed = builder.and_then(|builder| builder.install_recorder());
    if let Err(error) = &installed {
        tracing::warn!(%error, "metrics are not counted");
    }
    installed.ok()
}
