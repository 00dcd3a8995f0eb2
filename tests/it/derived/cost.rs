//! What a write costs where thousands are summed up: as much as where few are.

use serde_json::json;

use super::{expect_right, now, repair};
use crate::conditions::{change, corporate, sell};
use crate::plan::Log;

/// Records under one parent.
const CHILDREN: usize = 10_000;
/// Pages that one edit may touch in all statements together.
const PAGES: u64 = 1_000;

#[tokio::test(flavor = "multi_thread")]
async fn one_among_ten_thousand_costs_no_reading_of_the_others() {
    let (app, owner, acme) = corporate("acme").await;
    let deal = sell(&owner, &acme, "10").await;
    let id = deal["id"].as_str().expect("an id");
    let more = format!(
        "with more as (insert into records
             select (jsonb_populate_record(r, jsonb_build_object('id', gen_random_uuid()))).*
             from records r, generate_series(2, {CHILDREN}) where r.id = '{id}' returning tenant_id, id)
         insert into record_links select more.tenant_id, more.id, l.field, l.to_id
           from more, record_links l where l.from_id = '{id}'"
    );
    app.database().as_superuser(&more).await;
    repair(&app, "acme", false).await;
    assert_eq!(now(&owner, &acme).await["data"]["open_deals"], CHILDREN);
    app.database().as_superuser("vacuum (analyze) records, record_links, rollup_tallies").await;

    let mut log = Log::explain(app.database()).await;
    let deal = change(&owner, &deal, json!({"data": {"amount": "20"}})).await.expect(200).json();
    let moved = change(&owner, &deal, json!({"stage": "proposal"})).await;
    moved.expect(200);
    let pages: u64 = log.plans().await.iter().map(|plan| plan.buffers()).sum();
    assert!((1..=PAGES).contains(&pages), "two edits touched {pages} pages");
    // 9,999 of 10 at a tenth, and one of 20 at a half.
    assert_eq!(now(&owner, &acme).await["data"]["pipeline_value"]["amount"], "10009.00");
    expect_right(&app, "acme").await;
}
