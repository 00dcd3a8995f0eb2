//! Single records opened to people, teams and roles.

use serde_json::{Value, json};

use super::{contact, names, person};
use crate::kit::{App, Client};

struct Desk {
    owner: Client,
    rep: Client,
    mate: Client,
    record: String,
}

impl Desk {
    async fn start(app: &App) -> Self {
        let owner = app.sign_up_with("acme", "corporate", false).await;
        owner.post("/api/v1/teams", &json!({"key": "north", "name": "North"})).await.expect(201);
        let rep = person(app, &owner, "rep", json!({})).await;
        let mate = person(app, &owner, "mate", json!({"team": "north"})).await;
        contact(&rep, "Other", json!({})).await;
        let record = contact(&rep, "Quagga", json!({})).await;
        contact(&mate, "Mine", json!({})).await;
        Self { owner, rep, mate, record }
    }

    fn path(&self) -> String {
        format!("/api/v1/records/contacts/{}", self.record)
    }

    async fn share(&self, with: Value, level: &str) -> String {
        let body = json!({"with": with, "level": level});
        let share = self.rep.post(&format!("{}/shares", self.path()), &body).await.expect(201).json();
        share["id"].as_str().expect("an id").to_owned()
    }
}

#[tokio::test]
async fn a_share_opens_one_record_on_every_way_of_reading() {
    let app = App::start().await;
    let desk = Desk::start(&app).await;
    let ways = [json!({"user": desk.mate.user()}), json!({"team": "north"}), json!({"role": "worker"})];
    for with in ways {
        desk.mate.get(&desk.path()).await.expect(404);
        let share = desk.share(with.clone(), "read").await;
        let record = desk.mate.get(&desk.path()).await.expect(200).json();
        assert_eq!(record["can"], json!({"update": false, "delete": false}), "{with}");
        desk.mate.get(&format!("{}/history", desk.path())).await.expect(200);
        assert_eq!(names(&desk.mate, "").await, ["Mine", "Quagga"], "{with}");
        assert_eq!(names(&desk.mate, "sort=-title").await, ["Quagga", "Mine"], "{with}");
        assert_eq!(names(&desk.mate, "q=quagga").await, ["Quagga"], "{with}");
        let page = desk.mate.get("/api/v1/records/contacts?count=exact").await.expect(200).json();
        assert_eq!(page["count"]["value"], 2);
        let change = json!({"data": {"last_name": "Zebra"}});
        desk.mate.patch(&desk.path(), 1, &change).await.expect_problem(403, "forbidden");
        desk.rep.remove(&format!("{}/shares/{share}", desk.path())).await.expect(204);
        desk.mate.get(&desk.path()).await.expect(404);
        assert_eq!(names(&desk.mate, "").await, ["Mine"], "{with}");
    }
}

#[tokio::test]
async fn a_share_to_update_opens_changes_and_nothing_else() {
    let app = App::start().await;
    let desk = Desk::start(&app).await;
    desk.share(json!({"user": desk.mate.user()}), "update").await;
    let changed =
        desk.mate.patch(&desk.path(), 1, &json!({"data": {"last_name": "Zebra"}})).await.expect(200);
    assert_eq!(changed.json()["can"], json!({"update": true, "delete": false}));
    desk.mate.delete(&desk.path(), 2).await.expect_problem(403, "forbidden");
    let give = json!({"owner": desk.mate.user()});
    assert_eq!(desk.mate.patch(&desk.path(), 2, &give).await.expect(422).pointers(), ["/owner"]);
    let on = json!({"with": {"role": "worker"}});
    desk.mate.post(&format!("{}/shares", desk.path()), &on).await.expect_problem(403, "forbidden");
    desk.mate.get(&format!("{}/shares", desk.path())).await.expect_problem(403, "forbidden");
}

#[tokio::test]
async fn a_share_opens_no_module_and_needs_somebody_who_is_there() {
    let app = App::start().await;
    let desk = Desk::start(&app).await;
    let support = person(&app, &desk.owner, "support", json!({"role": "support"})).await;
    let organization = json!({"data": {"name": "Acme"}});
    let made = desk.owner.post("/api/v1/records/organizations", &organization).await.expect(201).json();
    super::role(&app, json!({"key": "support", "label": "Clerk", "modules": {"contacts": {"read": "own"}}}))
        .await;
    let path = format!("/api/v1/records/organizations/{}", made["id"].as_str().expect("an id"));
    let body = json!({"with": {"user": support.user()}, "level": "update"});
    desk.owner.post(&format!("{path}/shares"), &body).await.expect(201);
    support.get(&path).await.expect(404);
    support.get(&desk.path()).await.expect(404);
    let body = json!({"with": {"role": "support"}, "level": "update"});
    desk.owner.post(&format!("{}/shares", desk.path()), &body).await.expect(201);
    let change = json!({"data": {"last_name": "Zebra"}});
    support.patch(&desk.path(), 1, &change).await.expect_problem(403, "forbidden");
    let given = desk.owner.get(&format!("{}/shares", desk.path())).await.expect(200).json();
    let share = given["data"][0]["id"].as_str().expect("a share").to_owned();
    desk.owner.remove(&format!("{}/shares/{share}", desk.path())).await.expect(204);
    let shares = format!("{}/shares", desk.path());
    for with in [
        json!({"team": "west"}),
        json!({"role": "king"}),
        json!({"user": "019bc000-0000-7000-8000-000000000000"}),
    ] {
        let answer = desk.rep.post(&shares, &json!({"with": with})).await.expect(422);
        assert_eq!(answer.pointers(), ["/with"]);
    }
    desk.rep.post(&shares, &json!({"with": {"team": "north"}, "level": "delete"})).await.expect(422);
    assert_eq!(desk.rep.get(&shares).await.expect(200).json()["data"], json!([]));
}
