//! A field of the tenant's own: at once everywhere, without any DDL, within the limits.

use serde_json::{Value, json};

use crate::kit::App;
use crate::records::{ITEMS, add_field, at, create, patch, starter};

const FIELDS: &str = "/api/v1/modules/items/fields";

/// A digest of the whole catalogue: tables, columns, indexes, functions, constraints.
async fn catalogue(app: &App) -> Vec<Vec<Option<String>>> {
    app.database()
        .as_superuser(
            "select (select md5(string_agg(c::text, '|' order by oid)) from (select oid, relname, relnatts, relkind from pg_class
                       where relnamespace = 'trellis'::regnamespace) c),
                    (select md5(string_agg(a::text, '|' order by attrelid, attnum)) from (select attrelid, attnum, attname, atttypid
                       from pg_attribute where attrelid in (select oid from pg_class where relnamespace = 'trellis'::regnamespace)) a),
                    (select count(*) from pg_constraint), (select count(*) from pg_proc), (select count(*) from pg_type)",
        )
        .await
}

#[tokio::test]
async fn it_is_everywhere_at_once_and_changes_no_table() {
    let (app, owner) = starter("acme").await;
    let old = create(&owner, json!({"name": "old"})).await;
    let before = catalogue(&app).await;
    let definition = json!({"key": "weight", "label": "Weight", "type": "decimal", "scale": 2, "unit": "kg"});
    let field = add_field(&owner, definition).await;
    assert_eq!((&field["origin"], &field["indexed"]), (&json!("tenant"), &json!(true)));

    let new = create(&owner, json!({"name": "new", "weight": "12.5"})).await;
    assert_eq!(new["data"]["weight"], "12.50");
    assert_eq!(owner.get(&at(&new)).await.expect(200).json(), new);
    for (query, titles) in [
        ("sort=weight", vec!["new", "old"]),
        ("sort=-weight", vec!["new", "old"]),
        ("filter=weight%20%3E%2012", vec!["new"]),
        ("filter=weight%20is%20empty", vec!["old"]),
    ] {
        let page = owner.get(&format!("{ITEMS}?{query}")).await.expect(200).json();
        let found: Vec<&str> = page["data"]
            .as_array()
            .expect("records")
            .iter()
            .filter_map(|record| record["title"].as_str())
            .collect();
        assert_eq!(found, titles, "{query}");
    }
    let module = owner.get("/api/v1/modules/items").await.expect(200).json();
    assert_eq!(module["fields"].as_array().and_then(|fields| fields.last()), Some(&field));
    assert!(
        module["views"][0]["columns"].as_array().is_some_and(|columns| columns.contains(&json!("weight")))
    );
    let document = owner.get("/api/v1/openapi.json").await.expect(200).json();
    assert_eq!(
        document.pointer("/components/schemas/Items/properties/data/properties/weight/title"),
        Some(&json!("Weight"))
    );
    patch(&owner, &old, json!({"data": {"weight": 3}})).await.expect(200);
    assert_eq!(catalogue(&app).await, before, "no DDL");

    let slots = app.database().as_superuser("select slot from module_fields where key = 'weight'").await;
    let slot = slots[0][0].clone().expect("a slot");
    let values = app.database().as_superuser(&format!("select {slot} from records order by {slot}")).await;
    assert_eq!(values, [[Some("3".to_owned())], [Some("12.5".to_owned())]]);
    let told = app
        .database()
        .as_superuser("select changes ? 'weight' from audit_log where action = 'field_added'")
        .await;
    assert_eq!(told, [[Some("t".to_owned())]]);
}

#[tokio::test]
async fn slots_run_out_and_fields_go_on() {
    let (_app, owner) = starter("acme").await;
    let mut indexed = Vec::new();
    for n in 0..8 {
        let field = add_field(&owner, json!({"key": format!("n{n}"), "label": "N", "type": "integer"})).await;
        indexed.push(field["indexed"] == json!(true));
    }
    assert_eq!(indexed, [true, true, true, true, true, false, false, false], "one is taken by the template");
    for n in 0..4 {
        create(&owner, json!({"name": format!("r{n}"), "n7": 3 - n})).await;
    }
    let page = owner.get(&format!("{ITEMS}?sort=n7&filter=n7%20%3C%203")).await.expect(200).json();
    let titles: Vec<&Value> =
        page["data"].as_array().expect("records").iter().map(|record| &record["title"]).collect();
    assert_eq!(titles, ["r3", "r2", "r1"]);
}

