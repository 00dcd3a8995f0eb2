//! Roles that were stored before they told who may assign records: the migration says it for them.

use serde_json::json;

use crate::conditions::{DEALS, change, corporate, sell};

const MIGRATION: &str = include_str!("../../../migrations/20261121160500_assign.sql");

#[tokio::test]
async fn a_role_without_a_word_about_assigning_keeps_what_it_could_do() {
    let (app, owner, acme) = corporate("acme").await;
    let deal = sell(&owner, &acme, "5").await;
    let manager = app.member(&owner, "manager").await;
    let give = json!({"owner": manager.user()});
    let strip = "update roles set definition = jsonb_set(definition, '{modules}',
        (select jsonb_object_agg(key, value - 'assign') from jsonb_each(definition -> 'modules')))";
    app.database().as_superuser(strip).await;
    app.database().as_superuser("update schema_versions set version = version + 1").await;
    let refused = change(&manager, &deal, give.clone()).await.expect_problem(422, "invalid-record");
    assert_eq!(refused.pointers(), ["/owner"], "what is not granted is denied");

    app.database().as_superuser(MIGRATION).await;
    app.database().as_superuser("update schema_versions set version = version + 1").await;
    let deal = change(&manager, &deal, give.clone()).await.expect(200).json();
    assert_eq!(deal["owner"]["id"], manager.user());
    let lead = app.member(&owner, "team_lead").await;
    let own = lead.get(DEALS).await.expect(200).json();
    assert_eq!(own["data"], json!([]), "and nobody sees more");
    let said = app
        .database()
        .as_superuser(
            "select definition #>> '{modules,deals,assign}' from roles where key in ('team_lead', 'worker')",
        )
        .await;
    assert_eq!(
        said,
        [[Some("none".to_owned())], [Some("none".to_owned())]],
        "who changed some could give none away"
    );

    // Where roles speak of it already, silence is a no.
    let strip_one = "update roles set definition = definition #- '{modules,*,assign}' where key = 'manager'";
    app.database().as_superuser(strip_one).await;
    app.database().as_superuser(MIGRATION).await;
    app.database().as_superuser("update schema_versions set version = version + 1").await;
    change(&manager, &deal, json!({"owner": owner.user()})).await.expect_problem(422, "invalid-record");
}
