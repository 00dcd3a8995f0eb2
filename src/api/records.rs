//! Records of any module: list, get, create, change, trash, restore, history.

use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;
use uuid::Uuid;

use super::etag;
use super::path::{ModulePath, RecordPath, RelatedPath, given, module};
use crate::http::{AppState, Caller, Json, Path, Problem, Query};
use crate::id::{RecordId, UserId};
use crate::record::{
    self, HistoryEntry, Input, ListQuery, Page, Patch, PriceEntry, RawListQuery, Record, Shape,
};
use crate::work::Intent;

/// The resource's routes.
pub fn routes() -> OpenApiRouter<AppState> {
    OpenApiRouter::new()
        .routes(routes!(list, create))
        .routes(routes!(get, update, delete))
        .routes(routes!(restore))
        .routes(routes!(history))
        .routes(routes!(related))
        .routes(routes!(prices))
}

/// Query parameters of a list.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct ListParams {
    /// A condition in the expression language, such as `status == "open" and amount > 1000`.
    filter: Option<String>,
    /// Words to find.
    q: Option<String>,
    /// Up to three fields, `-` in front for descending: `-amount,name`.
    sort: Option<String>,
    /// The key of a view, whose filter holds as well, and whose sort where none is given.
    view: Option<String>,
    /// 1 to 100 records; 25 where nothing is said.
    limit: Option<String>,
    /// `next` or `previous` of an earlier answer.
    cursor: Option<String>,
    /// `exact`, `capped` (up to 10,000; the default) or `none`.
    count: Option<String>,
    /// Records of the trash instead.
    #[serde(default)]
    trash: bool,
    /// Only these fields in `data`: `name,amount`.
    fields: Option<String>,
    /// Related records that are embedded whole, as `record` beside their id, over at most two relations:
    /// `organization,contact.organization`.
    expand: Option<String>,
}

/// Query parameters of one record.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct RecordParams {
    /// Only these fields in `data`: `name,amount`.
    fields: Option<String>,
    /// Related records that are embedded whole, as `record` beside their id, over at most two relations:
    /// `organization,contact.organization`.
    expand: Option<String>,
}

impl From<ListParams> for RawListQuery {
    fn from(params: ListParams) -> Self {
        Self {
            filter: params.filter,
            q: params.q,
            sort: params.sort,
            view: params.view,
            limit: params.limit,
            cursor: params.cursor,
            count: params.count,
            trash: params.trash,
            fields: params.fields,
            expand: params.expand,
        }
    }
}

/// A new record, or a change of one (JSON Merge Patch, RFC 7396).
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct RecordInput {
    /// Values by field key; in a change, null empties a field and what is not named stays.
    #[serde(default)]
    #[schema(value_type = Object)]
    data: Map<String, Value>,
    /// A member's id; null in a change leaves the record without an owner.
    #[serde(default, deserialize_with = "given")]
    #[schema(value_type = Option<Uuid>)]
    owner: Option<Option<UserId>>,
    /// The key of a pipeline; the present one, else the default one, where it is missing.
    #[serde(default)]
    pipeline: Option<String>,
    /// The key of a stage of the pipeline; a new record starts in the first where it is missing.
    #[serde(default)]
    stage: Option<String>,
    /// Why the record moves there: the key of one of the pipeline's lost reasons, or a note.
    #[serde(default)]
    reason: Option<String>,
}

/// Query parameters of a new record.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct CreateParams {
    /// Whether it may resemble other records, where the module's rules only warn of that.
    #[serde(default)]
    allow_duplicate: bool,
}

/// History of a record.
#[derive(Debug, Serialize)]
pub struct HistoryPage {
    data: Vec<HistoryEntry>,
    next: Option<Uuid>,
}

/// What a product has cost.
#[derive(Debug, Serialize)]
pub struct PricesAnswer {
    data: Vec<PriceEntry>,
}

/// Query parameters of a history.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct HistoryParams {
    /// `next` of an earlier answer.
    cursor: Option<Uuid>,
}

