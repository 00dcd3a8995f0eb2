//! Sign-up, sign-in, refresh and sign-out for clients of the API.

use axum::extract::State;
use axum::http::StatusCode;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;
use uuid::Uuid;

use crate::http::{AppState, ClientAddress, Json, Problem, ProblemType, SignedIn};
use crate::identity::{
    self, ACCESS_TOKEN_SECONDS, Credentials, RefreshError, RefreshToken, Session, SessionKind, Started,
};
use crate::tenancy::{self, SignUp};

/// The routes of sessions, all at the root and not inside a workspace.
pub fn routes() -> OpenApiRouter<AppState> {
    OpenApiRouter::new().routes(routes!(sign_in, sign_out)).routes(routes!(refresh)).routes(routes!(sign_up))
}

/// E-mail address and password, and the workspace to enter.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct SignInRequest {
    email: String,
    password: String,
    /// The slug of the workspace. Without it the session is bound to the only workspace, or to none where there are
    /// several: sign in again with one of `workspaces`.
    #[serde(default)]
    tenant: Option<String>,
}

/// The refresh token that was handed out last.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct RefreshRequest {
    refresh_token: String,
}

/// A new person with a new workspace.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct SignUpRequest {
    name: String,
    email: String,
    /// 8 to 256 bytes, none of the commonest passwords.
    password: String,
    /// What the workspace will be called.
    company: String,
    /// The workspace's part of the address; made from the company's name where it is missing.
    #[serde(default)]
    slug: Option<String>,
}

/// A session of the API.
#[derive(Serialize, ToSchema)]
pub(super) struct SessionAnswer {
    /// For `Authorization: Bearer …`.
    access_token: String,
    #[schema(example = "Bearer")]
    token_type: &'static str,
    /// Seconds that the access token holds.
    expires_in: i64,
    /// Good for one exchange; the session ends when it is shown twice.
    refresh_token: String,
    user: UserAnswer,
    /// The slug of the workspace that the session is bound to.
    workspace: Option<String>,
    /// Every workspace that the person may enter.
    workspaces: Vec<WorkspaceAnswer>,
}

/// A person.
#[derive(Serialize, ToSchema)]
pub(super) struct UserAnswer {
    id: Uuid,
    name: String,
    email: String,
    platform_admin: bool,
}

/// A workspace that the person may enter.
#[derive(Serialize, ToSchema)]
pub(super) struct WorkspaceAnswer {
    slug: String,
    name: String,
    /// The key of the person's role there.
    role: String,
    is_owner: bool,
}

/// Sign in.
///
/// Unknown accounts and wrong passwords get the same answer. After five failures within 15 minutes for one account, or
/// fifty from one address, the answer is 429.
#[utoipa::path(
    post, path = "/api/v1/session", tag = "session", operation_id = "session_start", request_body = SignInRequest, security(()),
    responses(
        (status = 201, body = SessionAnswer),
        (status = 401, description = "The e-mail address or the password is wrong"),
        (status = 404, description = "The person does not belong to the workspace"),
        (status = 422, description = "The body is not right"),
        (status = 429, description = "Too many failed sign-ins"),
    )
)]
async fn sign_in(
    State(app): State<AppState>,
    ClientAddress(address): ClientAddress,
    Json(request): Json<SignInRequest>,
) -> Result<(StatusCode, Json<SessionAnswer>), Problem> {
    let credentials = Credentials { email: request.email, password: request.password };
    let tenant = request.tenant.as_deref();
    let started = identity::sign_in(&app.identity, &credentials, SessionKind::Api, tenant, address).await?;
    Ok((StatusCode::CREATED, Json(started_answer(&app, started).await?)))
}

