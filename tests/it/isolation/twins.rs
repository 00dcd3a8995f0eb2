//! One tenant's transaction against another tenant's rows: nothing is seen, nothing changes, nothing is linked.

use tokio_postgres::Client;
use tokio_postgres::error::SqlState;

use super::connection::{app_role, system_role};
use super::context::{key, tables};
use crate::kit::{Twins, fingerprint};

async fn enter(client: &Client, tenant: &str) {
    client
        .batch_execute(&format!("begin; select app_set_tenant('{tenant}')"))
        .await
        .expect("the tenant is set");
}

/// The number of rows that a statement gives or touches, in a transaction of this tenant that is rolled back.
async fn attempt(client: &Client, tenant: &str, sql: &str) -> Result<u64, SqlState> {
    enter(client, tenant).await;
    let done = client.execute(sql, &[]).await;
    client.batch_execute("rollback").await.expect("the end");
    done.map_err(|error| error.code().cloned().unwrap_or_else(|| panic!("{sql}: {error:?}")))
}

#[tokio::test]
async fn another_tenants_rows_are_neither_seen_nor_touched() {
    let twins = Twins::start().await;
    let (a, b, database) = (&twins.a.id, &twins.b.id, twins.app.database());
    let client = app_role(database).await;
    let before = fingerprint(database, b).await;
    for table in tables(database, "select").await {
        let key = key(&table);
        let own = attempt(&client, a, &format!("select from {table}")).await;
        assert!(own.expect("the own rows") > 0, "{table}");
        let foreign = format!("select from {table} where {key} <> '{a}' or {key} = '{b}' or {key} is null");
        assert_eq!(attempt(&client, a, &foreign).await, Ok(0), "{table}");
    }
    for table in tables(database, "update").await {
        let key = key(&table);
        let theirs = format!("update {table} set {key} = {key} where {key} = '{b}'");
        assert_eq!(attempt(&client, a, &theirs).await, Ok(0), "{theirs}");
        let given_away = format!("update {table} set {key} = '{b}'");
        let refused = Err(SqlState::INSUFFICIENT_PRIVILEGE);
        assert_eq!(attempt(&client, a, &given_away).await, refused, "{given_away}");
    }
    for table in tables(database, "delete").await {
        let theirs = format!("delete from {table} where {} = '{b}'", key(&table));
        assert_eq!(attempt(&client, a, &theirs).await, Ok(0), "{theirs}");
    }
    assert_eq!(fingerprint(database, b).await, before, "the other tenant's rows are as they were");
}

#[tokio::test]
async fn a_row_cannot_be_inserted_as_another_tenant() {
    let twins = Twins::start().await;
    let (a, b, database) = (&twins.a.id, &twins.b.id, twins.app.database());
    let client = app_role(database).await;
    for table in tables(database, "insert").await {
        let row = format!("select row_to_json(t) from {table} t where tenant_id = '{b}' limit 1");
        let row = database.as_superuser(&row).await[0][0].clone().expect("a row").replace('\'', "''");
        let insert =
            format!("insert into {table} select * from json_populate_record(null::{table}, '{row}')");
        for end in ["", " on conflict do nothing"] {
            let sql = format!("{insert}{end}");
            assert_eq!(attempt(&client, a, &sql).await, Err(SqlState::INSUFFICIENT_PRIVILEGE), "{sql}");
        }
    }
}

