//! The kept totals of stages: how many records each holds, and of which amount. Writers append what they change, so that
//! none waits for another; now and then one of them folds what has gathered.

use std::collections::BTreeMap;

use rust_decimal::Decimal;
use serde::Serialize;
use serde_json::{Map, Value};

use super::store;
use crate::db::{DbError, TenantTx};
use crate::schema::Module;
use crate::work::Work;

/// What one record adds to the total of its stage.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::record) struct Holding {
    stage: i16,
    /// Empty for plain numbers, and for records without an amount.
    currency: String,
    amount: Decimal,
}

/// What a stage holds in one currency.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Sum {
    /// The number of the stage.
    #[serde(skip)]
    pub stage: i16,
    /// ISO 4217; empty for plain numbers.
    pub currency: String,
    /// How many records.
    #[serde(skip)]
    pub records: i64,
    /// Their amounts, added up.
    pub amount: Decimal,
}

/// A kept total that is not what a recount gives.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Difference {
    /// The module's key.
    pub module: String,
    /// The stage's key.
    pub stage: String,
    /// ISO 4217; empty for plain numbers.
    pub currency: String,
    /// Records and amount as kept.
    pub kept: (i64, Decimal),
    /// Records and amount as recounted.
    pub counted: (i64, Decimal),
}

impl Holding {
    /// What a record outside the trash adds; None without a stage.
    pub(in crate::record) fn of(module: &Module, stage: i16, data: &Map<String, Value>) -> Option<Self> {
        let (pipeline, stage) = module.placed(stage)?;
        let value = pipeline.amount.as_ref().and_then(|key| data.get(key));
        let text = |value: &Value| match value {
            Value::String(text) => text.parse::<Decimal>().ok(),
            Value::Number(number) => number.to_string().parse().ok(),
            _ => None,
        };
        let (currency, amount) = match value {
            Some(Value::Object(money)) => (
                money.get("currency").and_then(Value::as_str).unwrap_or_default().to_owned(),
                money.get("amount").and_then(text),
            ),
            other => (String::new(), other.and_then(text)),
        };
        Some(Self { stage: stage.number, currency, amount: amount.unwrap_or_default() })
    }
}

/// Appends what changes when records that added `before` add `after`.
pub(in crate::record) async fn changed(
    tx: &TenantTx,
    module: &Module,
    before: &[Holding],
    after: &[Holding],
) -> Result<(), DbError> {
    let mut sums: BTreeMap<(i16, &str), (i64, Decimal)> = BTreeMap::new();
    for (sign, holding) in before.iter().map(|it| (-1, it)).chain(after.iter().map(|it| (1, it))) {
        let sum = sums.entry((holding.stage, holding.currency.as_str())).or_default();
        sum.0 += sign;
        sum.1 += holding.amount * Decimal::from(sign);
    }
    sums.retain(|_, sum| *sum != Default::default());
    if sums.is_empty() {
        return Ok(());
    }
    store::append(tx, module.number, &sums).await
}

/// The kept totals of a module.
pub(in crate::record) async fn kept(work: &Work, module: &Module) -> Result<Vec<Sum>, DbError> {
    store::kept(&work.tx, module.number).await
}

/// Where kept totals are not what a recount gives. Work must hold the schema, so that nobody writes meanwhile
/// ([`crate::work::Intent::ChangeSchema`]).
pub async fn check(work: &Work) -> Result<Vec<Difference>, DbError> {
    let mut differences = Vec::new();
    for module in work.schema.modules() {
        let kept = by_place(store::kept(&work.tx, module.number).await?);
        let counted = by_place(recount(work, module).await?);
        let places: std::collections::BTreeSet<_> = kept.keys().chain(counted.keys()).collect();
        for place in places {
            let at = |sums: &BTreeMap<_, _>| sums.get(place).copied().unwrap_or_default();
            let (kept, counted) = (at(&kept), at(&counted));
            if kept != counted {
                let stage = module
                    .stage_numbered(place.0)
                    .map_or_else(|| place.0.to_string(), |stage| stage.key.clone());
                let (module, currency) = (module.key().to_owned(), place.1.clone());
                differences.push(Difference { module, stage, currency, kept, counted });
            }
        }
    }
    Ok(differences)
}

/// Puts a recount in the place of a module's kept totals. Work must hold the schema.
pub async fn repair(work: &Work, module: &Module) -> Result<(), DbError> {
    let counted = recount(work, module).await?;
    let sums = counted.iter().map(|sum| ((sum.stage, sum.currency.as_str()), (sum.records, sum.amount)));
    let sums: BTreeMap<_, _> = sums.collect();
    store::forget(&work.tx, module.number).await?;
    match sums.is_empty() {
        true => Ok(()),
        false => store::append(&work.tx, module.number, &sums).await,
    }
}

/// Counts and adds up the records themselves, pipeline by pipeline.
async fn recount(work: &Work, module: &Module) -> Result<Vec<Sum>, DbError> {
    let mut sums = Vec::new();
    for pipeline in &module.pipelines {
        let stages: Vec<i16> = pipeline.stages.iter().map(|stage| stage.number).collect();
        sums.extend(store::recount(&work.tx, module.number, &stages, pipeline.amount.as_deref()).await?);
    }
    Ok(sums)
}

fn by_place(sums: Vec<Sum>) -> BTreeMap<(i16, String), (i64, Decimal)> {
    let filled = sums.into_iter().filter(|sum| sum.records != 0 || !sum.amount.is_zero());
    filled.map(|sum| ((sum.stage, sum.currency), (sum.records, sum.amount.normalize()))).collect()
}
