//! The way of a record: history with the names of the time, time in stage, moves that are open, filters and sorts.

use chrono::TimeDelta;
use serde_json::{Value, json};

use super::{PROGRESS, add_second, gate, item, later, patch_any, to};
use crate::records::{ITEMS, at, create, id, starter};

fn column(list: &Value, key: &str) -> Vec<String> {
    let rows = list["data"].as_array().expect("rows").iter();
    rows.map(|row| row[key].as_str().unwrap_or_default().to_owned()).collect()
}

#[tokio::test]
async fn closed_records_keep_the_names_with_which_they_closed() {
    let (app, mut owner) = starter("acme").await;
    let record = create(&owner, json!({"name": "Chair"})).await;
    assert_eq!(record["stage_entered_at"], record["created_at"]);
    owner = later(&app, TimeDelta::hours(5)).await;
    let done = to(&owner, &record, "done").await.expect(200).json();
    assert_eq!(done["stage_entered_at"], done["updated_at"]);
    owner = later(&app, TimeDelta::hours(2)).await;
    gate(&owner, json!({"done": {"label": "Completed"}, "to_do": {"label": "Waiting"}})).await.expect(200);
    patch_any(&owner, PROGRESS, &json!({"label": "Flow"})).await.expect(200);
    let changed = patch_any(&owner, &at(&record), &json!({"data": {"notes": "x"}})).await.expect(200).json();
    assert_eq!(changed["stage_entered_at"], done["stage_entered_at"], "another change is no move");

    let ways = owner.get(&format!("{}/stages", at(&record))).await.expect(200).json();
    let stay = |at: usize| &ways["data"][at];
    assert_eq!(stay(0)["stage"], json!({"key": "done", "label": "Done"}));
    assert_eq!(stay(0)["pipeline"], json!({"key": "progress", "label": "Progress"}));
    assert_eq!((&stay(0)["category"], &stay(0)["left_at"]), (&json!("won"), &Value::Null));
    assert_eq!(stay(0)["seconds"], 2 * 3600);
    assert_eq!((&stay(1)["stage"]["label"], &stay(1)["seconds"]), (&json!("To do"), &json!(5 * 3600)));
    assert_eq!(stay(1)["entered_by"]["name"], "Olga Owner");
    let browser = owner.browser().await;
    let page = browser.get(&format!("/m/items/r/{}", id(&record))).await.expect(200).text();
    assert!(page.contains(">Done</button>") && !page.contains(">Completed</button>"), "{page}");
}

#[tokio::test]
async fn the_way_tells_which_moves_are_open_and_why_others_are_not() {
    let (app, owner) = starter("acme").await;
    let changes = json!({"done": {"required": ["due_on"], "roles": ["manager"]}, "to_do": {"next": ["in_progress", "done"]}});
    gate(&owner, changes).await.expect(200);
    let worker = app.member(&owner, "worker").await;
    let record = item(&worker, "to_do").await;
    let ways = worker.get(&format!("{}/stages", at(&record))).await.expect(200).json();
    let moves = ways["moves"].as_array().expect("moves").iter();
    let facts: Vec<(String, bool, usize)> = moves
        .map(|it| {
            let errors = it["errors"].as_array().expect("errors").len();
            (it["stage"].as_str().expect("a key").to_owned(), it["allowed"] == true, errors)
        })
        .collect();
    let wanted = [("to_do", false, 0), ("in_progress", true, 0), ("done", false, 2), ("dropped", false, 1)];
    assert_eq!(facts, wanted.map(|(key, allowed, errors)| (key.to_owned(), allowed, errors)));
    let guest = app.member(&owner, "read_only").await;
    let ways = guest.get(&format!("{}/stages", at(&record))).await.expect(200).json();
    assert!(ways["moves"].as_array().expect("moves").iter().all(|it| it["allowed"] == false));
    let other = item(&owner, "to_do").await;
    worker.get(&format!("{}/stages", at(&other))).await.expect_problem(404, "not-found");
}

#[tokio::test]
async fn a_record_is_in_exactly_one_of_several_pipelines() {
    let (_app, owner) = starter("acme").await;
    add_second(&owner).await;
    let record = item(&owner, "in_progress").await;
    let answer = to(&owner, &record, "doing").await.expect(422);
    assert!(answer.text().contains("Name the pipeline second too"), "{}", answer.text());
    let moved = patch_any(&owner, &at(&record), &json!({"pipeline": "second"})).await.expect(200).json();
    assert_eq!((&moved["pipeline"], &moved["stage"]), (&json!("second"), &json!("to_do")));
    let moved = to(&owner, &record, "done").await.expect(200).json();
    assert_eq!((&moved["pipeline"], &moved["stage"]), (&json!("second"), &json!("done")));
    let same = patch_any(&owner, &at(&record), &json!({"pipeline": "second"})).await.expect(200).json();
    assert_eq!((&same["stage"], &same["version"]), (&json!("done"), &json!(3)), "it is there already");
    let back = json!({"pipeline": "progress", "stage": "done"});
    patch_any(&owner, &at(&record), &back).await.expect(200);
    let history = owner.get(&format!("{}/history", at(&record))).await.expect(200).json();
    let moves =
        json!({"pipeline": {"from": "second", "to": "progress"}, "stage": {"from": "done", "to": "done"}});
    assert_eq!(history["data"][0]["changes"], moves);
    let no = patch_any(&owner, &at(&record), &json!({"pipeline": "third"})).await.expect(422);
    assert_eq!(no.pointers(), ["/pipeline"]);
    let new = json!({"data": {"name": "b"}, "pipeline": "second", "stage": "doing"});
    assert_eq!(owner.post(ITEMS, &new).await.expect(201).json()["pipeline"], "second");
}

