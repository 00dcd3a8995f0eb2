//! Lists: sort links, views, filter builder, expression, search, pages, and cells that are edited in place.

use axum::body::Body;
use axum::http::Method;

use super::{attribute, patient, tail};
use crate::kit::{Answer, App, Browser};

#[tokio::test]
async fn the_filter_builder_makes_an_expression_and_shows_it_again() {
    let app = App::start().await;
    let (_, browser) = super::hospital(&app).await;
    patient(&browser, "Mira", "Sen").await;
    patient(&browser, "Otto", "Sen").await;
    let built = browser.get("/m/patients?ff=first_name&fo=is&fv=Mira&ff=&fo=is&fv=").await.expect(303);
    let filtered = tail(built.header("location"));
    assert_eq!(filtered, "/m/patients?filter=first_name+%3D%3D+%22Mira%22");
    let list = browser.get(&filtered).await.expect(200).text();
    assert!(list.contains("Mira Sen") && !list.contains("Otto Sen"), "{list}");
    assert!(list.contains("First name is Mira") && list.contains("fv\" value=\"Mira\""), "{list}");

    let both = browser.get("/m/patients?ff=sex&fo=is&fv=female&ff=birth_date&fo=before&fv=2000-01-01").await;
    let both = tail(both.expect(303).header("location"));
    let chips = browser.get(&both).await.expect(200).text();
    assert!(
        chips.contains("Sex is Female") && chips.contains("Date of birth is before 2000-01-01"),
        "{chips}"
    );
    let left = attribute(&chips, "Remove filter: Sex is Female", "href");
    assert!(!left.contains("sex"), "the chip's link leaves the others: {left}");

    let wrong =
        browser.get("/m/patients?ff=birth_date&fo=before&fv=soon&ff=sex&fo=is&fv=other").await.expect(200);
    let wrong = wrong.text();
    assert!(
        wrong.contains("fv-err-0") && wrong.contains("fv-err-1") && wrong.contains("value=\"soon\""),
        "{wrong}"
    );
    let wrong = browser.get("/m/patients?filter=first_nam+%3D+1").await.expect(200).text();
    assert!(wrong.contains("f-expression-err") && wrong.contains("first_nam"), "{wrong}");
    let complex = "/m/patients?filter=first_name+%3D%3D+%22Mira%22+or+first_name+%3D%3D+%22Otto%22";
    let complex = browser.get(complex).await.expect(200).text();
    assert!(complex.contains("Mira Sen") && complex.contains("name=\"fx\""), "{complex}");
    let none = browser.get("/m/patients?q=nobody").await.expect(200).text();
    assert!(none.contains("No patients match") && none.contains("the search for “nobody”"), "{none}");
}

#[tokio::test]
async fn headings_sort_and_pages_follow_each_other() {
    let app = App::start().await;
    let (_, browser) = super::hospital(&app).await;
    for number in 0..53 {
        patient(&browser, &format!("P{number:02}"), "Many").await;
    }
    let first = browser.get("/m/patients?sort=first_name").await.expect(200).text();
    assert!(
        first.contains("50 of 53") && first.contains("P00 Many") && !first.contains("P52 Many"),
        "{first}"
    );
    let next = attribute(&first, "rel=\"next\"", "href");
    let second = browser.get(&tail(&next)).await.expect(200).text();
    assert!(
        second.contains("P52 Many") && !second.contains("P00 Many") && second.contains("rel=\"prev\""),
        "{second}"
    );
    let down = browser.get("/m/patients?sort=-birth_date").await.expect(200).text();
    assert!(down.contains("data-field=\"birth_date\" aria-sort=\"descending\""), "{down}");
    let view = browser.get("/m/patients?view=consent_missing").await.expect(200).text();
    assert!(view.contains("aria-current=\"page\">Consent missing"), "{view}");
    assert!(first.len() < 70 * 1024, "a page of 50 rows has {} bytes", first.len());
}

async fn partial(browser: &Browser, method: Method, path: &str, body: &str) -> Answer {
    let request = browser
        .request(method, path)
        .header("hx-request", "true")
        .header("sec-fetch-site", "same-origin")
        .header("content-type", "application/x-www-form-urlencoded");
    browser.send(request.body(Body::from(body.to_owned())).expect("a request")).await
}

#[tokio::test]
async fn a_cell_is_edited_in_place() {
    let app = App::start().await;
    let (_, browser) = super::hospital(&app).await;
    let path = patient(&browser, "Mira", "Sen").await;
    let cell = format!("{path}/cell/birth_date");
    let plain = browser.get(&cell).await.expect(303);
    assert!(plain.header("location").ends_with("/edit#f-birth_date"));
    let form = partial(&browser, Method::GET, &cell, "").await.expect(200);
    assert!(
        form.text().contains("class=\"cell-edit\"") && form.text().contains("1980-02-29"),
        "{}",
        form.text()
    );
    let version = super::version(&form);

    let wrong = partial(&browser, Method::POST, &cell, &format!("_version={version}&birth_date=soon")).await;
    let wrong = wrong.expect(422).text();
    assert!(wrong.contains("field-error") && wrong.contains("aria-invalid=\"true\""), "{wrong}");
    let saved =
        partial(&browser, Method::POST, &cell, &format!("_version={version}&birth_date=1990-01-02")).await;
    let saved = saved.expect(200).text();
    assert!(saved.contains("<tr data-id=") && saved.contains("1990-01-02"), "{saved}");
    assert!(saved.len() < 4096, "{} bytes for one cell", saved.len());

    // Somebody else changed the same cell meanwhile: what it is now is told beside what was typed.
    let late =
        partial(&browser, Method::POST, &cell, &format!("_version={version}&birth_date=1991-01-02")).await;
    let late = late.expect(409).text();
    assert!(late.contains("1990-01-02 in the meantime") && late.contains("value=\"1991-01-02\""), "{late}");
    let again = format!("_version={}&birth_date=1991-01-02", attribute(&late, "_version", "value"));
    partial(&browser, Method::POST, &cell, &again).await.expect(200);
    // Another cell of an older version does not collide with it.
    let other = format!("_version={version}&sex=female");
    partial(&browser, Method::POST, &format!("{path}/cell/sex"), &other).await.expect(200);
    partial(&browser, Method::GET, &format!("{path}/cell/mrn"), "").await.expect(404);
    partial(&browser, Method::GET, &format!("{path}/cell/nothing"), "").await.expect(404);
}

#[tokio::test]
async fn relations_are_chosen_shown_and_listed_on_the_other_side() {
    let app = App::start().await;
    let (_, browser) = super::hospital(&app).await;
    let path = patient(&browser, "Mira", "Sen").await;
    let id = path.rsplit('/').next().unwrap_or_default().to_owned();
    let choices =
        browser.request(Method::GET, "/m/patients/choices?q=mir").header("accept", "application/json");
    let choices = browser.send(choices.body(Body::empty()).expect("a request")).await.expect(200).json();
    assert_eq!(choices["options"][0]["value"], id.as_str());
    let form = browser.get(&format!("/m/allergies/new?patient={id}")).await.expect(200).text();
    assert!(form.contains(&format!("value=\"{id}\" selected")), "{form}");
    let page = browser.get(&path).await.expect(200).text();
    assert!(page.contains("id=\"related-allergies\""), "{page}");
    assert_eq!(tail(&attribute(&page, "New allergy", "href")), format!("/m/allergies/new?patient={id}"));
    let filtered = format!("/m/appointments?filter=patient+%3D%3D+%22{id}%22");
    assert!(browser.get(&filtered).await.expect(200).text().contains("Patient is Mira Sen"));
}
