//! The pages over plain HTTP: what a browser without scripts can do, who sees what, and what is never shown raw.

mod conflict;
mod edge;
mod list;
mod rights;
mod walk;

use crate::kit::{Answer, App, Browser, Client};

/// A hospital without sample records: its owner at the API and in a browser.
pub(super) async fn hospital(app: &App) -> (Client, Browser) {
    let owner = app.sign_up_with("asha", "hospital", false).await;
    let browser = owner.browser().await;
    (owner, browser)
}

/// A new patient with these names; its page's path below the workspace.
pub(super) async fn patient(browser: &Browser, first: &str, last: &str) -> String {
    let fields = [("first_name", first), ("last_name", last), ("birth_date", "1980-02-29")];
    let made = browser.submit("/m/patients/new", &fields).await.expect(303);
    tail(made.header("location"))
}

/// A path below the workspace, as the kit's browser takes it.
pub(super) fn tail(path: &str) -> String {
    let rest = path.strip_prefix("/t/").unwrap_or_else(|| panic!("{path} is not in a workspace"));
    rest.split_once('/').map(|(_, tail)| format!("/{tail}")).unwrap_or_default()
}

/// The value of an attribute of the first tag with `mark` in it, without HTML's escapes.
pub(super) fn attribute(html: &str, mark: &str, name: &str) -> String {
    let at = html.find(mark).unwrap_or_else(|| panic!("no {mark} in {html}"));
    let after = html[..at].rfind('<').map(|tag| &html[tag..]).unwrap_or(html);
    let open = format!("{name}=\"");
    let value = after
        .find(&open)
        .map(|at| &after[at + open.len()..])
        .unwrap_or_else(|| panic!("no {name} in {after}"));
    let value = value.split('"').next().unwrap_or_default();
    value.replace("&#x3D;", "=").replace("&quot;", "\"").replace("&amp;", "&")
}

/// The version that a page's forms send.
pub(super) fn version(page: &Answer) -> String {
    attribute(&page.text(), "name=\"_version\"", "value")
}
