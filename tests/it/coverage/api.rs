//! Every operation of the API.

use axum::body::Body;
use axum::http::{Method, Request, header};
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use serde_json::{Value, json};
use trellis::api;

use super::routes::{self, Operation};
use super::world::{MARKER, Module, World, nowhere};
use crate::kit::{Answer, App, Client, Twins, fingerprint};

/// Operations that strangers may use. The list may only shrink.
const PUBLIC: &[&str] = &["POST /api/v1/session", "POST /api/v1/session/refresh", "POST /api/v1/signup"];

/// Parameters that no id, literal or cursor of another tenant fits into.
const HARMLESS: &[&str] = &[
    "module",
    "field",
    "set",
    "template",
    "relation",
    "limit",
    "count",
    "trash",
    "team",
    "allow_duplicate",
    "currency",
    "stage",
    "move_to",
];

/// A question, once with something of another tenant and once with something of nobody.
struct Swap {
    path: String,
    body: Option<Value>,
    /// What stands in for `theirs` in the second question.
    theirs: String,
}

fn encoded(text: &str) -> String {
    utf8_percent_encode(text, NON_ALPHANUMERIC).to_string()
}

fn request(client: &Client, method: &str, path: &str, body: Option<&Value>) -> Request<Body> {
    let method = Method::from_bytes(method.as_bytes()).expect("a method");
    let request = client.request(method, path).header(header::IF_MATCH, "*");
    let request = request.header(header::CONTENT_TYPE, "application/json");
    request.body(body.map_or(Body::empty(), |body| body.to_string().into())).expect("a request")
}

async fn ask(client: &Client, method: &str, path: &str, body: Option<&Value>) -> Answer {
    client.app().send(request(client, method, path, body)).await
}

/// The path of an operation with something in each of its variables.
fn filled(operation: &Operation, module: &str, id: &str) -> String {
    let path = operation.path.replace("{module}", module).replace("{id}", id).replace("{share}", id);
    let path = path.replace("{template}", "hospital").replace("{team}", "north");
    let path = path.replace("{relation}", "contacts.organization");
    let path = path.replace("{field}", "secret").replace("{set}", "secret");
    // Nobody's pipeline: taking one away that is there would change what the sweep asks about.
    path.replace("{pipeline}", "nowhere").replace("{stage}", "nowhere")
}

#[tokio::test]
async fn strangers_are_let_in_nowhere() {
    let app = App::start().await;
    let owner = app.sign_up_with("alpha", "blank", false).await;
    let root = routes::described(api::root_routes());
    let public: Vec<String> = root.iter().filter(|op| op.is_public).map(Operation::route).collect();
    assert_eq!(public, PUBLIC, "what is open to strangers is listed here, and nothing else is");
    let body = json!({});
    for operation in routes::described(api::tenant_routes()) {
        assert!(!operation.is_public, "{} is open to strangers", operation.route());
        let path = format!("/t/alpha{}", filled(&operation, "items", &nowhere()));
        let answer = ask(&app.stranger(), &operation.method, &path, Some(&body)).await;
        answer.expect_problem(401, "unauthenticated");
        for authorization in ["Bearer nonsense", "Bearer ", "Basic YTpi", "Bearer eyJhbGciOiJub25lIn0.e30."] {
            let answer = app.send(claiming(&operation, &path, authorization)).await;
            answer.expect_problem(401, "unauthenticated");
        }
    }
    for operation in root.iter().filter(|operation| !operation.is_public) {
        ask(&app.stranger(), &operation.method, &operation.path, Some(&body)).await.expect(401);
    }
    owner.get("/api/v1/me").await.expect(200);
}

/// A request that claims to be somebody.
fn claiming(operation: &Operation, path: &str, authorization: &str) -> Request<Body> {
    let request =
        Request::builder().method(operation.method.as_str()).uri(path).header("host", "crm.example");
    request.header(header::AUTHORIZATION, authorization).body(Body::empty()).expect("a request")
}

#[tokio::test]
async fn people_of_another_workspace_learn_nothing() {
    let world = World::start().await;
    let Twins { app, a, b } = &world.twins;
    let before = fingerprint(app.database(), &b.id).await;
    let module = &world.modules[0];
    for operation in routes::described(api::tenant_routes()) {
        let path = filled(&operation, &module.key, &module.theirs);
        let body = operation.has_body.then(|| json!({"data": {}}));
        let theirs = ask(&a.owner.at("beta"), &operation.method, &path, body.as_ref()).await;
        let nobodys = ask(&a.owner.at("nowhere"), &operation.method, &path, body.as_ref()).await;
        assert_eq!(theirs.status, 404, "{}: {}", operation.route(), theirs.text());
        world.assert_same(&operation.route(), &theirs, &nobodys, &[]);
    }
    for tenant in ["beta", "nowhere"] {
        let body =
            json!({"email": "owner@alpha.example", "password": crate::kit::PASSWORD, "tenant": tenant});
        let answer = app.stranger().post("/api/v1/session", &body).await;
        assert_eq!(answer.status, 404, "{tenant}: {}", answer.text());
    }
    assert_eq!(fingerprint(app.database(), &b.id).await, before, "nothing was written");
}

