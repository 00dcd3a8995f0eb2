//! Two nodes on one database: what changes on one holds on the other, and no record is judged by a schema that is no
//! longer true.

use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use futures_util::future::{join, join_all};
use serde_json::{Value, json};

use crate::kit::{App, Client};
use crate::records::{ITEMS, add_field, create, id, starter};

/// How often the schema flips while others write.
const FLIPS: usize = 60;

async fn two_nodes() -> (App, Client, Client) {
    let (app, owner) = starter("acme").await;
    let other = owner.through(&app.beside().await);
    (app, owner, other)
}

fn required(key: &str) -> Value {
    json!({"key": key, "label": key, "type": "text", "required": true})
}

#[tokio::test]
async fn a_field_added_on_one_node_is_obeyed_on_the_other_at_once() {
    let (_app, here, there) = two_nodes().await;
    for round in 0..10 {
        let (adding, other) = if round % 2 == 0 { (&here, &there) } else { (&there, &here) };
        create(other, known(round)).await;
        let key = format!("f{round}");
        add_field(adding, required(&key)).await;
        // Writes, at once.
        let answer = other.post(ITEMS, &json!({"data": known(round)})).await;
        assert_eq!(answer.expect_problem(422, "invalid-record").pointers(), [format!("/data/{key}")]);
        let record = create(other, known(round + 1)).await;
        // Reads and lists, at once, which is within a second.
        assert_eq!(
            adding.get(&format!("{ITEMS}/{}", id(&record))).await.expect(200).json()["data"][&key],
            "v"
        );
        let found = other
            .get(&format!("{ITEMS}?filter={key}%20is%20not%20empty&sort=-{key}"))
            .await
            .expect(200)
            .json();
        assert_eq!(found["data"].as_array().map(Vec::len), Some(1));
        let module = other.get("/api/v1/modules/items").await.expect(200).json();
        assert!(
            module["fields"]
                .as_array()
                .is_some_and(|fields| fields.iter().any(|field| field["key"] == key.as_str()))
        );
        assert!(
            module["views"][0]["columns"].as_array().is_some_and(|columns| columns.contains(&json!(key)))
        );
        let document = other.get("/api/v1/openapi.json").await.expect(200).json();
        assert!(
            document
                .pointer(&format!("/components/schemas/Items/properties/data/properties/{key}"))
                .is_some()
        );
    }
}

/// Values for the fields of the rounds before this one.
fn known(round: usize) -> Value {
    let given = (0..round).map(|n| (format!("f{n}"), json!("v")));
    Value::Object(given.chain([("name".to_owned(), json!("x"))]).collect())
}

#[tokio::test]
async fn a_template_applied_on_one_node_is_there_on_the_other() {
    let app = App::start().await;
    let owner = app.sign_up("acme").await;
    let other = owner.through(&app.beside().await);
    assert_eq!(other.get("/api/v1/modules").await.expect(200).json()["data"], json!([]));
    owner.post("/api/v1/workspace/template", &json!({"template": "blank"})).await.expect(201);
    assert_eq!(other.get("/api/v1/modules").await.expect(200).json()["data"][0]["key"], "items");
    create(&other, json!({"name": "x"})).await;
    let again = json!({"template": "hospital"});
    other.post("/api/v1/workspace/template", &again).await.expect_problem(409, "conflict");
}

/// Holds the schema version like a transaction that is still open.
async fn hold(app: &App, lock: &str) {
    let sql = format!("begin; select from schema_versions for {lock}; select pg_sleep(1); commit");
    app.database().as_superuser(&sql).await;
}

#[tokio::test]
async fn changes_wait_for_writers_and_writers_for_changes() {
    let (app, owner) = starter("acme").await;
    let pause = Duration::from_millis(400);
    let started = Instant::now();
    let ((), change) = join(hold(&app, "share"), async {
        tokio::time::sleep(pause).await;
        add_field(&owner, json!({"key": "mark", "label": "Mark", "type": "text"})).await;
        started.elapsed()
    })
    .await;
    assert!(change >= Duration::from_secs(1), "the change did not wait for a writer: {change:?}");

    let started = Instant::now();
    let ((), write) = join(hold(&app, "update"), async {
        tokio::time::sleep(pause).await;
        create(&owner, json!({"name": "x"})).await;
        started.elapsed()
    })
    .await;
    assert!(write >= Duration::from_secs(1), "the writer did not wait for a change: {write:?}");

    // Writers do not wait for each other, and readers for nobody.
    let started = Instant::now();
    let ((), (write, read)) = join(hold(&app, "share"), async {
        tokio::time::sleep(pause).await;
        create(&owner, json!({"name": "x"})).await;
        let write = started.elapsed();
        owner.get(ITEMS).await.expect(200);
        (write, started.elapsed())
    })
    .await;
    assert!(write < Duration::from_secs(1) && read < Duration::from_secs(1), "{write:?} {read:?}");
}

/// Whether a field is required flips 60 times while both nodes write records without it. A trigger notes, in each
/// record, the version that holds when it is written; the field is required at the odd ones.
#[tokio::test]
async fn no_record_is_judged_by_a_schema_that_is_over() {
    let (app, here, there) = two_nodes().await;
    add_field(&here, json!({"key": "mark", "label": "Mark", "type": "text"})).await;
    app.database()
        .as_superuser(
            "update schema_versions set version = version + version % 2;
             create function note_version() returns trigger language plpgsql as $$
             begin
               new.source := (select version from schema_versions where tenant_id = new.tenant_id)::text;
               return new;
             end $$;
             create trigger note_version before insert on records for each row execute function note_version()",
        )
        .await;
    let done = AtomicBool::new(false);
    let writers = (0..6).map(|n| {
        let (client, done) = (if n % 2 == 0 { &here } else { &there }, &done);
        async move {
            let (mut written, mut refused) = (0, 0);
            while !done.load(Ordering::Relaxed) {
                match client.post(ITEMS, &json!({"data": {"name": "x"}})).await.status {
                    201 => written += 1,
                    422 => refused += 1,
                    status => panic!("a writer got {status}"),
                }
            }
            (written, refused)
        }
    });
    let flips = async {
        for _ in 0..FLIPS {
            let flip = "begin; select from schema_versions for update;
                update module_fields set definition = jsonb_set(definition, '{required}',
                  to_jsonb((select version % 2 = 0 from schema_versions))) where key = 'mark';
                update schema_versions set version = version + 1; commit";
            app.database().as_superuser(flip).await;
        }
        done.store(true, Ordering::Relaxed);
    };
    let (outcomes, ()) = join(join_all(writers), flips).await;
    let written: i32 = outcomes.iter().map(|(written, _)| written).sum();
    let refused: i32 = outcomes.iter().map(|(_, refused)| refused).sum();
    assert!(written > 20 && refused > 20, "{written} written, {refused} refused: too few to prove a thing");
    let wrong = "select count(*) filter (where source::bigint % 2 = 1), count(*) from records";
    let wrong = app.database().as_superuser(wrong).await;
    assert_eq!(wrong, [[Some("0".to_owned()), Some(written.to_string())]]);
}
