//! Views that people save of a module.

use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde::{Deserialize, Deserializer};
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::comments::IdPath;
use super::etag;
use super::path::{ModulePath, module};
use crate::http::{AppState, Caller, Fault, Json, Path, Problem, ProblemType};
use crate::id::ViewId;
use crate::saved_view::{self, NewView, SavedView, Visibility};
use crate::work::Intent;

/// The resource's routes.
pub fn routes() -> OpenApiRouter<AppState> {
    OpenApiRouter::new().routes(routes!(save)).routes(routes!(get, update, delete))
}

/// A new view, or a change of one: what is not named stays as it is, null empties it.
#[derive(Debug, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields, default)]
pub struct ViewInput {
    /// What people read.
    label: Option<String>,
    /// `private`, `role` or `everyone`
    visibility: Option<String>,
    /// The key of the role that sees it, where `visibility` is `role`.
    #[serde(deserialize_with = "given")]
    #[schema(value_type = Option<String>)]
    role: Option<Option<String>>,
    /// The key of the role whose list opens with it.
    #[serde(deserialize_with = "given")]
    #[schema(value_type = Option<String>)]
    default_for: Option<Option<String>>,
    /// Field keys in order.
    columns: Option<Vec<String>>,
    /// A condition in the expression language.
    #[serde(deserialize_with = "given")]
    #[schema(value_type = Option<String>)]
    filter: Option<Option<String>>,
    /// Field keys, `-` in front for descending.
    sort: Option<Vec<String>>,
    /// What records are grouped by, as `group_by` of an aggregate says it: `stage`, `close_date:month`.
    #[serde(deserialize_with = "given")]
    #[schema(value_type = Option<String>)]
    group_by: Option<Option<String>>,
}

/// Tells null from absent.
fn given<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Option<String>>, D::Error> {
    Option::deserialize(deserializer).map(Some)
}

impl ViewInput {
    fn visibility(&self) -> Result<Option<Visibility>, Problem> {
        let refused = || {
            let fault = Fault::at("/visibility", "option", "Choose private, role or everyone.");
            Problem::invalid(ProblemType::InvalidDefinition, vec![fault])
        };
        self.visibility.as_deref().map(|word| Visibility::named(word).ok_or_else(refused)).transpose()
    }

    fn change(self, visibility: Option<Visibility>, view: &mut NewView) {
        let shown = &mut view.shown;
        shown.columns = self.columns.unwrap_or_else(|| std::mem::take(&mut shown.columns));
        shown.filter = self.filter.unwrap_or_else(|| shown.filter.take());
        shown.sort = self.sort.unwrap_or_else(|| std::mem::take(&mut shown.sort));
        shown.group_by = self.group_by.unwrap_or_else(|| shown.group_by.take());
        view.label = self.label.unwrap_or_else(|| std::mem::take(&mut view.label));
        view.visibility = visibility.unwrap_or(view.visibility);
        view.role = self.role.unwrap_or_else(|| view.role.take());
        view.default_for = self.default_for.unwrap_or_else(|| view.default_for.take());
    }
}

impl From<saved_view::Error> for Problem {
    fn from(error: saved_view::Error) -> Self {
        match error {
            saved_view::Error::NotFound => Self::not_found(),
            saved_view::Error::Forbidden(forbidden) => forbidden.into(),
            saved_view::Error::Invalid(faults) => {
                let faults = faults.into_iter().map(|f| Fault::at(f.pointer, f.code, f.message));
                Self::invalid(ProblemType::InvalidDefinition, faults.collect())
            }
            saved_view::Error::Stale { current } => Self::stale(current),
            saved_view::Error::Database(error) => error.into(),
        }
    }
}

/// Saves a view of a module. To share it takes the capability `manage_schema`.
#[utoipa::path(post, path = "/api/v1/modules/{module}/views", tag = "views", operation_id = "views_save",
    params(ModulePath), request_body = ViewInput, responses((status = 201, description = "The view, with its version in ETag")))]
async fn save(
    caller: Caller,
    Path(path): Path<ModulePath>,
    Json(input): Json<ViewInput>,
) -> Result<Response, Problem> {
    let work = caller.begin(Intent::Write).await?;
    let module = module(&work, &path.module)?;
    let visibility = input.visibility()?;
    let mut new = NewView::default();
    input.change(visibility, &mut new);
    let saved = saved_view::create(&work, &module, new).await?;
    work.commit().await?;
    Ok((StatusCode::CREATED, with_etag(saved)).into_response())
}

/// Gets a view that the caller may use, with what of it no longer fits its module.
#[utoipa::path(get, path = "/api/v1/views/{id}", tag = "views", operation_id = "views_get", params(IdPath),
    responses((status = 200, description = "The view, with its version in ETag")))]
async fn get(caller: Caller, Path(path): Path<IdPath>) -> Result<Response, Problem> {
    let work = caller.begin(Intent::Read).await?;
    Ok(with_etag(saved_view::get(&work, ViewId(path.id)).await?))
}

/// Changes a view. `If-Match` with its version is required.
#[utoipa::path(patch, path = "/api/v1/views/{id}", tag = "views", operation_id = "views_update", params(IdPath),
    request_body(content = ViewInput, content_type = "application/merge-patch+json"),
    responses((status = 200, description = "The view as it is now")))]
async fn update(
    caller: Caller,
    Path(path): Path<IdPath>,
    headers: HeaderMap,
    Json(input): Json<ViewInput>,
) -> Result<Response, Problem> {
    let expected = etag::required(&headers)?;
    let visibility = input.visibility()?;
    let work = caller.begin(Intent::Write).await?;
    let id = ViewId(path.id);
    let updated = saved_view::update(&work, id, expected, |view| input.change(visibility, view)).await?;
    work.commit().await?;
    Ok(with_etag(updated))
}

/// Deletes a view. `If-Match` with its version is required.
#[utoipa::path(delete, path = "/api/v1/views/{id}", tag = "views", operation_id = "views_delete", params(IdPath),
    responses((status = 204, description = "It is gone")))]
async fn delete(caller: Caller, Path(path): Path<IdPath>, headers: HeaderMap) -> Result<StatusCode, Problem> {
    let expected = etag::required(&headers)?;
    let work = caller.begin(Intent::Write).await?;
    saved_view::delete(&work, ViewId(path.id), expected).await?;
    work.commit().await?;
    Ok(StatusCode::NO_CONTENT)
}

fn with_etag(view: SavedView) -> Response {
    ([(header::ETAG, etag::of(view.version))], Json(view)).into_response()
}
