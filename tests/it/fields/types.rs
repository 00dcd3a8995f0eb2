//! Values of the structured types through the API and on pages.

use serde_json::{Value, json};

use super::titles;
use crate::kit::{App, Client};
use crate::records::{ITEMS, add_field, create, id, patch, starter};

async fn with_fields(slug: &str, fields: Value) -> (App, Client) {
    let (app, owner) = starter(slug).await;
    for field in fields.as_array().expect("a list of fields") {
        add_field(&owner, field.clone()).await;
    }
    (app, owner)
}

#[tokio::test]
async fn values_are_stored_in_one_form_and_found_by_it() {
    let (_app, owner) = with_fields(
        "acme",
        json!([
            {"key": "opens", "label": "Opens", "type": "time"},
            {"key": "takes", "label": "Takes", "type": "duration"},
            {"key": "stars", "label": "Stars", "type": "rating"},
            {"key": "paint", "label": "Paint", "type": "color"},
            {"key": "topics", "label": "Topics", "type": "tags"},
            {"key": "script", "label": "Script", "type": "code", "language": "sql"},
            {"key": "extra", "label": "Extra", "type": "json"},
        ]),
    )
    .await;
    let early = create(&owner, json!({"name": "early", "opens": "7:30 am", "takes": "1 h 30 min", "stars": 5,
        "paint": "F80", "topics": ["VIP", "School  Run"], "script": "select 1\n  from t", "extra": {"a": [1]}}))
    .await;
    let data = &early["data"];
    assert_eq!(
        [&data["opens"], &data["takes"], &data["paint"]],
        [&json!("07:30"), &json!(5400), &json!("#ff8800")]
    );
    assert_eq!([&data["topics"], &data["extra"]], [&json!(["vip", "school run"]), &json!({"a": [1]})]);
    create(&owner, json!({"name": "late", "opens": "18:00", "takes": 60, "stars": 2, "topics": ["vip"]}))
        .await;
    create(&owner, json!({"name": "never"})).await;
    for (filter, expected) in [
        ("opens < \"12:00\"", vec!["early"]),
        ("takes >= 5400", vec!["early"]),
        ("stars < 3", vec!["late"]),
        ("paint == \"#FF8800\"", vec!["early"]),
        ("topics contains \"vip\"", vec!["early", "late"]),
        ("\"school run\" in topics", vec!["early"]),
        ("script contains \"FROM\"", vec!["early"]),
        ("extra is not empty", vec!["early"]),
        ("extra is empty and topics is empty", vec!["never"]),
    ] {
        assert_eq!(titles(&owner, filter, "name").await, expected, "{filter}");
    }
    assert_eq!(titles(&owner, "", "-opens").await, ["late", "early", "never"]);
    assert_eq!(titles(&owner, "", "takes").await, ["late", "early", "never"]);
    let found = owner.get(&format!("{ITEMS}?q=school")).await.expect(200).json();
    assert_eq!(found["data"][0]["title"], "early");
    let refused = owner.get(&format!("{ITEMS}?sort=extra")).await;
    assert!(refused.expect(422).text().contains("cannot be sorted by"));
    let refused = owner.get(&format!("{ITEMS}?filter=extra%20%3D%3D%20extra")).await;
    refused.expect_problem(422, "invalid-query");
}

#[tokio::test]
async fn addresses_are_sorted_and_compared_by_city_with_a_slot_and_without() {
    let (_app, owner) = with_fields(
        "acme",
        json!([
            {"key": "home", "label": "Home", "type": "address"},
            {"key": "work", "label": "Work", "type": "address", "sortable": false},
        ]),
    )
    .await;
    for (name, address) in [
        ("b", json!({"line1": "1 High Street", "city": "Leeds", "country": "United Kingdom"})),
        ("a", json!({"city": "pune", "country": "in"})),
        ("c", json!({"line1": "Alpine Hut"})),
    ] {
        create(&owner, json!({"name": name, "home": address, "work": address})).await;
    }
    let nothing = owner.post(ITEMS, &json!({"data": {"name": "none", "home": {"city": ""}}})).await;
    assert_eq!(nothing.expect_problem(422, "invalid-record").pointers(), ["/data/home"]);
    for key in ["home", "work"] {
        assert_eq!(titles(&owner, "", key).await, ["c", "b", "a"], "{key}");
        assert_eq!(titles(&owner, &format!("{key} == \"LEEDS\""), "name").await, ["b"], "{key}");
        assert_eq!(titles(&owner, &format!("{key} > \"leeds\""), "name").await, ["a"], "{key}");
        assert_eq!(titles(&owner, &format!("{key} contains \"alp\""), "name").await, ["c"], "{key}");
        assert_eq!(titles(&owner, &format!("lower({key}) == \"pune\""), "name").await, ["a"], "{key}");
    }
    let found = owner.get(&format!("{ITEMS}?q=united")).await.expect(200).json();
    assert_eq!(found["data"][0]["data"]["home"]["country"], "GB", "countries are found by their names");
}

