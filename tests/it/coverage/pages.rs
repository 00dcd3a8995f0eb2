//! Every page and every form.

use std::collections::BTreeSet;

use axum::body::Body;
use axum::http::{Method, header};
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use trellis::web;

use super::routes;
use super::world::{MARKER, Module, World, nowhere};
use crate::kit::{Answer, App, Browser, Twins, fingerprint};

/// Pages of the installation that strangers may see. The list may only shrink.
const PUBLIC: &[&str] = &[
    "GET /",
    "GET /assets/{*path}",
    "GET /problems/{slug}",
    "GET /signin",
    "GET /signup",
    "GET /templates",
    "GET /templates/{template}",
    "POST /signin",
    "POST /signup",
];

/// Pages of the installation for people who have signed in.
const SIGNED_IN: &[&str] = &["GET /account/workspaces", "POST /account/workspaces", "POST /signout"];

/// Pages that every workspace shares with the root: they hold nothing of a workspace.
const SHARED: &[&str] = &["GET /signin", "POST /signin", "POST /signout"];

/// Pages of a workspace, each with the fields of its form; `{theirs}` is the record, `{user}` the person, `{cursor}` the
/// place in a list and `{entry}` the place in a history that belong to another tenant.
const PAGES: &[(&str, &[&str])] = &[
    ("GET /", &[]),
    (
        "GET /m/{module}",
        &["?cursor={cursor}", "?q={word}", "?filter=owner%20%3D%3D%20%22{user}%22", "?sort=secret"],
    ),
    ("GET /m/{module}/board", &["?q={word}", "?filter=owner%20%3D%3D%20%22{user}%22", "?pipeline=secret"]),
    ("GET /m/{module}/choices", &["?q={word}"]),
    ("GET /m/{module}/fields", &[]),
    ("GET /m/{module}/fields/{field}/options", &[]),
    ("GET /m/{module}/new", &["?{relation}={target}", "?{member}={user}", "?_owner={user}"]),
    ("GET /files", &[]),
    ("GET /files/{id}", &[]),
    ("GET /m/{module}/r/{id}", &["?activities={entry}", "?comments={entry}"]),
    ("GET /m/{module}/r/{id}/cell/{field}", &[]),
    ("GET /m/{module}/r/{id}/edit", &[]),
    ("GET /m/{module}/r/{id}/history", &["?cursor={entry}"]),
    ("GET /m/{module}/trash", &["?cursor={cursor}"]),
    ("GET /members", &["?q=owner@beta"]),
    ("GET /settings/members", &[]),
    ("GET /notifications", &["?cursor={entry}"]),
    ("GET /search", &["?q={word}"]),
    ("GET /settings/modules", &[]),
    ("GET /tasks", &["?cursor={entry}"]),
    ("GET /welcome", &[]),
    ("GET /welcome/{template}", &[]),
    ("POST /comments/{id}/delete", &[]),
    ("POST /files", &[]),
    ("POST /m/{module}/fields", &[]),
    ("POST /m/{module}/fields/{field}/options", &["more=x"]),
    ("POST /m/{module}/r/{id}/activities", &["kind=note&subject=x"]),
    ("POST /m/{module}/r/{id}/comments", &["body=x&mention={user}"]),
    ("POST /m/{module}/r/{id}/detach", &["file=x"]),
    ("POST /m/{module}/r/{id}/files", &[]),
    ("POST /m/{module}/r/{id}/follow", &["on=1"]),
    ("POST /m/{module}/views", &[]),
    ("POST /notifications/read", &[]),
    ("POST /tasks", &["title=x&{relation}=x&record={target}", "title=x&assignee={user}"]),
    ("POST /tasks/{id}/done", &["_version=1"]),
    ("POST /views/{id}/delete", &[]),
    ("POST /m/{module}/new", &["{relation}={target}", "{member}={user}", "_owner={user}"]),
    ("POST /m/{module}/r/{id}/cell/{field}", &["{field}=x&_version=1", "{relation}={target}&_version=1"]),
    ("POST /m/{module}/r/{id}/delete", &["_version=1"]),
    (
        "POST /m/{module}/r/{id}/edit",
        &["_version=1&{relation}={target}", "_version=1&{member}={user}", "_version=1&_owner={user}"],
    ),
    ("POST /m/{module}/r/{id}/restore", &[]),
    ("POST /m/{module}/r/{id}/stage", &["_version=1&_stage=x"]),
    ("POST /settings/members/{id}", &["role=worker", "team=north"]),
    ("POST /welcome/{template}", &["samples=true"]),
];

#[test]
fn every_page_is_listed() {
    let listed =
        |lists: &[&[&str]]| -> BTreeSet<String> { lists.concat().into_iter().map(str::to_owned).collect() };
    assert_eq!(routes::of(&web::root_routes()), listed(&[PUBLIC, SIGNED_IN]), "pages of the installation");
    let pages: Vec<&str> = PAGES.iter().map(|(route, _)| *route).collect();
    assert_eq!(routes::of(&web::workspace_routes()), listed(&[&pages, SHARED]), "pages of a workspace");
}

/// A page's path and form with everything filled in.
struct Probe {
    method: Method,
    path: String,
    form: String,
}

fn probe(route: &str, form: &str, fill: &dyn Fn(&str) -> String) -> Probe {
    let (method, path) = route.split_once(' ').expect("a method and a path");
    let method = Method::from_bytes(method.as_bytes()).expect("a method");
    match form.starts_with('?') {
        true => Probe { method, path: fill(&format!("{path}{form}")), form: String::new() },
        false => Probe { method, path: fill(path), form: fill(form) },
    }
}

