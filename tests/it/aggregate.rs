//! Groups and their results equal what a reader of all the records works out for themselves.

use std::collections::BTreeMap;

use rust_decimal::Decimal;
use serde_json::{Value, json};

use crate::kit::{App, Client};

const DEALS: &str = "/api/v1/records/deals";

async fn all_deals(client: &Client) -> Vec<Value> {
    let page = client.get(&format!("{DEALS}?limit=100")).await.expect(200).json();
    assert_eq!(page["next"], Value::Null, "all deals are on one page");
    page["data"].as_array().cloned().expect("records")
}

async fn aggregate(client: &Client, query: &str) -> Value {
    client.get(&format!("{DEALS}/aggregate?{query}")).await.expect(200).json()
}

/// A deal with an organization of its own.
async fn deal(client: &Client, mut data: Value) {
    let organization = json!({"data": {"name": "Acme"}});
    let organization = client.post("/api/v1/records/organizations", &organization).await.expect(201).json();
    data["name"] = json!("A deal");
    data["organization"] = organization["id"].clone();
    client.post(DEALS, &json!({"data": data})).await.expect(201);
}

fn decimal(value: &Value) -> Decimal {
    let text = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
    text.parse().unwrap_or_else(|error| panic!("{text}: {error}"))
}

/// Groups by the printed key, each with its results.
fn by_key(answer: &Value) -> BTreeMap<String, Value> {
    let groups = answer["data"].as_array().expect("groups").iter();
    groups.map(|group| (group["key"].to_string(), group["values"].clone())).collect()
}

/// What the groups should be: counts, percents with a close date, and sums of amounts by currency.
fn expected(
    deals: &[Value],
    key: impl Fn(&Value) -> Value,
) -> BTreeMap<String, (u64, u64, BTreeMap<String, Decimal>)> {
    let mut groups: BTreeMap<String, (u64, u64, BTreeMap<String, Decimal>)> = BTreeMap::new();
    for deal in deals {
        let group = groups.entry(key(deal).to_string()).or_default();
        group.0 += 1;
        group.1 += u64::from(!deal["data"]["close_date"].is_null());
        if let Some(currency) = deal["data"]["amount"]["currency"].as_str() {
            *group.2.entry(currency.to_owned()).or_default() += decimal(&deal["data"]["amount"]["amount"]);
        }
    }
    groups
}

async fn assert_agree(client: &Client, group_by: &str, key: impl Fn(&Value) -> Value) {
    let deals = all_deals(client).await;
    let query = format!("group_by={group_by}&measure=count,sum:amount,filled:close_date");
    let answer = aggregate(client, &query).await;
    assert_eq!(answer["truncated"], false);
    let (found, expected) = (by_key(&answer), expected(&deals, key));
    assert_eq!(found.keys().collect::<Vec<_>>(), expected.keys().collect::<Vec<_>>(), "groups by {group_by}");
    for (key, (count, dated, sums)) in expected {
        let values = &found[&key];
        assert_eq!(values["count"], count, "{key}");
        let percent = Decimal::from(dated * 1000) / Decimal::from(count);
        let percent = percent.round_dp_with_strategy(0, rust_decimal::RoundingStrategy::MidpointAwayFromZero);
        assert_eq!(decimal(&values["filled:close_date"]) * Decimal::from(10), percent, "{key}");
        let of_money = values["sum:amount"].as_array().expect("sums");
        let found: BTreeMap<String, Decimal> = of_money
            .iter()
            .map(|sum| (sum["currency"].as_str().expect("a currency").to_owned(), decimal(&sum["amount"])))
            .collect();
        assert_eq!(found, sums, "{key}");
    }
}

#[tokio::test]
async fn groups_equal_what_the_records_say() {
    let app = App::start().await;
    let owner = app.sign_up_with("acme", "corporate", true).await;
    let yen = json!({"amount": "500000", "currency": "JPY"});
    deal(&owner, json!({"amount": yen, "close_date": "2026-02-01"})).await;
    assert_agree(&owner, "stage", |deal| json!({"stage": deal["stage"]})).await;
    assert_agree(&owner, "deal_type", |deal| json!({"deal_type": deal["data"]["deal_type"]})).await;
    assert_agree(&owner, "owner", |deal| json!({"owner": deal["owner"]})).await;
    assert_agree(&owner, "organization", |deal| json!({"organization": deal["data"]["organization"]})).await;
    assert_agree(&owner, "close_date:month,stage", |deal| {
        let month = deal["data"]["close_date"].as_str().map(|date| format!("{}-01", &date[..7]));
        json!({"close_date:month": month, "stage": deal["stage"]})
    })
    .await;
    assert_agree(&owner, "", |_| json!({})).await;
}

