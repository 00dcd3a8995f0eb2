//! Query strings and addresses.

use axum::body::Body;
use axum::http::Request;

use super::{refused, unharmed};
use crate::records::{ITEMS, create, footprint, starter};

#[tokio::test]
async fn a_query_is_taken_apart_or_refused() {
    let (app, owner) = starter("acme").await;
    create(&owner, serde_json::json!({"name": "x"})).await;
    let before = footprint(&app).await;
    let long = "x".repeat(7_000);
    for query in [
        "filter=%00",
        "q=%00",
        "nothing=1",
        "filter[a]=1",
        "limit=0",
        "limit=NaN",
        "limit=%F0%9F%98%80",
        "trash=2",
        "sort=name;drop",
        "sort=%27",
        "sort=data-%3E%3E%27x%27",
        "sort=name,name,name,name",
        "view=%27%20or%201=1",
        "cursor=%00",
        "cursor=%27",
        "count=%22",
        "limit=1&limit=2",
        "columns=name",
        &format!("filter={long}"),
        &format!("q={long}"),
        &format!("cursor={long}"),
        &format!("sort={long}"),
        &format!("{long}=1"),
        &"filter=true&".repeat(500),
    ] {
        refused(&owner.get(&format!("{ITEMS}?{query}")).await, query);
    }
    // Whatever cannot be UTF-8 is read as best one can, and finds nothing.
    for query in ["q=%ff%fe", "q=%ED%A0%80", "&&&", "=", "q", "q=%", "q=%zz", "filter=", "sort=,,", "view="] {
        let answer = owner.get(&format!("{ITEMS}?{query}")).await;
        assert!([200, 400, 422].contains(&answer.status), "{query} gave {}", answer.status);
    }
    unharmed(&app, &owner, &before).await;
}

#[tokio::test]
async fn addresses_lead_nowhere_else() {
    let (app, owner) = starter("acme").await;
    let before = footprint(&app).await;
    for path in [
        "/api/v1/records/items%00",
        "/api/v1/records/%2e%2e",
        "/api/v1/records/items/%ff",
        "/api/v1/records/ITEMS",
        "/api/v1/records/items%20",
        "/api/v1/records//",
        "/api/v1/modules/%27",
        "/api/v1/templates/..%2f..%2fetc",
        "/api/v1/nothing",
    ] {
        let answer = owner.get(path).await;
        assert_eq!(answer.status, 404, "{path}: {}", answer.text());
    }
    for method in ["TRACE", "PUT", "OPTIONS", "BREW"] {
        let request =
            Request::builder().method(method).uri(format!("/t/acme{ITEMS}")).header("host", "crm.example");
        let answer = app.send(request.body(Body::empty()).expect("a request")).await;
        assert!((400..500).contains(&answer.status), "{method} gave {}", answer.status);
    }
    unharmed(&app, &owner, &before).await;
}