#[tokio::test]
async fn lists_filter_and_sort_by_pipeline_stage_and_since_when() {
    let (app, mut owner) = starter("acme").await;
    add_second(&owner).await;
    for (pipeline, stage) in
        [("second", "done"), ("progress", "done"), ("second", "doing"), ("progress", "to_do")]
    {
        let name = format!("{pipeline} {stage}");
        let body = json!({"data": {"name": name}, "pipeline": pipeline, "stage": stage});
        owner.post(ITEMS, &body).await.expect(201);
        owner = later(&app, TimeDelta::hours(1)).await;
    }
    let list = async |query: &str| {
        let answer = owner.get(&format!("{ITEMS}?{query}")).await.expect(200).json();
        column(&answer, "title")
    };
    let done = list("filter=stage%20%3D%3D%20%22done%22&sort=pipeline").await;
    assert_eq!(done, ["progress done", "second done"], "a key that repeats means all of its stages");
    let both = "filter=pipeline%20%3D%3D%20%22second%22%20and%20stage%20%3D%3D%20%22done%22";
    assert_eq!(list(both).await, ["second done"]);
    assert_eq!(
        list("filter=pipeline%20!%3D%20%22second%22&sort=stage").await,
        ["progress to_do", "progress done"]
    );
    let order = ["progress to_do", "progress done", "second doing", "second done"];
    assert_eq!(list("sort=stage").await, order);
    assert_eq!(
        list("sort=-stage_entered_at").await,
        ["progress to_do", "second doing", "progress done", "second done"]
    );
    let since = "filter=stage_entered_at%20%3E%3D%20date_time(%222026-01-15T10:30%22)&sort=stage_entered_at";
    assert_eq!(list(since).await, ["second doing", "progress to_do"]);
    // The order of stages is theirs, not that of their numbers; pages follow it.
    let mut stages = owner.get(PROGRESS).await.expect(200).json()["stages"].clone();
    stages.as_array_mut().expect("stages").insert(1, json!({"key": "review", "label": "Review"}));
    patch_any(&owner, PROGRESS, &json!({ "stages": stages })).await.expect(200);
    owner.post(ITEMS, &json!({"data": {"name": "progress review"}, "stage": "review"})).await.expect(201);
    let first = owner.get(&format!("{ITEMS}?sort=stage&limit=2")).await.expect(200).json();
    assert_eq!(column(&first, "title"), ["progress to_do", "progress review"]);
    let next = first["next"].as_str().expect("more");
    let second = owner.get(&format!("{ITEMS}?cursor={next}&limit=2")).await.expect(200).json();
    assert_eq!(column(&second, "title"), ["progress done", "second doing"]);
}

#[tokio::test]
async fn groups_are_of_pipelines_and_of_stage_keys() {
    let (_app, owner) = starter("acme").await;
    add_second(&owner).await;
    for (pipeline, stage) in [("second", "done"), ("progress", "done"), ("progress", "to_do")] {
        let body = json!({"data": {"name": stage}, "pipeline": pipeline, "stage": stage});
        owner.post(ITEMS, &body).await.expect(201);
    }
    let groups = async |by: &str| {
        let answer =
            owner.get(&format!("{ITEMS}/aggregate?group_by={by}&measure=count")).await.expect(200).json();
        let groups = answer["data"].as_array().expect("groups").iter();
        groups.map(|it| (it["key"][by].clone(), it["values"]["count"].clone())).collect::<Vec<_>>()
    };
    assert_eq!(groups("pipeline").await, [(json!("progress"), json!(2)), (json!("second"), json!(1))]);
    assert_eq!(groups("stage").await, [(json!("done"), json!(2)), (json!("to_do"), json!(1))]);
}

#[tokio::test]
async fn time_in_stage_begins_anew_with_every_move_and_one_stay_is_open() {
    let (app, mut owner) = starter("acme").await;
    let record = item(&owner, "to_do").await;
    for stage in ["done", "to_do", "in_progress", "done"] {
        owner = later(&app, TimeDelta::minutes(10)).await;
        to(&owner, &record, stage).await.expect(200);
    }
    let ways = owner.get(&format!("{}/stages", at(&record))).await.expect(200).json();
    let stays = ways["data"].as_array().expect("stays");
    assert_eq!(stays.len(), 5);
    assert_eq!(stays.iter().filter(|stay| stay["left_at"].is_null()).count(), 1);
    assert!(stays[1..].iter().all(|stay| stay["seconds"] == 600), "{ways}");
    let left = stays.windows(2).all(|pair| pair[1]["left_at"] == pair[0]["entered_at"]);
    assert!(left, "no time is lost between two stays");
}
