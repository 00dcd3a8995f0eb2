//! The rules, each a question to the catalogue whose rows are what breaks it.

use super::grants;

/// What the questions are put to: everything that is not PostgreSQL's own or an extension's, and of it every table with a
/// column tenant_id.
const PRELUDE: &str = "
    create temporary view own as
      select c.*, c.relname::text as name from pg_class c join pg_namespace n on n.oid = c.relnamespace
      where n.nspname !~ '^pg_' and n.nspname <> 'information_schema';
    create temporary view tenant as
      select c.*, a.attnum, a.attnotnull, a.atttypid
      from own c join pg_attribute a on a.attrelid = c.oid and a.attname = 'tenant_id' and not a.attisdropped
      where c.relkind in ('r', 'p');
    create temporary view program as
      select p.*, p.proname::text as name from pg_proc p join pg_namespace n on n.oid = p.pronamespace
      where n.nspname !~ '^pg_' and n.nspname <> 'information_schema' and not exists (
        select from pg_depend d where d.classid = 'pg_proc'::regclass and d.objid = p.oid and d.deptype = 'e')";

/// The condition that the one policy of a table has on both sides, as PostgreSQL prints it.
const POLICY: &str = "(tenant_id = (NULLIF(current_setting('app.tenant_id'::text, true), ''::text))::uuid)";

/// The text of the one view that looks behind row security, as PostgreSQL prints it, without white space.
const SEARCH_VIEW: &str = "SELECTtenant_id,id,module,owner_id,searchFROMrecordsWHERE((deleted_atISNULL)AND\
    (tenant_id=(NULLIF(current_setting('app.tenant_id'::text,true),''::text))::uuid));";

/// The text of the view that tells the control plane who has work, as PostgreSQL prints it, without white space.
const DUE_VIEW: &str = "SELECTtenant_id,due_atFROMjobsWHERE(due_atISNOTNULL);";

