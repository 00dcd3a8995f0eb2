//! Modules, fields and pipelines in the database.

use std::collections::HashMap;
use std::sync::{Arc, OnceLock};

use futures_util::future::{try_join_all, try_join4};
use indexmap::IndexMap;
use tokio_postgres::Row;
use tokio_postgres::types::Json;
use uuid::Uuid;

use super::definition::ModuleDefinition;
use super::module::{Module, Origin, StoredField};
use super::rules::{self, Plans};
use super::{Schema, SchemaError, Slot, stages};
use crate::db::{DbError, TenantTx};
use crate::expr;
use crate::field::{Field, OptionSet};
use crate::id::{FieldId, ModuleId};
use crate::pipeline::PipelineDefinition;

/// Loads and compiles everything of the transaction's tenant.
pub(super) async fn load(tx: &TenantTx, version: i64) -> Result<Schema, SchemaError> {
    let tenant = tx.tenant();
    let bound: [&(dyn tokio_postgres::types::ToSql + Sync); 1] = [&tenant];
    let modules = tx.query(
        "select id, key, number, origin, definition from modules where tenant_id = $1 order by position, number",
        &bound,
    );
    let fields = tx.query(
        "select module_id, id, key, number, origin, case when slot_state = 'ready' then slot end as slot,
                case when slot_state = 'building' then slot end as building, definition, retired_at is not null as retired
         from module_fields where tenant_id = $1 order by module_id, position, number",
        &bound,
    );
    let pipelines =
        tx.query("select module_id, definition from pipelines where tenant_id = $1 order by key", &bound);
    let sets = tx.query("select definition from option_sets where tenant_id = $1 order by key", &bound);
    let (modules, fields, pipelines, sets) = try_join4(modules, fields, pipelines, sets).await?;
    let option_sets = option_sets(&sets)?;

    let mut fields_of: HashMap<ModuleId, Vec<&Row>> = HashMap::new();
    for row in &fields {
        fields_of.entry(row.get("module_id")).or_default().push(row);
    }
    let mut pipelines_of: HashMap<ModuleId, Vec<PipelineDefinition>> = HashMap::new();
    for row in &pipelines {
        pipelines_of.entry(row.get(0)).or_default().push(row.get::<_, Json<_>>(1).0);
    }
    let modules = modules
        .iter()
        .map(|row| {
            let id = row.get("id");
            let fields = fields_of.remove(&id).unwrap_or_default();
            let pipelines = pipelines_of.remove(&id).unwrap_or_default();
            let module = compile(row, &fields, &option_sets, pipelines)?;
            Ok((module.key().to_owned(), Arc::new(module)))
        })
        .collect::<Result<_, SchemaError>>()?;
    planned(Schema { version, modules, option_sets, plans: Arc::default() })
}

/// With what follows from what over all modules.
fn planned(mut schema: Schema) -> Result<Schema, SchemaError> {
    let plans = Plans::of(&schema).map_err(|problems| corrupt("a roll-up", problems))?;
    schema.plans = Arc::new(plans);
    Ok(schema)
}

/// The schema as the transaction itself has changed it. It must not be cached: until the commit nobody else may see
/// it, and another change may yet get the same version.
pub async fn uncached(tx: &TenantTx) -> Result<Schema, SchemaError> {
    let row =
        tx.query_opt("select version from schema_versions where tenant_id = $1", &[&tx.tenant()]).await?;
    let version = row.map(|row| row.get(0)).unwrap_or_default();
    load(tx, version).await
}

fn option_sets(rows: &[Row]) -> Result<OptionSets, SchemaError> {
    let set = |row: &Row| match row.try_get::<_, Json<OptionSet>>(0) {
        Ok(Json(set)) => Ok((set.key.clone(), set)),
        Err(error) => Err(SchemaError::Corrupt { module: "option sets".into(), reason: reason(&error) }),
    };
    rows.iter().map(set).collect()
}

/// Sets of options by their keys.
type OptionSets = IndexMap<String, OptionSet>;

fn compile(
    row: &Row,
    fields: &[&Row],
    sets: &OptionSets,
    mut pipelines: Vec<PipelineDefinition>,
) -> Result<Module, SchemaError> {
    let corrupt = |reason: String| SchemaError::Corrupt { module: row.get("key"), reason };
    let unread = |error: tokio_postgres::Error| corrupt(reason(&error));
    let Json(definition) = row.try_get::<_, Json<ModuleDefinition>>("definition").map_err(unread)?;
    let (retired, live): (Vec<&Row>, Vec<&Row>) =
        fields.iter().partition(|row| row.get::<_, bool>("retired"));
    let fields: Vec<StoredField> =
        live.into_iter().map(|row| stored_field(row, sets)).collect::<Result<_, _>>().map_err(unread)?;
    let scope = TitleScope(&fields);
    let title = expr::text(&definition.title, &scope).map_err(|problems| {
        corrupt(problems.iter().map(ToString::to_string).collect::<Vec<_>>().join("; "))
    })?;
    pipelines.sort_by_key(|pipeline| !pipeline.default);
    if let Some(first) = pipelines.first_mut() {
        first.default = true;
    }
    let mut module = Module {
        id: row.get("id"),
        number: row.get("number"),
        origin: Origin::from_word(row.get("origin")),
        definition,
        guards: Arc::new(stages::compile(&pipelines, &fields)),
        fields,
        retired: retired.into_iter().map(|row| row.get("key")).collect(),
        pipelines,
        title,
        rules: Arc::default(),
        validator: Arc::new(OnceLock::new()),
        sight: None,
    };
    let compiled = rules::compile(&rules::Shape::of(&module));
    module.rules = Arc::new(compiled.map_err(|problems| self::corrupt(module.key(), problems))?);
    Ok(module)
}

