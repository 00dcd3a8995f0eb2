//! Bad tables, one of each kind, and what the checker must say about them.

/// A change for the worse.
pub struct Case {
    /// What somebody did.
    pub name: &'static str,
    /// The rule that sees it.
    pub rule: &'static str,
    /// What the rule names.
    pub object: &'static str,
    /// Added to a good table, by the owner.
    by_owner: &'static str,
    /// Done by a superuser afterwards.
    by_superuser: &'static str,
}

/// A table as it must be.
pub const GOOD: &str =
    "create table notes (tenant_id uuid not null, id uuid not null, record_id uuid, number bigint,
    primary key (tenant_id, id), foreign key (tenant_id, record_id) references records (tenant_id, id),
    unique (tenant_id, number)); select app_protect('notes', 'select, insert')";

const POLICY: &str = "tenant_id = nullif(current_setting(''app.tenant_id'', true), '''')::uuid";

impl Case {
    /// A good table, made bad.
    pub fn sql(&self) -> String {
        let by_owner = self.by_owner.replace("$POLICY", &POLICY.replace("''", "'"));
        format!("set local role trellis_owner; {GOOD}; {by_owner}; reset role; {}", self.by_superuser)
    }
}

const fn case(name: &'static str, finding: (&'static str, &'static str), by_owner: &'static str) -> Case {
    Case { name, rule: finding.0, object: finding.1, by_owner, by_superuser: "select" }
}

const fn by_superuser(name: &'static str, finding: (&'static str, &'static str), sql: &'static str) -> Case {
    Case { name, rule: finding.0, object: finding.1, by_owner: "select", by_superuser: sql }
}

/// One of each kind.
pub const CASES: &[Case] = &[
    case("row security left off", ("row_security", "notes"), "alter table notes disable row level security"),
    case(
        "a partition without row security",
        ("row_security", "notes_1"),
        "create table parted (tenant_id uuid not null, id uuid, primary key (tenant_id, id)) partition by hash (tenant_id);
         select app_protect('parted', 'select');
         create table notes_1 partition of parted for values with (modulus 1, remainder 0)",
    ),
    case("row security forced", ("not_forced", "notes"), "alter table notes force row level security"),
    case("no policy", ("one_policy", "notes"), "drop policy tenant_isolation on notes"),
    case(
        "a second policy",
        ("one_policy", "notes"),
        "create policy sharing on notes to trellis_app using (true)",
    ),
    case(
        "a policy for everybody",
        ("policy_of_others", "notes.sharing"),
        "create policy sharing on notes using (true)",
    ),
    case(
        "reading not confined",
        ("policy_text", "notes.tenant_isolation"),
        "drop policy tenant_isolation on notes;
         create policy tenant_isolation on notes to trellis_app using (true) with check ($POLICY)",
    ),
    case(
        "writing not confined",
        ("policy_text", "notes.tenant_isolation"),
        "drop policy tenant_isolation on notes;
         create policy tenant_isolation on notes to trellis_app using ($POLICY) with check (true)",
    ),
    case(
        "a sub-select in the policy",
        ("policy_sub_select", "notes.tenant_isolation"),
        "drop policy tenant_isolation on notes;
         create policy tenant_isolation on notes to trellis_app
           using (tenant_id = (select nullif(current_setting('app.tenant_id', true), '')::uuid)) with check ($POLICY)",
    ),
    case(
        "rows without a tenant",
        ("tenant_id_not_null", "notes"),
        "alter table notes drop constraint notes_pkey; alter table notes alter tenant_id drop not null",
    ),
    case("a key without the tenant", ("primary_key", "notes"), "alter table notes drop constraint notes_pkey, add primary key (id)"),
    case(
        "unique across tenants",
        ("unique_key", "notes.notes_number_key"),
        "alter table notes add unique (number)",
    ),
    case(
        "a link without the tenant",
        ("foreign_key", "notes.notes_other"),
        "create unique index on records (id);
         alter table notes add constraint notes_other foreign key (record_id) references records (id)",
    ),
    case(
        "a link that is emptied",
        ("foreign_key_action", "notes.notes_other"),
        "alter table notes add constraint notes_other foreign key (tenant_id, record_id)
           references records (tenant_id, id) on delete set null",
    ),
    by_superuser("somebody else's table", ("owner", "notes"), "alter table notes owner to session_user"),
    case("TRUNCATE granted", ("grants", "too much, notes: trellis_app TRUNCATE"), "grant truncate on notes to trellis_app"),
    case("granted to everybody", ("grants", "too much, notes: PUBLIC SELECT"), "grant select on notes to public"),
    case(
        "the control plane reads records",
        ("grants", "too much, records: trellis_system SELECT"),
        "grant select on records to trellis_system",
    ),
    case("a grant lost", ("grants", "missing, records: trellis_app INSERT"), "revoke insert on records from trellis_app"),
    case("one column granted", ("column_grants", "users.email"), "grant select (email) on users to trellis_app"),
    case(
        "a shared table without row security",
        ("open_table", "rates"),
        "create table rates (id uuid primary key); grant select on rates to trellis_app",
    ),
    case(
        "the runtime role may make tables",
        ("no_ddl", "trellis_app may create in the schema"),
        "grant create on schema trellis to trellis_app",
    ),
    by_superuser("BYPASSRLS", ("role_flags", "trellis_app"), "alter role trellis_app bypassrls"),
    by_superuser("superuser", ("role_flags", "trellis_system"), "alter role trellis_system superuser"),
    by_superuser(
        "the runtime role is the owner's friend",
        ("role_membership", "trellis_app is a member of trellis_owner"),
        "grant trellis_owner to trellis_app",
    ),
    by_superuser("the runtime role owns a table", ("role_owns", "table notes"), "alter table notes owner to trellis_app"),
    case(
        "a view with the owner's eyes",
        ("bypassing_view", "all_notes"),
        "create view all_notes as select * from notes",
    ),
    case(
        "the search view across tenants",
        ("search_view", "records_search"),
        "create or replace view records_search as
           select tenant_id, id, module, owner_id, search from records where deleted_at is null",
    ),
    case(
        "more of jobs than when they are due",
        ("due_view", "jobs_due"),
        "create or replace view jobs_due as select tenant_id, due_at, payload from jobs where due_at is not null",
    ),
    case("a materialised view", ("kind", "notes_kept"), "create materialized view notes_kept as select * from notes"),
    case("a number for all tenants", ("kind", "notes_number"), "create sequence notes_number"),
    by_superuser("a table elsewhere", ("other_schema", "stray"), "create schema elsewhere; create table elsewhere.stray (id int)"),
    case(
        "a function with the owner's rights",
        ("definer_function", "peek"),
        "create function peek() returns bigint language sql security definer as 'select count(*) from trellis.records'",
    ),
    case(
        "a trigger",
        ("trigger", "notes.quiet"),
        "create trigger quiet before update on notes for each row execute function app_refuse_change()",
    ),
    case("a rewrite rule", ("rewrite_rule", "notes.silent"), "create rule silent as on delete to notes do instead nothing"),
    case(
        "grants to come",
        ("default_grants", "r in trellis"),
        "alter default privileges in schema trellis grant all on tables to trellis_app",
    ),
];
