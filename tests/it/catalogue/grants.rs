//! Who may do what to which table: the whole list, so that anything more and anything less is a fault.

/// (table, role, privileges)
pub const GRANTS: &[(&str, &str, &[&str])] = &[
    ("activities", "trellis_app", &["INSERT", "SELECT"]),
    ("audit_log", "trellis_app", &["INSERT", "SELECT"]),
    ("comments", "trellis_app", &["INSERT", "SELECT", "UPDATE"]),
    ("counters", "trellis_app", &["INSERT", "SELECT", "UPDATE"]),
    ("events", "trellis_app", &["DELETE", "INSERT", "SELECT", "UPDATE"]),
    ("file_contents", "trellis_app", &["DELETE", "INSERT", "SELECT", "UPDATE"]),
    ("file_links", "trellis_app", &["DELETE", "INSERT", "SELECT"]),
    ("files", "trellis_app", &["DELETE", "INSERT", "SELECT", "UPDATE"]),
    ("followers", "trellis_app", &["DELETE", "INSERT", "SELECT"]),
    ("duplicate_keys", "trellis_app", &["DELETE", "INSERT", "SELECT"]),
    ("exchange_rates", "trellis_app", &["INSERT", "SELECT", "UPDATE"]),
    ("idempotency_keys", "trellis_app", &["DELETE", "INSERT", "SELECT", "UPDATE"]),
    ("jobs", "trellis_app", &["DELETE", "INSERT", "SELECT", "UPDATE"]),
    ("jobs_due", "trellis_system", &["SELECT"]),
    ("memberships", "trellis_app", &["INSERT", "SELECT", "UPDATE"]),
    ("memberships", "trellis_system", &["SELECT"]),
    ("migrations", "trellis_app", &["SELECT"]),
    ("migrations", "trellis_system", &["SELECT"]),
    ("module_fields", "trellis_app", &["DELETE", "INSERT", "SELECT", "UPDATE"]),
    ("modules", "trellis_app", &["DELETE", "INSERT", "SELECT", "UPDATE"]),
    ("notifications", "trellis_app", &["DELETE", "INSERT", "SELECT", "UPDATE"]),
    ("option_sets", "trellis_app", &["INSERT", "SELECT", "UPDATE"]),
    ("pipelines", "trellis_app", &["DELETE", "INSERT", "SELECT", "UPDATE"]),
    ("product_prices", "trellis_app", &["INSERT", "SELECT"]),
    ("record_links", "trellis_app", &["DELETE", "INSERT", "SELECT"]),
    ("record_shares", "trellis_app", &["DELETE", "INSERT", "SELECT", "UPDATE"]),
    ("records", "trellis_app", &["DELETE", "INSERT", "SELECT", "UPDATE"]),
    ("records_search", "trellis_app", &["SELECT"]),
    ("rollup_tallies", "trellis_app", &["DELETE", "INSERT", "SELECT", "UPDATE"]),
    ("roles", "trellis_app", &["DELETE", "INSERT", "SELECT", "UPDATE"]),
    ("saved_views", "trellis_app", &["DELETE", "INSERT", "SELECT", "UPDATE"]),
    ("schema_versions", "trellis_app", &["INSERT", "SELECT", "UPDATE"]),
    ("sessions", "trellis_app", &["SELECT"]),
    ("sessions", "trellis_system", &["DELETE", "INSERT", "SELECT", "UPDATE"]),
    ("sign_in_failures", "trellis_system", &["DELETE", "INSERT", "SELECT"]),
    ("signing_keys", "trellis_system", &["INSERT", "SELECT"]),
    ("stage_history", "trellis_app", &["INSERT", "SELECT", "UPDATE"]),
    ("stage_totals", "trellis_app", &["DELETE", "INSERT", "SELECT", "UPDATE"]),
    ("stale_values", "trellis_app", &["DELETE", "INSERT", "SELECT", "UPDATE"]),
    ("stale_values", "trellis_system", &["SELECT"]),
    ("tasks", "trellis_app", &["INSERT", "SELECT", "UPDATE"]),
    ("teams", "trellis_app", &["DELETE", "INSERT", "SELECT", "UPDATE"]),
    ("tenants", "trellis_app", &["SELECT", "UPDATE"]),
    ("tenants", "trellis_system", &["INSERT", "SELECT", "UPDATE"]),
    ("unique_keys", "trellis_app", &["DELETE", "INSERT", "SELECT"]),
    ("users", "trellis_system", &["INSERT", "SELECT", "UPDATE"]),
];

/// The list as rows of SQL values: `('records: trellis_app SELECT'), …`.
pub fn as_values() -> String {
    let lines = GRANTS.iter().flat_map(|(table, role, privileges)| {
        privileges.iter().map(move |privilege| format!("('{table}: {role} {privilege}')"))
    });
    lines.collect::<Vec<_>>().join(", ")
}
