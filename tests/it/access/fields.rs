//! A field that is hidden from a role is known to no way of reading, and a masked one tells its last characters.

use serde_json::json;

use super::{contact, names, person, role};
use crate::kit::{App, Client};

/// A word that stands in a hidden field alone.
const WORD: &str = "Quagga";

struct Desk {
    owner: Client,
    clerk: Client,
    record: String,
}

impl Desk {
    async fn start(app: &App) -> Self {
        let owner = app.sign_up_with("acme", "corporate", false).await;
        let grants = json!({"read": "all", "create": "all", "update": "all", "delete": "all"});
        let fields = json!({"contacts.first_name": "hidden", "contacts.job_title": "read", "contacts.phone": "masked"});
        let definition =
            json!({"key": "support", "label": "Clerk", "modules": {"contacts": grants}, "fields": fields});
        role(app, definition).await;
        let clerk = person(app, &owner, "clerk", json!({"role": "support"})).await;
        let data = json!({"first_name": WORD, "phone": "+442079460018", "job_title": "Buyer"});
        let record = contact(&owner, "Rao", data).await;
        Self { owner, clerk, record }
    }

    fn path(&self) -> String {
        format!("/api/v1/records/contacts/{}", self.record)
    }
}

#[tokio::test]
async fn a_hidden_field_is_unknown_on_every_way_of_reading() {
    let app = App::start().await;
    let desk = Desk::start(&app).await;
    let changed = json!({"data": {"first_name": "Quaggas"}});
    desk.owner.patch(&desk.path(), 1, &changed).await.expect(200);
    let record = desk.clerk.get(&desk.path()).await.expect(200).json();
    assert_eq!(record["title"], "Rao", "the title is made of what may be seen");
    assert_eq!(record["data"]["phone"], "•••0018");
    let history = desk.clerk.get(&format!("{}/history", desk.path())).await.expect(200).json();
    assert_eq!(
        history["data"].as_array().map(Vec::len),
        Some(1),
        "the change of a hidden field has not happened"
    );
    assert_eq!(names(&desk.clerk, "q=quagga").await, Vec::<String>::new());
    assert_eq!(names(&desk.clerk, "q=rao").await, ["Rao"]);
    for query in [
        "filter=first_name%20%3D%3D%20%22a%22",
        "sort=first_name",
        "sort=phone",
        "sort=title",
        "filter=title%20contains%20%22q%22",
    ] {
        let answer = desk.clerk.get(&format!("/api/v1/records/contacts?{query}")).await;
        answer.expect_problem(422, "invalid-query");
    }
    let groups = "/api/v1/records/contacts/aggregate?measure=count,filled:first_name";
    desk.clerk.get(groups).await.expect_problem(422, "invalid-query");
    let browser = desk.clerk.browser().await;
    let pages = ["/m/contacts", "/m/contacts/choices?q=quagga", "/m/contacts/new", "/m/contacts/choices?q="];
    let of_record = ["", "/edit", "/history"].map(|tail| format!("/m/contacts/r/{}{tail}", desk.record));
    for path in pages.into_iter().map(str::to_owned).chain(of_record) {
        let answer = browser.get(&path).await.expect(200);
        assert!(!answer.text().contains(WORD) && !answer.text().contains("first_name"), "{path}");
    }
    for path in [
        "/api/v1/bootstrap",
        "/api/v1/modules/contacts",
        "/api/v1/openapi.json",
        "/api/v1/modules/contacts/fields",
        "/api/v1/modules/contacts/views",
        "/api/v1/modules/contacts/layouts",
    ] {
        let answer = desk.clerk.get(path).await.expect(200);
        assert!(!answer.text().contains("\"first_name\""), "{path}: {}", answer.text());
    }
}

#[tokio::test]
async fn what_is_hidden_or_locked_is_not_written_and_what_is_hidden_stays() {
    let app = App::start().await;
    let desk = Desk::start(&app).await;
    for (field, code) in [("first_name", "unknown_field"), ("job_title", "denied"), ("phone", "denied")] {
        let answer = desk.clerk.patch(&desk.path(), 1, &json!({"data": {field: "x"}})).await.expect(422);
        assert_eq!(answer.pointers(), [format!("/data/{field}")]);
        assert_eq!(answer.json()["errors"][0]["code"], code);
    }
    // The record as it was read may be sent back, masks and all.
    let mut data = desk.clerk.get(&desk.path()).await.expect(200).json()["data"].clone();
    data["last_name"] = json!("Roe");
    let changed = desk.clerk.patch(&desk.path(), 1, &json!({"data": data})).await.expect(200).json();
    assert_eq!(changed["title"], "Roe");
    let whole = desk.owner.get(&desk.path()).await.expect(200).json();
    assert_eq!(whole["data"]["first_name"], WORD, "what the clerk does not see is as it was");
    assert_eq!(whole["data"]["phone"], "+442079460018");
    assert_eq!(whole["title"], format!("{WORD} Roe"));
    assert_eq!(names(&desk.owner, "q=quagga").await, ["Roe"], "search text is of the whole record");
}