#[tokio::test]
async fn extremes_and_means_are_exact() {
    let app = App::start().await;
    let owner = app.sign_up_with("acme", "corporate", false).await;
    for (amount, date) in [("0.10", "2026-03-01"), ("0.20", "2026-01-31"), ("1000000000.03", "2027-01-01")] {
        let amount = json!({"amount": amount, "currency": "EUR"});
        deal(&owner, json!({"amount": amount, "close_date": date})).await;
    }
    let measures = "sum:amount,avg:amount,min:amount,max:amount,min:close_date,max:close_date,max:created_at";
    let answer = aggregate(&owner, &format!("measure={measures}")).await;
    let values = &answer["data"][0]["values"];
    let euros = |amount: &str| json!([{"amount": amount, "currency": "EUR"}]);
    assert_eq!(values["sum:amount"], euros("1000000000.33"));
    assert_eq!(values["avg:amount"], euros("333333333.443333"));
    assert_eq!(values["min:amount"], euros("0.1"));
    assert_eq!(values["max:amount"], euros("1000000000.03"));
    assert_eq!(values["min:close_date"], "2026-01-31");
    assert_eq!(values["max:close_date"], "2027-01-01");
    assert_eq!(values["max:created_at"], "2026-01-15T09:00:00.000Z");
    let filtered = aggregate(&owner, "filter=close_date%20%3C%20date(%222027-01-01%22)&measure=count").await;
    assert_eq!(filtered["data"], json!([{"key": {}, "values": {"count": 2}}]));
}

#[tokio::test]
async fn records_that_one_may_not_read_are_not_counted() {
    let app = App::start().await;
    let owner = app.sign_up_with("acme", "corporate", true).await;
    let worker = app.member(&owner, "worker").await;
    let nothing = aggregate(&worker, "measure=count,sum:amount").await;
    assert_eq!(nothing["data"], json!([{"key": {}, "values": {"count": 0, "sum:amount": []}}]));
    let amount = json!({"amount": "7", "currency": "EUR"});
    deal(&worker, json!({"amount": amount, "close_date": "2026-02-01"})).await;
    let one = aggregate(&worker, "group_by=owner&measure=count,sum:amount").await;
    assert_eq!(one["data"].as_array().map(Vec::len), Some(1));
    assert_eq!(
        one["data"][0]["values"],
        json!({"count": 1, "sum:amount": [{"amount": "7", "currency": "EUR"}]})
    );
}

#[tokio::test]
async fn what_makes_no_sense_is_refused_at_its_parameter() {
    let app = App::start().await;
    let owner = app.sign_up_with("acme", "corporate", false).await;
    for (query, parameters) in [
        ("group_by=nothing", vec!["group_by"]),
        ("group_by=amount", vec!["group_by"]),
        ("group_by=name:month", vec!["group_by"]),
        ("group_by=created_at", vec!["group_by"]),
        ("group_by=close_date:decade", vec!["group_by"]),
        ("group_by=stage,owner,name", vec!["group_by"]),
        ("measure=sum", vec!["measure"]),
        ("measure=sum:name", vec!["measure"]),
        ("measure=count:name", vec!["measure"]),
        ("measure=median:amount", vec!["measure"]),
        (
            "measure=sum:nothing&group_by=x&filter=y%20%3D%3D%201&view=z",
            vec!["view", "filter", "group_by", "measure"],
        ),
    ] {
        let answer = owner.get(&format!("{DEALS}/aggregate?{query}")).await;
        let problem = answer.expect_problem(422, "invalid-query").json();
        let errors = problem["errors"].as_array().expect("errors").iter();
        let found: Vec<&str> = errors.filter_map(|error| error["parameter"].as_str()).collect();
        assert_eq!(found, parameters, "{query}");
    }
}
