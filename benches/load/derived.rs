//! What follows from other values, as the engine would have kept it: formulas, roll-ups and the totals of stages.

use std::collections::BTreeMap;

use rust_decimal::{Decimal, RoundingStrategy};
use serde_json::{Map, Value, json};

use super::content;
use super::layout::{Kind, OPEN_STAGES, Tenant, stage};

/// The chance of each stage of the default pipeline, in percent.
const CHANCES: [u32; 6] = [10, 25, 50, 75, 100, 0];

/// The stages in which a deal is won and lost.
const WON: i16 = 5;
const LOST: i16 = 6;

/// A number of records, and their amounts added up.
pub type Sum = (u64, Decimal);

/// What the deals of all workspaces come to.
#[derive(Debug, Default)]
pub struct Sums {
    /// By workspace and customer: what is open, weighted, and what is won.
    customers: BTreeMap<(u64, u64), (Sum, Sum)>,
    /// By workspace and stage.
    pub stages: BTreeMap<(u64, i16), Sum>,
}

impl Sums {
    /// Adds up all deals.
    pub fn of(tenants: &[Tenant]) -> Self {
        let mut sums = Self::default();
        for tenant in tenants {
            for number in 0..tenant.deals {
                sums.add(tenant, number);
            }
        }
        sums
    }

    fn add(&mut self, tenant: &Tenant, number: u64) {
        let (stage, data) = (stage(number), stored(Kind::Deal, tenant, number, None));
        let amount = |key: &str| {
            data[key]["amount"].as_str().and_then(|text| text.parse().ok()).unwrap_or(Decimal::ZERO)
        };
        let add = |sum: &mut Sum, amount: Decimal| *sum = (sum.0 + 1, sum.1 + amount);
        add(self.stages.entry((tenant.number, stage)).or_default(), amount("amount"));
        let (open, won) = self.customers.entry((tenant.number, tenant.customer_of(number))).or_default();
        if is_open(stage) {
            add(open, amount("weighted"));
        } else if stage == WON {
            add(won, amount("amount"));
        }
    }

    /// The roll-ups of an organization: field, currency, records, amount.
    pub fn of_customer(&self, tenant: &Tenant, number: u64) -> Vec<(&'static str, &'static str, Sum)> {
        let (open, won) = self.customers.get(&(tenant.number, number)).copied().unwrap_or_default();
        let all = [
            ("open_deals", "", (open.0, Decimal::ZERO)),
            ("pipeline_value", "USD", open),
            ("won_value", "USD", won),
        ];
        all.into_iter().filter(|(_, _, (records, _))| *records > 0).collect()
    }
}

fn is_open(stage: i16) -> bool {
    u64::try_from(stage).is_ok_and(|stage| stage <= OPEN_STAGES)
}

/// The data of a record as the table keeps it: what is entered, and what follows.
pub fn stored(kind: Kind, tenant: &Tenant, number: u64, sums: Option<&Sums>) -> Map<String, Value> {
    let mut data = content::data(kind, tenant, number);
    match kind {
        Kind::Deal => follow(&mut data, stage(number)),
        Kind::Organization => {
            let (mut open, mut weighted, mut won) = (0, Decimal::ZERO, Decimal::ZERO);
            for (field, _, sum) in sums.map(|sums| sums.of_customer(tenant, number)).unwrap_or_default() {
                match field {
                    "open_deals" => open = sum.0,
                    "pipeline_value" => weighted = sum.1,
                    _ => won = sum.1,
                }
            }
            data.insert("open_deals".into(), json!(open));
            data.insert("pipeline_value".into(), money(weighted));
            data.insert("won_value".into(), money(won));
        }
        // The tier of its organization is looked up.
        _ => {
            let of = content::data(Kind::Organization, tenant, tenant.customer_of(number));
            data.insert("tier".into(), of["tier"].clone());
        }
    }
    data
}

/// What follows from a deal's stage.
pub fn follow(data: &mut Map<String, Value>, stage: i16) {
    if stage == LOST {
        data.insert("lost_reason".into(), json!("price"));
    }
    let chance = usize::try_from(stage - 1).ok().and_then(|at| CHANCES.get(at)).copied().unwrap_or_default();
    let amount = data["amount"]["amount"].as_str().and_then(|text| text.parse::<Decimal>().ok());
    let weighted = amount.unwrap_or_default() * Decimal::from(chance) / Decimal::ONE_HUNDRED;
    data.insert("weighted".into(), money(weighted));
}

fn money(amount: Decimal) -> Value {
    let mut amount = amount.round_dp_with_strategy(2, RoundingStrategy::MidpointAwayFromZero);
    amount.rescale(2);
    json!({"amount": amount.to_string(), "currency": "USD"})
}
