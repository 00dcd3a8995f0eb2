//! The API's description (OpenAPI 3.1) for one workspace: the fixed part from the code, the rest from the modules that
//! the caller may read, so that generated clients are typed for this very workspace.

use std::sync::LazyLock;

use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::{Map, Value, json};
use sha2::{Digest, Sha256};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::access::{Scope, Verb};
use crate::field::FieldKind;
use crate::http::{AppState, Caller, Problem};
use crate::limits;
use crate::schema::{Module, StoredField, validator};
use crate::work::{Intent, Work};

/// The resource's routes.
pub fn routes() -> OpenApiRouter<AppState> {
    OpenApiRouter::new().routes(routes!(document))
}

static FIXED: LazyLock<Value> = LazyLock::new(|| {
    let mut api = super::tenant_routes().into_openapi();
    api.info.title = "Trellis".into();
    api.info.version = env!("CARGO_PKG_VERSION").into();
    api.info.description = Some("One workspace's CRM, typed by its own modules.".into());
    api.info.license = None;
    serde_json::to_value(api).unwrap_or_default()
});

/// This document.
#[utoipa::path(get, path = "/api/v1/openapi.json", tag = "workspace", operation_id = "workspace_openapi",
    responses((status = 200, description = "OpenAPI 3.1, with a schema per module")))]
async fn document(caller: Caller, headers: HeaderMap) -> Result<Response, Problem> {
    let work = caller.begin(Intent::Read).await?;
    let document = describe(&work, caller.base()).to_string();
    // The document changes with the schema and with the caller's role, so the tag is that of its content.
    let tag = format!("\"{}\"", URL_SAFE_NO_PAD.encode(Sha256::digest(&document)));
    if headers.get(header::IF_NONE_MATCH).is_some_and(|given| given.as_bytes() == tag.as_bytes()) {
        return Ok((StatusCode::NOT_MODIFIED, [(header::ETAG, tag)]).into_response());
    }
    let json = "application/json".to_owned();
    Ok(([(header::ETAG, tag), (header::CONTENT_TYPE, json)], document).into_response())
}

/// The whole document, as the actor may know it.
pub fn describe(work: &Work, base: &str) -> Value {
    let mut document = FIXED.clone();
    document["servers"] = json!([{"url": if base.is_empty() { "/" } else { base }}]);
    let mut schemas = Map::new();
    let mut paths = Map::new();
    for module in
        work.schema.modules().filter(|module| work.actor.scope(module.key(), Verb::Read) != Scope::None)
    {
        let name = type_name(module.key());
        schemas.insert(name.clone(), record_schema(module));
        schemas.insert(format!("{name}Input"), input_schema(module));
        paths.insert(format!("/api/v1/records/{}", module.key()), collection(module, &name));
        paths.insert(format!("/api/v1/records/{}/{{id}}", module.key()), item(module, &name));
    }
    schemas.insert("Problem".into(), problem_schema());
    idempotent(&mut document["paths"]);
    paths.values_mut().for_each(idempotent_item);
    merge(&mut document["components"]["schemas"], schemas);
    merge(&mut document["paths"], paths);
    document["components"]["securitySchemes"] = json!({"bearer": {"type": "http", "scheme": "bearer"}});
    document["security"] = json!([{"bearer": []}]);
    document
}

/// Every operation that writes takes an Idempotency-Key: one layer sees to it.
fn idempotent(paths: &mut Value) {
    paths.as_object_mut().into_iter().flat_map(Map::values_mut).for_each(idempotent_item);
}

fn idempotent_item(item: &mut Value) {
    let key = json!({"name": "Idempotency-Key", "in": "header", "schema": {"type": "string", "maxLength": limits::IDEMPOTENCY_KEY_CHARS},
        "description": "The same request with the same key gets the first answer again, for 24 hours."});
    for method in ["post", "patch", "delete"] {
        let Some(operation) = item.get_mut(method).and_then(Value::as_object_mut) else { continue };
        let parameters = operation.entry("parameters").or_insert_with(|| json!([]));
        parameters.as_array_mut().into_iter().for_each(|all| all.push(key.clone()));
    }
}