/// (name, question); `$POLICY`, `$VIEW` and `$GRANTS` are filled in.
const RULES: &[(&str, &str)] = &[
    ("row_security", "select name from tenant where not relrowsecurity"),
    // Forced row security would make the owner's own backfills touch no row, silently.
    ("not_forced", "select relname from own where relforcerowsecurity"),
    (
        "one_policy",
        "select name from tenant t where 1 <> (select count(*) from pg_policy p where p.polrelid = t.oid
           and (p.polroles @> array['trellis_app'::regrole::oid] or p.polroles @> array[0::oid]))",
    ),
    (
        "policy_text",
        "select p.tablename || '.' || p.policyname from pg_policies p
         where p.schemaname = 'trellis' and 'trellis_app' = any (p.roles)
           and (p.policyname, p.permissive, p.cmd, coalesce(p.qual, ''), coalesce(p.with_check, '')) is distinct from
             ('tenant_isolation', 'PERMISSIVE', 'ALL', condition(p.tablename), condition(p.tablename))",
    ),
    (
        "policy_of_others",
        "select tablename || '.' || policyname from pg_policies
         where schemaname = 'trellis' and roles <> array['trellis_app'::name]",
    ),
    // The planner cannot estimate a sub-select: it would take the biggest tenant for an average one.
    (
        "policy_sub_select",
        "select tablename || '.' || policyname from pg_policies
         where schemaname = 'trellis' and concat(qual, with_check) ~* 'select'",
    ),
    ("tenant_id_not_null", "select name from tenant where not attnotnull or atttypid <> 'uuid'::regtype"),
    (
        "primary_key",
        "select name from tenant t where not exists (
           select from pg_index i where i.indrelid = t.oid and i.indisprimary and i.indkey[0] = t.attnum)",
    ),
    // A key across tenants tells one tenant what another has.
    (
        "unique_key",
        "select t.name || '.' || i.indexrelid::regclass::text from tenant t join pg_index i on i.indrelid = t.oid
         where i.indisunique and i.indkey[0] <> t.attnum",
    ),
    (
        "foreign_key",
        "select t.name || '.' || f.conname from tenant t
         join pg_constraint f on f.conrelid = t.oid and f.contype = 'f' and f.conparentid = 0
         join pg_class target on target.oid = f.confrelid
         left join tenant other on other.oid = f.confrelid
         where not coalesce(f.conkey[1] = t.attnum and f.confkey[1] = other.attnum, false)
           and not (target.relname = 'tenants' and f.conkey = array[t.attnum])",
    ),
    // SET NULL would empty tenant_id together with the rest of the key.
    (
        "foreign_key_action",
        "select f.conrelid::regclass::text || '.' || f.conname from pg_constraint f join own c on c.oid = f.conrelid
         where f.contype = 'f' and (f.confdeltype in ('n', 'd') or f.confupdtype in ('n', 'd'))",
    ),
    (
        "owner",
        "select relname from own where relkind <> 't' and relowner <> 'trellis_owner'::regrole
         union all select name from program where proowner <> 'trellis_owner'::regrole
         union all select nspname from pg_namespace where nspname = 'trellis' and nspowner <> 'trellis_owner'::regrole",
    ),
    (
        "grants",
        "select (case when e.line is null then 'too much, ' else 'missing, ' end) || coalesce(e.line, a.line)
         from (values $GRANTS) e (line)
         full join (
           select c.relname || ': ' || (case g.grantee when 0 then 'PUBLIC' else g.grantee::regrole::text end)
             || ' ' || g.privilege_type || (case when g.is_grantable then ' with grant option' else '' end) as line
           from own c, aclexplode(c.relacl) g where g.grantee <> c.relowner) a on a.line = e.line
         where e.line is null or a.line is null",
    ),
    (
        "column_grants",
        "select c.relname || '.' || a.attname from own c join pg_attribute a on a.attrelid = c.oid
         where a.attacl is not null",
    ),
    // A table without tenant_id that the runtime role may touch has row security of its own.
    (
        "open_table",
        "select c.relname from own c where c.relkind in ('r', 'p') and not c.relrowsecurity
           and not exists (select from tenant t where t.oid = c.oid)
           and exists (select from aclexplode(c.relacl) g where g.grantee in ('trellis_app'::regrole, 0))",
    ),
    (
        "no_ddl",
        "select r || ' may create in the schema' from unnest(array['trellis_app', 'trellis_system']) r
           where has_schema_privilege(r, 'trellis', 'create')
         union all select r || ' may create schemas' from unnest(array['trellis_app', 'trellis_system']) r
           where has_database_privilege(r, current_database(), 'create')
         union all select 'PUBLIC may use the schema' from pg_namespace n, aclexplode(n.nspacl) g
           where n.nspname = 'trellis' and g.grantee = 0",
    ),
    (
        "role_flags",
        "select rolname from pg_roles where rolname in ('trellis_app', 'trellis_system')
           and (rolsuper or rolbypassrls or rolcreaterole or rolcreatedb or rolreplication)
         union all select rolname from pg_roles where rolname = 'trellis_owner' and (rolsuper or rolbypassrls or rolcanlogin)",
    ),
    (
        "role_membership",
        "select member::regrole || ' is a member of ' || roleid::regrole from pg_auth_members
         where member in ('trellis_app'::regrole, 'trellis_system'::regrole)",
    ),
    (
        "role_owns",
        "select pg_describe_object(classid, objid, objsubid) from pg_shdepend
         where refclassid = 'pg_authid'::regclass and deptype = 'o'
           and refobjid in ('trellis_app'::regrole, 'trellis_system'::regrole)
           and dbid in (0, (select oid from pg_database where datname = current_database()))",
    ),
    (
        "bypassing_view",
        "select relname from own where relkind = 'v' and not coalesce(reloptions @> array['security_invoker=true'], false)",
    ),
    (
        "search_view",
        "select relname from own where relname = 'records_search'
           and regexp_replace(pg_get_viewdef(oid), '\\s+|records\\.', '', 'g') <> '$VIEW'",
    ),
    (
        "due_view",
        "select relname from own where relname = 'jobs_due'
           and regexp_replace(pg_get_viewdef(oid), '\\s+|jobs\\.', '', 'g') <> '$DUE'",
    ),
    // Materialised views and foreign tables know no row security; a sequence counts for all tenants at once.
    ("kind", "select relname from own where relkind in ('m', 'f', 'S')"),
    ("other_schema", "select relname from own where relnamespace <> 'trellis'::regnamespace and relkind in ('r', 'p', 'v')"),
    ("definer_function", "select name from program where prosecdef or proleakproof"),
    (
        "trigger",
        "select c.relname || '.' || t.tgname from pg_trigger t join own c on c.oid = t.tgrelid where not t.tgisinternal",
    ),
    (
        "rewrite_rule",
        "select c.relname || '.' || r.rulename from pg_rewrite r join own c on c.oid = r.ev_class
         where r.rulename <> '_RETURN'",
    ),
    ("default_grants", "select defaclobjtype::text || ' in ' || defaclnamespace::regnamespace::text from pg_default_acl"),
];

/// The names of all rules.
pub fn names() -> impl Iterator<Item = &'static str> {
    RULES.iter().map(|(name, _)| *name)
}

/// The whole examination: rows of (rule, what breaks it).
pub fn examination() -> String {
    let quoted = |text: &str| text.replace('\'', "''");
    // tenants is its own tenant, by its id.
    let condition = format!(
        "replace('{}', '(tenant_id =', case p.tablename when 'tenants' then '(id =' else '(tenant_id =' end)",
        quoted(POLICY)
    );
    let statement = |(name, question): &(&str, &str)| {
        let question = question.replace("condition(p.tablename)", &condition);
        let question = question
            .replace("$VIEW", &quoted(SEARCH_VIEW))
            .replace("$DUE", &quoted(DUE_VIEW))
            .replace("$GRANTS", &grants::as_values());
        format!(";\n select '{name}', found::text from ({question}) f (found)")
    };
    let statements: String = RULES.iter().map(statement).collect();
    format!("{PRELUDE}{statements}")
}
