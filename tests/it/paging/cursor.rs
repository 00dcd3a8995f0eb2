//! Cursors, limits and counts.

use serde_json::json;

use crate::kit::{Answer, Client};
use crate::records::{ITEMS, create, starter};

async fn list(client: &Client, query: &str) -> Answer {
    client.get(&format!("{ITEMS}?{query}")).await
}

#[track_caller]
fn refused(answer: Answer, parameter: &str) {
    let answer = answer.expect_problem(422, "invalid-query");
    assert_eq!(answer.json()["errors"][0]["parameter"], parameter, "{}", answer.text());
}

#[tokio::test]
async fn a_cursor_is_good_for_its_own_list_only() {
    let (app, owner) = starter("acme").await;
    let other = app.sign_up_with("other", "blank", false).await;
    let clinic = app.sign_up_with("clinic", "hospital", false).await;
    for n in 0..4 {
        for client in [&owner, &other] {
            create(client, json!({"name": format!("n{n}")})).await;
        }
        let department =
            json!({"data": {"name": format!("Department {n}"), "code": "ABCD".repeat(n + 1).get(..n + 2)}});
        clinic.post("/api/v1/records/departments", &department).await.expect(201);
    }
    let first = list(&owner, "limit=2&sort=name").await.expect(200);
    let cursor = first.json()["next"].as_str().expect("there is more").to_owned();
    assert_eq!(first.header("link"), format!("<?cursor={cursor}>; rel=\"next\""));
    list(&owner, &format!("cursor={cursor}")).await.expect(200);
    list(&owner, &format!("cursor={cursor}&sort=name&limit=1")).await.expect(200);
    refused(list(&other, &format!("cursor={cursor}")).await, "cursor");
    for changed in ["sort=-name", "sort=name&filter=true", "sort=name&q=n1", "view=open"] {
        refused(list(&owner, &format!("cursor={cursor}&{changed}")).await, "cursor");
    }
    let departments = clinic.get("/api/v1/records/departments?limit=2").await.expect(200).json();
    let departments = departments["next"].as_str().expect("there is more");
    refused(clinic.get(&format!("/api/v1/records/doctors?cursor={departments}")).await, "cursor");
}

#[tokio::test]
async fn a_cursor_that_was_touched_is_none() {
    let (_app, owner) = starter("acme").await;
    for n in 0..4 {
        create(&owner, json!({"name": format!("n{n}")})).await;
    }
    let first = list(&owner, "limit=2").await.expect(200).json();
    let cursor = first["next"].as_str().expect("there is more").to_owned();
    for at in 0..cursor.len() {
        let mut bytes = cursor.clone().into_bytes();
        bytes[at] = if bytes[at] == b'A' { b'B' } else { b'A' };
        let touched = String::from_utf8(bytes).expect("ASCII");
        refused(list(&owner, &format!("cursor={touched}")).await, "cursor");
    }
    for nonsense in
        ["x", "..", "%F0%9F%98%80", "e30", &"A".repeat(4_000), &cursor[..cursor.len() - 1], &cursor.repeat(2)]
    {
        refused(list(&owner, &format!("cursor={nonsense}")).await, "cursor");
    }
    list(&owner, "cursor=").await.expect(200);
}

#[tokio::test]
async fn a_cursor_outlives_the_fields_it_knew_with_a_clear_answer() {
    let (app, owner) = starter("acme").await;
    crate::records::add_field(&owner, json!({"key": "shade", "label": "Shade", "type": "text"})).await;
    for n in 0..4 {
        create(&owner, json!({"name": "x", "shade": format!("s{n}")})).await;
    }
    let first = list(&owner, "limit=2&sort=shade").await.expect(200).json();
    let cursor = first["next"].as_str().expect("there is more");
    let retire = "update module_fields set retired_at = now() where key = 'shade'; update schema_versions set version = version + 1";
    app.database().as_superuser(retire).await;
    refused(list(&owner, &format!("cursor={cursor}")).await, "sort");
}

#[tokio::test]
async fn a_page_has_between_one_and_a_hundred_records() {
    let (_app, owner) = starter("acme").await;
    for n in 0..30 {
        create(&owner, json!({"name": format!("n{n}")})).await;
    }
    for (query, records) in [("", 25), ("limit=1", 1), ("limit=30", 30), ("limit=100", 30)] {
        let page = list(&owner, query).await.expect(200).json();
        assert_eq!(page["data"].as_array().map(Vec::len), Some(records), "{query}");
        assert_eq!(page["next"].is_null(), records == 30, "{query}");
    }
    for wrong in ["0", "101", "-1", "x", "", "1.5", "1e2", "99999999999999999999", "+"] {
        refused(list(&owner, &format!("limit={wrong}")).await, "limit");
    }
}

#[tokio::test]
async fn counting_is_asked_for() {
    let (app, owner) = starter("acme").await;
    create(&owner, json!({"name": "one"})).await;
    for (query, count) in [
        ("", json!({"value": 1, "exact": true})),
        ("count=capped", json!({"value": 1, "exact": true})),
        ("count=exact", json!({"value": 1, "exact": true})),
        ("count=exact&filter=name%20%3D%3D%20'two'", json!({"value": 0, "exact": true})),
    ] {
        assert_eq!(list(&owner, query).await.expect(200).json()["count"], count, "{query}");
    }
    assert_eq!(list(&owner, "count=none").await.expect(200).json().get("count"), None);
    refused(list(&owner, "count=all").await, "count");

    let many = "insert into records (tenant_id, id, module, version, created_at, updated_at, source, title, t1, data)
                select tenant_id, gen_random_uuid(), module, 1, created_at, updated_at, 'cli', 'x', 'x', data
                from records, generate_series(1, 10500)";
    app.database().as_superuser(many).await;
    assert_eq!(list(&owner, "").await.expect(200).json()["count"], json!({"value": 10_001, "exact": false}));
    assert_eq!(
        list(&owner, "count=exact").await.expect(200).json()["count"],
        json!({"value": 10_501, "exact": true})
    );
}

#[tokio::test]
async fn what_the_list_does_not_know_is_refused() {
    let (_app, owner) = starter("acme").await;
    for (query, parameter) in [
        ("sort=nothing", "sort"),
        ("sort=-", "sort"),
        ("sort=name,amount,due_on,category", "sort"),
        ("sort=id", "sort"),
        ("view=nothing", "view"),
        ("filter=nothing%20%3D%3D%201", "filter"),
        ("filter=(", "filter"),
    ] {
        refused(list(&owner, query).await, parameter);
    }
    let all = list(&owner, "sort=x&view=y&filter=z&limit=0&count=w").await.expect(422).json();
    assert_eq!(all["errors"].as_array().map(Vec::len), Some(5), "all faults at once: {all}");
    for query in ["page=2", "limit=1&limit=2", "trash=maybe", "filter=%00", "q=%ff"] {
        let status = list(&owner, query).await.status;
        assert!([200, 400, 422].contains(&status), "{query} gave {status}");
    }
    list(&owner, "page=2").await.expect_problem(400, "malformed-request");
}
