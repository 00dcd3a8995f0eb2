//! Modules of a workspace, with their fields, layouts and views.

use axum::http::StatusCode;
use serde::Serialize;
use serde_json::{Value, json};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::path::{ModulePath, module};
use crate::access::{Actor, Capability, Verb};
use crate::customize;
use crate::field::Field;
use crate::http::{AppState, Caller, Json, Path, Problem, ProblemType};
use crate::pipeline::PipelineDefinition;
use crate::saved_view;
use crate::schema::definition::ModuleDefinition;
use crate::schema::{Module, StoredField};
use crate::work::Intent;

/// The resource's routes.
pub fn routes() -> OpenApiRouter<AppState> {
    OpenApiRouter::new()
        .routes(routes!(list))
        .routes(routes!(get))
        .routes(routes!(fields, add_field))
        .routes(routes!(views))
        .routes(routes!(layouts))
}

/// A module as clients see it.
#[derive(Debug, Serialize)]
pub struct ModuleFace {
    #[serde(flatten)]
    definition: ModuleDefinition,
    origin: &'static str,
    fields: Vec<FieldFace>,
    /// The default one first.
    pipelines: Vec<PipelineDefinition>,
    /// On which records the caller may do what.
    can: Value,
}

/// A field as clients see it.
#[derive(Debug, Serialize)]
pub struct FieldFace {
    id: crate::id::FieldId,
    origin: &'static str,
    /// Whether sorting and filtering by it stay fast in large modules.
    indexed: bool,
    /// Whether a job is about to make it so.
    indexing: bool,
    #[serde(flatten)]
    field: Field,
}

impl FieldFace {
    /// The field with its place.
    pub fn of(stored: &StoredField) -> Self {
        Self {
            id: stored.id,
            origin: stored.origin.word(),
            indexed: stored.slot.is_some(),
            indexing: stored.building.is_some(),
            field: stored.field.clone(),
        }
    }
}

impl ModuleFace {
    /// The module with the actor's rights.
    pub fn of(module: &Module, actor: &Actor) -> Self {
        let scopes = Verb::ALL.map(|verb| (verb.word().to_owned(), json!(actor.scope(module.key(), verb))));
        Self {
            definition: module.definition.clone(),
            origin: module.origin.word(),
            fields: module.fields.iter().map(FieldFace::of).collect(),
            pipelines: told_pipelines(module, actor),
            can: Value::Object(scopes.into_iter().collect()),
        }
    }

    /// Those modules that the caller may read, in the order of the sidebar.
    pub fn readable(work: &crate::work::Work) -> Vec<Self> {
        let readable = work
            .schema
            .modules()
            .filter(|module| work.actor.scope(module.key(), Verb::Read) != crate::access::Scope::None);
        readable.map(|module| Self::of(module, &work.actor)).collect()
    }
}

/// The pipelines of a module: whole for who may change them, else without what is kept from the role.
pub(super) fn told_pipelines(module: &Module, actor: &Actor) -> Vec<PipelineDefinition> {
    match actor.can(Capability::ManageSchema) {
        true => module.pipelines.clone(),
        false => module.shown_pipelines(),
    }
}

/// Lists the modules that the caller may read.
#[utoipa::path(get, path = "/api/v1/modules", tag = "modules", operation_id = "modules_list",
    responses((status = 200, description = "Modules with fields, pipelines and the caller's rights")))]
async fn list(caller: Caller) -> Result<Json<Value>, Problem> {
    let work = caller.begin(Intent::Read).await?;
    Ok(Json(json!({"data": ModuleFace::readable(&work)})))
}

/// Gets one module.
#[utoipa::path(get, path = "/api/v1/modules/{module}", tag = "modules", operation_id = "modules_get", params(ModulePath),
    responses((status = 200, description = "The module with fields, pipelines and the caller's rights")))]
async fn get(caller: Caller, Path(path): Path<ModulePath>) -> Result<Json<ModuleFace>, Problem> {
    let work = caller.begin(Intent::Read).await?;
    Ok(Json(ModuleFace::of(&*module(&work, &path.module)?, &work.actor)))
}

/// Lists the fields of a module.
#[utoipa::path(get, path = "/api/v1/modules/{module}/fields", tag = "modules", operation_id = "fields_list", params(ModulePath),
    responses((status = 200, description = "Field definitions in the order of the form")))]
async fn fields(caller: Caller, Path(path): Path<ModulePath>) -> Result<Json<Value>, Problem> {
    let work = caller.begin(Intent::Read).await?;
    let module = module(&work, &path.module)?;
    let fields: Vec<FieldFace> = module.fields.iter().map(FieldFace::of).collect();
    Ok(Json(json!({"data": fields})))
}

/// Adds a field. It is at once in forms, lists, filters, sorts, this API and its description.
#[utoipa::path(post, path = "/api/v1/modules/{module}/fields", tag = "modules", operation_id = "fields_add", params(ModulePath),
    request_body(content = Object, description = "A field definition: key, label, type and the type's options"),
    responses((status = 201, description = "The field")))]
async fn add_field(
    caller: Caller,
    Path(path): Path<ModulePath>,
    Json(definition): Json<Value>,
) -> Result<(StatusCode, Json<FieldFace>), Problem> {
    let work = caller.begin(Intent::ChangeSchema).await?;
    let module = module(&work, &path.module)?;
    let field = Field::from_json(&definition).map_err(|faults| {
        let fault = |fault: crate::field::FieldError| {
            crate::http::Fault::at(fault.pointer, "definition", fault.message)
        };
        Problem::invalid(ProblemType::InvalidDefinition, faults.into_iter().map(fault).collect())
    })?;
    let stored = customize::add_listed_field(&work, &module, field).await?;
    work.commit().await?;
    Ok((StatusCode::CREATED, Json(FieldFace::of(&stored))))
}

/// Lists the views of a module.
#[utoipa::path(get, path = "/api/v1/modules/{module}/views", tag = "modules", operation_id = "views_list", params(ModulePath),
    responses((status = 200, description = "Declared views, the first the default list, and saved ones that the caller may use")))]
async fn views(caller: Caller, Path(path): Path<ModulePath>) -> Result<Json<Value>, Problem> {
    let work = caller.begin(Intent::Read).await?;
    let module = module(&work, &path.module)?;
    let saved = saved_view::list(&work, &module).await?;
    Ok(Json(json!({"data": module.definition.views, "saved": saved})))
}

/// Lists the layouts of a module.
#[utoipa::path(get, path = "/api/v1/modules/{module}/layouts", tag = "modules", operation_id = "layouts_list", params(ModulePath),
    responses((status = 200, description = "Layouts of forms and record pages")))]
async fn layouts(caller: Caller, Path(path): Path<ModulePath>) -> Result<Json<Value>, Problem> {
    let work = caller.begin(Intent::Read).await?;
    Ok(Json(json!({"data": module(&work, &path.module)?.definition.layouts})))
}
