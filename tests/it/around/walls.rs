//! What stands around a record stays behind teams, shares, conditions of roles and rights by field, also for the other
//! people that somebody names.

use serde_json::{Value, json};

use super::files::{PNG, upload};
use super::{contact, id, text, told};
use crate::access::{person, role};
use crate::kit::{App, Client};

/// Mentions somebody in a comment; gives the status of the answer.
async fn mention(client: &Client, record: &str, other: &Client) -> u16 {
    let body = json!({"body": format!("See this, @[{}]", other.user())});
    client.post(&format!("{record}/comments"), &body).await.status
}

/// A contact with values of its own.
async fn made(client: &Client, data: Value) -> String {
    let made = client.post("/api/v1/records/contacts", &json!({"data": data})).await.expect(201).json();
    format!("/api/v1/records/contacts/{}", text(&made["id"]))
}

#[tokio::test]
async fn teams_and_shares_of_the_other_person_decide_whether_they_can_be_named() {
    let app = App::start().await;
    let owner = app.sign_up_with("acme", "corporate", false).await;
    owner.post("/api/v1/teams", &json!({"key": "north", "name": "North"})).await.expect(201);
    let lead = person(&app, &owner, "lead", json!({"role": "team_lead"})).await;
    owner.change("/api/v1/teams/north", &json!({"manager": lead.user()})).await.expect(200);
    let rep = person(&app, &owner, "rep", json!({"team": "north"})).await;
    let mate = person(&app, &owner, "mate", json!({"team": "north"})).await;
    let record = contact(&rep, "Rao").await;
    assert_eq!(mention(&rep, &record, &lead).await, 201, "who manages the team reads its records");
    assert_eq!(told(&lead).await.len(), 1);
    assert_eq!(mention(&rep, &record, &mate).await, 422, "the role of a mate says own");
    let task = json!({"title": "Ring", "record": id(&record), "assignee": mate.user()});
    assert_eq!(rep.post("/api/v1/tasks", &task).await.expect(422).pointers(), ["/assignee"]);

    let file = upload(&rep, "offer.pdf", b"%PDF-1.7 offer").await.expect(201).json();
    rep.post(&format!("{record}/files"), &json!({"files": [file["id"]]})).await.expect(200);
    let file = format!("/api/v1/files/{}", text(&file["id"]));
    let share = json!({"with": {"team": "north"}, "level": "read"});
    let share = rep.post(&format!("{record}/shares"), &share).await.expect(201).json();
    assert_eq!(mention(&rep, &record, &mate).await, 201, "a share opens the record to the team");
    rep.post("/api/v1/tasks", &task).await.expect(201);
    mate.get(&file).await.expect(200);
    mate.post(&format!("{record}/activities"), &json!({"kind": "note", "subject": "x"})).await.expect(403);
    assert_eq!(told(&mate).await.len(), 2);

    rep.remove(&format!("{record}/shares/{}", text(&share["id"]))).await.expect(204);
    assert!(told(&mate).await.is_empty(), "what is closed again is told of no more");
    mate.get(&file).await.expect(404);
    let tasks = mate.get("/api/v1/tasks").await.expect(200).json();
    assert_eq!((&tasks["data"][0]["title"], &tasks["data"][0]["record"]), (&json!("Ring"), &json!(null)));
    owner.change("/api/v1/teams/north", &json!({"manager": null})).await.expect(200);
    assert!(told(&lead).await.is_empty());
    assert_eq!(mention(&rep, &record, &lead).await, 422);
}

#[tokio::test]
async fn the_condition_of_the_other_person_s_role_is_asked_for_them() {
    let app = App::start().await;
    let owner = app.sign_up_with("acme", "corporate", false).await;
    let grants = json!({"read": "all", "where": "job_title == \"Buyer\" or owner == user"});
    role(&app, json!({"key": "support", "label": "Clerk", "modules": {"contacts": grants}})).await;
    let blind = json!({"key": "worker", "label": "Rep", "modules": {"contacts": {"read": "all", "create": "all"}},
        "fields": {"contacts.job_title": "hidden"}});
    role(&app, blind).await;
    let clerk = person(&app, &owner, "clerk", json!({"role": "support"})).await;
    let rep = person(&app, &owner, "rep", json!({})).await;
    let named = |job: &str| json!({"first_name": "Ana", "last_name": "Rao", "job_title": job});
    let (buyer, seller) = (made(&owner, named("Buyer")).await, made(&owner, named("Seller")).await);
    assert_eq!(mention(&owner, &buyer, &clerk).await, 201);
    assert_eq!(mention(&owner, &seller, &clerk).await, 422, "its owner is the one who asks, not the clerk");
    // The condition holds whether or not who names them may know of the field.
    assert_eq!(mention(&rep, &buyer, &clerk).await, 201);
    assert_eq!(mention(&rep, &seller, &clerk).await, 422);
    assert_eq!(told(&clerk).await.len(), 2);
    owner.patch(&buyer, 1, &json!({"data": {"job_title": "Chef"}})).await.expect(200);
    assert!(told(&clerk).await.is_empty());
}