fn corrupt(module: &str, problems: Vec<expr::Problem>) -> SchemaError {
    let reason = problems.iter().map(ToString::to_string).collect::<Vec<_>>().join("; ");
    SchemaError::Corrupt { module: module.to_owned(), reason }
}

/// A title is made of the module's own fields only.
pub(super) struct TitleScope<'a>(pub(super) &'a [StoredField]);

impl expr::Scope for TitleScope<'_> {
    fn field(&self, path: &[&str]) -> Option<expr::Type> {
        let [key] = path else { return None };
        self.0.iter().find(|stored| stored.field.key == *key).map(|stored| stored.field.kind.expr_type())
    }

    fn names(&self) -> Vec<String> {
        self.0.iter().map(|stored| stored.field.key.clone()).collect()
    }
}

/// What the driver found wrong, with its cause: the definition that could not be read.
fn reason(error: &tokio_postgres::Error) -> String {
    let cause = std::error::Error::source(error).map(|cause| format!(": {cause}"));
    format!("{error}{}", cause.unwrap_or_default())
}

fn stored_field(row: &Row, sets: &OptionSets) -> Result<StoredField, tokio_postgres::Error> {
    let Json(field) = row.try_get::<_, Json<Field>>("definition")?;
    let set = field.option_set().and_then(|key| sets.get(key));
    let field = match set.map(|set| set.options.clone()) {
        Some(options) => field.with_options(options),
        None => field,
    };
    Ok(StoredField {
        id: row.get("id"),
        number: row.get("number"),
        origin: Origin::from_word(row.get("origin")),
        slot: row.get::<_, Option<&str>>("slot").and_then(Slot::named),
        building: row.get::<_, Option<&str>>("building").and_then(Slot::named),
        field,
    })
}

/// Adds a module with its fields.
pub(super) async fn insert_module(
    tx: &TenantTx,
    module: &NewModule<'_>,
    fields: &[StoredField],
) -> Result<(), DbError> {
    tx.execute(
        "insert into modules (tenant_id, id, key, number, position, origin, definition)
         values ($1, $2, $3, $4, $5, $6, $7)",
        &[
            &tx.tenant(),
            &module.id,
            &module.definition.key,
            &module.number,
            &i32::from(module.number),
            &module.origin.word(),
            &Json(module.definition),
        ],
    )
    .await?;
    try_join_all(fields.iter().map(|field| insert_field(tx, module.id, field))).await?;
    Ok(())
}

/// A module about to be stored.
pub(super) struct NewModule<'a> {
    pub(super) id: ModuleId,
    pub(super) number: i16,
    pub(super) origin: Origin,
    /// Without its fields.
    pub(super) definition: &'a ModuleDefinition,
}

/// Adds a field to a module.
pub(super) async fn insert_field(
    tx: &TenantTx,
    module: ModuleId,
    field: &StoredField,
) -> Result<(), DbError> {
    tx.execute(
        "insert into module_fields (tenant_id, id, module_id, key, number, position, origin, slot, definition)
         values ($1, $2, $3, $4, $5, $6, $7, $8, $9)",
        &[
            &tx.tenant(),
            &field.id,
            &module,
            &field.field.key,
            &field.number,
            &i32::from(field.number),
            &field.origin.word(),
            &field.slot.map(Slot::column),
            &Json(field.field.to_stored()),
        ],
    )
    .await?;
    Ok(())
}

/// Replaces a field's definition and says which slot it has from now on.
pub(super) async fn update_field(tx: &TenantTx, field: &StoredField) -> Result<(), DbError> {
    tx.execute(
        "update module_fields set definition = $3, slot = $4 where tenant_id = $1 and id = $2",
        &[&tx.tenant(), &field.id, &Json(field.field.to_stored()), &field.slot.map(Slot::column)],
    )
    .await?;
    Ok(())
}

/// Writes an option set, new or in place of the old one of its key.
pub(super) async fn put_option_set(tx: &TenantTx, set: &OptionSet, origin: Origin) -> Result<(), DbError> {
    tx.execute(
        "insert into option_sets (tenant_id, key, origin, definition) values ($1, $2, $3, $4)
         on conflict (tenant_id, key) do update set definition = excluded.definition",
        &[&tx.tenant(), &set.key, &origin.word(), &Json(set)],
    )
    .await?;
    Ok(())
}