async fn ask(browser: &Browser, probe: &Probe) -> Answer {
    let request = browser.request(probe.method.clone(), &probe.path).header("sec-fetch-site", "same-origin");
    let request = request.header(header::CONTENT_TYPE, "application/x-www-form-urlencoded");
    browser.send(request.body(Body::from(probe.form.clone())).expect("a request")).await
}

fn plain(text: &str) -> String {
    text.replace("{module}", "contacts")
        .replace("{field}", "first_name")
        .replace("{template}", "hospital")
        .replace("{id}", &nowhere())
}

#[tokio::test]
async fn strangers_are_sent_to_sign_in() {
    let app = App::start().await;
    app.sign_up_with("alpha", "corporate", false).await;
    let stranger = Browser::stranger(&app);
    for (route, _) in PAGES {
        for slug in ["alpha", "nowhere"] {
            let answer = ask(&stranger.at(slug), &probe(route, "", &plain)).await.expect(303);
            assert!(answer.header("location").starts_with("/signin?next="), "{route}");
        }
    }
    for route in SIGNED_IN {
        let answer = ask(&stranger, &probe(route, "", &plain)).await.expect(303);
        assert!(answer.header("location").starts_with("/signin"), "{route}");
    }
}

#[tokio::test]
async fn people_of_another_workspace_see_no_page_of_it() {
    let world = World::start().await;
    let Twins { app, a, b } = &world.twins;
    let browser = a.owner.browser().await;
    let before = fingerprint(app.database(), &b.id).await;
    for (route, _) in PAGES {
        let theirs = probe(route, "", &|text| plain(&text.replace("{id}", &world.modules[0].theirs)));
        let answers = [ask(&browser.at("beta"), &theirs).await, ask(&browser.at("nowhere"), &theirs).await];
        assert_eq!(answers[0].status, 404, "{route}: {}", answers[0].text());
        let [foreign, unknown] = answers;
        world.assert_same(route, &foreign, &unknown, &[("/t/beta", "/t/nowhere")]);
    }
    for slug in ["beta", "nowhere"] {
        let answer = browser.at_root().submit("/account/workspaces", &[("slug", slug)]).await;
        assert_eq!(answer.status, 404, "{slug}");
    }
    assert_eq!(fingerprint(app.database(), &b.id).await, before, "nothing was written");
}

#[tokio::test]
async fn ids_of_another_tenant_open_no_page() {
    let world = World::start().await;
    let Twins { app, a, b } = &world.twins;
    let browser = a.owner.browser().await;
    let before = fingerprint(app.database(), &b.id).await;
    for module in &world.modules {
        for (route, forms) in PAGES.iter().filter(|(route, _)| route.contains("{id}")) {
            for form in forms.iter().chain([&""]) {
                assert_record_is_nowhere(&world, &browser, module, (route, form)).await;
            }
        }
        for (route, forms) in PAGES.iter().filter(|(route, _)| !route.contains("/welcome")) {
            for form in *forms {
                assert_form_takes_nothing(&world, &browser, module, (route, form)).await;
            }
        }
    }
    assert_eq!(fingerprint(app.database(), &b.id).await, before, "the other tenant's rows are as they were");
}

/// Another tenant's record in the path.
async fn assert_record_is_nowhere(
    world: &World,
    browser: &Browser,
    module: &Module,
    (route, form): (&str, &str),
) {
    let stand_in = nowhere();
    let id = world.theirs(route.split(' ').nth(1).unwrap_or_default(), module);
    let theirs = probe(route, form, &|text| filled(world, module, &text.replace("{id}", id)));
    let nobodys = probe(route, form, &|text| filled(world, module, &text.replace("{id}", &stand_in)));
    let question = format!("{route} {} {}", theirs.path, theirs.form);
    let (foreign, unknown) = (ask(browser, &theirs).await, ask(browser, &nobodys).await);
    assert_eq!(foreign.status, 404, "{question}: {}", foreign.text());
    world.assert_same(&question, &foreign, &unknown, &[(id, &stand_in)]);
}

/// Another tenant's records, people and places in the form or the query of an own page. Forms without any are left out:
/// they would do what they say.
async fn assert_form_takes_nothing(
    world: &World,
    browser: &Browser,
    module: &Module,
    (route, form): (&str, &str),
) {
    let names_theirs = ["{target}", "{user}"].iter().any(|name| form.contains(name));
    let missing = form.contains("{relation}") && module.relations.is_empty()
        || form.contains("{member}") && module.members.is_empty();
    if missing || !names_theirs && !form.starts_with('?') {
        return;
    }
    let own = probe(route, form, &|text| filled(world, module, &text.replace("{id}", &module.own)));
    let question = format!("{route} {} {}", own.path, own.form);
    let answer = ask(browser, &own).await;
    world.assert_silent(&question, &answer);
    if own.method == Method::POST {
        assert_eq!(answer.status, 422, "{question}: {}", answer.text());
    }
}

fn filled(world: &World, module: &Module, text: &str) -> String {
    let encoded = |text: &str| utf8_percent_encode(text, NON_ALPHANUMERIC).to_string();
    let (relation, target) = module.relations.first().map_or(("none", ""), |(field, id)| (field, id));
    let member = module.members.first().map_or("none", String::as_str);
    // A cell of the relation, where that is what the form holds.
    text.replace("{module}", &module.key)
        .replace("{relation}", relation)
        .replace("{target}", target)
        .replace("{member}", member)
        .replace("{field}", relation)
        .replace("{user}", world.twins.b.owner.user())
        .replace("{cursor}", &encoded(&module.their_cursor))
        .replace("{entry}", &world.their_entry)
        .replace("{word}", MARKER)
        .replace("{template}", "hospital")
}
