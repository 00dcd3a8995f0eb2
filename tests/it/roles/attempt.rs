//! Records for a role to be tried on, and values for new ones.

use serde_json::{Map, Value, json};

use crate::kit::Client;

/// A module, as its owner sees it.
pub struct Module {
    /// Its key.
    pub key: String,
    fields: Vec<Value>,
}

/// Two records of a module: one of the actor's and one of somebody else's.
pub struct Pair {
    /// The actor's.
    pub own: String,
    /// The other's.
    pub others: String,
}

/// The modules of a workspace.
pub async fn modules(owner: &Client) -> Vec<Module> {
    let faces = owner.get("/api/v1/modules").await.expect(200).json();
    let module = |face: &Value| Module {
        key: face["key"].as_str().expect("a key").to_owned(),
        fields: face["fields"].as_array().cloned().expect("fields"),
    };
    faces["data"].as_array().expect("modules").iter().map(module).collect()
}

impl Module {
    /// The modules that the required relations point to.
    pub fn required_targets(&self) -> Vec<String> {
        let required =
            self.fields.iter().filter(|field| field["required"] == true && field["type"] == "relation");
        required.map(|field| field["module"].as_str().expect("a target").to_owned()).collect()
    }

    /// A value for every required field; `seed` makes texts unique, `related` gives a record of a module.
    pub fn minimal(&self, seed: usize, related: &dyn Fn(&str) -> String) -> Value {
        let required = self.fields.iter().filter(|field| field["required"] == true);
        let data: Map<String, Value> = required
            .map(|field| (field["key"].as_str().expect("a key").to_owned(), value(field, seed, related)))
            .collect();
        Value::Object(data)
    }

    /// A change that every record of the module can take.
    pub fn change(&self, seed: usize) -> Value {
        let plain = ["text", "long_text"];
        let simple = |field: &&Value| {
            plain.contains(&field["type"].as_str().unwrap_or_default())
                && field.get("pattern").is_none()
                && field["unique"] != true
        };
        let field = self.fields.iter().find(simple);
        let field = field.unwrap_or_else(|| panic!("{} has a field for any text", self.key));
        json!({field["key"].as_str().expect("a key"): format!("Z{seed}")})
    }

    /// A pair of records: the first two of the list, the first given to the actor, the second to the owner.
    pub async fn pair(&self, owner: &Client, actor: &Client) -> Pair {
        let page = owner
            .get(&format!("/api/v1/records/{}?limit=100&sort=created_at", self.key))
            .await
            .expect(200)
            .json();
        let module = owner.get(&format!("/api/v1/modules/{}", self.key)).await.expect(200).json();
        let pipelines = module["pipelines"].as_array().into_iter().flatten();
        let stages = pipelines.flat_map(|pipeline| pipeline["stages"].as_array().into_iter().flatten());
        let locked: Vec<&Value> =
            stages.filter(|stage| stage["lock"] == true).map(|stage| &stage["key"]).collect();
        // What a stage locks nobody changes, whatever the role.
        let all = page["data"].as_array().into_iter().flatten();
        let free: Vec<&Value> = all.filter(|record| !locked.contains(&&record["stage"])).collect();
        let mut ids = Vec::new();
        for (n, user) in [actor.user(), owner.user()].into_iter().enumerate() {
            let record = free.get(n).unwrap_or_else(|| panic!("{} has two samples", self.key));
            let id =
                record["id"].as_str().unwrap_or_else(|| panic!("{} has two samples", self.key)).to_owned();
            let version = record["version"].as_i64().and_then(|v| i32::try_from(v).ok()).expect("a version");
            let path = format!("/api/v1/records/{}/{id}", self.key);
            owner.patch(&path, version, &json!({"owner": user})).await.expect(200);
            ids.push(id);
        }
        let others = ids.pop().expect("two records");
        Pair { own: ids.pop().expect("two records"), others }
    }
}

fn value(field: &Value, seed: usize, related: &dyn Fn(&str) -> String) -> Value {
    match field["type"].as_str().unwrap_or_default() {
        "text" | "long_text" => json!(text(field, seed)),
        "integer" => field.get("min").cloned().unwrap_or(json!(1)),
        "decimal" | "percent" => json!("1"),
        "money" => json!("10.00"),
        "boolean" => json!(true),
        "date" => json!("2026-01-15"),
        "date_time" => json!("2026-01-15T10:00:00Z"),
        "choice" => field["options"][0]["key"].clone(),
        "multi_choice" => json!([field["options"][0]["key"]]),
        "email" => json!(format!("new{seed}@example.com")),
        "phone" => json!("+442079460018"),
        "url" => json!("https://example.com/"),
        "relation" => json!(related(field["module"].as_str().expect("a target"))),
        other => panic!("give a value for fields of type {other}"),
    }
}

/// A text that fits the field's pattern and differs with the seed wherever the pattern lets it.
fn text(field: &Value, seed: usize) -> String {
    let Some(pattern) = field["pattern"].as_str() else { return format!("New {seed}") };
    let pattern = regex::Regex::new(pattern).expect("a pattern");
    let letter = |n: usize| char::from(b'A' + u8::try_from(n % 26).unwrap_or_default());
    let letters: String = [seed / 676, seed / 26, seed].into_iter().map(letter).collect();
    let candidates =
        [letters, format!("{seed:010}"), format!("{seed:05}"), format!("{seed:06}"), "SW1A 1AA".to_owned()];
    let fitting = candidates.into_iter().find(|candidate| pattern.is_match(candidate));
    fitting.unwrap_or_else(|| panic!("give a text that matches {pattern}"))
}