/// Adds a pipeline, whose stages already carry their numbers.
pub(super) async fn insert_pipeline(
    tx: &TenantTx,
    module: ModuleId,
    pipeline: &PipelineDefinition,
    origin: Origin,
) -> Result<(), DbError> {
    tx.execute(
        "insert into pipelines (tenant_id, id, module_id, key, origin, definition) values ($1, $2, $3, $4, $5, $6)",
        &[&tx.tenant(), &Uuid::now_v7(), &module, &pipeline.key, &origin.word(), &Json(pipeline)],
    )
    .await?;
    Ok(())
}

/// Replaces a pipeline's definition.
pub(super) async fn update_pipeline(tx: &TenantTx, pipeline: &PipelineDefinition) -> Result<(), DbError> {
    tx.execute(
        "update pipelines set definition = $3 where tenant_id = $1 and key = $2",
        &[&tx.tenant(), &pipeline.key, &Json(pipeline)],
    )
    .await?;
    Ok(())
}

/// Removes a pipeline.
pub(super) async fn delete_pipeline(tx: &TenantTx, key: &str) -> Result<(), DbError> {
    tx.execute("delete from pipelines where tenant_id = $1 and key = $2", &[&tx.tenant(), &key]).await?;
    Ok(())
}

/// The highest stage number that a module has ever had, which `present` may raise.
pub(super) async fn highest_stage(tx: &TenantTx, module: i16, present: i16) -> Result<i16, DbError> {
    let row = tx
        .query_opt(
            "insert into counters (tenant_id, key, value) values ($1, $2, $3)
             on conflict (tenant_id, key) do update set value = greatest(counters.value, excluded.value)
             returning value",
            &[&tx.tenant(), &format!("stages:{module}"), &i64::from(present)],
        )
        .await?;
    let highest = row.and_then(|row| i16::try_from(row.get::<_, i64>(0)).ok());
    highest.ok_or_else(|| DbError::Configuration("the module has used up its stage numbers".into()))
}

/// Replaces a module's definition (not its fields).
pub(super) async fn update_module(
    tx: &TenantTx,
    module: ModuleId,
    definition: &ModuleDefinition,
) -> Result<(), DbError> {
    tx.execute(
        "update modules set definition = $3 where tenant_id = $1 and id = $2",
        &[&tx.tenant(), &module, &Json(definition)],
    )
    .await?;
    Ok(())
}

/// What a module's fields take up: numbers and slots, also those of retired fields.
pub(super) async fn taken(tx: &TenantTx, module: ModuleId) -> Result<(i16, Vec<Slot>), DbError> {
    let rows = tx
        .query(
            "select number, slot from module_fields where tenant_id = $1 and module_id = $2",
            &[&tx.tenant(), &module],
        )
        .await?;
    let highest = rows.iter().map(|row| row.get::<_, i16>(0)).max().unwrap_or(0);
    let slots = rows.iter().filter_map(|row| row.get::<_, Option<&str>>(1)).filter_map(Slot::named).collect();
    Ok((highest, slots))
}

/// The slot that a field has, in whatever state.
pub(super) async fn slot(tx: &TenantTx, field: FieldId) -> Result<Option<Slot>, DbError> {
    let row = tx
        .query_opt("select slot from module_fields where tenant_id = $1 and id = $2", &[&tx.tenant(), &field])
        .await?;
    Ok(row.and_then(|row| row.get::<_, Option<&str>>(0).and_then(Slot::named)))
}

/// Gives a field a slot in a state.
pub(super) async fn set_slot(tx: &TenantTx, field: FieldId, slot: Slot, state: &str) -> Result<(), DbError> {
    tx.execute(
        "update module_fields set slot = $3, slot_state = $4 where tenant_id = $1 and id = $2",
        &[&tx.tenant(), &field, &slot.column(), &state],
    )
    .await?;
    Ok(())
}

/// A slot that was being filled is ready, one that was being emptied is nobody's.
pub(super) async fn settle_slot(tx: &TenantTx, field: FieldId) -> Result<(), DbError> {
    tx.execute(
        "update module_fields set slot = case when slot_state = 'clearing' then null else slot end,
           slot_state = 'ready' where tenant_id = $1 and id = $2",
        &[&tx.tenant(), &field],
    )
    .await?;
    Ok(())
}

/// Makes every node see the change with its next transaction; gives the new version.
pub(super) async fn raise_version(tx: &TenantTx) -> Result<i64, DbError> {
    let row = tx
        .query_opt(
            "update schema_versions set version = version + 1 where tenant_id = $1 returning version",
            &[&tx.tenant()],
        )
        .await?;
    row.map(|row| row.get(0)).ok_or_else(|| DbError::Configuration("the tenant has no schema version".into()))
}