/// A clerk who reads contacts but for some fields.
async fn clerk(app: &App, owner: &Client, fields: Value) -> Client {
    let grants = json!({"read": "all", "create": "all", "update": "all"});
    let definition =
        json!({"key": "support", "label": "Clerk", "modules": {"contacts": grants}, "fields": fields});
    role(app, definition).await;
    person(app, owner, "clerk", json!({"role": "support"})).await
}

#[tokio::test]
async fn a_file_in_a_field_that_is_hidden_or_masked_is_no_file() {
    let app = App::start().await;
    let owner = app.sign_up_with("acme", "corporate", false).await;
    for (key, kind) in [("contract", "file"), ("portrait", "image")] {
        let field = json!({"key": key, "label": key, "type": kind});
        owner.post("/api/v1/modules/contacts/fields", &field).await.expect(201);
    }
    let clerk =
        clerk(&app, &owner, json!({"contacts.contract": "hidden", "contacts.portrait": "masked"})).await;
    let pdf = upload(&owner, "contract.pdf", b"%PDF-1.7 a").await.expect(201).json();
    let image = upload(&owner, "mara.png", PNG).await.expect(201).json();
    let open = upload(&owner, "open.pdf", b"%PDF-1.7 b").await.expect(201).json();
    let data =
        json!({"first_name": "Ana", "last_name": "Rao", "contract": pdf["id"], "portrait": image["id"]});
    let record = made(&owner, data).await;
    owner.post(&format!("{record}/files"), &json!({"files": [open["id"]]})).await.expect(200);
    let seen = clerk.get(&record).await.expect(200).json();
    assert_eq!((&seen["data"]["portrait"], seen["data"].get("contract")), (&json!("•••"), None));
    let page = clerk.browser().await.get(&format!("/m/contacts/r/{}", id(&record))).await.expect(200).text();
    assert!(page.contains(&text(&open["id"])), "an attachment is of no field");
    clerk.get(&format!("/api/v1/files/{}", text(&open["id"]))).await.expect(200);
    for file in [&pdf, &image] {
        let own = text(&file["id"]);
        clerk.get(&format!("/api/v1/files/{own}")).await.expect_problem(404, "not-found");
        assert!(!page.contains(&own) && !page.contains(&text(&file["name"])), "{page}");
        let attach = clerk.post(&format!("{record}/files"), &json!({"files": [own]})).await;
        attach.expect_problem(422, "invalid-input");
    }
    let kept = clerk.patch(&record, 1, &json!({"data": {"last_name": "Roe"}})).await.expect(200);
    assert_eq!(kept.json()["version"], 2);
    let whole = owner.get(&record).await.expect(200).json();
    assert_eq!((&whole["data"]["contract"], &whole["data"]["portrait"]), (&pdf, &image));
    owner.get(&format!("/api/v1/files/{}", text(&pdf["id"]))).await.expect(200);
}

/// Titles that the search over everything finds among contacts.
async fn found(client: &Client, q: &str) -> Vec<String> {
    let groups = client.get(&format!("/api/v1/search?q={q}")).await.expect(200).json();
    let groups = groups["data"].as_array().expect("groups").clone();
    let records = groups.iter().filter(|group| group["module"] == "contacts");
    records
        .flat_map(|group| group["records"].as_array().expect("hits").clone())
        .map(|hit| text(&hit["title"]))
        .collect()
}

