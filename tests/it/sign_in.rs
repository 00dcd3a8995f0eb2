//! Signing in and what a session may do.

use crate::kit::App;

#[tokio::test]
async fn an_owner_is_signed_in_by_signing_up() {
    let app = App::start().await;
    let owner = app.sign_up("acme").await;
    let me = owner.get("/api/v1/me").await.expect(200).json();
    assert_eq!(me["user"]["email"], "owner@acme.example");
    assert_eq!(me["role"]["is_owner"], true);
}
