//! Two people in the same form: what merges by itself, and what is asked.

use super::{hospital, patient, version};
use crate::kit::App;

#[tokio::test]
async fn what_both_changed_is_asked_and_nothing_typed_is_lost() {
    let app = App::start().await;
    let (_, browser) = hospital(&app).await;
    let path = patient(&browser, "Mira", "Sen").await;
    let edit = format!("{path}/edit");
    let seen = version(&browser.get(&edit).await.expect(200));
    let theirs =
        [("_version", seen.as_str()), ("first_name", "Mira"), ("city", "Pune"), ("notes", "From them")];
    browser.submit(&edit, &theirs).await.expect(303);

    // Different fields merge: mine has the old city, which I did not touch.
    let mine = [("_version", seen.as_str()), ("last_name", "Sen-Gupta"), ("city", ""), ("notes", "")];
    browser.submit(&edit, &mine).await.expect(303);
    let page = browser.get(&path).await.expect(200).text();
    assert!(page.contains("Mira Sen-Gupta") && page.contains("Pune") && page.contains("From them"), "{page}");

    // The same field does not.
    let mine = [("_version", seen.as_str()), ("last_name", "Sen-Gupta"), ("city", "Delhi")];
    let asked = browser.submit(&edit, &mine).await.expect(409);
    let html = asked.text();
    assert!(html.contains("<td>Delhi</td><td>Pune"), "{html}");
    assert!(html.contains("name=\"_conflict\" value=\"city\"") && html.contains("value=\"Delhi\""), "{html}");
    let now = version(&asked);
    let theirs = [("_version", now.as_str()), ("_conflict", "city"), ("city", "Delhi"), ("_take", "theirs")];
    browser.submit(&edit, &theirs).await.expect(303);
    assert!(browser.get(&path).await.expect(200).text().contains("Pune"));
    let mine = [("_version", now.as_str()), ("_conflict", "city"), ("city", "Delhi"), ("_take", "mine")];
    browser.submit(&edit, &mine).await.expect(303);
    assert!(browser.get(&path).await.expect(200).text().contains("Delhi"));
}

#[tokio::test]
async fn a_stage_moves_and_a_stale_delete_is_refused() {
    let app = App::start().await;
    let (_, browser) = hospital(&app).await;
    let path = patient(&browser, "Mira", "Sen").await;
    let seen = version(&browser.get(&format!("{path}/edit")).await.expect(200));
    let changed = [("_version", seen.as_str()), ("city", "Pune")];
    browser.submit(&format!("{path}/edit"), &changed).await.expect(303);
    browser.submit(&format!("{path}/delete"), &[("_version", &seen)]).await.expect(412);
    browser.submit(&format!("{path}/delete"), &[]).await.expect(412);
    browser.submit(&format!("{path}/stage"), &[("_version", "2"), ("_stage", "won")]).await.expect(422);
}
