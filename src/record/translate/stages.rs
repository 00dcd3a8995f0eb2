//! Stages and pipelines in SQL: records, called `r`, carry the number of their stage, which tells the
//! pipeline too.

use tokio_postgres::types::Type;

use crate::record::sql::Binder;
use crate::schema::{Module, SystemField};

/// The key of a record's stage or pipeline; null without one.
pub(super) fn key(r: &str, module: &Module, field: SystemField, binder: &mut Binder) -> String {
    let (numbers, keys): (Vec<i16>, Vec<String>) = module
        .stages()
        .map(|(pipeline, stage)| match field {
            SystemField::Pipeline => (stage.number, pipeline.key.clone()),
            _ => (stage.number, stage.key.clone()),
        })
        .unzip();
    let numbers = binder.bind(numbers, Type::INT2_ARRAY);
    let keys = binder.bind(keys, Type::TEXT_ARRAY);
    format!("({keys}::text[])[array_position({numbers}::smallint[], {r}.stage)]")
}

/// That a record is in a stage, or in a pipeline, of this key; stages of several pipelines may share one.
pub(super) fn is(r: &str, module: &Module, field: SystemField, key: &str, binder: &mut Binder) -> String {
    let numbers: Vec<i16> = match field {
        SystemField::Pipeline => module
            .pipeline(key)
            .iter()
            .flat_map(|pipeline| &pipeline.stages)
            .map(|stage| stage.number)
            .collect(),
        _ => module.stages_keyed(key),
    };
    match numbers.as_slice() {
        [] => "false".into(),
        [number] => format!("{r}.stage = {}", binder.bind(*number, Type::INT2)),
        _ => format!("{r}.stage = any({})", binder.bind(numbers, Type::INT2_ARRAY)),
    }
}

/// The place of a record's stage, or of its pipeline, in their order: the column itself while numbers follow it.
pub(in crate::record) fn order(r: &str, module: &Module, field: SystemField, binder: &mut Binder) -> String {
    let stages = || {
        module.pipelines.iter().enumerate().flat_map(|(at, own)| own.stages.iter().map(move |it| (at, it)))
    };
    let numbers: Vec<i16> = stages().map(|(_, stage)| stage.number).collect();
    if field == SystemField::Stage && numbers.is_sorted() {
        return format!("{r}.stage");
    }
    let numbers = binder.bind(numbers, Type::INT2_ARRAY);
    let place = format!("array_position({numbers}::smallint[], {r}.stage)");
    if field == SystemField::Stage {
        return format!("coalesce({place}, 0)");
    }
    let places: Vec<i32> = stages().map(|(at, _)| i32::try_from(at).unwrap_or(0) + 1).collect();
    format!("coalesce(({}::integer[])[{place}], 0)", binder.bind(places, Type::INT4_ARRAY))
}
