//! A server whose runtime role could go round row security is refused at the start.

use trellis::db::{Db, DbSettings, Logins, migrate};
use trellis::embedded::{Embedded, Options};

async fn refusal(settings: &DbSettings) -> String {
    match Db::connect(settings).await {
        Ok(_) => panic!("a powerful role must not serve"),
        Err(error) => format!("{error}: {:?}", std::error::Error::source(&error).map(ToString::to_string)),
    }
}

/// Roles belong to a whole server, so this test has one of its own.
#[tokio::test]
async fn a_superuser_a_bypasser_and_an_owner_may_not_serve() {
    let server = Embedded::start(Options::throwaway()).await.expect("a throw-away server starts");
    let admin = server.admin_config();
    migrate::migrate(&admin).await.expect("the migrations apply");
    let logins = migrate::logins_of_own_server(&admin, "powerful").await.expect("the runtime logins");
    let settings = DbSettings { logins, pool_size: 2 };
    Db::connect(&settings).await.expect("the plain roles serve").close();
    let (client, connection) = admin.connect(tokio_postgres::NoTls).await.expect("the superuser connects");
    tokio::runtime::Handle::current().spawn(connection);
    for (make, unmake, words) in [
        ("alter role trellis_app superuser", "alter role trellis_app nosuperuser", "is a superuser"),
        ("alter role trellis_app bypassrls", "alter role trellis_app nobypassrls", "has BYPASSRLS"),
        ("alter role trellis_system bypassrls", "alter role trellis_system nobypassrls", "has BYPASSRLS"),
        (
            "alter table trellis.counters owner to trellis_app",
            "alter table trellis.counters owner to trellis_owner",
            "owns tables",
        ),
        ("grant trellis_owner to trellis_app", "revoke trellis_owner from trellis_app", "owns tables"),
        ("grant trellis_owner to trellis_system", "revoke trellis_owner from trellis_system", "owns tables"),
    ] {
        client.batch_execute(make).await.expect("the superuser may");
        let words_of_refusal = refusal(&settings).await;
        assert!(words_of_refusal.contains(words), "{make}: {words_of_refusal}");
        client.batch_execute(unmake).await.expect("the superuser may");
    }
    Db::connect(&settings).await.expect("the plain roles serve again").close();
    let alone = DbSettings { logins: Logins::One(Box::new(admin)), pool_size: 2 };
    Db::connect(&alone).await.expect("one login serves by taking the plain roles on").close();
}
