//! Values that follow from others of their record.

use std::collections::BTreeSet;

use rust_decimal::Decimal;
use serde_json::{Map, Value};

use super::facts::of_stage;
use crate::expr;
use crate::field::rules::RollupFunction;
use crate::field::{self, Locale};
use crate::record::change::Change;
use crate::schema::{Module, Schema};

/// Fills in every formula of each change. A new record has roll-ups of nothing before.
pub(super) fn apply(schema: &Schema, module: &Module, locale: &Locale, changes: &mut [Change]) {
    for change in changes {
        if change.before.is_none() {
            start_rollups(schema, module, locale, &mut change.data);
        }
        compute(module, locale, change.stage, &mut change.data);
    }
}

/// Computes all formulas of a record, each after those that it reads. What cannot be computed is empty.
pub(in crate::record) fn compute(
    module: &Module,
    locale: &Locale,
    stage: i16,
    data: &mut Map<String, Value>,
) {
    for formula in &module.rules.formulas {
        let Some(stored) = module.field(&formula.field) else { continue };
        let fields = |path: &str| value(module, stage, data, path);
        // A formula is timeless, so any moment will do.
        let now = chrono::DateTime::UNIX_EPOCH;
        let env = expr::Env { fields: &fields, now, timezone: locale.timezone, user: None };
        let value = expr::evaluate(&formula.checked, &env).unwrap_or(expr::Value::Null);
        let settled = match currency(module, data, formula.checked.fields()) {
            Currency::None => field::settled(&stored.field.kind, &value, None, locale),
            Currency::One(code) => field::settled(&stored.field.kind, &value, Some(&code), locale),
            Currency::Mixed => None,
        };
        match settled {
            Some(value) => data.insert(formula.field.clone(), value),
            None => data.remove(&formula.field),
        };
    }
}

/// What a formula, or the condition of a roll-up, reads of a record.
pub(in crate::record) fn value(
    module: &Module,
    stage: i16,
    data: &Map<String, Value>,
    path: &str,
) -> expr::Value {
    match path.split_once('.') {
        Some((_, of)) => of_stage(module, stage, of),
        None if path == "stage" && module.field(path).is_none() => of_stage(module, stage, "key"),
        None => module.value(data, path),
    }
}

/// The currency of the amounts that a formula reads.
enum Currency {
    None,
    One(String),
    Mixed,
}

fn currency(module: &Module, data: &Map<String, Value>, reads: &BTreeSet<String>) -> Currency {
    let codes: BTreeSet<&str> = reads
        .iter()
        .filter_map(|key| field::currency_of(&module.field(key)?.field.kind, data.get(key)?))
        .collect();
    match (codes.len(), codes.first()) {
        (0, _) | (_, None) => Currency::None,
        (1, Some(code)) => Currency::One((*code).to_owned()),
        _ => Currency::Mixed,
    }
}

fn start_rollups(schema: &Schema, module: &Module, locale: &Locale, data: &mut Map<String, Value>) {
    for plan in schema.plans.rollups_of(module.number) {
        let zero = matches!(plan.function, RollupFunction::Count | RollupFunction::Sum);
        let value = if zero { expr::Value::Number(Decimal::ZERO) } else { expr::Value::Null };
        let kind = module.field(&plan.field).map(|stored| &stored.field.kind);
        if let Some(value) = kind.and_then(|kind| field::settled(kind, &value, None, locale)) {
            data.insert(plan.field.clone(), value);
        }
    }
}
