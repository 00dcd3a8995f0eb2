//! A module that points to itself: nobody stands above themselves, however the writes come.

use serde_json::json;

use super::{account, add_field, change, create, id, now, sales};
use crate::kit::App;

#[tokio::test]
async fn no_company_is_above_itself() {
    let app = App::start().await;
    let owner = sales(&app).await;
    let make = async |name: &str| create(&owner, "organizations", json!({"name": name})).await;
    let (a, b, c) = (make("A").await, make("B").await, make("C").await);
    change(&owner, &b, json!({"parent": id(&a)})).await.expect(200);
    change(&owner, &c, json!({"parent": id(&b)})).await.expect(200);
    for (low, high) in [(&a, &a), (&a, &b), (&a, &c), (&b, &c)] {
        let answer = change(&owner, low, json!({"parent": id(high)})).await;
        let answer = answer.expect_problem(422, "invalid-record");
        assert_eq!(answer.pointers(), ["/data/parent"]);
        assert_eq!(answer.json()["errors"][0]["code"], "circle");
    }
    change(&owner, &c, json!({"parent": id(&a)})).await.expect(200);
    let page =
        owner.get(&format!("/api/v1/records/organizations/{}/related/organizations.parent", id(&a))).await;
    assert_eq!(page.expect(200).json()["count"], json!({"value": 2, "exact": true}), "both are below");
}

#[tokio::test]
async fn two_writes_do_not_close_a_circle_together() {
    let app = App::start().await;
    let owner = sales(&app).await;
    for round in 0..10 {
        let make = async |name: String| create(&owner, "organizations", json!({ "name": name })).await;
        let (a, b, c) = (
            make(format!("A{round}")).await,
            make(format!("B{round}")).await,
            make(format!("C{round}")).await,
        );
        let (first, second, third) = tokio::join!(
            change(&owner, &a, json!({"parent": id(&b)})),
            change(&owner, &b, json!({"parent": id(&c)})),
            change(&owner, &c, json!({"parent": id(&a)})),
        );
        let made = [&first, &second, &third].iter().filter(|answer| answer.status == 200).count();
        assert!(made < 3, "all three would be a circle");
        for answer in [first, second, third] {
            assert!([200, 409, 422].contains(&answer.status), "{}", answer.text());
        }
    }
}

#[tokio::test]
async fn chains_end_somewhere_and_circles_can_be_meant() {
    let app = App::start().await;
    let owner = app.sign_up_with("ring", "blank", false).await;
    let part = json!({"key": "part_of", "label": "Part of", "type": "relation", "module": "items"});
    let twin = json!({"key": "twin", "label": "Twin", "type": "relation", "module": "items", "cycles": true});
    add_field(&owner, "items", part).await;
    add_field(&owner, "items", twin).await;
    let mut above = create(&owner, "items", json!({"name": "0"})).await;
    let first = above.clone();
    for level in 1..=98 {
        above = create(&owner, "items", json!({"name": level.to_string(), "part_of": id(&above)})).await;
    }
    let last = create(&owner, "items", json!({"name": "99", "part_of": id(&above)})).await;
    let deeper = json!({"data": {"name": "100", "part_of": id(&last)}});
    let answer = owner.post("/api/v1/records/items", &deeper).await.expect_problem(422, "invalid-record");
    assert_eq!(answer.json()["errors"][0]["code"], "depth");
    change(&owner, &first, json!({"twin": id(&last)})).await.expect(200);
    change(&owner, &last, json!({"twin": id(&first)})).await.expect(200);
    assert_eq!(now(&owner, &last).await["data"]["twin"]["title"], "0");
}

#[tokio::test]
async fn only_what_meets_the_relations_condition_may_be_chosen() {
    let app = App::start().await;
    let owner = sales(&app).await;
    let field = json!({
        "key": "customer", "label": "Customer", "type": "relation", "module": "organizations",
        "filter": "relationship == 'customer'",
    });
    add_field(&owner, "activities", field.clone()).await;
    let (prospect, _, _) = account(&owner, "Prospect").await;
    let customer = json!({"name": "Loyal", "relationship": "customer"});
    let customer = create(&owner, "organizations", customer).await;
    let activity = |target: &serde_json::Value| json!({"data": {"subject": "Call", "customer": id(target)}});
    let answer = owner.post("/api/v1/records/activities", &activity(&prospect)).await;
    let answer = answer.expect_problem(422, "invalid-record");
    assert_eq!(answer.pointers(), ["/data/customer"]);
    let call = owner.post("/api/v1/records/activities", &activity(&customer)).await.expect(201).json();
    change(&owner, &customer, json!({"relationship": "former"})).await.expect(200);
    change(&owner, &call, json!({"subject": "Second call"})).await.expect(200);

    let browser = owner.browser().await;
    let offered = browser.get("/m/organizations/choices?for=activities.customer&q=").await.expect(200).text();
    assert!(!offered.contains("Prospect") && !offered.contains("Loyal"), "{offered}");
    let all = browser.get("/m/organizations/choices?q=").await.expect(200).text();
    assert!(all.contains("Prospect") && all.contains("Loyal"), "{all}");

    let mut wrong = field;
    wrong["key"] = json!("other");
    wrong["filter"] = json!("relationshp == 'customer'");
    let answer = owner.post("/api/v1/modules/activities/fields", &wrong).await;
    let answer = answer.expect_problem(422, "invalid-definition");
    assert_eq!(answer.pointers(), ["/filter"]);
    assert!(answer.text().contains("did you mean 'relationship'?"), "{}", answer.text());
}
