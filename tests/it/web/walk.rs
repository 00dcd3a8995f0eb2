//! The whole walk without scripts: sign up, choose an industry, list, create, edit, trash, restore, sign out.

use super::{tail, version};
use crate::kit::{App, Browser, PASSWORD};

#[tokio::test]
async fn a_stranger_comes_to_a_working_hospital_without_scripts() {
    let app = App::start().await;
    let browser = Browser::stranger(&app);
    let root = browser.get("/").await.expect(200).text();
    assert!(root.contains("Create your workspace") && root.contains("Hospital"), "{root}");
    browser.get("/templates").await.expect(200);
    let preview = browser.get("/templates/hospital").await.expect(200).text();
    assert!(preview.contains("Patients") && preview.contains("Clinician"), "{preview}");

    let fields = [
        ("name", "Asha Rao"),
        ("email", "asha@clinic.example"),
        ("password", PASSWORD),
        ("company", "Asha Clinic"),
    ];
    let signed_up = browser.submit("/signup", &fields).await.expect(303);
    assert_eq!(signed_up.header("location"), "/t/asha-clinic/welcome");
    let gallery = browser.get("/t/asha-clinic/welcome").await.expect(200).text();
    assert!(gallery.contains("/t/asha-clinic/welcome/hospital"), "{gallery}");
    browser.get("/t/asha-clinic/welcome/hospital").await.expect(200);
    let applied = browser.submit("/t/asha-clinic/welcome/hospital", &[("samples", "true")]).await.expect(303);
    let list = applied.header("location").to_owned();
    let rows = browser.get(&list).await.expect(200).text();
    assert!(rows.contains("id=\"list-rows\"") && rows.contains("aria-current=\"page\""), "{rows}");
    let home = browser.get("/t/asha-clinic/").await.expect(200).text();
    assert!(home.contains("Appointments"), "{home}");

    browser.submit("/signout", &[]).await.expect(303);
    let gone = browser.get(&list).await.expect(303);
    assert!(gone.header("location").starts_with("/signin?next="), "{}", gone.header("location"));
}

#[tokio::test]
async fn a_record_is_made_changed_thrown_away_and_brought_back() {
    let app = App::start().await;
    let (_, browser) = super::hospital(&app).await;
    let form = browser.get("/m/patients/new").await.expect(200).text();
    assert!(form.contains("Identity") && form.contains("name=\"first_name\""), "{form}");

    let refused = browser.submit("/m/patients/new", &[("first_name", "Mira"), ("email", "no address")]).await;
    let refused = refused.expect(422).text();
    assert!(refused.contains("fields need attention") && refused.contains("#f-last_name"), "{refused}");
    assert!(refused.contains("value=\"Mira\"") && refused.contains("value=\"no address\""), "{refused}");

    let path = super::patient(&browser, "Mira", "Sen").await;
    let page = browser.get(&path).await.expect(200).text();
    assert!(page.contains("<h1>Mira Sen</h1>") && page.contains("created this patient"), "{page}");
    let edit = browser.get(&format!("{path}/edit")).await.expect(200);
    let fields =
        [("_version", version(&edit)), ("first_name", "Mira".into()), ("last_name", "Sen-Gupta".into())];
    let fields: Vec<(&str, &str)> = fields.iter().map(|(name, value)| (*name, value.as_str())).collect();
    browser.submit(&format!("{path}/edit"), &fields).await.expect(303);
    let page = browser.get(&path).await.expect(200);
    assert!(page.text().contains("<del>Sen</del> <ins>Sen-Gupta</ins>"), "{}", page.text());

    browser.submit(&format!("{path}/delete"), &[("_version", &version(&page))]).await.expect(303);
    let trash = browser.get("/m/patients/trash").await.expect(200).text();
    assert!(trash.contains("Mira Sen-Gupta"), "{trash}");
    assert!(!browser.get("/m/patients").await.expect(200).text().contains("Mira Sen-Gupta"));
    let restored = browser.submit(&format!("{path}/restore"), &[]).await.expect(303);
    assert_eq!(tail(restored.header("location")), path);
    assert!(browser.get("/m/patients").await.expect(200).text().contains("Mira Sen-Gupta"));
    let history = browser.get(&format!("{path}/history")).await.expect(200).text();
    assert!(history.contains("restored it from the trash"), "{history}");
}

