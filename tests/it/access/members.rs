//! Who may change members, and what nobody may.

use serde_json::json;

use super::{contact, names, person};
use crate::kit::App;

#[tokio::test]
async fn members_are_changed_by_those_who_may_and_never_by_themselves() {
    let app = App::start().await;
    let owner = app.sign_up_with("acme", "corporate", false).await;
    let admin = person(&app, &owner, "admin", json!({"role": "admin"})).await;
    let rep = person(&app, &owner, "rep", json!({})).await;
    let member = |client: &crate::kit::Client| format!("/api/v1/members/{}", client.user());
    rep.get("/api/v1/members").await.expect_problem(403, "forbidden");
    rep.change(&member(&rep), &json!({"role": "admin"})).await.expect_problem(403, "forbidden");
    let listed = admin.get("/api/v1/members").await.expect(200).json();
    assert_eq!(listed["data"].as_array().map(Vec::len), Some(3));
    let own = admin.change(&member(&admin), &json!({"role": "worker"})).await;
    assert_eq!(own.expect(422).pointers(), ["/role"]);
    let above = admin.change(&member(&owner), &json!({"active": false})).await;
    assert_eq!(above.expect(422).pointers(), ["/owner", "/owner"], "not by an admin, and not the last one");
    let crown = admin.change(&member(&rep), &json!({"owner": true})).await;
    assert_eq!(crown.expect(422).pointers(), ["/owner"]);
    let last = owner.change(&member(&owner), &json!({"owner": false})).await;
    assert_eq!(last.expect(422).pointers(), ["/owner"]);
    let wrong = admin.change(&member(&rep), &json!({"role": "king", "team": "west"})).await;
    assert_eq!(wrong.expect(422).pointers(), ["/role", "/team"]);
    let nobody = "/api/v1/members/019bc000-0000-7000-8000-000000000000";
    admin.change(nobody, &json!({"role": "admin"})).await.expect_problem(404, "not-found");
    // A role holds from the next request on, and who is no longer active is no longer there.
    contact(&owner, "Rao", json!({})).await;
    assert_eq!(names(&rep, "").await, Vec::<String>::new());
    admin.change(&member(&rep), &json!({"role": "manager"})).await.expect(200);
    assert_eq!(names(&rep, "").await, ["Rao"]);
    admin.change(&member(&rep), &json!({"active": false})).await.expect(200);
    rep.get("/api/v1/records/contacts").await.expect(404);
    let entries =
        app.database().as_superuser("select count(*) from audit_log where action = 'member_changed'").await;
    assert_eq!(entries[0][0].as_deref(), Some("3"), "the admin's role, and both changes of the rep's");
}

#[tokio::test]
async fn nobody_gives_a_role_with_rights_that_they_lack() {
    let app = App::start().await;
    let owner = app.sign_up_with("acme", "corporate", false).await;
    let definition =
        json!({"key": "support", "label": "Staff", "capabilities": ["manage_members"], "modules": {}});
    super::role(&app, definition).await;
    let staff = person(&app, &owner, "staff", json!({"role": "support"})).await;
    let rep = person(&app, &owner, "rep", json!({})).await;
    let path = format!("/api/v1/members/{}", rep.user());
    let answer = staff.change(&path, &json!({"role": "admin"})).await.expect(422);
    assert_eq!(answer.pointers(), ["/role"]);
    staff.change(&path, &json!({"role": "support"})).await.expect(200);
}

#[tokio::test]
async fn the_page_of_members_changes_roles_and_teams_without_scripts() {
    let app = App::start().await;
    let owner = app.sign_up_with("acme", "corporate", false).await;
    owner.post("/api/v1/teams", &json!({"key": "north", "name": "North"})).await.expect(201);
    let rep = person(&app, &owner, "rep", json!({})).await;
    let browser = owner.browser().await;
    let page = browser.get("/settings/members").await.expect(200).text();
    assert!(page.contains("rep@acme.example") && page.contains("North"), "{page}");
    let path = format!("/settings/members/{}", rep.user());
    browser.submit(&path, &[("role", "team_lead"), ("team", "north")]).await.expect(303);
    let listed = owner.get("/api/v1/members").await.expect(200).json();
    let members = listed["data"].as_array().cloned().unwrap_or_default();
    let changed = members.iter().find(|member| member["id"] == rep.user()).expect("the rep is listed");
    assert_eq!((&changed["role"], &changed["team"]), (&json!("team_lead"), &json!("north")));
    let refused = browser.submit(&path, &[("role", "king"), ("team", "")]).await.expect(422).text();
    assert!(refused.contains("Choose one of: admin"), "{refused}");
    rep.browser().await.submit(&path, &[("role", "admin"), ("team", "")]).await.expect(403);
}
