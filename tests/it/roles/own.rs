//! Who sees their own records only learns nothing of the others', by any way of looking.

use serde_json::{Value, json};

use crate::kit::{App, Client};

/// A word that occurs in others' records alone.
const WORD: &str = "Quagga";

struct Ward {
    worker: Client,
    own: String,
    others: String,
    appointment: String,
}

/// A clinician with one patient and one appointment, which the owner has pointed to somebody else's patient.
async fn ward(app: &App) -> Ward {
    let owner = app.sign_up_with("ward", "hospital", true).await;
    let worker = app.member(&owner, "worker").await;
    let first = async |module: &str, n: usize| {
        let page = owner.get(&format!("/api/v1/records/{module}?limit=5")).await.expect(200).json();
        page["data"][n]["id"].as_str().expect("a sample").to_owned()
    };
    let give = async |module: &str, id: &str, body: Value| {
        let request = owner.request(axum::http::Method::PATCH, &format!("/api/v1/records/{module}/{id}"));
        let request = request.header("if-match", "*").header("content-type", "application/json");
        app.send(request.body(body.to_string().into()).expect("a request")).await.expect(200);
    };
    let (own, others, appointment) =
        (first("patients", 0).await, first("patients", 1).await, first("appointments", 0).await);
    let name = first_text_field(&owner).await;
    give("patients", &own, json!({"owner": worker.user()})).await;
    give("patients", &others, json!({"data": {name: WORD}})).await;
    give("appointments", &appointment, json!({"owner": worker.user(), "data": {"patient": others}})).await;
    Ward { worker, own, others, appointment }
}

/// A field that the title of a patient is made of.
async fn first_text_field(owner: &Client) -> String {
    let module = owner.get("/api/v1/modules/patients").await.expect(200).json();
    let title = module["title"].as_str().unwrap_or_default().to_owned();
    let fields = module["fields"].as_array().cloned().unwrap_or_default();
    let mut keys =
        fields.iter().filter(|field| field["type"] == "text").filter_map(|field| field["key"].as_str());
    keys.find(|key| title.contains(key)).expect("a title made of texts").to_owned()
}

async fn ids(client: &Client, query: &str) -> (Vec<String>, Value) {
    let page = client.get(&format!("/api/v1/records/patients?count=exact&{query}")).await.expect(200).json();
    let records = page["data"].as_array().cloned().unwrap_or_default();
    (
        records.iter().filter_map(|r| r["id"].as_str().map(str::to_owned)).collect(),
        page["count"]["value"].clone(),
    )
}

#[tokio::test]
async fn no_list_search_sort_or_count_tells_of_others_records() {
    let app = App::start().await;
    let ward = ward(&app).await;
    for query in ["", "sort=title", "sort=-created_at", "view=all", "limit=100"] {
        let query = if query == "view=all" { "limit=1" } else { query };
        assert_eq!(ids(&ward.worker, query).await, (vec![ward.own.clone()], json!(1)), "{query}");
    }
    for query in [format!("q={WORD}"), format!("q={}", &WORD[..2]), "trash=true".to_owned()] {
        let (found, count) = ids(&ward.worker, &query).await;
        assert!(!found.contains(&ward.others) && count.as_i64() <= Some(1), "{query}: {found:?} {count}");
    }
    // A condition that is true for others' records alone counts nothing; one that is always true counts the own.
    for (condition, expected) in [
        (format!("title == \"{WORD}\" or title contains \"{WORD}\""), 0),
        ("owner is empty".to_owned(), 0),
        (format!("owner != \"{}\"", ward.worker.user()), 0),
        ("version >= 1".to_owned(), 1),
        ("not (version < 1)".to_owned(), 1),
    ] {
        let query: String =
            percent_encoding::utf8_percent_encode(&condition, percent_encoding::NON_ALPHANUMERIC).collect();
        let (_, count) = ids(&ward.worker, &format!("filter={query}")).await;
        assert_eq!(count, json!(expected), "{condition}");
    }
}

#[tokio::test]
async fn no_relation_history_or_page_names_others_records() {
    let app = App::start().await;
    let ward = ward(&app).await;
    let appointment = format!("/api/v1/records/appointments/{}", ward.appointment);
    let record = ward.worker.get(&appointment).await.expect(200).json();
    assert_eq!(record["data"]["patient"], json!({"id": ward.others, "title": null}), "the name is not shown");
    let browser = ward.worker.browser().await;
    for path in [
        appointment,
        format!("/api/v1/records/appointments/{}/history", ward.appointment),
        "/api/v1/records/appointments?limit=100".to_owned(),
        format!("/api/v1/records/appointments?q={WORD}"),
        format!("/api/v1/records/appointments?sort=patient"),
        "/api/v1/bootstrap".to_owned(),
        "/api/v1/openapi.json".to_owned(),
    ] {
        let answer = ward.worker.get(&path).await.expect(200);
        assert!(!answer.text().contains(WORD), "{path}: {}", answer.text());
    }
    for path in [
        "/".to_owned(),
        "/m/patients".to_owned(),
        "/m/appointments".to_owned(),
        format!("/m/appointments/r/{}", ward.appointment),
        format!("/m/appointments/r/{}/history", ward.appointment),
        format!("/m/appointments/r/{}/edit", ward.appointment),
        format!("/m/patients/r/{}", ward.own),
        "/m/patients/choices?q=".to_owned(),
        "/m/patients/trash".to_owned(),
        format!("/m/appointments/new?patient={}", ward.others),
    ] {
        let answer = browser.get(&path).await.expect(200);
        assert!(!answer.text().contains(WORD), "{path}: {}", answer.text());
    }
    let choices = browser.get(&format!("/m/patients/choices?q={WORD}")).await.expect(200);
    assert_eq!(choices.json()["options"], json!([]));
}

#[tokio::test]
async fn a_record_that_is_not_ones_own_is_like_one_that_is_not_there() {
    let app = App::start().await;
    let ward = ward(&app).await;
    let nowhere = uuid::Uuid::now_v7().to_string();
    let plain = |text: String, id: &str| {
        let instance = regex::Regex::new(r#""instance":"[^"]*""#).expect("a pattern");
        instance.replace_all(&text, "").replace(id, "ID")
    };
    let body = json!({"data": {}});
    for tail in ["", "/history"] {
        let ask = async |id: &str| {
            let answer = ward.worker.get(&format!("/api/v1/records/patients/{id}{tail}")).await;
            (answer.status, plain(answer.text(), id))
        };
        assert_eq!(ask(&ward.others).await, ask(&nowhere).await, "get {tail}");
    }
    let change = async |id: &str| {
        let answer = ward.worker.patch(&format!("/api/v1/records/patients/{id}"), 1, &body).await;
        (answer.status, plain(answer.text(), id))
    };
    assert_eq!(change(&ward.others).await, change(&nowhere).await);
    // Nor can one point to it: the answer is the same as for an id that nobody has.
    let point = async |id: &str| {
        let body = json!({"data": {"patient": id}});
        let answer = ward.worker.post("/api/v1/records/appointments", &body).await;
        (answer.status, plain(answer.text(), id))
    };
    let (status, answer) = point(&ward.others).await;
    assert_eq!((status, answer.clone()), point(&nowhere).await);
    assert!(status == 422 && answer.contains("/data/patient"), "{answer}");
    point(&ward.own).await;
}
