//! Any sequence of writes leaves every derived value as a computation from scratch gives it.

use proptest::prelude::*;
use proptest::strategy::ValueTree;
use proptest::test_runner::{Config, TestRunner};
use serde_json::{Value, json};

use super::{add_field, catch_up, create, expect_right, path};
use crate::conditions::{corporate, deal};
use crate::kit::{App, Client};
use crate::pipelines::patch_any;

/// One thing that is done.
#[derive(Clone, Debug)]
enum Edit {
    Sell { organization: usize, amount: i64, currency: bool },
    Amount { deal: usize, amount: i64 },
    Stage { deal: usize, stage: usize },
    Move { deal: usize, organization: usize },
    Trash { deal: usize },
    Restore { deal: usize },
    Tier { organization: usize, tier: usize },
    Employ { organization: usize },
}

const STAGES: [&str; 5] = ["prospect", "qualified", "proposal", "negotiation", "won"];
const TIERS: [Option<&str>; 3] = [Some("key"), Some("strategic"), None];

fn edit() -> impl Strategy<Value = Edit> {
    let (deal, organization) = (0..8_usize, 0..3_usize);
    prop_oneof![
        4 => (organization.clone(), 0..1_000_i64, prop::bool::weighted(0.1))
            .prop_map(|(organization, amount, currency)| Edit::Sell { organization, amount, currency }),
        3 => (deal.clone(), 0..1_000_i64).prop_map(|(deal, amount)| Edit::Amount { deal, amount }),
        3 => (deal.clone(), 0..5_usize).prop_map(|(deal, stage)| Edit::Stage { deal, stage }),
        2 => (deal.clone(), organization.clone()).prop_map(|(deal, organization)| Edit::Move { deal, organization }),
        2 => deal.clone().prop_map(|deal| Edit::Trash { deal }),
        2 => deal.prop_map(|deal| Edit::Restore { deal }),
        2 => (organization.clone(), 0..3_usize).prop_map(|(organization, tier)| Edit::Tier { organization, tier }),
        1 => organization.prop_map(|organization| Edit::Employ { organization }),
    ]
}

struct World {
    owner: Client,
    organizations: Vec<Value>,
    deals: Vec<Value>,
}

impl World {
    async fn patch(&self, record: &Value, body: Value) {
        let version = self.owner.get(&path(record)).await.json()["version"].as_i64().unwrap_or(1);
        let answer = self.owner.patch(&path(record), version.try_into().unwrap_or(1), &body).await;
        assert!([200, 404].contains(&answer.status), "{}", answer.text());
    }

    async fn apply(&mut self, edit: Edit) {
        let deals = self.deals.len().max(1);
        let of = |deal: usize| self.deals.get(deal % deals);
        match edit {
            Edit::Sell { organization, amount, currency } => {
                let mut data = deal(&self.organizations[organization], &amount.to_string());
                if currency {
                    data["amount"] = json!({"amount": amount.to_string(), "currency": "EUR"});
                }
                let sold = create(&self.owner, "deals", data).await;
                self.deals.push(sold);
            }
            Edit::Employ { organization } => {
                let organization = self.organizations[organization]["id"].clone();
                let data = json!({"first_name": "Ann", "last_name": "Lee", "organization": organization});
                create(&self.owner, "contacts", data).await;
            }
            Edit::Tier { organization, tier } => {
                self.patch(&self.organizations[organization], json!({"data": {"tier": TIERS[tier]}})).await;
            }
            Edit::Amount { deal, amount } => {
                let Some(deal) = of(deal) else { return };
                self.patch(deal, json!({"data": {"amount": amount.to_string()}})).await;
            }
            Edit::Stage { deal, stage } => {
                let Some(deal) = of(deal) else { return };
                self.patch(deal, json!({"stage": STAGES[stage]})).await;
            }
            Edit::Move { deal, organization } => {
                let Some(deal) = of(deal) else { return };
                let organization = self.organizations[organization]["id"].clone();
                self.patch(deal, json!({"data": {"organization": organization}})).await;
            }
            Edit::Trash { deal } => {
                let Some(deal) = of(deal) else { return };
                let version = self.owner.get(&path(deal)).await.json()["version"].as_i64().unwrap_or(1);
                self.owner.delete(&path(deal), version.try_into().unwrap_or(1)).await;
            }
            Edit::Restore { deal } => {
                let Some(deal) = of(deal) else { return };
                self.owner.post(&format!("{}/restore", path(deal)), &json!({})).await;
            }
        }
    }
}

/// Three organizations with a roll-up of every function, and a chain: deal → organization → contact.
async fn world() -> (App, World) {
    let (app, owner, acme) = corporate("acme").await;
    for (key, function) in [("least", "min"), ("most", "max"), ("mean", "avg")] {
        let rollup = json!({"relation": "deals.organization", "function": function, "field": "weighted",
            "where": "stage != \"won\""});
        let field = json!({"key": key, "label": key, "type": "money", "rollup": rollup});
        add_field(&owner, "organizations", field).await.expect(201);
    }
    // The board adds up what follows from another record, which follows from all deals of one organization.
    let around = json!({"key": "around", "label": "Around", "type": "money",
        "lookup": {"relation": "organization", "field": "pipeline_value"}});
    add_field(&owner, "deals", around).await.expect(201);
    patch_any(&owner, "/api/v1/pipelines/sales", &json!({"amount": "around"})).await.expect(200);
    let busy = json!({"key": "busy", "label": "Busy", "type": "text",
        "formula": {"expr": "concat(name, \" \", open_deals, \" \", pipeline_value)"}});
    add_field(&owner, "organizations", busy).await.expect(201);
    let seen = json!({"key": "seen", "label": "Seen", "type": "text",
        "lookup": {"relation": "organization", "field": "busy"}});
    add_field(&owner, "contacts", seen).await.expect(201);
    let mut organizations = vec![acme];
    for name in ["Bolt", "Crane"] {
        let data = json!({"name": name, "relationship": "prospect"});
        organizations.push(create(&owner, "organizations", data).await);
    }
    (app, World { owner, organizations, deals: Vec::new() })
}

#[tokio::test]
async fn any_edits_leave_what_a_recomputation_gives() {
    let (app, mut world) = world().await;
    let cases = if std::env::var_os("TRELLIS_LONG").is_some() { 60 } else { 6 };
    let mut runner = TestRunner::new(Config { failure_persistence: None, ..Config::default() });
    for _ in 0..cases {
        let edits = prop::collection::vec(edit(), 20).new_tree(&mut runner).expect("edits").current();
        for edit in edits {
            world.apply(edit).await;
        }
        catch_up(&app).await;
        expect_right(&app, "acme").await;
        let totals = trellis::cli::totals::check(&app.state().identity, "acme", false).await;
        assert!(totals.as_ref().is_ok_and(|said| said.contains("as they must be")), "{totals:?}");
    }
    assert!(world.deals.len() > 5);
}