#[tokio::test]
async fn a_field_that_is_added_is_everywhere_at_once() {
    let app = App::start().await;
    let (owner, browser) = super::hospital(&app).await;
    let path = super::patient(&browser, "Mira", "Sen").await;
    let added = browser.submit("/m/patients/fields", &[("label", "Shoe size"), ("type", "integer")]).await;
    assert_eq!(tail(added.expect(303).header("location")), "/m/patients");

    let list = browser.get("/m/patients").await.expect(200).text();
    assert!(list.contains("data-field=\"shoe_size\""), "{list}");
    assert!(list.contains("<option value=\"shoe_size\" data-type=\"integer\">"), "it can be filtered by");
    assert!(browser.get("/m/patients/new").await.expect(200).text().contains("name=\"shoe_size\""));
    assert!(browser.get(&path).await.expect(200).text().contains("data-field=\"shoe_size\""));
    let filtered =
        browser.get("/m/patients?filter=shoe_size+is+empty&sort=-shoe_size").await.expect(200).text();
    assert!(filtered.contains("Mira Sen") && filtered.contains("Shoe size is empty"), "{filtered}");
    let api = owner.get("/api/v1/modules/patients/fields").await.expect(200).text();
    assert!(api.contains("shoe_size"), "{api}");
    assert!(owner.get("/api/v1/openapi.json").await.expect(200).text().contains("shoe_size"));

    let refused =
        browser.submit("/m/patients/fields", &[("label", ""), ("type", "choice")]).await.expect(422);
    let refused = refused.text();
    assert!(refused.contains("af-label-err") && refused.contains("af-options-err"), "{refused}");
    let again = browser.submit("/m/patients/fields", &[("label", "Shoe size"), ("type", "text")]).await;
    again.expect(303);
    assert!(browser.get("/settings/modules").await.expect(200).text().contains("shoe_size_2"));
}

#[tokio::test]
async fn every_page_renders_strictly() {
    let app = App::start().await;
    let (_, browser) = super::hospital(&app).await;
    let path = super::patient(&browser, "Mira", "Sen").await;
    let fresh = app.sign_up("fresh").await.browser().await;
    let stranger = Browser::stranger(&app);
    let pages = [
        ("landing", &stranger, "/".to_owned()),
        ("templates", &stranger, "/templates".into()),
        ("template", &stranger, "/templates/blank".into()),
        ("auth/sign_in", &stranger, "/signin".into()),
        ("auth/sign_up", &stranger, "/signup?template=hospital".into()),
        ("welcome", &fresh, "/welcome".into()),
        ("welcome_template", &fresh, "/welcome/jewellery".into()),
        ("home", &browser, "/".into()),
        ("list", &browser, "/m/patients".into()),
        ("form", &browser, "/m/patients/new".into()),
        ("record", &browser, path.clone()),
        ("history", &browser, format!("{path}/history")),
        ("trash", &browser, "/m/patients/trash".into()),
        ("add_field", &browser, "/m/patients/fields".into()),
        ("board", &browser, "/m/admissions/board".into()),
        ("field_options", &browser, "/m/patients/fields/sex/options".into()),
        ("settings_modules", &browser, "/settings/modules".into()),
        ("tasks", &browser, "/tasks".into()),
        ("notifications", &browser, "/notifications".into()),
        ("search", &browser, "/search?q=mira".into()),
        ("files", &browser, "/files".into()),
        ("settings_members", &browser, "/settings/members".into()),
    ];
    for (name, browser, path) in &pages {
        let html = browser.get(path).await.expect(200).text();
        assert!(html.starts_with("<!DOCTYPE html>") && html.contains("<h1"), "{name}: {html}");
        assert!(!html.contains("{{"), "{name}: {html}");
    }
    // Reached in tests of their own: what only exists as a region, and what goes wrong.
    let elsewhere = ["cell", "row", "problem", "workspaces"];
    for name in trellis::web::names() {
        assert!(
            pages.iter().any(|(page, ..)| *page == name) || elsewhere.contains(&name),
            "{name} is not tested"
        );
    }
}
