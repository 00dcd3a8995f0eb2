//! The condition of a role: what does not meet it is not there, and nobody writes themselves out of it.

use serde_json::json;

use super::{contact, names, person, role};
use crate::kit::App;
use crate::lines::Shop;
use crate::pipelines::gate;
use crate::records::{at, create, id, starter};

#[tokio::test]
async fn what_does_not_meet_a_role_s_condition_is_not_there() {
    let app = App::start().await;
    let owner = app.sign_up_with("acme", "corporate", false).await;
    let grants = json!({"read": "all", "create": "all", "update": "all", "assign": "all",
        "where": "job_title == \"Buyer\" or owner == user"});
    role(&app, json!({"key": "support", "label": "Clerk", "modules": {"contacts": grants}})).await;
    let clerk = person(&app, &owner, "clerk", json!({"role": "support"})).await;
    let buyer = contact(&owner, "Rao", json!({"job_title": "buyer"})).await;
    let other = contact(&owner, "Roe", json!({"job_title": "Seller"})).await;
    assert_eq!(names(&clerk, "count=exact").await, ["Rao"]);
    assert_eq!(names(&clerk, "sort=-job_title").await, ["Rao"]);
    clerk.get(&format!("/api/v1/records/contacts/{other}")).await.expect_problem(404, "not-found");
    let path = format!("/api/v1/records/contacts/{buyer}");
    clerk.patch(&path, 1, &json!({"data": {"job_title": "Chef"}})).await.expect(422);
    let kept = owner.get(&path).await.expect(200).json();
    assert_eq!((&kept["version"], &kept["data"]["job_title"]), (&json!(1), &json!("buyer")));
    clerk.patch(&path, 1, &json!({"data": {"last_name": "Ray"}})).await.expect(200);
    // One's own may be anything, until it is given away.
    let own = contact(&clerk, "Own", json!({"job_title": "Chef"})).await;
    let path = format!("/api/v1/records/contacts/{own}");
    let given = clerk.patch(&path, 1, &json!({"owner": owner.user()})).await.expect(422);
    assert_eq!(given.pointers(), ["/data"]);
    let for_others = json!({"data": {"first_name": "Ana", "last_name": "New", "job_title": "Chef"}, "owner": owner.user()});
    assert_eq!(clerk.post("/api/v1/records/contacts", &for_others).await.expect(422).pointers(), ["/data"]);
}

#[tokio::test]
async fn a_condition_that_no_longer_checks_lets_nothing_through() {
    let app = App::start().await;
    let owner = app.sign_up_with("acme", "corporate", false).await;
    let grants = json!({"read": "all", "where": "gone == \"yes\""});
    role(&app, json!({"key": "support", "label": "Clerk", "modules": {"contacts": grants}})).await;
    let clerk = person(&app, &owner, "clerk", json!({"role": "support"})).await;
    let record = contact(&owner, "Rao", json!({})).await;
    assert_eq!(names(&clerk, "").await, Vec::<String>::new());
    clerk.get(&format!("/api/v1/records/contacts/{record}")).await.expect(404);
}

#[tokio::test]
async fn a_condition_on_a_hidden_field_opens_the_record_s_page_and_its_way_and_names_nothing() {
    let (app, owner) = starter("acme").await;
    let grants = json!({"read": "all", "update": "all", "where": "amount is not empty"});
    let fields = json!({"items.amount": "hidden", "items.link": "hidden"});
    role(&app, json!({"key": "worker", "label": "Worker", "modules": {"items": grants}, "fields": fields}))
        .await;
    let gates = json!({
        "in_progress": {"enter_when": "link is not empty"},
        "done": {"required": ["link"]},
        "dropped": {"enter_when": "amount is not empty"},
    });
    gate(&owner, gates).await.expect(200);
    let worker = app.member(&owner, "worker").await;
    let record = create(&owner, json!({"name": "Chair", "amount": "5.00"})).await;
    let path = format!("/m/items/r/{}", id(&record));
    let page = worker.browser().await.get(&path).await.expect(200).text();
    let ways = worker.get(&format!("{}/stages", at(&record))).await.expect(200);
    let refused = worker.patch(&at(&record), 1, &json!({"stage": "done"})).await.expect(422);
    let told = worker.get("/api/v1/pipelines").await.expect(200);
    let module = worker.get("/api/v1/bootstrap").await.expect(200);
    for text in [page, ways.text(), refused.text(), told.text(), module.text()] {
        assert!(!text.contains("link is") && !text.contains("Link") && !text.contains("\"link"), "{text}");
    }
    let moves = ways.json()["moves"].as_array().cloned().unwrap_or_default();
    let open: Vec<bool> = moves.iter().map(|it| it["allowed"] == true).collect();
    assert_eq!(open, [false, false, false, true]);
    worker.patch(&at(&record), 1, &json!({"stage": "dropped"})).await.expect(200);
}

#[tokio::test]
async fn a_product_that_meets_a_role_s_condition_may_be_sold_by_it_and_no_other() {
    let shop = Shop::open().await;
    let grants = json!({"read": "all", "create": "all", "assign": "all"});
    let modules = json!({"organizations": grants, "quotes": grants,
        "products": {"read": "all", "where": "category == \"hardware\""}});
    role(&shop.app, json!({"key": "support", "label": "Clerk", "modules": modules})).await;
    let clerk = person(&shop.app, &shop.owner, "clerk", json!({"role": "support"})).await;
    let (known, unknown) =
        (shop.product("A", json!({})).await, shop.product("B", json!({"category": "service"})).await);
    shop.quote(&clerk, json!([{"product": known["id"], "quantity": "1"}])).await.expect(201);
    let refused = shop.quote(&clerk, json!([{"product": unknown["id"], "quantity": "1"}])).await.expect(422);
    assert_eq!(refused.pointers(), ["/data/lines/rows/0/product"]);
}
