//! Jobs are done once, for whoever asked and with the rights that they have then.

use chrono::TimeDelta;
use futures_util::future::join_all;
use serde_json::json;

use super::{background, create_many, job, work_off};
use crate::kit::App;
use crate::records::{ITEMS, count, starter};

#[tokio::test]
async fn a_job_is_done_step_by_step_and_can_be_watched() {
    let (app, owner) = starter("acme").await;
    let queued = create_many(&owner, 650).await.expect(202);
    let id = queued.json()["id"].as_str().expect("an id").to_owned();
    assert_eq!(queued.header("location"), format!("/t/acme/api/v1/jobs/{id}"));
    assert_eq!(queued.json()["state"], "ready");
    assert_eq!(count(&app, "records").await, 0);
    work_off(&app).await;
    let done = job(&owner, &queued).await;
    assert_eq!(done["state"], "done", "{done}");
    assert_eq!(done["progress"], json!({"done": 650, "total": 650}));
    assert_eq!(done["result"]["succeeded"], 650);
    assert_eq!(
        [count(&app, "records").await, count(&app, "audit_log where action = 'created'").await],
        [650, 650]
    );
    let listed = owner.get("/api/v1/jobs").await.expect(200).json();
    assert_eq!(listed["data"][0]["id"], id.as_str());
}

#[tokio::test]
async fn many_workers_do_each_job_once() {
    let (app, owner) = starter("acme").await;
    for _ in 0..4 {
        create_many(&owner, 501).await.expect(202);
    }
    let nodes = [app.clone(), app.beside().await, app.beside().await];
    join_all(nodes.iter().map(work_off)).await;
    assert_eq!(count(&app, "records").await, 4 * 501);
    assert_eq!(count(&app, "jobs where state = 'done'").await, 4);
}

#[tokio::test]
async fn who_may_no_longer_do_it_does_it_no_longer() {
    let (app, owner) = starter("acme").await;
    let admin = app.member(&owner, "admin").await;
    for (change, reason) in [
        ("update memberships set role = 'nobody' where email = 'admin@acme.example'", "may not create"),
        ("update memberships set active = false where email = 'admin@acme.example'", "no longer a member"),
    ] {
        let queued = create_many(&admin, 501).await.expect(202);
        app.database().as_superuser(change).await;
        work_off(&app).await;
        let ended = job(&owner, &queued).await;
        assert_eq!(ended["state"], "failed", "{ended}");
        assert!(ended["error"].as_str().expect("a reason").contains(reason), "{ended}");
        assert_eq!(count(&app, "records").await, 0);
        let back = "update memberships set role = 'admin', active = true where email = 'admin@acme.example'";
        app.database().as_superuser(back).await;
    }
}

#[tokio::test]
async fn people_see_their_own_jobs_and_managers_all() {
    let (app, owner) = starter("acme").await;
    let stranger = app.sign_up_with("other", "blank", false).await;
    let worker = app.member(&owner, "worker").await;
    let queued = create_many(&owner, 501).await.expect(202);
    let path = format!("/api/v1/jobs/{}", queued.json()["id"].as_str().expect("an id"));
    for client in [&worker, &stranger] {
        client.get(&path).await.expect_problem(404, "not-found");
        for action in ["cancel", "retry"] {
            client.post(&format!("{path}/{action}"), &json!({})).await.expect_problem(404, "not-found");
        }
        assert_eq!(client.get("/api/v1/jobs").await.expect(200).json()["data"], json!([]));
    }
    let admin = app.member(&owner, "admin").await;
    admin.get(&path).await.expect(200);
    let text = admin.get(&path).await.text();
    assert!(!text.contains("item 00001"), "what a job was given is nobody's to read: {text}");
}

#[tokio::test]
async fn a_job_that_is_called_off_goes_on_where_it_stopped_when_it_is_tried_again() {
    let (app, owner) = starter("acme").await;
    let queued = create_many(&owner, 501).await.expect(202);
    let path = format!("/api/v1/jobs/{}", queued.json()["id"].as_str().expect("an id"));
    owner.post(&format!("{path}/retry"), &json!({})).await.expect_problem(409, "conflict");
    assert_eq!(
        owner.post(&format!("{path}/cancel"), &json!({})).await.expect(200).json()["state"],
        "cancelled"
    );
    work_off(&app).await;
    assert_eq!(count(&app, "records").await, 0);
    owner.post(&format!("{path}/cancel"), &json!({})).await.expect_problem(409, "conflict");
    assert_eq!(owner.post(&format!("{path}/retry"), &json!({})).await.expect(200).json()["state"], "ready");
    work_off(&app).await;
    assert_eq!(count(&app, "records").await, 501);
    owner.post(&format!("{path}/retry"), &json!({})).await.expect_problem(409, "conflict");
}