fn merge(target: &mut Value, entries: Map<String, Value>) {
    match target {
        Value::Object(map) => map.extend(entries),
        other => *other = Value::Object(entries),
    }
}

/// `metal_rates` becomes `MetalRates`.
fn type_name(key: &str) -> String {
    let capital =
        |word: &str| word.chars().take(1).flat_map(char::to_uppercase).chain(word.chars().skip(1)).collect();
    key.split('_').map(capital).collect::<Vec<String>>().concat()
}

/// A field's schema as records show it: relations and members are objects.
fn shown(stored: &StoredField) -> Value {
    let named = |name: &str| json!({"type": "object", "properties": {"id": {"type": "string", "format": "uuid"}, name: {"type": ["string", "null"]}}});
    let mut schema = match &stored.field.kind {
        FieldKind::Relation(_) => related_schema(stored),
        FieldKind::Relations(_) => json!({"type": "array", "items": related_schema(stored)}),
        FieldKind::Member(_) => named("name"),
        FieldKind::Members(_) => json!({"type": "array", "items": named("name")}),
        kind => kind.json_schema(),
    };
    schema["title"] = json!(stored.field.label);
    if let Some(help) = &stored.field.help {
        schema["description"] = json!(help);
    }
    schema
}

/// A related record: with its module where there are several, and whole where `expand` asks for it.
fn related_schema(stored: &StoredField) -> Value {
    let mut properties = json!({
        "id": {"type": "string", "format": "uuid"},
        "title": {"type": ["string", "null"]},
        "record": {"type": ["object", "null"], "description": "The record itself, where `expand` names the relation."},
    });
    if stored.link().is_some_and(|link| link.is_mixed()) {
        properties["module"] = json!({"type": ["string", "null"]});
    }
    json!({"type": "object", "properties": properties})
}

fn record_schema(module: &Module) -> Value {
    let data: Map<String, Value> =
        module.fields.iter().map(|stored| (stored.field.key.clone(), shown(stored))).collect();
    let person = json!({"type": ["object", "null"], "properties": {"id": {"type": "string", "format": "uuid"}, "name": {"type": ["string", "null"]}}});
    let instant = json!({"type": "string", "format": "date-time"});
    json!({
        "type": "object",
        "title": module.definition.label.one,
        "description": module.definition.summary,
        "properties": {
            "id": {"type": "string", "format": "uuid"},
            "module": {"const": module.key()},
            "title": {"type": "string"},
            "version": {"type": "integer"},
            "created_at": instant, "created_by": person,
            "updated_at": instant, "updated_by": person,
            "owner": person,
            "pipeline": pipeline_schema(module),
            "stage": stage_schema(module),
            "stage_entered_at": {"type": ["string", "null"], "format": "date-time"},
            "deleted_at": instant,
            "source": {"type": "string"},
            "data": {"type": "object", "properties": data, "additionalProperties": false},
            "can": {"type": "object", "properties": {"update": {"type": "boolean"}, "delete": {"type": "boolean"}}},
        },
        "required": ["id", "module", "title", "version", "created_at", "updated_at", "source", "data", "can"],
    })
}

fn stage_schema(module: &Module) -> Value {
    match module.pipelines.as_slice() {
        [] => json!({"type": "null"}),
        _ => json!({"enum": module.stage_keys()}),
    }
}

fn pipeline_schema(module: &Module) -> Value {
    match module.pipelines.as_slice() {
        [] => json!({"type": "null"}),
        pipelines => json!({"enum": pipelines.iter().map(|pipeline| &pipeline.key).collect::<Vec<_>>()}),
    }
}

