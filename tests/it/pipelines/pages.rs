//! The board page and the path of a record, as they are used without scripts.

use serde_json::json;

use super::{PROGRESS, add_second, gate, item, patch_any};
use crate::records::{at, id, starter};

#[tokio::test]
async fn a_card_is_moved_with_a_form_and_nothing_else() {
    let (_app, owner) = starter("acme").await;
    let reasons = json!({"lost_reasons": [{"key": "price", "label": "Too expensive"}]});
    patch_any(&owner, PROGRESS, &reasons).await.expect(200);
    let record = item(&owner, "to_do").await;
    let browser = owner.browser().await;
    let list = browser.get("/m/items").await.expect(200).text();
    assert!(list.contains("/m/items/board"), "the list leads to the board");
    let page = browser.get("/m/items/board").await.expect(200).text();
    assert!(page.contains(r#"<option value="dropped:price">Dropped: Too expensive</option>"#), "{page}");
    let move_to = format!("/m/items/r/{}/stage", id(&record));
    let form = [("_version", "1"), ("_then", "board"), ("_stage", "dropped:price")];
    let moved = browser.submit(&move_to, &form).await.expect(303);
    assert!(
        moved.header("location").ends_with("/m/items/board?pipeline=progress"),
        "{}",
        moved.header("location")
    );
    assert_eq!(owner.get(&at(&record)).await.expect(200).json()["stage"], "dropped");
    browser.get("/m/items/board?pipeline=nowhere").await.expect(422);
}

#[tokio::test]
async fn the_board_offers_only_stages_that_may_follow() {
    let (app, owner) = starter("acme").await;
    gate(&owner, json!({"to_do": {"next": ["in_progress"]}})).await.expect(200);
    item(&owner, "to_do").await;
    let page = owner.browser().await.get("/m/items/board").await.expect(200).text();
    let first = page.split(r#"id="stage-in_progress""#).next().expect("the first stage");
    assert!(
        first.contains(r#"<option value="in_progress">"#) && !first.contains(r#"<option value="done">"#),
        "{first}"
    );
    let guest = app.member(&owner, "read_only").await.browser().await;
    let page = guest.get("/m/items/board").await.expect(200).text();
    assert!(page.contains("to_do") && !page.contains("_stage"), "who may not write has no control");
}

#[tokio::test]
async fn a_record_moves_to_another_pipeline_from_its_page_and_its_form() {
    let (_app, owner) = starter("acme").await;
    add_second(&owner).await;
    let record = item(&owner, "to_do").await;
    let browser = owner.browser().await;
    let path = format!("/m/items/r/{}", id(&record));
    let page = browser.get(&path).await.expect(200).text();
    assert!(page.contains(r#"<option value="second.doing">Second: Doing</option>"#), "{page}");
    let form = [("_version", "1"), ("_stage", "second.doing")];
    browser.submit(&format!("{path}/stage"), &form).await.expect(303);
    let page = browser.get(&format!("{path}/edit")).await.expect(200).text();
    assert!(page.contains(r#"value="second.doing" selected"#), "{page}");
    let form = [("_version", "2"), ("_stage", "progress.done"), ("name", "to_do")];
    browser.submit(&format!("{path}/edit"), &form).await.expect(303);
    let now = owner.get(&at(&record)).await.expect(200).json();
    assert_eq!((&now["pipeline"], &now["stage"]), (&json!("progress"), &json!("done")));
}
