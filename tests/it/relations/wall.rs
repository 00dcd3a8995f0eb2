//! Walls around what relations lead to: conditions of roles, shares, and fields that are kept from a role.

use serde_json::json;

use super::{add_field, at, change, create, id, now, path, sales, titles, trash};
use crate::access::{person, role};
use crate::kit::{App, Client};

/// Two organizations and a contact in each; a clerk reads contacts, and organizations of one industry.
struct Desk {
    owner: Client,
    clerk: Client,
    shut: serde_json::Value,
}

impl Desk {
    async fn start(app: &App) -> Self {
        let owner = sales(app).await;
        let grants = json!({
            "contacts": {"read": "all", "create": "all", "update": "all"},
            "organizations": {"read": "all", "delete": "all", "where": "industry == \"food\""},
        });
        let fields = json!({"organizations.city": "hidden", "organizations.email": "masked"});
        role(app, json!({"key": "support", "label": "Clerk", "modules": grants, "fields": fields})).await;
        let clerk = person(app, &owner, "clerk", json!({"role": "support"})).await;
        let open =
            json!({"name": "Open", "industry": "food", "city": "Lille", "email": "open@lille.example"});
        let open = create(&owner, "organizations", open).await;
        let shut = json!({"name": "Shut", "industry": "energy", "city": "Lille"});
        let shut = create(&owner, "organizations", shut).await;
        for (name, organization) in [("One", &open), ("Two", &shut)] {
            let contact = json!({"first_name": "Ana", "last_name": name, "organization": id(organization)});
            create(&owner, "contacts", contact).await;
        }
        Self { owner, clerk, shut }
    }
}

#[tokio::test]
async fn a_role_s_condition_holds_at_the_end_of_every_relation() {
    let app = App::start().await;
    let Desk { owner, clerk, shut } = Desk::start(&app).await;
    let contacts = path("contacts");
    for (filter, theirs) in [
        ("organization.name is not empty", vec!["Ana One"]),
        ("organization.name == 'shut'", vec![]),
        ("organization.industry != 'food'", vec!["Ana Two"]),
        ("organization.name is empty", vec!["Ana Two"]),
        ("organization.industry in ['energy', 'metals']", vec![]),
    ] {
        assert_eq!(titles(&clerk, &contacts, &[("filter", filter)]).await, theirs, "{filter}");
    }
    let sorted = [("sort", "organization.name")];
    assert_eq!(titles(&owner, &contacts, &sorted).await, ["Ana One", "Ana Two"]);
    assert_eq!(titles(&clerk, &contacts, &[("sort", "-organization.name")]).await, ["Ana One", "Ana Two"]);
    let page = clerk.get(&format!("{contacts}?expand=organization&sort=created_at")).await.expect(200);
    assert!(!page.text().contains("Shut"), "{}", page.text());
    let faces = page.json();
    assert_eq!(faces["data"][0]["data"]["organization"]["record"]["title"], "Open");
    assert_eq!(
        faces["data"][1]["data"]["organization"],
        json!({"id": shut["id"], "title": null, "record": null})
    );
    clerk.get(&format!("{}/related/contacts.organization", at(&shut))).await.expect_problem(404, "not-found");
    let taken = json!({"data": {"first_name": "Ana", "last_name": "New", "organization": id(&shut)}});
    assert_eq!(clerk.post(&contacts, &taken).await.expect(422).pointers(), ["/data/organization"]);

    let share = json!({"with": {"user": clerk.user()}, "level": "read"});
    owner.post(&format!("{}/shares", at(&shut)), &share).await.expect(201);
    let found = titles(&clerk, &contacts, &[("filter", "organization.name == 'shut'")]).await;
    assert_eq!(found, ["Ana Two"], "a share opens the record to paths too");
    assert_eq!(titles(&clerk, &contacts, &[("sort", "-organization.name")]).await, ["Ana Two", "Ana One"]);
}

#[tokio::test]
async fn what_is_kept_of_a_field_is_kept_at_the_end_of_a_relation() {
    let app = App::start().await;
    let Desk { owner, clerk, .. } = Desk::start(&app).await;
    let contacts = path("contacts");
    for query in [
        "filter=organization.city+==+'Lille'",
        "filter=organization.email+contains+'lille'",
        "filter=organization.email+is+empty",
        "sort=organization.city",
        "sort=-organization.email",
        "expand=organization.city",
    ] {
        owner.get(&format!("{contacts}?{}", query.replace("expand=organization.city", ""))).await.expect(200);
        clerk.get(&format!("{contacts}?{query}")).await.expect_problem(422, "invalid-query");
    }
    let page = clerk.get(&format!("{contacts}?expand=organization")).await.expect(200).text();
    assert!(page.contains("Open") && !page.contains("Lille") && !page.contains("open@"), "{page}");
    assert!(page.contains("•••"), "a mask is shown: {page}");

    let views = r#"update modules set definition = jsonb_set(definition, '{views}', definition -> 'views' ||
        '[{"key": "lille", "label": "Lille", "columns": ["title"], "filter": "organization.city == \"Lille\""}]')
        where definition ->> 'key' = 'contacts'"#;
    app.database().as_superuser(views).await;
    app.database().as_superuser("update schema_versions set version = version + 1").await;
    assert_eq!(titles(&owner, &contacts, &[("view", "lille")]).await.len(), 2);
    let gone = clerk.get(&format!("{contacts}?view=lille")).await.expect_problem(422, "invalid-query");
    assert!(gone.text().contains("There is no view lille"), "{}", gone.text());
    assert_eq!(titles(&clerk, &contacts, &[("view", "all")]).await.len(), 2, "other views are there");
}

#[tokio::test]
async fn what_holds_a_record_back_is_named_only_to_those_who_read_it() {
    let app = App::start().await;
    let Desk { owner, clerk, .. } = Desk::start(&app).await;
    let field = json!({"key": "supplier", "label": "Supplier", "type": "relation", "module": "organizations",
        "on_delete": "restrict"});
    add_field(&owner, "organizations", field).await;
    let part = create(&owner, "organizations", json!({"name": "Part", "industry": "food"})).await;
    let secret = json!({"name": "Quagga", "industry": "energy", "supplier": id(&part)});
    let secret = create(&owner, "organizations", secret).await;
    let refusal = trash(&clerk, &part).await.expect_problem(409, "in-use").text();
    assert!(!refusal.contains("Quagga") && refusal.contains("Other records"), "{refusal}");
    change(&owner, &secret, json!({"industry": "food"})).await.expect(200);
    let refusal = trash(&clerk, &part).await.expect_problem(409, "in-use").text();
    assert!(refusal.contains("1 organization (“Quagga”)"), "{refusal}");
    assert_eq!(now(&owner, &part).await["deleted_at"], json!(null));
}