fn input_schema(module: &Module) -> Value {
    let writable: Vec<StoredField> =
        module.fields.iter().filter(|stored| !stored.field.is_read_only()).cloned().collect();
    let mut data = validator::json_schema(&writable);
    if let Value::Object(data) = &mut data {
        data.remove("$schema");
    }
    json!({
        "type": "object",
        "properties": {
            "data": data,
            "owner": {"type": ["string", "null"], "format": "uuid"},
            "pipeline": pipeline_schema(module),
            "stage": stage_schema(module),
            "reason": {"type": ["string", "null"], "description": "Why the record moves: the key of a lost reason, or a note."},
        },
        "additionalProperties": false,
    })
}

fn problem_schema() -> Value {
    json!({
        "type": "object",
        "description": "RFC 9457",
        "properties": {
            "type": {"type": "string"}, "title": {"type": "string"}, "status": {"type": "integer"},
            "detail": {"type": "string"}, "instance": {"type": "string"},
            "errors": {"type": "array", "items": {"type": "object", "properties": {
                "pointer": {"type": "string"}, "code": {"type": "string"}, "message": {"type": "string"}}}},
        },
        "required": ["type", "title", "status"],
    })
}

fn reference(name: &str) -> Value {
    json!({"$ref": format!("#/components/schemas/{name}")})
}

fn content(schema: &Value) -> Value {
    json!({"application/json": {"schema": schema}})
}

fn failure() -> Value {
    json!({"description": "What is wrong", "content": {"application/problem+json": {"schema": reference("Problem")}}})
}

fn collection(module: &Module, name: &str) -> Value {
    let label = &module.definition.label;
    let parameters: Vec<Value> =
        ["filter", "q", "sort", "view", "limit", "cursor", "count", "fields", "expand"]
            .map(|key| json!({"name": key, "in": "query", "schema": {"type": "string"}}))
            .into();
    let page = json!({"type": "object", "properties": {
        "data": {"type": "array", "items": reference(name)},
        "next": {"type": ["string", "null"]}, "previous": {"type": ["string", "null"]},
        "count": {"type": "object", "properties": {"value": {"type": "integer"}, "exact": {"type": "boolean"}}}}});
    json!({
        "get": {"operationId": format!("list_{}", module.key()), "tags": [label.many], "summary": format!("List {}", label.many.to_lowercase()),
            "parameters": parameters,
            "responses": {"200": {"description": "A page", "content": content(&page)}, "default": failure()}},
        "post": {"operationId": format!("create_{}", module.key()), "tags": [label.many], "summary": format!("Create a {}", label.one.to_lowercase()),
            "requestBody": {"required": true, "content": content(&reference(&format!("{name}Input")))},
            "responses": {"201": {"description": "Created", "content": content(&reference(name))}, "default": failure()}},
    })
}

fn item(module: &Module, name: &str) -> Value {
    let label = &module.definition.label;
    let one = label.one.to_lowercase();
    let id =
        json!({"name": "id", "in": "path", "required": true, "schema": {"type": "string", "format": "uuid"}});
    let version = json!({"name": "If-Match", "in": "header", "required": true, "schema": {"type": "string"}, "example": "\"v7\""});
    let shape =
        ["fields", "expand"].map(|key| json!({"name": key, "in": "query", "schema": {"type": "string"}}));
    let answer = json!({"description": format!("The {one}"), "content": content(&reference(name))});
    json!({
        "parameters": [id],
        "get": {"operationId": format!("get_{}", module.key()), "tags": [label.many], "summary": format!("Get a {one}"),
            "parameters": shape,
            "responses": {"200": answer, "default": failure()}},
        "patch": {"operationId": format!("update_{}", module.key()), "tags": [label.many], "summary": format!("Change a {one}"),
            "parameters": [version],
            "requestBody": {"required": true, "content": {"application/merge-patch+json": {"schema": reference(&format!("{name}Input"))}}},
            "responses": {"200": answer, "default": failure()}},
        "delete": {"operationId": format!("delete_{}", module.key()), "tags": [label.many], "summary": format!("Move a {one} to the trash"),
            "parameters": [version],
            "responses": {"204": {"description": "Done"}, "default": failure()}},
    })
}