#[tokio::test]
async fn a_record_cannot_be_linked_to_another_tenants() {
    let twins = Twins::start().await;
    let (a, b, database) = (&twins.a.id, &twins.b.id, twins.app.database());
    let client = app_role(database).await;
    let id = async |tenant: &str| {
        let sql = format!("select id from records where tenant_id = '{tenant}' limit 1");
        database.as_superuser(&sql).await[0][0].clone().expect("a record")
    };
    let (own, theirs) = (id(a).await, id(b).await);
    let link = |from: &str, to: &str| {
        format!(
            "insert into record_links (tenant_id, from_id, field, to_id) values ('{a}', '{from}', 99, '{to}')"
        )
    };
    assert_eq!(attempt(&client, a, &link(&own, &own)).await, Ok(1), "a link inside the tenant is possible");
    let refused = Err(SqlState::FOREIGN_KEY_VIOLATION);
    assert_eq!(attempt(&client, a, &link(&own, &theirs)).await, refused);
    assert_eq!(attempt(&client, a, &link(&theirs, &own)).await, refused);
    // A foreign key tells nothing: an id that exists nowhere is refused in the same words.
    let nowhere = "00000000-0000-7000-8000-000000000000";
    assert_eq!(attempt(&client, a, &link(&own, nowhere)).await, refused);
    // Nor does a primary key: the same id is free in every tenant.
    let copy = format!(
        "insert into records (tenant_id, id, module, created_at, updated_at, source, title, data)
         values ('{a}', '{theirs}', 1, now(), now(), 'api', 'copy', '{{}}')"
    );
    assert_eq!(attempt(&client, a, &copy).await, Ok(1));
}

#[tokio::test]
async fn the_search_view_gives_candidates_of_one_tenant_and_takes_nothing() {
    let twins = Twins::start().await;
    let (a, b) = (&twins.a.id, &twins.b.id);
    let client = app_role(twins.app.database()).await;
    let all = attempt(&client, a, "select from records_search").await.expect("candidates");
    let own = attempt(&client, a, "select from records where deleted_at is null").await.expect("records");
    assert_eq!(all, own);
    assert_eq!(attempt(&client, a, "select from records_search where search like '%marker%'").await, Ok(1));
    assert_eq!(
        attempt(&client, a, &format!("select from records_search where tenant_id = '{b}'")).await,
        Ok(0)
    );
    for sql in [
        format!("update records_search set search = 'x' where tenant_id = '{a}'"),
        "delete from records_search".to_owned(),
        format!("insert into records_search (tenant_id, id) values ('{a}', gen_random_uuid())"),
    ] {
        assert_eq!(attempt(&client, a, &sql).await, Err(SqlState::INSUFFICIENT_PRIVILEGE), "{sql}");
    }
}

#[tokio::test]
async fn the_runtime_roles_get_no_further_than_their_grants() {
    let twins = Twins::start().await;
    let database = twins.app.database();
    let client = app_role(database).await;
    for sql in [
        "truncate records",
        "create table mine (id int)",
        "create view all_records as select * from records",
        "create function f() returns int language sql as 'select 1'",
        "alter table records disable row level security",
        "alter table records owner to trellis_app",
        "drop policy tenant_isolation on records",
        "create policy p on records using (true)",
        "alter role trellis_app bypassrls",
        "set role trellis_owner",
        "set role trellis_system",
        "set session authorization trellis_owner",
        "select * from users",
        "select * from signing_keys",
        "select * from sign_in_failures",
        "delete from audit_log",
        "update audit_log set action = 'x'",
        "delete from tenants",
        "set row_security = off; select count(*) from records",
        "copy records from stdin",
        "copy (select 1) to program 'true'",
        "select pg_read_file('/etc/hostname')",
        "alter system set fsync = off",
    ] {
        enter(&client, &twins.a.id).await;
        let refused = client.batch_execute(sql).await.expect_err(sql);
        let code = refused.code().map(SqlState::code).unwrap_or_default();
        // 25001: not inside a transaction at all; 0A000: COPY knows no row security.
        assert!(["42501", "25001", "0A000"].contains(&code), "{sql}: {refused:?}");
        client.batch_execute("rollback").await.expect("the end");
    }
    let control_plane = system_role(database).await;
    for table in
        ["records", "record_links", "records_search", "audit_log", "events", "counters", "roles", "modules"]
    {
        let refused = control_plane.batch_execute(&format!("select from {table}")).await.expect_err(table);
        assert_eq!(refused.code(), Some(&SqlState::INSUFFICIENT_PRIVILEGE), "{table}");
    }
}
