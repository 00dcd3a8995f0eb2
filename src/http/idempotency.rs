//! `Idempotency-Key` on whatever writes: the same request again gets the first answer. The key is taken in the
//! transaction in which the handler works, and the answer is written in it before it is committed; so there is one or
//! there is none, whenever a process dies. Handlers know nothing of it.

use std::sync::Arc;

use axum::body::Body;
use axum::extract::{FromRequestParts, Request, State};
use axum::http::request::Parts;
use axum::http::{HeaderName, HeaderValue, StatusCode, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use bytes::Bytes;
use http_body_util::BodyExt;
use serde_json::{Map, Value};
use sha2::{Digest, Sha256};

use super::layers::RequestId;
use super::{AppState, Caller, Problem, ProblemType, extract};
use crate::db::{DbError, TenantTx};
use crate::idempotency::{self, Answer, Claim};
use crate::limits;
use crate::work::{Deferred, Intent, Work};

const KEY: &str = "idempotency-key";
/// Says that an answer is one that was given before.
const REPLAYED: &str = "idempotency-replayed";
/// Headers that belong to an answer.
const KEPT_HEADERS: [HeaderName; 4] = [header::CONTENT_TYPE, header::LOCATION, header::ETAG, header::LINK];
/// Refusals that would be the same again, and are kept like any other answer.
const KEPT_PROBLEMS: [ProblemType; 10] = [
    ProblemType::MalformedRequest,
    ProblemType::Forbidden,
    ProblemType::NotFound,
    ProblemType::Duplicate,
    ProblemType::StaleVersion,
    ProblemType::InvalidInput,
    ProblemType::InvalidRecord,
    ProblemType::InvalidDefinition,
    ProblemType::LimitReached,
    ProblemType::PreconditionRequired,
];

/// The key of a request on its way through a handler.
#[derive(Clone)]
pub(super) struct KeyInHand {
    claim: Arc<Claim>,
    place: Deferred,
}

impl KeyInHand {
    /// Takes the key in the work's transaction, which then waits for its answer.
    pub(super) async fn claim(&self, work: &mut Work) -> Result<(), Problem> {
        match idempotency::claim(&work.tx, &self.claim, work.clock.now()).await {
            Ok(true) => {
                work.deferred = Some(self.place.clone());
                Ok(())
            }
            Ok(false) | Err(DbError::Timeout(_)) => Err(in_flight()),
            Err(error) => Err(error.into()),
        }
    }
}

fn in_flight() -> Problem {
    Problem::new(ProblemType::InFlight)
        .with_detail("The first request with this Idempotency-Key is under way. Ask again in a moment.")
        .retry_after(std::time::Duration::from_secs(1))
}

/// The layer of the API of a workspace.
pub async fn once(State(app): State<AppState>, request: Request, next: Next) -> Response {
    if request.method().is_safe() || !request.headers().contains_key(KEY) {
        return next.run(request).await;
    }
    guarded(&app, request, next).await.unwrap_or_else(IntoResponse::into_response)
}

async fn guarded(app: &AppState, request: Request, next: Next) -> Result<Response, Problem> {
    let (mut parts, body) = request.into_parts();
    let key = key(&parts)?;
    let Ok(caller) = Caller::from_request_parts(&mut parts, app).await else {
        // A stranger; the handler says so.
        return Ok(next.run(Request::from_parts(parts, body)).await);
    };
    let body = extract::read(Request::from_parts(parts.clone(), body), limits::BODY_BYTES).await?;
    let claim = Arc::new(Claim { user: caller.user().id, key, request: digest(&parts, &body) });
    if let Some(answer) = earlier(&caller, &claim).await? {
        return Ok(answer);
    }
    let hand = KeyInHand { claim, place: Deferred::default() };
    let id = parts.extensions.get::<RequestId>().cloned().unwrap_or_default();
    parts.extensions.insert(hand.clone());
    let response = next.run(Request::from_parts(parts, Body::from(body))).await;
    match hand.place.take() {
        Some(tx) => kept(tx, &hand.claim, response, &id).await,
        None => unwritten(app, &caller, &hand.claim, response, &id).await,
    }
}

/// The key: printable, and of bearable length.
fn key(parts: &Parts) -> Result<String, Problem> {
    let mut values = parts.headers.get_all(KEY).iter();
    let key = match (values.next(), values.next()) {
        (Some(value), None) => value.to_str().ok().map(str::trim),
        _ => None,
    };
    let fits = |key: &&str| !key.is_empty() && key.len() <= limits::IDEMPOTENCY_KEY_CHARS;
    key.filter(fits).map(str::to_owned).ok_or_else(|| {
        let text = format!(
            "Send one Idempotency-Key of 1 to {} printable characters.",
            limits::IDEMPOTENCY_KEY_CHARS
        );
        Problem::new(ProblemType::MalformedRequest).with_detail(text)
    })
}

/// What is asked, as one digest: method, address, expected version, body.
fn digest(parts: &Parts, body: &Bytes) -> Vec<u8> {
    let mut digest = Sha256::new();
    let version = parts.headers.get(header::IF_MATCH).map(HeaderValue::as_bytes).unwrap_or_default();
    for part in [parts.method.as_str().as_bytes(), parts.uri.to_string().as_bytes(), version] {
        digest.update(part);
        digest.update([0]);
    }
    digest.update(body);
    digest.finalize().to_vec()
}

/// The answer that was given before, for whoever may still ask.
async fn earlier(caller: &Caller, claim: &Claim) -> Result<Option<Response>, Problem> {
    let work = caller.begin(Intent::Read).await?;
    let Some(kept) = idempotency::find(&work.tx, claim, work.clock.now()).await? else { return Ok(None) };
    if kept.request != claim.request {
        return Err(Problem::new(ProblemType::KeyReused)
            .with_detail("This Idempotency-Key was sent with another request before. Use a new one."));
    }
    let answer = kept.answer.ok_or_else(in_flight)?;
    let mut response = Response::new(Body::from(answer.body));
    *response.status_mut() = StatusCode::from_u16(answer.status).map_err(Problem::internal)?;
    for (name, value) in &answer.headers {
        if let (Ok(name), Some(Ok(value))) =
            (name.parse::<HeaderName>(), value.as_str().map(HeaderValue::from_str))
        {
            response.headers_mut().insert(name, value);
        }
    }
    response.headers_mut().insert(REPLAYED, HeaderValue::from_static("true"));
    Ok(Some(response))
}

/// Writes the answer beside what was done, and makes both last.
async fn kept(tx: TenantTx, claim: &Claim, response: Response, id: &RequestId) -> Result<Response, Problem> {
    let (response, answer) = read(response, id).await?;
    idempotency::keep(&tx, claim, &answer).await?;
    tx.commit().await?;
    Ok(response)
}

/// The handler wrote nothing. A refusal that would be the same again is kept all the same.
async fn unwritten(
    app: &AppState,
    caller: &Caller,
    claim: &Claim,
    response: Response,
    id: &RequestId,
) -> Result<Response, Problem> {
    let kind = response.extensions().get::<Arc<Problem>>().map(|problem| problem.kind);
    match kind {
        // Whoever had the key may have been answered since.
        Some(ProblemType::InFlight) => Ok(earlier(caller, claim).await?.unwrap_or(response)),
        Some(kind) if !KEPT_PROBLEMS.contains(&kind) => Ok(response),
        _ => {
            let work = caller.begin(Intent::Read).await?;
            let (response, answer) = read(response, id).await?;
            match idempotency::claim(&work.tx, claim, app.clock.now()).await {
                Ok(true) => kept_alone(work, claim, &answer).await?,
                Ok(false) | Err(DbError::Timeout(_)) => {}
                Err(error) => return Err(error.into()),
            }
            Ok(response)
        }
    }
}

async fn kept_alone(work: Work, claim: &Claim, answer: &Answer) -> Result<(), DbError> {
    idempotency::keep(&work.tx, claim, answer).await?;
    work.commit().await
}

/// The response, and what is kept of it. A problem is kept as the JSON that it becomes further out.
async fn read(response: Response, id: &RequestId) -> Result<(Response, Answer), Problem> {
    let (parts, body) = response.into_parts();
    let body = body.collect().await.map_err(Problem::internal)?.to_bytes();
    let mut headers = Map::new();
    for name in KEPT_HEADERS {
        if let Some(value) = parts.headers.get(&name).and_then(|value| value.to_str().ok()) {
            headers.insert(name.to_string(), Value::from(value));
        }
    }
    let problem = parts.extensions.get::<Arc<Problem>>().map(|problem| problem.body(id));
    let text = match problem {
        Some(problem) => {
            headers.insert(header::CONTENT_TYPE.to_string(), "application/problem+json".into());
            problem.into_bytes()
        }
        None => body.to_vec(),
    };
    let answer = Answer { status: parts.status.as_u16(), headers, body: text };
    Ok((Response::from_parts(parts, Body::from(body)), answer))
}
