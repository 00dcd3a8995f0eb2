//! What a tenant's rows add up to: equal before and after means that nothing was written.

use std::collections::BTreeMap;

use super::Database;

/// Rows and their digest, by table, of everything that a tenant has. Sessions are left out: being seen is noted in them.
pub type Fingerprint = BTreeMap<String, String>;

/// The fingerprint of a tenant, given by its id.
pub async fn fingerprint(database: &Database, tenant: &str) -> Fingerprint {
    let tables = "select c.relname from pg_class c join pg_attribute a on a.attrelid = c.oid and a.attname = 'tenant_id'
                  where c.relnamespace = 'trellis'::regnamespace and c.relkind in ('r', 'p') and c.relname <> 'sessions'";
    let rows = database.as_superuser(tables).await;
    let names = rows.into_iter().filter_map(|row| row.into_iter().next().flatten());
    let digests = names.chain(["tenants".to_owned()]).map(|table| {
        let key = if table == "tenants" { "id" } else { "tenant_id" };
        format!(
            "select '{table}', count(*) || ' ' || coalesce(md5(string_agg(md5(t::text), '' order by md5(t::text))), '')
             from {table} t where {key} = '{tenant}'"
        )
    });
    let digests = digests.collect::<Vec<_>>().join(" union all ");
    let cell = |cell: Option<String>| cell.unwrap_or_default();
    let line = |row: Vec<Option<String>>| {
        let mut cells = row.into_iter().map(cell);
        (cells.next().unwrap_or_default(), cells.next().unwrap_or_default())
    };
    database.as_superuser(&digests).await.into_iter().map(line).collect()
}