/// Lists records of a module, newest first where no sort is given.
#[utoipa::path(get, path = "/api/v1/records/{module}", tag = "records", operation_id = "records_list",
    params(ModulePath, ListParams), responses((status = 200, description = "A page of records")))]
async fn list(
    caller: Caller,
    Path(path): Path<ModulePath>,
    Query(params): Query<ListParams>,
) -> Result<Response, Problem> {
    let work = caller.begin(Intent::Read).await?;
    let module = module(&work, &path.module)?;
    let query =
        ListQuery::parse(&work, &module, &params.into(), caller.keys()).map_err(record::Error::from)?;
    let page = record::list(&work, &module, &query, Some(caller.keys())).await?;
    Ok(answer(page))
}

/// Lists the records that a relation of a record names (`guests`), or those of another module that point to it
/// (`deals.organization`), as far as the caller may read them.
#[utoipa::path(get, path = "/api/v1/records/{module}/{id}/related/{relation}", tag = "records",
    operation_id = "records_related", params(RelatedPath, ListParams),
    responses((status = 200, description = "A page of records")))]
async fn related(
    caller: Caller,
    Path(path): Path<RelatedPath>,
    Query(params): Query<ListParams>,
) -> Result<Response, Problem> {
    let work = caller.begin(Intent::Read).await?;
    let module = module(&work, &path.module)?;
    let (listed, related) = record::related(&work, &module, RecordId(path.id), &path.relation).await?;
    let mut query =
        ListQuery::parse(&work, &listed, &params.into(), caller.keys()).map_err(record::Error::from)?;
    query.related = Some(related);
    let page = record::list(&work, &listed, &query, Some(caller.keys())).await?;
    Ok(answer(page))
}

fn answer(page: Page) -> Response {
    let links = link_header(&page);
    let mut response = Json(page).into_response();
    if let Some(links) = links {
        response.headers_mut().insert(header::LINK, links);
    }
    response
}

/// `Link` (RFC 8288) to the pages around; the cursor is complete in itself.
fn link_header(page: &Page) -> Option<HeaderValue> {
    let link =
        |cursor: &Option<String>, rel: &str| Some(format!("<?cursor={}>; rel=\"{rel}\"", cursor.as_ref()?));
    let links: Vec<String> =
        [link(&page.next, "next"), link(&page.previous, "prev")].into_iter().flatten().collect();
    HeaderValue::from_str(&links.join(", ")).ok().filter(|_| !links.is_empty())
}

/// Creates a record.
#[utoipa::path(post, path = "/api/v1/records/{module}", tag = "records", operation_id = "records_create", params(ModulePath, CreateParams),
    request_body = RecordInput, responses((status = 201, description = "The record, with its address in Location")))]
async fn create(
    caller: Caller,
    Path(path): Path<ModulePath>,
    Query(params): Query<CreateParams>,
    Json(input): Json<RecordInput>,
) -> Result<Response, Problem> {
    let work = caller.begin(Intent::Write).await?;
    let module = module(&work, &path.module)?;
    let RecordInput { data, owner, pipeline, stage, reason } = input;
    let allow_duplicates = params.allow_duplicate;
    let input = Input { data, owner: owner.flatten(), pipeline, stage, reason, allow_duplicates };
    let record = record::create(&work, &module, input).await?;
    let location = format!("{}/api/v1/records/{}/{}", caller.base(), record.module, record.id);
    work.commit().await?;
    Ok((StatusCode::CREATED, [(header::LOCATION, location)], with_etag(record)).into_response())
}

/// Gets one record, also from the trash.
#[utoipa::path(get, path = "/api/v1/records/{module}/{id}", tag = "records", operation_id = "records_get", params(RecordPath, RecordParams),
    responses((status = 200, description = "The record, with its version in ETag"), (status = 304, description = "Unchanged")))]