#[tokio::test]
async fn a_relation_tells_no_title_that_is_made_of_what_is_hidden() {
    let app = App::start().await;
    let desk = Desk::start(&app).await;
    let field = json!({"key": "friend", "label": "Friend", "type": "relation", "module": "contacts"});
    desk.owner.post("/api/v1/modules/contacts/fields", &field).await.expect(201);
    let friend = contact(&desk.owner, "Roe", json!({"friend": desk.record})).await;
    let path = format!("/api/v1/records/contacts/{friend}");
    let whole = desk.owner.get(&path).await.expect(200).json();
    assert_eq!(whole["data"]["friend"]["title"], format!("{WORD} Rao"));
    let seen = desk.clerk.get(&path).await.expect(200).json();
    assert_eq!(seen["data"]["friend"], json!({"id": desk.record, "title": "Rao"}));
    let page = desk.clerk.browser().await.get(&format!("/m/contacts/r/{friend}")).await.expect(200);
    assert!(page.text().contains("Rao") && !page.text().contains(WORD));
}

struct Office {
    app: App,
    owner: Client,
    clerk: Client,
}

/// Deals with a hidden field, and everything that can follow from it.
async fn office() -> Office {
    let app = App::start().await;
    let owner = app.sign_up_with("acme", "corporate", false).await;
    let validation = json!([{"key": "secret_rule", "must": "reference_fee < 10", "message": "Lower it.", "fields": ["name"]}]);
    for field in [
        json!({"key": "reference_fee", "label": "Fee", "type": "integer"}),
        json!({"key": "twice", "label": "Twice", "type": "integer", "formula": {"expr": "reference_fee * 2"}}),
        json!({"key": "open_sum", "label": "Open", "type": "text", "visible_when": "reference_fee > 3", "required_when": "name == 'x'"}),
    ] {
        owner.post("/api/v1/modules/deals/fields", &field).await.expect(201);
    }
    let fees = json!({"key": "fees", "label": "Fees", "type": "integer",
        "rollup": {"relation": "deals.organization", "function": "sum", "field": "twice", "where": "reference_fee > 1"}});
    owner.post("/api/v1/modules/organizations/fields", &fees).await.expect(201);
    let sql = format!(
        "update modules set definition = definition || '{{\"validation\": {validation}}}' where key = 'deals'"
    );
    app.database().as_superuser(&sql).await;
    let grants = json!({"read": "all", "create": "all", "update": "all", "delete": "all"});
    let definition = json!({"key": "support", "label": "Clerk", "capabilities": ["manage_schema"], "modules": {"*": grants},
        "fields": {"deals.reference_fee": "hidden"}});
    role(&app, definition).await;
    let clerk = person(&app, &owner, "clerk", json!({"role": "support"})).await;
    Office { app, owner, clerk }
}

/// What follows from a hidden field is seen where the role says so; how it follows, and which conditions speak of the
/// hidden field, is not told, neither by this module nor by another one, and holds all the same.
#[tokio::test]
async fn definitions_do_not_name_what_is_hidden() {
    let Office { app: _app, owner, clerk } = office().await;
    for path in [
        "/api/v1/bootstrap",
        "/api/v1/modules",
        "/api/v1/modules/deals",
        "/api/v1/modules/deals/fields",
        "/api/v1/modules/organizations",
        "/api/v1/openapi.json",
    ] {
        let told = clerk.get(path).await.expect(200).text();
        assert!(!told.contains("reference_fee"), "{path}: {told}");
        assert!(
            owner.get(path).await.expect(200).text().contains("reference_fee"),
            "{path}: the owner is told"
        );
    }
    let page = clerk.browser().await.get("/m/deals/new").await.expect(200).text();
    assert!(!page.contains("reference_fee") && page.contains("open_sum"), "{page}");
    let fields = clerk.get("/api/v1/modules/deals/fields").await.expect(200).json();
    let fields = fields["data"].as_array().expect("fields");
    let field = |key: &str| fields.iter().find(|field| field["key"] == key).expect("a field").clone();
    assert_eq!(field("twice")["read_only"], true, "nobody takes it for a field to fill in");
    assert_eq!(field("open_sum")["required_when"], "name == 'x'", "what names nothing hidden is told");
}

#[tokio::test]
async fn what_is_not_told_holds_and_cannot_be_changed_by_who_does_not_see_it() {
    let Office { app: _app, owner, clerk } = office().await;
    let acme = owner
        .post("/api/v1/records/organizations", &json!({"data": {"name": "Acme", "relationship": "customer"}}))
        .await;
    let acme = acme.expect(201).json();
    let mut data = crate::conditions::deal(&acme, "5");
    data["reference_fee"] = json!(7);
    owner.post("/api/v1/records/deals", &json!({ "data": data })).await.expect(201);
    let seen = clerk.get("/api/v1/records/deals").await.expect(200).json()["data"][0].clone();
    assert_eq!(seen["data"]["twice"], 14);
    let body = json!({"data": {"twice": 3}});
    let path = format!("/api/v1/records/deals/{}", seen["id"].as_str().expect("an id"));
    clerk.patch(&path, 1, &body).await.expect(422);
    let moved = clerk.patch(&path, 1, &json!({"data": {"amount": "6"}})).await.expect(200).json();
    assert_eq!(moved["data"]["twice"], 14, "its formula still computes");
    let acme =
        clerk.get(&format!("/api/v1/records/organizations/{}", acme["id"].as_str().expect("an id"))).await;
    assert_eq!(acme.expect(200).json()["data"]["fees"], 14);
    let wish = json!({"to": {"type": "text"}, "dry_run": false});
    clerk.post("/api/v1/modules/deals/fields/twice/conversion", &wish).await.expect(404);
}
