//! Requests that a user, and a tenant, may send to the API in a minute. Counted by this process alone: several nodes
//! allow several times as many.

use std::hash::Hash;
use std::num::NonZeroU32;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use axum::extract::{Request, State};
use axum::http::HeaderValue;
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use governor::clock::{Clock as _, DefaultClock};
use governor::middleware::StateInformationMiddleware;
use governor::state::keyed::DefaultKeyedStateStore;
use governor::{Quota, RateLimiter};

use super::caller::{self, Identified};
use super::{AppState, Problem, ProblemType};
use crate::id::{TenantId, UserId};

/// A tenant's people together may send so many times what one of them may.
const USERS_PER_TENANT: u32 = 10;
/// After so many requests those that have been quiet for a minute are forgotten.
const TIDY_EVERY: u64 = 10_000;

type Limiter<K> = RateLimiter<K, DefaultKeyedStateStore<K>, DefaultClock, StateInformationMiddleware>;

/// The counters; nothing is counted where the limit is 0.
#[derive(Clone)]
pub struct RateLimits(Option<Arc<Counters>>);

struct Counters {
    per_minute: NonZeroU32,
    users: Limiter<UserId>,
    tenants: Limiter<TenantId>,
    checked: AtomicU64,
}

impl RateLimits {
    /// Limits each user to so many requests a minute.
    pub fn new(per_minute: u32) -> Self {
        Self(NonZeroU32::new(per_minute).map(|per_minute| {
            let tenants = per_minute.saturating_mul(NonZeroU32::new(USERS_PER_TENANT).unwrap_or(per_minute));
            Arc::new(Counters {
                per_minute,
                users: limiter(per_minute),
                tenants: limiter(tenants),
                checked: 0.into(),
            })
        }))
    }
}

fn limiter<K: Hash + Eq + Clone>(per_minute: NonZeroU32) -> Limiter<K> {
    RateLimiter::keyed(Quota::per_minute(per_minute)).with_middleware()
}

impl Counters {
    /// How many requests are left to the user, or how long to wait.
    fn check(&self, user: UserId, tenant: Option<TenantId>) -> Result<u32, Duration> {
        let now = DefaultClock::default().now();
        if self.checked.fetch_add(1, Ordering::Relaxed).is_multiple_of(TIDY_EVERY) {
            self.users.retain_recent();
            self.tenants.retain_recent();
        }
        if let Some(tenant) = tenant {
            self.tenants.check_key(&tenant).map_err(|refused| refused.wait_time_from(now))?;
        }
        let left = self.users.check_key(&user).map_err(|refused| refused.wait_time_from(now))?;
        Ok(left.remaining_burst_capacity())
    }

    fn headers(&self, response: &mut Response, left: u32) {
        let limit = self.per_minute.get();
        let reset = (u64::from(limit - left.min(limit)) * 60).div_ceil(u64::from(limit));
        let headers = response.headers_mut();
        headers.insert("ratelimit-limit", HeaderValue::from(limit));
        headers.insert("ratelimit-remaining", HeaderValue::from(left));
        headers.insert("ratelimit-reset", HeaderValue::from(reset));
    }
}

/// The layer for routers of the API. Requests without a valid access token pass: the handler refuses them, or is open
/// to strangers and has its own limits.
pub async fn per_user(State(app): State<AppState>, request: Request, next: Next) -> Response {
    let Some(counters) = &app.rates.0 else { return next.run(request).await };
    let (mut parts, body) = request.into_parts();
    let identified = caller::identify(&parts, &app, false).await;
    let Ok(session) = identified else { return next.run(Request::from_parts(parts, body)).await };
    parts.extensions.insert(Identified(session.clone()));
    let request = Request::from_parts(parts, body);
    match counters.check(session.user.id, session.tenant.as_ref().map(|tenant| tenant.id)) {
        Ok(left) => {
            let mut response = next.run(request).await;
            counters.headers(&mut response, left);
            response
        }
        Err(wait) => {
            let detail = format!("A user may send {} requests a minute.", counters.per_minute);
            let problem = Problem::new(ProblemType::TooManyRequests).with_detail(detail).retry_after(wait);
            let mut response = problem.into_response();
            counters.headers(&mut response, 0);
            response
        }
    }
}