async fn get(
    caller: Caller,
    Path(path): Path<RecordPath>,
    Query(params): Query<RecordParams>,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let work = caller.begin(Intent::Read).await?;
    let module = module(&work, &path.module)?;
    let shape = Shape::parse(&work, &module, params.fields.as_deref(), params.expand.as_deref())
        .map_err(record::Error::from)?;
    let mut record = record::get(&work, &module, RecordId(path.id)).await?;
    shape.apply(&work, std::slice::from_mut(&mut record)).await?;
    // Values that follow from other records, and other records themselves, change without a new version.
    let follows = work.schema.plans.follows_others(module.number) || shape.shows_others();
    match !follows && etag::is_unchanged(&headers, record.version) {
        true => Ok((StatusCode::NOT_MODIFIED, [(header::ETAG, etag::of(record.version))]).into_response()),
        false => Ok(with_etag(record)),
    }
}

/// Changes a record. `If-Match` with its version is required.
#[utoipa::path(patch, path = "/api/v1/records/{module}/{id}", tag = "records", operation_id = "records_update", params(RecordPath),
    request_body(content = RecordInput, content_type = "application/merge-patch+json"),
    responses((status = 200, description = "The record as it is now")))]
async fn update(
    caller: Caller,
    Path(path): Path<RecordPath>,
    headers: HeaderMap,
    Json(input): Json<RecordInput>,
) -> Result<Response, Problem> {
    let expected = etag::required(&headers)?;
    let work = caller.begin(Intent::Write).await?;
    let module = module(&work, &path.module)?;
    let RecordInput { data, owner, pipeline, stage, reason } = input;
    let patch = Patch { data, owner, pipeline, stage, reason };
    let record = record::update(&work, &module, RecordId(path.id), expected, patch).await?;
    work.commit().await?;
    Ok(with_etag(record))
}

/// Moves a record to the trash. `If-Match` with its version is required.
#[utoipa::path(delete, path = "/api/v1/records/{module}/{id}", tag = "records", operation_id = "records_delete", params(RecordPath),
    responses((status = 204, description = "It is in the trash")))]
async fn delete(
    caller: Caller,
    Path(path): Path<RecordPath>,
    headers: HeaderMap,
) -> Result<StatusCode, Problem> {
    let expected = etag::required(&headers)?;
    let work = caller.begin(Intent::Write).await?;
    let module = module(&work, &path.module)?;
    record::delete(&work, &module, RecordId(path.id), expected).await?;
    work.commit().await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Brings a record back from the trash.
#[utoipa::path(post, path = "/api/v1/records/{module}/{id}/restore", tag = "records", operation_id = "records_restore", params(RecordPath),
    responses((status = 200, description = "The record as it is now")))]
async fn restore(caller: Caller, Path(path): Path<RecordPath>) -> Result<Response, Problem> {
    let work = caller.begin(Intent::Write).await?;
    let module = module(&work, &path.module)?;
    let record = record::restore(&work, &module, RecordId(path.id)).await?;
    work.commit().await?;
    Ok(with_etag(record))
}

/// What happened to a record, newest first.
#[utoipa::path(get, path = "/api/v1/records/{module}/{id}/history", tag = "records", operation_id = "records_history",
    params(RecordPath, HistoryParams), responses((status = 200, description = "Entries and where to go on")))]
async fn history(
    caller: Caller,
    Path(path): Path<RecordPath>,
    Query(params): Query<HistoryParams>,
) -> Result<Json<HistoryPage>, Problem> {
    let work = caller.begin(Intent::Read).await?;
    let module = module(&work, &path.module)?;
    let (data, next) = record::history(&work, &module, RecordId(path.id), params.cursor).await?;
    Ok(Json(HistoryPage { data, next }))
}

/// What a product has cost over time, the newest first. Modules without products have no such thing.
#[utoipa::path(get, path = "/api/v1/records/{module}/{id}/prices", tag = "records", operation_id = "records_prices",
    params(RecordPath), responses((status = 200, description = "Prices and costs, each with the moment from which it held")))]
async fn prices(caller: Caller, Path(path): Path<RecordPath>) -> Result<Json<PricesAnswer>, Problem> {
    let work = caller.begin(Intent::Read).await?;
    let module = module(&work, &path.module)?;
    Ok(Json(PricesAnswer { data: record::prices(&work, &module, RecordId(path.id)).await? }))
}

fn with_etag(record: Record) -> Response {
    ([(header::ETAG, etag::of(record.version))], Json(record)).into_response()
}