#[tokio::test]
async fn ids_of_another_tenant_lead_nowhere() {
    let world = World::start().await;
    let Twins { app, a, b } = &world.twins;
    let before = fingerprint(app.database(), &b.id).await;
    let mut asked = 0;
    for operation in routes::described(api::tenant_routes()) {
        for module in &world.modules {
            for swap in swaps(&world, &operation, module) {
                assert_swap(&world, &a.owner, &operation, &swap).await;
                asked += 1;
            }
        }
    }
    assert!(asked > 100, "only {asked} questions were asked");
    assert_eq!(fingerprint(app.database(), &b.id).await, before, "the other tenant's rows are as they were");
}

async fn assert_swap(world: &World, client: &Client, operation: &Operation, swap: &Swap) {
    let question = format!("{} {} {:?}", operation.method, swap.path, swap.body);
    let foreign = ask(client, &operation.method, &swap.path, swap.body.as_ref()).await;
    let stand_in = if swap.theirs == "secret" { "qzxjkv".to_owned() } else { nowhere() };
    let path = swap.path.replace(&swap.theirs, &stand_in);
    let body = swap.body.as_ref().map(|body| body.to_string().replace(&swap.theirs, &stand_in));
    let body = body.map(|body| serde_json::from_str(&body).expect("JSON again"));
    let unknown = ask(client, &operation.method, &path, body.as_ref()).await;
    world.assert_same(&question, &foreign, &unknown, &[(&swap.theirs, &stand_in)]);
    let names_a_record = operation.has_variable("id") && swap.path.contains(&swap.theirs);
    let refused = matches!(foreign.status, 404 | 422) || found_nothing(&foreign);
    assert!(refused || !names_a_record || swap.path.contains('?'), "{question}: {}", foreign.text());
    assert!(refused || swap.body.is_none(), "{question}: {}", foreign.text());
}

/// Whether an answer about many says that there is nothing of any of them.
fn found_nothing(answer: &Answer) -> bool {
    let body = answer.json();
    answer.status == 200 && (body["data"] == json!([]) || body["succeeded"] == 0)
}

/// Every position of an operation that takes something of another tenant.
fn swaps(world: &World, operation: &Operation, module: &Module) -> Vec<Swap> {
    let own = filled(operation, &module.key, &module.own);
    let mut swaps = Vec::new();
    for (name, place) in &operation.parameters {
        match (place.as_str(), name.as_str()) {
            ("path", "id" | "share") => swaps.push(Swap {
                path: filled(operation, &module.key, &module.theirs),
                body: operation.has_body.then(|| json!({"data": {}})),
                theirs: module.theirs.clone(),
            }),
            ("query", name) if !HARMLESS.contains(&name) => {
                swaps.extend(in_query(world, operation, module, name))
            }
            ("path", "pipeline") => {}
            (_, name) if HARMLESS.contains(&name) => {}
            (place, name) => {
                panic!("{}: say what of another tenant fits into {name} ({place})", operation.route())
            }
        }
    }
    match operation.route().as_str() {
        "POST /api/v1/records/{module}" | "PATCH /api/v1/records/{module}/{id}" => {
            swaps.extend(in_body(world, module).into_iter().map(|(body, theirs)| Swap {
                path: own.clone(),
                body: Some(body),
                theirs,
            }));
        }
        "POST /api/v1/teams"
        | "PATCH /api/v1/teams/{team}"
        | "POST /api/v1/records/{module}/{id}/shares"
        | "PATCH /api/v1/members/{id}" => swaps.push(of_people(world, operation, own)),
        "POST /api/v1/records/{module}/duplicates" => {
            swaps.extend(module.relations.iter().map(|(field, id)| Swap {
                path: own.clone(),
                body: Some(json!({"data": {field: id}})),
                theirs: id.clone(),
            }));
        }
        "POST /api/v1/records/{module}/bulk" => {
            swaps.extend(in_bulk(world, module).into_iter().map(|(body, theirs)| Swap {
                path: own.clone(),
                body: Some(body),
                theirs,
            }))
        }
        // A field names modules by key, options have keys, a template is the installation's: none holds an id.
        "POST /api/v1/modules/{module}/fields" | "POST /api/v1/workspace/template" => {}
        // A pipeline names modules, fields and roles by key.
        "POST /api/v1/pipelines" | "PATCH /api/v1/pipelines/{pipeline}" => {}
        "POST /api/v1/option-sets" | "PATCH /api/v1/option-sets/{set}" => {}
        "PATCH /api/v1/modules/{module}/fields/{field}/options" => {}
        "POST /api/v1/modules/{module}/fields/{field}/conversion" => {}
        // Rates name currencies.
        "PUT /api/v1/exchange-rates" => {}
        route => assert!(!operation.has_body, "{route}: say what of another tenant fits into its body"),
    }
    swaps
}

