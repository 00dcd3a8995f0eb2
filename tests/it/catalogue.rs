//! The walls as the database has them: every table, policy, key, grant, view and function is looked up in the catalogue
//! of a migrated database. The same checker must see every kind of bad table that somebody might add.

mod faulty;
mod grants;
mod rules;

use std::collections::BTreeSet;

use crate::kit::Database;

/// A finding: which rule, and what breaks it.
pub type Finding = (String, String);

/// What breaks a rule on purpose: (rule, what, why). The list may only shrink: an entry that is no longer found fails.
const EXCEPTIONS: &[(&str, &str, &str)] = &[
    ("tenant_id_not_null", "sessions", "a session has no workspace until one is chosen"),
    ("primary_key", "sessions", "a session is looked up by its token, before a tenant is known"),
    ("unique_key", "sessions.sessions_pkey", "a session is looked up by its token, before a tenant is known"),
    (
        "policy_text",
        "sessions.tenant_isolation",
        "the runtime role may only read sessions, so there is nothing to check",
    ),
    ("policy_of_others", "sessions.control_plane", "sign-in works before a tenant is known"),
    ("policy_of_others", "tenants.control_plane", "tenants are found and made by the control plane"),
    ("policy_of_others", "memberships.control_plane", "sign-in asks which workspaces a person may enter"),
    (
        "policy_of_others",
        "stale_values.control_plane",
        "the worker asks which workspaces have something to bring up",
    ),
    ("foreign_key", "sessions.sessions_user_id_fkey", "people exist across tenants"),
    ("foreign_key", "memberships.memberships_user_id_fkey", "people exist across tenants"),
    ("open_table", "migrations", "names of migrations are no secret, and a start-up check reads them"),
    (
        "bypassing_view",
        "records_search",
        "candidate ids for contains-search; its whole text is pinned by search_view",
    ),
    (
        "bypassing_view",
        "jobs_due",
        "tells the control plane which tenants have jobs; its whole text is pinned by due_view",
    ),
    (
        "trigger",
        "audit_log.audit_log_append_only",
        "refuses changes of a journal, carries no business meaning",
    ),
    (
        "trigger",
        "activities.activities_append_only",
        "refuses changes of a journal, carries no business meaning",
    ),
];

/// Everything that breaks a rule after `change` (SQL, never committed).
async fn findings(database: &Database, change: &str) -> BTreeSet<Finding> {
    let rules = rules::examination();
    let rows = database.as_superuser(&format!("begin; {change};\n {rules};\n rollback")).await;
    let text = |cell: &Option<String>| cell.clone().unwrap_or_default();
    rows.iter().filter(|row| row.len() == 2).map(|row| (text(&row[0]), text(&row[1]))).collect()
}

fn excepted() -> BTreeSet<Finding> {
    EXCEPTIONS.iter().map(|(rule, object, _)| ((*rule).to_owned(), (*object).to_owned())).collect()
}

#[tokio::test]
async fn the_catalogue_of_a_migrated_database_keeps_every_rule() {
    let database = Database::create().await;
    let (found, excepted) = (findings(&database, "select").await, excepted());
    let faults: Vec<_> = found.difference(&excepted).collect();
    assert!(faults.is_empty(), "rules of the catalogue are broken: {faults:#?}");
    let idle: Vec<_> = excepted.difference(&found).collect();
    assert!(idle.is_empty(), "these exceptions are no longer needed, so remove them: {idle:#?}");
}

#[tokio::test]
async fn every_kind_of_bad_table_is_found() {
    let database = Database::create().await;
    let good =
        findings(&database, &format!("set local role trellis_owner; {}; reset role", faulty::GOOD)).await;
    let new: Vec<_> = good.difference(&excepted()).filter(|(rule, _)| rule != "grants").cloned().collect();
    assert_eq!(new, [], "a good table breaks no rule, besides being granted without being listed");
    let mut missed = Vec::new();
    for case in faulty::CASES {
        let found = findings(&database, &case.sql()).await;
        let finding = (case.rule.to_owned(), case.object.to_owned());
        if !found.contains(&finding) || excepted().contains(&finding) {
            let seen: Vec<_> = found.difference(&good).cloned().collect();
            missed.push((case.name, finding, seen));
        }
    }
    assert!(missed.is_empty(), "(what was done, what should be found, what was found): {missed:#?}");
}

#[tokio::test]
async fn every_rule_is_broken_by_some_bad_table() {
    let broken: BTreeSet<&str> = faulty::CASES.iter().map(|case| case.rule).collect();
    let untested: Vec<_> = rules::names().filter(|rule| !broken.contains(rule)).collect();
    assert!(untested.is_empty(), "no bad table shows that these rules see anything: {untested:?}");
}
