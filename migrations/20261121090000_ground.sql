-- The ground: functions that protect, control plane, metadata, records, journals.
set local citus.multi_shard_modify_mode = 'sequential';
set local citus.enable_local_reference_table_foreign_keys = off;
set local citus.enable_unsafe_triggers = on;

-- Sets the tenant for the rest of the transaction. SET LOCAL (not set_config) because only that reaches Citus workers.
create function app_set_tenant(tenant uuid) returns void language plpgsql as $$
begin
  execute format('set local app.tenant_id = %L', tenant);
end
$$;

-- Enables row security on a tenant table, creates its one policy and grants the runtime role what it may do.
create function app_protect(table_name text, privileges text) returns void language plpgsql as $$
begin
  execute format('alter table %I enable row level security', table_name);
  execute format(
    'create policy tenant_isolation on %I to trellis_app
       using (tenant_id = nullif(current_setting(''app.tenant_id'', true), '''')::uuid)
       with check (tenant_id = nullif(current_setting(''app.tenant_id'', true), '''')::uuid)', table_name);
  execute format('grant %s on %I to trellis_app', privileges, table_name);
end
$$;

-- Places a table on a Citus cluster; does nothing where the extension is absent.
create function app_distribute(table_name text, kind text) returns void language plpgsql as $$
begin
  if exists (select from pg_extension where extname = 'citus') then
    if kind = 'reference' then
      execute format('select create_reference_table(%L)', table_name);
    elsif kind = 'tenant' then
      execute format('select create_distributed_table(%L, ''tenant_id'', colocate_with => %L)', table_name,
        case when table_name = 'schema_versions' then 'default' else 'schema_versions' end);
    end if;
  end if;
end
$$;

-- The folded form of a text: NFKD, combining marks removed, lower-case. Must equal expr::fold in the code.
create function app_fold(value text) returns text language sql immutable strict parallel safe as $$
  select lower(regexp_replace(normalize(value, NFKD), '[\u0300-\u036f]', '', 'g') collate "und-x-icu")
$$;

-- What the expression language keeps of a number after each step: twelve decimals, nothing from 10^15 on.
create function app_number(value numeric) returns numeric language sql immutable strict parallel safe as $$
  select case when abs(value) < 1e15 then round(value, 12) end
$$;

-- Refuses any change of a journal row, whoever asks.
create function app_refuse_change() returns trigger language plpgsql as $$
begin
  raise exception 'the table % is append-only', tg_table_name using errcode = 'insufficient_privilege';
end
$$;

-- Control plane ---------------------------------------------------------------------------------------------------

create table users (
  id uuid primary key,
  email text not null,
  name text not null,
  password_hash text not null,
  epoch integer not null default 0,
  platform_admin boolean not null default false,
  active boolean not null default true,
  created_at timestamptz not null
);
create unique index users_email_key on users (email);
comment on table users is 'People who can sign in, across tenants. email is stored lower-case. A new epoch ends every session of the user.';
grant select, insert, update on users to trellis_system;

create table tenants (
  id uuid primary key,
  slug text not null,
  name text not null,
  state text not null default 'active' check (state in ('pending', 'active', 'suspended', 'deleted')),
  template_key text,
  template_version text,
  currency text not null default 'USD',
  country text not null default 'US',
  timezone text not null default 'UTC',
  locale text not null default 'en',
  created_at timestamptz not null,
  created_by uuid references users (id)
);
create unique index tenants_slug_key on tenants (slug);
comment on table tenants is 'One row per workspace. The runtime role sees only the row of its own tenant.';
alter table tenants enable row level security;
create policy tenant_isolation on tenants to trellis_app
  using (id = nullif(current_setting('app.tenant_id', true), '')::uuid)
  with check (id = nullif(current_setting('app.tenant_id', true), '')::uuid);
create policy control_plane on tenants to trellis_system using (true) with check (true);
grant select, update on tenants to trellis_app;
grant select, insert, update on tenants to trellis_system;

create table sessions (
  token_hash bytea primary key,
  user_id uuid not null references users (id) on delete cascade,
  tenant_id uuid references tenants (id) on delete cascade,
  kind text not null check (kind in ('web', 'api')),
  user_epoch integer not null,
  created_at timestamptz not null,
  last_seen_at timestamptz not null,
  expires_at timestamptz not null
);
create index sessions_user_idx on sessions (user_id);
comment on table sessions is 'Signed-in devices. Only the SHA-256 of the token is kept. tenant_id is null until a workspace is chosen. kind: web is a cookie, api a refresh token.';
alter table sessions enable row level security;
create policy tenant_isolation on sessions to trellis_app
  using (tenant_id = nullif(current_setting('app.tenant_id', true), '')::uuid);
create policy control_plane on sessions to trellis_system using (true) with check (true);
grant select on sessions to trellis_app;
grant select, insert, update, delete on sessions to trellis_system;

create table sign_in_failures (
  throttle_key text not null,
  id uuid not null,
  failed_at timestamptz not null,
  primary key (throttle_key, id)
);
create index sign_in_failures_at_idx on sign_in_failures (failed_at);
comment on table sign_in_failures is 'Failed sign-ins by account and by address, kept while they count against the limit.';
grant select, insert, delete on sign_in_failures to trellis_system;

create table signing_keys (
  id uuid primary key,
  secret bytea not null,
  created_at timestamptz not null
);
comment on table signing_keys is 'HS256 keys of API access tokens and list cursors; the newest signs, all verify.';
grant select, insert on signing_keys to trellis_system;

-- Metadata of a tenant --------------------------------------------------------------------------------------------

create table schema_versions (
  tenant_id uuid primary key references tenants (id) on delete cascade,
  version bigint not null
);
comment on table schema_versions is 'Grows by one with every change of a tenant''s metadata. Writers of records hold it FOR SHARE, changers of metadata update it.';
select app_protect('schema_versions', 'select, insert, update');

create table memberships (
  tenant_id uuid not null references tenants (id) on delete cascade,
  user_id uuid not null references users (id),
  name text not null,
  email text not null,
  role text not null,
  is_owner boolean not null default false,
  active boolean not null default true,
  created_at timestamptz not null,
  primary key (tenant_id, user_id)
);
create index memberships_user_idx on memberships (user_id);
comment on table memberships is 'Who belongs to a tenant, with which role. name and email are copies of the user''s, for showing inside the tenant.';
select app_protect('memberships', 'select, insert, update');
create policy control_plane on memberships for select to trellis_system using (true);
grant select on memberships to trellis_system;

create table roles (
  tenant_id uuid not null references tenants (id) on delete cascade,
  id uuid not null,
  key text not null,
  origin text not null check (origin in ('template', 'tenant')),
  definition jsonb not null,
  primary key (tenant_id, id),
  unique (tenant_id, key)
);
comment on table roles is 'Roles with their permission matrix (template key: roles.yaml).';
select app_protect('roles', 'select, insert, update, delete');

create table modules (
  tenant_id uuid not null references tenants (id) on delete cascade,
  id uuid not null,
  key text not null,
  number smallint not null,
  position integer not null,
  origin text not null check (origin in ('template', 'tenant')),
  definition jsonb not null,
  primary key (tenant_id, id),
  unique (tenant_id, key),
  unique (tenant_id, number)
);
comment on table modules is 'Modules without their fields (template key: modules/*.yaml). number is what records carry.';
select app_protect('modules', 'select, insert, update, delete');

create table module_fields (
  tenant_id uuid not null,
  id uuid not null,
  module_id uuid not null,
  key text not null,
  number smallint not null,
  position integer not null,
  origin text not null check (origin in ('template', 'tenant')),
  slot text,
  slot_state text not null default 'ready' check (slot_state in ('building', 'ready')),
  retired_at timestamptz,
  definition jsonb not null,
  primary key (tenant_id, id),
  foreign key (tenant_id, module_id) references modules (tenant_id, id) on delete cascade,
  unique (tenant_id, module_id, key),
  unique (tenant_id, module_id, number),
  unique (tenant_id, module_id, slot)
);
comment on table module_fields is 'Fields of modules. slot names the column of records that keeps the sort and compare key, if any. number is what record_links carries.';
select app_protect('module_fields', 'select, insert, update, delete');

create table pipelines (
  tenant_id uuid not null,
  id uuid not null,
  module_id uuid not null,
  key text not null,
  origin text not null check (origin in ('template', 'tenant')),
  definition jsonb not null,
  primary key (tenant_id, id),
  foreign key (tenant_id, module_id) references modules (tenant_id, id) on delete cascade,
  unique (tenant_id, key)
);
comment on table pipelines is 'Pipelines with their ordered stages; each stage has a number that records carry (template key: pipelines/*.yaml).';
select app_protect('pipelines', 'select, insert, update, delete');

create table counters (
  tenant_id uuid not null references tenants (id) on delete cascade,
  key text not null,
  value bigint not null,
  primary key (tenant_id, key)
);
comment on table counters is 'Number series of auto_number fields, by module and field id.';
select app_protect('counters', 'select, insert, update');

-- Records ---------------------------------------------------------------------------------------------------------

create table records (
  tenant_id uuid not null references tenants (id) on delete cascade,
  id uuid not null,
  module smallint not null,
  stage smallint not null default 0,
  version integer not null default 1,
  owner_id uuid,
  created_at timestamptz not null,
  created_by uuid,
  updated_at timestamptz not null,
  updated_by uuid,
  deleted_at timestamptz,
  source text not null,
  title text not null,
  n1 float8, n2 float8, n3 float8, n4 float8, n5 float8, n6 float8,
  d1 timestamptz, d2 timestamptz, d3 timestamptz, d4 timestamptz,
  t1 text collate "C", t2 text collate "C", t3 text collate "C", t4 text collate "C", t5 text collate "C",
  t6 text collate "C", t7 text collate "C", t8 text collate "C", t9 text collate "C", t10 text collate "C",
  u1 text collate "C", u2 text collate "C",
  search text,
  data jsonb not null,
  primary key (tenant_id, id),
  foreign key (tenant_id, module) references modules (tenant_id, number)
) with (fillfactor = 85);
comment on table records is 'Every record of every module. data is the truth; n/d/t/u columns are sort and compare keys of slotted fields (t1 is the folded title), search the folded text for contains-search. stage 0 means no pipeline.';
alter table records alter tenant_id set statistics 1000;
create index records_created_idx on records (tenant_id, module, created_at, id) where deleted_at is null;
create index records_owner_idx on records (tenant_id, module, owner_id, created_at, id) where deleted_at is null;
create index records_stage_idx on records (tenant_id, module, stage, created_at, id) include (n1) where deleted_at is null;
create index records_trash_idx on records (tenant_id, module, deleted_at, id) where deleted_at is not null;
create index records_n1_idx on records (tenant_id, module, n1, id) where n1 is not null and deleted_at is null;
create index records_n2_idx on records (tenant_id, module, n2, id) where n2 is not null and deleted_at is null;
create index records_n3_idx on records (tenant_id, module, n3, id) where n3 is not null and deleted_at is null;
create index records_n4_idx on records (tenant_id, module, n4, id) where n4 is not null and deleted_at is null;
create index records_n5_idx on records (tenant_id, module, n5, id) where n5 is not null and deleted_at is null;
create index records_n6_idx on records (tenant_id, module, n6, id) where n6 is not null and deleted_at is null;
create index records_d1_idx on records (tenant_id, module, d1, id) where d1 is not null and deleted_at is null;
create index records_d2_idx on records (tenant_id, module, d2, id) where d2 is not null and deleted_at is null;
create index records_d3_idx on records (tenant_id, module, d3, id) where d3 is not null and deleted_at is null;
create index records_d4_idx on records (tenant_id, module, d4, id) where d4 is not null and deleted_at is null;
create index records_t1_idx on records (tenant_id, module, t1, id) where t1 is not null and deleted_at is null;
create index records_t2_idx on records (tenant_id, module, t2, id) where t2 is not null and deleted_at is null;
create index records_t3_idx on records (tenant_id, module, t3, id) where t3 is not null and deleted_at is null;
create index records_t4_idx on records (tenant_id, module, t4, id) where t4 is not null and deleted_at is null;
create index records_t5_idx on records (tenant_id, module, t5, id) where t5 is not null and deleted_at is null;
create index records_t6_idx on records (tenant_id, module, t6, id) where t6 is not null and deleted_at is null;
create index records_t7_idx on records (tenant_id, module, t7, id) where t7 is not null and deleted_at is null;
create index records_t8_idx on records (tenant_id, module, t8, id) where t8 is not null and deleted_at is null;
create index records_t9_idx on records (tenant_id, module, t9, id) where t9 is not null and deleted_at is null;
create index records_t10_idx on records (tenant_id, module, t10, id) where t10 is not null and deleted_at is null;
create unique index records_u1_key on records (tenant_id, module, u1) where u1 is not null and deleted_at is null;
create unique index records_u2_key on records (tenant_id, module, u2) where u2 is not null and deleted_at is null;
create index records_search_idx on records using gin (tenant_id, search gin_trgm_ops) with (fastupdate = off) where deleted_at is null;
select app_protect('records', 'select, insert, update, delete');

-- Contains-search needs LIKE, which is not leakproof and so never becomes an index condition under row security.
-- This view of the owner's has the tenant predicate baked in and yields candidate ids only; the rows themselves are
-- then read under row security.
create view records_search as
  select tenant_id, id, module, owner_id, search from records
  where deleted_at is null and tenant_id = nullif(current_setting('app.tenant_id', true), '')::uuid;
comment on view records_search is 'Candidate ids for contains-search, inside the current tenant only.';
grant select on records_search to trellis_app;

create table record_links (
  tenant_id uuid not null,
  from_id uuid not null,
  field smallint not null,
  to_id uuid not null,
  primary key (tenant_id, from_id, field, to_id),
  foreign key (tenant_id, from_id) references records (tenant_id, id) on delete cascade,
  foreign key (tenant_id, to_id) references records (tenant_id, id)
);
create index record_links_to_idx on record_links (tenant_id, to_id, field);
comment on table record_links is 'Relations between records, in both directions. field is module_fields.number of the record at from_id.';
select app_protect('record_links', 'select, insert, delete');

-- Journals --------------------------------------------------------------------------------------------------------

create table audit_log (
  tenant_id uuid not null references tenants (id),
  id uuid not null,
  at timestamptz not null,
  actor_id uuid,
  channel text not null,
  action text not null,
  module smallint,
  record_id uuid,
  version integer,
  changes jsonb not null,
  primary key (tenant_id, id)
);
create index audit_log_record_idx on audit_log (tenant_id, record_id, id) where record_id is not null;
comment on table audit_log is 'Who did what, when, through which channel. changes is {"field": {"from": …, "to": …}}. Append-only.';
create trigger audit_log_append_only before update or delete on audit_log for each row execute function app_refuse_change();
select app_protect('audit_log', 'select, insert');

create table events (
  tenant_id uuid not null references tenants (id) on delete cascade,
  id uuid not null,
  at timestamptz not null,
  kind text not null,
  module smallint,
  record_id uuid,
  version integer,
  payload jsonb not null,
  primary key (tenant_id, id)
);
create index events_at_idx on events (tenant_id, at);
comment on table events is 'Outbox: written in the transaction of the change it tells of; kept for 30 days.';
select app_protect('events', 'select, insert, delete');

select app_distribute('users', 'reference');
select app_distribute('tenants', 'reference');
select app_distribute('schema_versions', 'tenant');
select app_distribute('memberships', 'tenant');
select app_distribute('roles', 'tenant');
select app_distribute('modules', 'tenant');
select app_distribute('module_fields', 'tenant');
select app_distribute('pipelines', 'tenant');
select app_distribute('counters', 'tenant');
select app_distribute('records', 'tenant');
select app_distribute('record_links', 'tenant');
select app_distribute('audit_log', 'tenant');
select app_distribute('events', 'tenant');