/// A person of another tenant as a team's manager, as somebody to share with, as a member.
fn of_people(world: &World, operation: &Operation, own: String) -> Swap {
    let user = world.twins.b.owner.user();
    let (path, body) = match operation.route().as_str() {
        "POST /api/v1/teams" => (own, json!({"key": "west", "name": "West", "manager": user})),
        "PATCH /api/v1/teams/{team}" => (own, json!({"manager": user})),
        // Members are named in the path; roles and teams have keys.
        "PATCH /api/v1/members/{id}" => (operation.path.replace("{id}", user), json!({"role": "worker"})),
        _ => (own, json!({"with": {"user": user}, "level": "read"})),
    };
    Swap { path, body: Some(body), theirs: user.to_owned() }
}

/// Conditions, words and cursors of another tenant.
fn in_query(world: &World, operation: &Operation, module: &Module, name: &str) -> Vec<Swap> {
    let path = filled(operation, &module.key, &module.own);
    let user = world.twins.b.owner.user();
    let swap = |value: String, theirs: &str| Swap {
        path: format!(
            "{path}?{name}={}",
            if value == theirs { value } else { encoded(&value).replace(&encoded(theirs), theirs) }
        ),
        body: None,
        theirs: theirs.to_owned(),
    };
    match (operation.path.as_str(), name) {
        (_, "q") => vec![swap(MARKER.to_owned(), MARKER), swap("owner@beta".to_owned(), "owner@beta")],
        (_, "filter") => {
            let people = ["owner", "created_by", "updated_by"]
                .iter()
                .map(|field| swap(format!("{field} == \"{user}\""), user));
            let members = module.members.iter().map(|field| swap(format!("{field} == \"{user}\""), user));
            let related = module.relations.iter().map(|(field, id)| swap(format!("{field} == \"{id}\""), id));
            people
                .chain(members)
                .chain(related)
                .chain([swap("secret == \"Quagga\"".into(), "secret")])
                .collect()
        }
        (_, "sort" | "view" | "group_by" | "pipeline" | "fields" | "expand") => {
            vec![swap("secret".to_owned(), "secret")]
        }
        (_, "measure") => vec![swap("filled:secret".to_owned(), "secret")],
        ("/api/v1/records/{module}" | "/api/v1/records/{module}/{id}/related/{relation}", "cursor") => {
            vec![swap(module.their_cursor.clone(), &module.their_cursor)]
        }
        (_, "cursor") => vec![swap(world.their_entry.clone(), &world.their_entry)],
        (path, name) => panic!("{path}: say what of another tenant fits into {name}"),
    }
}

/// Records and people of another tenant in each action on many.
fn in_bulk(world: &World, module: &Module) -> Vec<(Value, String)> {
    let (theirs, user) = (module.theirs.as_str(), world.twins.b.owner.user());
    let item =
        |action: &str| json!({"action": action, "items": [{"id": theirs, "stage": "x", "owner": null}]});
    let actions = ["update", "delete", "restore", "stage", "assign"];
    let mut bodies: Vec<(Value, String)> =
        actions.iter().map(|action| (item(action), theirs.to_owned())).collect();
    let given = json!({"action": "assign", "items": [{"id": module.own, "owner": user}]});
    let filter = format!("owner == \"{user}\"");
    bodies.push((given, user.to_owned()));
    bodies.push((json!({"action": "delete", "filter": filter}), user.to_owned()));
    bodies
}

/// Relations, lines, members and owners of another tenant.
fn in_body(world: &World, module: &Module) -> Vec<(Value, String)> {
    let user = world.twins.b.owner.user();
    let relations = module.relations.iter().map(|(field, id)| (json!({"data": {field: id}}), id.clone()));
    let members = module.members.iter().map(|field| (json!({"data": {field: user}}), user.to_owned()));
    let owner = [(json!({"data": {}, "owner": user}), user.to_owned())];
    let lines = module.lines.iter().map(|(field, id)| {
        (json!({"data": {field: {"rows": [{"product": id, "quantity": 2}]}}}), id.clone())
    });
    relations.chain(lines).chain(members).chain(owner).collect()
}
