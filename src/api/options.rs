//! What can be chosen: option sets of the workspace, and the options of single fields.

use axum::http::StatusCode;
use serde::Deserialize;
use serde_json::{Value, json};
use utoipa::IntoParams;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::modules::FieldFace;
use super::path::module;
use crate::customize;
use crate::field::{ChoiceOption, OptionSet, definition::is_key};
use crate::http::{AppState, Caller, Fault, Json, Path, Problem, ProblemType};
use crate::work::Intent;

/// The resource's routes.
pub fn routes() -> OpenApiRouter<AppState> {
    OpenApiRouter::new().routes(routes!(list, add)).routes(routes!(get, change)).routes(routes!(change_field))
}

/// `…/{set}`
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Path)]
struct SetPath {
    /// The option set's key.
    set: String,
}

/// `…/{module}/fields/{field}`
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Path)]
pub(super) struct FieldPath {
    /// The module's key.
    pub(super) module: String,
    /// The field's key.
    pub(super) field: String,
}

/// What changes of a set; what is not given stays.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct SetChange {
    label: Option<String>,
    options: Option<Vec<ChoiceOption>>,
}

/// The options of a field.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Options {
    options: Vec<ChoiceOption>,
}

/// Lists the option sets.
#[utoipa::path(get, path = "/api/v1/option-sets", tag = "modules", operation_id = "option_sets_list",
    responses((status = 200, description = "Option sets by key")))]
async fn list(caller: Caller) -> Result<Json<Value>, Problem> {
    let work = caller.begin(Intent::Read).await?;
    let sets: Vec<&OptionSet> = work.schema.option_sets().values().collect();
    Ok(Json(json!({"data": sets})))
}

/// Gets an option set.
#[utoipa::path(get, path = "/api/v1/option-sets/{set}", tag = "modules", operation_id = "option_sets_get", params(SetPath),
    responses((status = 200, description = "The set with its options in their order")))]
async fn get(caller: Caller, Path(path): Path<SetPath>) -> Result<Json<OptionSet>, Problem> {
    let work = caller.begin(Intent::Read).await?;
    work.schema.option_sets().get(&path.set).cloned().map(Json).ok_or_else(Problem::not_found)
}

/// Adds an option set, which fields then name as their `option_set`.
#[utoipa::path(post, path = "/api/v1/option-sets", tag = "modules", operation_id = "option_sets_add",
    request_body(content = Object, description = "key, label and options"),
    responses((status = 201, description = "The set")))]
async fn add(caller: Caller, Json(set): Json<OptionSet>) -> Result<(StatusCode, Json<OptionSet>), Problem> {
    let work = caller.begin(Intent::ChangeSchema).await?;
    sound(&set)?;
    customize::add_option_set(&work, &set).await?;
    work.commit().await?;
    Ok((StatusCode::CREATED, Json(set)))
}

/// Changes a set: its label, or all of its options in their new order. Options that were there stay; `active: false`
/// retires one.
#[utoipa::path(patch, path = "/api/v1/option-sets/{set}", tag = "modules", operation_id = "option_sets_change", params(SetPath),
    request_body(content = Object, description = "label, options or both; options are given whole"),
    responses((status = 200, description = "The set as it is now")))]
async fn change(
    caller: Caller,
    Path(path): Path<SetPath>,
    Json(change): Json<SetChange>,
) -> Result<Json<OptionSet>, Problem> {
    let work = caller.begin(Intent::ChangeSchema).await?;
    let old = work.schema.option_sets().get(&path.set).cloned().ok_or_else(Problem::not_found)?;
    let new = OptionSet {
        key: old.key.clone(),
        label: change.label.unwrap_or_else(|| old.label.clone()),
        options: change.options.unwrap_or_else(|| old.options.clone()),
    };
    sound(&new)?;
    customize::change_option_set(&work, &old, &new).await?;
    work.commit().await?;
    Ok(Json(new))
}

/// Changes the options of a field that has its own: all of them, in their new order. Options that were there stay;
/// `active: false` retires one.
#[utoipa::path(patch, path = "/api/v1/modules/{module}/fields/{field}/options", tag = "modules",
    operation_id = "fields_change_options", params(FieldPath),
    request_body(content = Object, description = "options, given whole"),
    responses((status = 200, description = "The field as it is now")))]
async fn change_field(
    caller: Caller,
    Path(path): Path<FieldPath>,
    Json(change): Json<Options>,
) -> Result<Json<FieldFace>, Problem> {
    let work = caller.begin(Intent::ChangeSchema).await?;
    let module = module(&work, &path.module)?;
    let stored = module.field(&path.field).ok_or_else(Problem::not_found)?;
    let changed = customize::change_options(&work, &module, stored, change.options).await?;
    work.commit().await?;
    Ok(Json(FieldFace::of(&changed)))
}

fn sound(set: &OptionSet) -> Result<(), Problem> {
    let mut faults = Vec::new();
    if !is_key(&set.key) {
        let message = "must be a key: a lower-case letter, then up to 47 letters, digits or _";
        faults.push(Fault::at("/key", "definition", message));
    }
    if set.label.trim().is_empty() || set.label.chars().count() > 100 {
        faults.push(Fault::at("/label", "definition", "must have 1 to 100 characters"));
    }
    if faults.is_empty() { Ok(()) } else { Err(Problem::invalid(ProblemType::InvalidDefinition, faults)) }
}
