//! The condition of a role: what does not meet it is not there, and nobody writes themselves out of it.

use serde_json::json;

use super::{contact, names, person, role};
use crate::kit::App;

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