#[tokio::test]
async fn the_search_finds_nothing_by_what_is_kept_and_its_order_tells_nothing() {
    let app = App::start().await;
    let owner = app.sign_up_with("acme", "corporate", false).await;
    let fields = json!({"contacts.first_name": "hidden", "contacts.phone": "masked"});
    let clerk = clerk(&app, &owner, fields).await;
    let named =
        |first: &str, last: &str| json!({"first_name": first, "last_name": last, "phone": "+442079460018"});
    made(&owner, named("Linda", "Lindgren")).await;
    made(&owner, named("Zoe", "Lindberg")).await;
    made(&owner, named("Quagga", "Rao")).await;
    assert_eq!(found(&owner, "lind").await, ["Linda Lindgren", "Zoe Lindberg"]);
    assert_eq!(found(&clerk, "lind").await, ["Lindberg", "Lindgren"], "by age, not by the hidden first name");
    assert_eq!(found(&owner, "quagga").await, ["Quagga Rao"]);
    for q in ["quagga", "linda", "qu", "7946", "quagga%20rao"] {
        assert_eq!(found(&clerk, q).await, Vec::<String>::new(), "{q}");
    }
    assert_eq!(found(&clerk, "rao").await, ["Rao"]);
    let page = clerk.browser().await.get("/search?q=rao").await.expect(200).text();
    assert!(page.contains("Rao") && !page.contains("Quagga"), "{page}");
}

#[tokio::test]
async fn a_shared_view_tells_nothing_of_fields_that_are_kept() {
    let app = App::start().await;
    let owner = app.sign_up_with("acme", "corporate", false).await;
    let fields = json!({"contacts.first_name": "hidden", "contacts.phone": "masked"});
    let clerk = clerk(&app, &owner, fields).await;
    let views = "/api/v1/modules/contacts/views";
    let mut kept = Vec::new();
    for filter in ["first_name == \"Quagga\"", "phone contains \"0018\""] {
        let view = json!({"label": "Quaggas", "visibility": "everyone", "filter": filter});
        kept.push(text(&owner.post(views, &view).await.expect(201).json()["id"]));
    }
    let open = json!({
        "label": "Open", "visibility": "everyone", "columns": ["first_name", "last_name", "phone"],
        "sort": ["-first_name", "phone", "last_name"], "group_by": "first_name",
    });
    owner.post(views, &open).await.expect(201);
    let list = clerk.get(views).await.expect(200);
    assert!(!list.text().contains("first_name") && !list.text().contains("Quagga"), "{}", list.text());
    assert!(!list.text().contains("0018") && !list.text().contains("Quaggas"), "{}", list.text());
    let list = list.json();
    let views = list["saved"].as_array().expect("views");
    let open = views.iter().find(|view| view["label"] == "Open").expect("what may be told is there");
    assert_eq!(open["columns"], json!(["last_name", "phone"]));
    assert_eq!((&open["sort"], &open["group_by"]), (&json!(["last_name"]), &json!(null)));
    for view in kept {
        clerk.get(&format!("/api/v1/views/{view}")).await.expect_problem(404, "not-found");
        clerk
            .get(&format!("/api/v1/records/contacts?view={view}"))
            .await
            .expect_problem(422, "invalid-query");
    }
    let page = clerk.browser().await.get("/m/contacts").await.expect(200).text();
    assert!(page.contains(">Open</a>") && !page.contains("Quaggas"), "{page}");
}

#[tokio::test]
async fn who_renames_a_view_keeps_what_of_it_they_do_not_know() {
    let app = App::start().await;
    let owner = app.sign_up_with("acme", "corporate", false).await;
    let definition = json!({
        "key": "support", "label": "Clerk", "modules": {"contacts": {"read": "all"}},
        "capabilities": ["manage_schema"], "fields": {"contacts.first_name": "hidden"},
    });
    role(&app, definition).await;
    let clerk = person(&app, &owner, "clerk", json!({"role": "support"})).await;
    let view = json!({"label": "Open", "visibility": "everyone", "columns": ["first_name", "last_name"]});
    let view = owner.post("/api/v1/modules/contacts/views", &view).await.expect(201).json();
    let path = format!("/api/v1/views/{}", text(&view["id"]));
    let renamed = clerk.patch(&path, 1, &json!({"label": "All"})).await.expect(200).json();
    assert_eq!((&renamed["label"], &renamed["columns"]), (&json!("All"), &json!(["last_name"])));
    let whole = owner.get(&path).await.expect(200).json();
    assert_eq!(whole["columns"], json!(["first_name", "last_name"]));
    clerk.patch(&path, 2, &json!({"columns": ["last_name", "email"]})).await.expect(200);
    let whole = owner.get(&path).await.expect(200).json();
    assert_eq!(whole["columns"], json!(["last_name", "email"]), "who changes the columns sets them all");
}
