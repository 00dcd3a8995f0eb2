//! Which routes a router really has, and which the API's description tells of.

use std::collections::{BTreeMap, BTreeSet};

use axum::Router;
use serde_json::Value;
use trellis::api;
use trellis::http::AppState;
use utoipa_axum::router::OpenApiRouter;

/// A method and a path, such as `GET /api/v1/me`.
pub type Route = String;

/// The routes of a router, read out of its debug form, because axum lists them nowhere else.
pub fn of(router: &Router<AppState>) -> BTreeSet<Route> {
    let text = format!("{router:?}");
    let (text, _) = text.split_once("fallback_router:").expect("routes come before fallbacks");
    let (mut methods, mut paths) = (BTreeMap::new(), BTreeMap::new());
    for piece in text.split("RouteId(").skip(1) {
        let (id, rest) = piece.split_once("): ").expect("an id and what it stands for");
        if let Some(path) = rest.strip_prefix('"').and_then(|rest| rest.split('"').next()) {
            paths.insert(id.to_owned(), path.to_owned());
        } else if let Some((_, allowed)) = rest.split_once("allow_header: Bytes(b\"") {
            methods.insert(id.to_owned(), allowed.split('"').next().unwrap_or_default().to_owned());
        }
    }
    paths
        .iter()
        .flat_map(|(id, path)| {
            let methods = methods.get(id).unwrap_or_else(|| panic!("{path} has no methods in {text}"));
            methods
                .split(',')
                .filter(|method| *method != "HEAD")
                .map(move |method| format!("{method} {path}"))
        })
        .collect()
}

/// An operation as the API's description has it.
#[derive(Clone, Debug)]
pub struct Operation {
    /// In capitals.
    pub method: String,
    /// With its variables in braces.
    pub path: String,
    /// Names of its parameters, with where they stand: `path`, `query`.
    pub parameters: Vec<(String, String)>,
    /// Whether it has a body.
    pub has_body: bool,
    /// Whether strangers may use it.
    pub is_public: bool,
}

impl Operation {
    /// Its route.
    pub fn route(&self) -> Route {
        format!("{} {}", self.method, self.path)
    }

    /// Whether it has a parameter in the path.
    pub fn has_variable(&self, name: &str) -> bool {
        self.path.contains(&format!("{{{name}}}"))
    }
}

/// Every operation that is described.
pub fn described(router: OpenApiRouter<AppState>) -> Vec<Operation> {
    let document = serde_json::to_value(router.into_openapi()).expect("the description is JSON");
    let paths = document["paths"].as_object().cloned().unwrap_or_default();
    let mut operations = Vec::new();
    for (path, item) in &paths {
        for (method, described) in item.as_object().into_iter().flatten() {
            operations.push(operation(path, method, described));
        }
    }
    assert!(operations.len() > 3, "the description tells of operations");
    operations
}

fn operation(path: &str, method: &str, described: &Value) -> Operation {
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let parameters = described["parameters"].as_array().cloned().unwrap_or_default();
    Operation {
        method: method.to_uppercase(),
        path: path.to_owned(),
        parameters: parameters.iter().map(|p| (text(&p["name"]), text(&p["in"]))).collect(),
        has_body: described.get("requestBody").is_some(),
        is_public: described["security"]
            .as_array()
            .is_some_and(|all| all.iter().all(|one| one == &Value::Object(Default::default()))),
    }
}

#[test]
fn every_route_of_the_api_is_described() {
    for router in [api::root_routes as fn() -> OpenApiRouter<AppState>, api::tenant_routes] {
        let (routed, _) = router().split_for_parts();
        let described: BTreeSet<Route> = described(router()).iter().map(Operation::route).collect();
        assert_eq!(of(&routed), described);
    }
}
