//! The gates of the built-in templates, and what a template's author is told.

use serde_json::json;

use super::{messages, patch_any};
use crate::kit::App;

#[tokio::test]
async fn a_patient_is_discharged_by_the_rules_of_the_hospital() {
    let app = App::start().await;
    let owner = app.sign_up_with("ward", "hospital", true).await;
    let admissions = "/api/v1/records/admissions";
    let filter = "filter=stage%20%3D%3D%20%22admitted%22&limit=1";
    let list = owner.get(&format!("{admissions}?{filter}")).await.expect(200).json();
    let path = format!("{admissions}/{}", list["data"][0]["id"].as_str().expect("an admitted patient"));
    let early = json!({"stage": "discharged", "data": {"discharged_at": "2001-01-01T10:00:00Z"}});
    let refused = patch_any(&owner, &path, &early).await.expect(422);
    assert_eq!(refused.pointers(), ["/stage", "/data/disposition"]);
    assert_eq!(messages(&refused)[0], "A patient is discharged after the admission, not before.");
    let data = json!({"discharged_at": "2030-01-01T10:00:00Z", "disposition": "home"});
    patch_any(&owner, &path, &json!({"stage": "discharged", "data": data})).await.expect(200);
    assert_eq!(
        patch_any(&owner, &path, &json!({"data": {"diet": "npo"}})).await.expect(422).pointers(),
        ["/data/diet"]
    );
    patch_any(&owner, &path, &json!({"data": {"discharge_summary": "Well"}})).await.expect(200);
    let back = json!({"stage": "cancelled"});
    assert_eq!(
        messages(&patch_any(&owner, &path, &back).await.expect(422)),
        ["From Discharged a record moves on to Admitted."]
    );
}

#[tokio::test]
async fn deals_have_two_pipelines_and_their_boards_add_up() {
    let app = App::start().await;
    let owner = app.sign_up_with("corp", "corporate", true).await;
    let deals = "/api/v1/records/deals";
    let sales = owner.get(&format!("{deals}/board")).await.expect(200).json();
    assert_eq!((&sales["pipeline"], &sales["amount"]), (&json!("sales"), &json!("amount")));
    let count: i64 = sales["stages"]
        .as_array()
        .expect("stages")
        .iter()
        .filter_map(|it| it["count"]["value"].as_i64())
        .sum();
    let all = owner.get(&format!("{deals}?count=exact&limit=1")).await.expect(200).json();
    assert_eq!(all["count"]["value"], count);
    let filter = "filter=stage%20%3D%3D%20%22negotiation%22&limit=1";
    let list = owner.get(&format!("{deals}?{filter}")).await.expect(200).json();
    let path = format!("{deals}/{}", list["data"][0]["id"].as_str().expect("a deal"));
    assert_eq!(
        patch_any(&owner, &path, &json!({"stage": "lost"})).await.expect(422).pointers(),
        ["/data/lost_reason"]
    );
    patch_any(&owner, &path, &json!({"pipeline": "renewal"})).await.expect(200);
    let lapsed = patch_any(&owner, &path, &json!({"stage": "lapsed"})).await.expect(422);
    assert_eq!(lapsed.pointers(), ["/reason"]);
    patch_any(&owner, &path, &json!({"stage": "lapsed", "reason": "no_need"})).await.expect(200);
    let renewals = owner.get(&format!("{deals}/board?pipeline=renewal")).await.expect(200).json();
    assert_eq!(renewals["stages"][3]["count"]["value"], 1);
}
