//! What a transaction sees when no tenant, or nonsense, is set, and after its tenant has ended with it.

use tokio_postgres::Client;
use tokio_postgres::error::SqlState;

use super::connection::app_role;
use crate::kit::{Database, Twins};

/// Settings that name no tenant of this installation.
const NOBODY: &[&str] = &[
    "",
    " ",
    "null",
    "0",
    "*",
    "%",
    "' or true --",
    "00000000-0000-0000-0000-000000000000",
    "ffffffff-ffff-ffff-ffff-ffffffffffff",
    "\u{feff}",
];

/// The tables with a tenant that the runtime role may use in this way, and `tenants` itself.
pub async fn tables(database: &Database, privilege: &str) -> Vec<String> {
    let sql = format!(
        "select c.relname from pg_class c where c.relnamespace = 'trellis'::regnamespace and c.relkind in ('r', 'p', 'v')
           and (c.relname = 'tenants' or exists (
             select from pg_attribute where attrelid = c.oid and attname = 'tenant_id' and not attisdropped))
           and has_table_privilege('trellis_app', c.oid, '{privilege}') order by 1"
    );
    let rows = database.as_superuser(&sql).await;
    let names: Vec<String> = rows.into_iter().filter_map(|row| row.into_iter().next().flatten()).collect();
    assert!(names.len() > 3, "there are tables to look at");
    names
}

/// How many rows there are for the connection; an error of class 22 (a value that is no uuid) counts as none.
async fn seen(client: &Client, table: &str) -> i64 {
    match client.query_one(&format!("select count(*) from {table}"), &[]).await {
        Ok(row) => row.get(0),
        Err(error) => {
            let code = error.code().map(SqlState::code).unwrap_or_default().to_owned();
            assert!(code == "22P02" || code == "25P02", "{table}: {error:?}");
            0
        }
    }
}

#[tokio::test]
async fn without_a_tenant_every_table_is_empty() {
    let twins = Twins::start().await;
    let database = twins.app.database();
    let client = app_role(database).await;
    for table in tables(database, "select").await {
        // The view is empty for everybody without a tenant, so its table stands for it.
        let shown = if table == "records_search" { "records" } else { &table };
        let all = database.as_superuser(&format!("select count(*) from {shown}")).await;
        assert_ne!(all[0][0].as_deref(), Some("0"), "{table} is empty, so it would show nothing");
        assert_eq!(seen(&client, &table).await, 0, "{table}, no transaction");
        for nobody in NOBODY {
            client.batch_execute("begin").await.expect("a transaction");
            let set = client.execute("select set_config('app.tenant_id', $1, true)", &[nobody]).await;
            set.expect("any text can be set");
            assert_eq!(seen(&client, &table).await, 0, "{table} for {nobody:?}");
            client.batch_execute("rollback").await.expect("the end");
            client
                .batch_execute(&format!("set app.tenant_id = '{}'", nobody.replace('\'', "''")))
                .await
                .expect("a text");
            assert_eq!(seen(&client, &table).await, 0, "{table} for {nobody:?}, set for the session");
            client.batch_execute("reset app.tenant_id").await.expect("the end");
        }
    }
}

#[tokio::test]
async fn without_a_tenant_nothing_can_be_written() {
    let twins = Twins::start().await;
    let database = twins.app.database();
    let client = app_role(database).await;
    for table in tables(database, "insert").await {
        let row = database.as_superuser(&format!("select row_to_json(t) from {table} t limit 1")).await;
        let row = row[0][0].clone().expect("a row");
        let sql =
            format!("insert into {table} select * from json_populate_record(null::{table}, $1::text::json)");
        for nobody in [None, Some(""), Some("00000000-0000-0000-0000-000000000000")] {
            client.batch_execute("begin").await.expect("a transaction");
            if let Some(nobody) = nobody {
                client
                    .execute("select set_config('app.tenant_id', $1, true)", &[&nobody])
                    .await
                    .expect("set");
            }
            let refused = client.execute(&sql, &[&row]).await.expect_err("a row without a tenant is refused");
            assert_eq!(
                refused.code(),
                Some(&SqlState::INSUFFICIENT_PRIVILEGE),
                "{table} {nobody:?}: {refused:?}"
            );
            client.batch_execute("rollback").await.expect("the end");
        }
    }
    for table in tables(database, "update").await {
        let touched = client.execute(&format!("update {table} set {0} = {0}", key(&table)), &[]).await;
        assert_eq!(touched.expect("an update of nothing"), 0, "{table}");
    }
    for table in tables(database, "delete").await {
        let touched = client.execute(&format!("delete from {table}"), &[]).await;
        assert_eq!(touched.expect("a delete of nothing"), 0, "{table}");
    }
}

/// The column that says whose a row is.
pub fn key(table: &str) -> &'static str {
    if table == "tenants" { "id" } else { "tenant_id" }
}

#[tokio::test]
async fn a_tenant_ends_with_its_transaction_however_that_ends() {
    let twins = Twins::start().await;
    let client = app_role(twins.app.database()).await;
    let enter = format!("begin; select app_set_tenant('{}')", twins.a.id);
    for end in
        ["commit", "rollback", "select 1 / 0; commit", "commit and chain; commit", "prepare transaction 'x'"]
    {
        client.batch_execute(&enter).await.expect("the tenant is set");
        assert!(seen(&client, "records").await > 0, "the tenant's records are seen");
        // A failure is part of the exercise.
        let _ended = client.batch_execute(end).await;
        client.batch_execute("rollback").await.expect("whatever is left ends");
        let row = client.query_one("select coalesce(current_setting('app.tenant_id', true), '')", &[]).await;
        assert_eq!(row.expect("a setting").get::<_, &str>(0), "", "after {end}");
        assert_eq!(seen(&client, "records").await, 0, "after {end}");
    }
}

#[tokio::test]
async fn a_tenant_set_in_a_savepoint_goes_back_with_it() {
    let twins = Twins::start().await;
    let client = app_role(twins.app.database()).await;
    let sql = format!("begin; savepoint s; select app_set_tenant('{}'); rollback to s", twins.a.id);
    client.batch_execute(&sql).await.expect("the tenant is set and forgotten");
    assert_eq!(seen(&client, "records").await, 0);
    // Outside a transaction it holds for its own statement only.
    client.batch_execute("rollback").await.expect("the end");
    client.execute("select app_set_tenant($1::text::uuid)", &[&twins.a.id]).await.expect("set and gone");
    assert_eq!(seen(&client, "records").await, 0);
}