#[tokio::test]
async fn a_worker_that_was_taken_for_dead_writes_nothing() {
    let (app, owner) = starter("acme").await;
    create_many(&owner, 501).await.expect(202);
    let state = app.state();
    let system = state.db.system(trellis::db::SystemPurpose::Operate).await.expect("the control plane");
    let now = state.clock.now();
    let tenant = trellis::job::due(&system, now, 10).await.expect("a list")[0];
    drop(system);
    let claim = async || {
        let tx = state.db.tenant(tenant).await.expect("a transaction");
        let now = state.clock.now();
        let held =
            trellis::job::claim(&tx, "zombie", now, now + TimeDelta::seconds(10)).await.expect("a claim");
        tx.commit().await.expect("it holds");
        held
    };
    let zombie = claim().await.expect("there is a job");
    assert!(claim().await.is_none(), "it is held");
    app.advance(TimeDelta::seconds(11));
    work_off(&app).await;
    assert_eq!(count(&app, "records").await, 501);
    let tx = state.db.tenant(tenant).await.expect("a transaction");
    let turn = trellis::job::Turn {
        position: json!(null),
        result: json!({}),
        progress: zombie.progress,
        finished: false,
    };
    let now = state.clock.now();
    assert!(!trellis::job::advance(&tx, &zombie, &turn, (now, now)).await.expect("an answer"));
    assert!(!trellis::job::extend(&tx, &zombie, now).await.expect("an answer"));
    trellis::job::hand_back(&tx, &zombie, now).await.expect("nothing happens");
    tx.commit().await.expect("nothing was written");
    assert_eq!(count(&app, "jobs where state = 'done'").await, 1);
}

#[tokio::test]
async fn a_job_that_kills_its_process_each_time_is_given_up() {
    let (app, owner) = starter("acme").await;
    let queued = create_many(&owner, 501).await.expect(202);
    app.database().as_superuser("update jobs set attempts = 5").await;
    work_off(&app).await;
    let ended = job(&owner, &queued).await;
    assert_eq!(ended["state"], "failed", "{ended}");
    let path = format!("/api/v1/jobs/{}/retry", ended["id"].as_str().expect("an id"));
    owner.post(&path, &json!({})).await.expect(200);
    work_off(&app).await;
    assert_eq!(job(&owner, &queued).await["state"], "done");
}

#[tokio::test]
async fn a_step_that_fails_is_tried_again_later_and_then_given_up() {
    let (app, owner) = starter("acme").await;
    let queued = create_many(&owner, 501).await.expect(202);
    // A fault of ours, for which there is no other way in.
    app.database().as_superuser("alter table audit_log rename column changes to lost").await;
    for attempt in 1..5 {
        work_off(&app).await;
        let waiting = job(&owner, &queued).await;
        assert_eq!(
            (&waiting["state"], &waiting["attempts"]),
            (&json!("ready"), &json!(attempt)),
            "{waiting}"
        );
        app.advance(TimeDelta::seconds(40));
    }
    work_off(&app).await;
    assert_eq!(job(&owner, &queued).await["state"], "failed");
    app.database().as_superuser("alter table audit_log rename column lost to changes").await;
    assert_eq!(count(&app, "records").await, 0);
}

#[tokio::test]
async fn tenants_take_turns_and_old_jobs_are_forgotten() {
    let app = App::start().await;
    let mut queued = Vec::new();
    for slug in ["one", "two", "three"] {
        let owner = app.sign_up_with(slug, "blank", false).await;
        queued.push((owner.clone(), create_many(&owner, 501).await.expect(202)));
        app.advance(TimeDelta::seconds(1));
    }
    let system = app.state().db.system(trellis::db::SystemPurpose::Operate).await.expect("the control plane");
    let due = trellis::job::due(&system, app.state().clock.now(), 2).await.expect("a list");
    drop(system);
    assert_eq!(due.len(), 2, "so many at a time, whoever waits longest first");
    work_off(&app).await;
    for (owner, answer) in &queued {
        assert_eq!(job(owner, answer).await["state"], "done");
        owner.get(ITEMS).await.expect(200);
    }
    app.advance(TimeDelta::days(31));
    trellis::worker::keep_house_once(&background(&app)).await.expect("the house is kept");
    assert_eq!(count(&app, "jobs").await, 0);
}