/// Exchange a refresh token for a new pair of tokens.
///
/// The access token that was handed out before goes on to hold until it expires.
#[utoipa::path(
    post, path = "/api/v1/session/refresh", tag = "session", operation_id = "session_refresh", request_body = RefreshRequest, security(()),
    responses(
        (status = 200, body = SessionAnswer),
        (status = 401, description = "The token is unknown, expired, or was used before; in the last case the session ends"),
    )
)]
async fn refresh(
    State(app): State<AppState>,
    Json(request): Json<RefreshRequest>,
) -> Result<Json<SessionAnswer>, Problem> {
    let token = RefreshToken::parse(&request.refresh_token).ok_or(RefreshError::Refused)?;
    let (session, next) = identity::refresh(&app.identity, &token).await?;
    Ok(Json(answer(&app, &session, next).await?))
}

/// Sign out.
#[utoipa::path(
    delete, path = "/api/v1/session", tag = "session", operation_id = "session_end",
    responses((status = 204), (status = 401, description = "Not signed in"))
)]
async fn sign_out(State(app): State<AppState>, caller: SignedIn) -> Result<StatusCode, Problem> {
    identity::sign_out(&app.identity, &caller.session.hash).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Sign up: make an account and its workspace, and sign in.
#[utoipa::path(
    post, path = "/api/v1/signup", tag = "session", operation_id = "session_sign_up", request_body = SignUpRequest, security(()),
    responses(
        (status = 201, body = SessionAnswer),
        (status = 403, description = "This installation is not open to strangers"),
        (status = 409, description = "The slug is taken"),
        (status = 422, description = "The input is not right, or the account could not be made"),
        (status = 429, description = "Too many attempts"),
    )
)]
async fn sign_up(
    State(app): State<AppState>,
    ClientAddress(address): ClientAddress,
    Json(request): Json<SignUpRequest>,
) -> Result<(StatusCode, Json<SessionAnswer>), Problem> {
    if !app.settings.open_sign_up {
        let closed = Problem::new(ProblemType::Forbidden);
        return Err(closed.with_detail("This installation is not open for sign-up. Ask to be invited."));
    }
    let SignUpRequest { name, email, password, company, slug } = request;
    let request = SignUp { name, email, password, company, slug };
    let started = tenancy::sign_up(&app.identity, &request, SessionKind::Api, address).await?;
    Ok((StatusCode::CREATED, Json(started_answer(&app, started).await?)))
}

async fn started_answer(app: &AppState, started: Started) -> Result<SessionAnswer, Problem> {
    let session = identity::session(&app.identity, &started.token.hash(), true).await?;
    match (session, started.refresh) {
        (Some(session), Some(refresh)) => answer(app, &session, refresh).await,
        _ => Err(Problem::new(ProblemType::Unauthenticated)),
    }
}

async fn answer(app: &AppState, session: &Session, refresh: RefreshToken) -> Result<SessionAnswer, Problem> {
    let access_token = app.identity.keys.sign(session, app.clock.now()).map_err(Problem::internal)?;
    Ok(SessionAnswer {
        access_token,
        token_type: "Bearer",
        expires_in: ACCESS_TOKEN_SECONDS,
        refresh_token: refresh.text(),
        user: UserAnswer::of(session),
        workspace: session.tenant.as_ref().map(|tenant| tenant.slug.clone()),
        workspaces: workspaces(app, session).await?,
    })
}

impl UserAnswer {
    pub(super) fn of(session: &Session) -> Self {
        let user = &session.user;
        Self {
            id: user.id.0,
            name: user.name.clone(),
            email: user.email.clone(),
            platform_admin: user.platform_admin,
        }
    }
}

/// The workspaces of a session's person.
pub(super) async fn workspaces(app: &AppState, session: &Session) -> Result<Vec<WorkspaceAnswer>, Problem> {
    let workspaces = identity::workspaces_of(&app.identity, session.user.id).await?;
    let workspace = |workspace: identity::UserWorkspace| WorkspaceAnswer {
        slug: workspace.slug,
        name: workspace.name,
        role: workspace.role,
        is_owner: workspace.is_owner,
    };
    Ok(workspaces.into_iter().map(workspace).collect())
}