#[tokio::test]
async fn crews_are_people_of_the_workspace_and_come_with_their_names() {
    let (app, owner) =
        with_fields("acme", json!([{"key": "crew", "label": "Crew", "type": "members"}])).await;
    let worker = app.member(&owner, "manager").await;
    let stranger = app.sign_up_with("other", "blank", false).await;
    let crew = |people: &[&str]| json!({"data": {"name": "Van", "crew": people}});
    for outsider in [stranger.user(), "019bc000-0000-7000-8000-000000000000"] {
        let answer = owner.post(ITEMS, &crew(&[owner.user(), outsider])).await;
        assert_eq!(answer.expect_problem(422, "invalid-record").pointers(), ["/data/crew"]);
    }
    let record = owner.post(ITEMS, &crew(&[owner.user(), worker.user()])).await.expect(201).json();
    let shown = &record["data"]["crew"];
    assert_eq!([&shown[0]["id"], &shown[1]["id"]], [owner.user(), worker.user()]);
    assert!(shown[1]["name"].as_str().is_some_and(|name| !name.is_empty()), "{shown}");
    let again = patch(&owner, &record, json!({"data": {"crew": shown}})).await.expect(200).json();
    assert_eq!(again["version"], record["version"], "what was read may be sent again");
    assert_eq!(titles(&owner, "crew contains user", "name").await, ["Van"]);
    assert_eq!(titles(&worker, &format!("crew contains \"{}\"", worker.user()), "name").await, ["Van"]);
    assert!(titles(&owner, &format!("crew contains \"{}\"", stranger.user()), "name").await.is_empty());
    let retire = format!("update memberships set active = false where user_id = '{}'", worker.user());
    app.database().as_superuser(&retire).await;
    let body = json!({"data": {"crew": [worker.user(), owner.user()]}});
    patch(&owner, &record, body).await.expect(200);
    let page =
        owner.browser().await.get(&format!("/m/items/r/{}/edit", id(&record))).await.expect(200).text();
    assert!(page.contains(&format!("<option value=\"{}\" selected>", worker.user())), "{page}");
}

#[tokio::test]
async fn rich_text_is_drawn_from_harmless_tags_alone() {
    let (_app, owner) =
        with_fields("acme", json!([{"key": "story", "label": "Story", "type": "rich_text"}])).await;
    let source = "# Leak\n- **wet** <script>alert(1)</script>\n- [plan](https://example.com/?a=1&b=\"2)\n\n<img src=x onerror=alert(2)>";
    let record = create(&owner, json!({"name": "Roof", "story": source})).await;
    let stored = record["data"]["story"].as_str().expect("a text");
    assert!(stored.contains("\\<script>") && stored.starts_with("# Leak\n- **wet**"), "{stored}");
    let browser = owner.browser().await;
    let page = browser.get(&format!("/m/items/r/{}", id(&record))).await.expect(200).text();
    assert!(page.contains("<h3>Leak</h3>") && page.contains("<strong>wet</strong>"), "{page}");
    assert!(page.contains("href=\"https://example.com/?a=1&amp;b=&quot;2\""), "{page}");
    assert!(!page.contains("<script>alert") && !page.contains("<img src=x"), "{page}");
    let older = format!(
        "update records set data = data || '{{\"story\": \"[x](javascript:alert(1)) <b onclick=y>z</b>\"}}' where id = '{}'",
        id(&record)
    );
    owner.app().database().as_superuser(&older).await;
    let page = browser.get(&format!("/m/items/r/{}", id(&record))).await.expect(200).text();
    assert!(
        !page.contains("javascript:") && !page.contains("<b onclick"),
        "what is stored is not trusted: {page}"
    );
}

#[tokio::test]
async fn forms_with_several_inputs_work_without_scripts() {
    let (_app, owner) = with_fields(
        "acme",
        json!([
            {"key": "home", "label": "Home", "type": "address"},
            {"key": "spot", "label": "Spot", "type": "location"},
            {"key": "crew", "label": "Crew", "type": "members"},
            {"key": "topics", "label": "Topics", "type": "tags"},
            {"key": "extra", "label": "Extra", "type": "json"},
        ]),
    )
    .await;
    let browser = owner.browser().await;
    let form = [
        ("name", "Shop"),
        ("home", "1 High Street"),
        ("home", ""),
        ("home", "Leeds"),
        ("home", ""),
        ("home", ""),
        ("home", "GB"),
        ("spot", "53.8"),
        ("spot", "-1.55"),
        ("crew", ""),
        ("crew", owner.user()),
        ("topics", "Retail, north"),
        ("extra", "{\"a\": 1}"),
    ];
    browser.submit("/m/items/new", &form).await.expect(303);
    let page = owner.get(ITEMS).await.expect(200).json();
    let (record, data) = (&page["data"][0], &page["data"][0]["data"]);
    assert_eq!(data["home"], json!({"line1": "1 High Street", "city": "Leeds", "country": "GB"}));
    assert_eq!(data["spot"], json!({"lat": 53.8, "lng": -1.55}));
    assert_eq!([&data["crew"][0]["id"], &data["topics"][1]], [owner.user(), "north"]);
    let edit = browser.get(&format!("/m/items/r/{}/edit", id(record))).await.expect(200).text();
    assert!(edit.contains("value=\"Leeds\"") && edit.contains("<option value=\"GB\" selected>"), "{edit}");
    let mut broken = form;
    broken[12].1 = "{\"a\": ";
    broken[8].1 = "200";
    let again = browser.submit("/m/items/new", &broken).await.expect(422).text();
    assert!(again.contains("This is not JSON: see line 1"), "{again}");
    assert!(
        again.contains("value=\"200\"") && again.contains("value=\"Leeds\""),
        "what was typed stays: {again}"
    );
}