#[tokio::test]
async fn a_module_has_so_many_fields_and_no_more() {
    let (app, owner) = starter("acme").await;
    app.database()
        .as_superuser(
            "insert into module_fields (tenant_id, id, module_id, key, number, position, origin, definition)
             select m.tenant_id, gen_random_uuid(), m.id, 'x' || n, 1000 + n, 1000 + n, 'tenant',
               jsonb_build_object('key', 'x' || n, 'label', 'X', 'type', 'text')
             from modules m, generate_series(1, 299 - (select count(*) from module_fields)) n;
             update schema_versions set version = version + 1",
        )
        .await;
    add_field(&owner, json!({"key": "last", "label": "Last", "type": "text"})).await;
    let answer = owner.post(FIELDS, &json!({"key": "more", "label": "More", "type": "text"})).await;
    let answer = answer.expect_problem(422, "limit-reached");
    assert_eq!(answer.json()["detail"], "A module has at most 300 fields.");
    let record = create(&owner, json!({"name": "x", "last": "y", "x1": "z"})).await;
    assert_eq!(record["data"]["x1"], "z");
    owner.get(ITEMS).await.expect(200);
}

#[tokio::test]
async fn a_module_has_as_many_unique_fields_as_it_needs() {
    let (_app, owner) = starter("acme").await;
    for key in ["one", "two", "three", "four"] {
        add_field(&owner, json!({"key": key, "label": key, "type": "text", "unique": true})).await;
    }
    for key in ["one", "two", "three", "four"] {
        create(&owner, json!({"name": "x", key: "taken"})).await;
        let answer = owner.post(ITEMS, &json!({"data": {"name": "x", key: "Taken"}})).await;
        assert_eq!(answer.expect(422).pointers(), [format!("/data/{key}")]);
    }
}

#[tokio::test]
async fn who_may_not_shape_modules_adds_no_field() {
    let (app, owner) = starter("acme").await;
    let field = json!({"key": "weight", "label": "Weight", "type": "decimal"});
    for role in ["worker", "read_only"] {
        let member = app.member(&owner, role).await;
        member.post(FIELDS, &field).await.expect_problem(403, "forbidden");
    }
    app.member(&owner, "manager").await.post(FIELDS, &field).await.expect(201);
    owner.post(FIELDS, &field).await.expect_problem(409, "conflict");
    owner.post("/api/v1/modules/nothing/fields", &field).await.expect_problem(404, "not-found");
}

/// Of many who add the same key one does; different ones all do, each with a place of its own.
#[tokio::test]
async fn fields_are_added_one_after_the_other() {
    let (app, owner) = starter("acme").await;
    let add = |key: String| {
        let owner = owner.clone();
        async move { owner.post(FIELDS, &json!({"key": key, "label": "X", "type": "text"})).await.status }
    };
    let same = futures_util::future::join_all((0..6).map(|_| add("same".into()))).await;
    assert_eq!(same.iter().filter(|status| **status == 201).count(), 1);
    assert!(same.iter().all(|status| [201, 409].contains(status)), "{same:?}");
    let different = futures_util::future::join_all((0..6).map(|n| add(format!("d{n}")))).await;
    assert_eq!(different, [201; 6]);
    let places =
        "select count(*) = count(distinct number), count(slot) = count(distinct slot) from module_fields";
    let places = app.database().as_superuser(places).await;
    assert_eq!(places, [[Some("t".to_owned()), Some("t".to_owned())]]);
    let module = owner.get("/api/v1/modules/items").await.expect(200).json();
    let columns = module["views"][0]["columns"].as_array().expect("columns").clone();
    assert!((0..6).all(|n| columns.contains(&json!(format!("d{n}")))), "no column was lost: {columns:?}");
}
