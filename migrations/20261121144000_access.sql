-- Teams with their managers, and records that are shared with people, teams or roles.
set local citus.multi_shard_modify_mode = 'sequential';
set local citus.enable_local_reference_table_foreign_keys = off;

create table teams (
  tenant_id uuid not null references tenants (id) on delete cascade,
  id uuid not null,
  key text not null,
  name text not null,
  parent_id uuid,
  manager_id uuid,
  created_at timestamptz not null,
  primary key (tenant_id, id),
  unique (tenant_id, key),
  foreign key (tenant_id, parent_id) references teams (tenant_id, id),
  foreign key (tenant_id, manager_id) references memberships (tenant_id, user_id)
);
create index teams_parent_idx on teams (tenant_id, parent_id) where parent_id is not null;
create index teams_manager_idx on teams (tenant_id, manager_id) where manager_id is not null;
comment on table teams is 'Teams of a tenant, as a tree. Who manages a team reaches, with a scope of team, what its members own and what members of the teams beneath it own.';
select app_protect('teams', 'select, insert, update, delete');

alter table memberships add column team_id uuid;
alter table memberships add foreign key (tenant_id, team_id) references teams (tenant_id, id);
create index memberships_team_idx on memberships (tenant_id, team_id) where team_id is not null;

create table record_shares (
  tenant_id uuid not null,
  id uuid not null,
  record_id uuid not null,
  module smallint not null,
  grantee text not null,
  level text not null check (level in ('read', 'update')),
  created_at timestamptz not null,
  created_by uuid,
  primary key (tenant_id, id),
  unique (tenant_id, record_id, grantee),
  foreign key (tenant_id, record_id) references records (tenant_id, id) on delete cascade
);
create index record_shares_grantee_idx on record_shares (tenant_id, grantee, module, record_id);
comment on table record_shares is 'Single records that are opened to somebody. grantee is user:<id>, team:<id> or role:<key>; module is that of the record.';
select app_protect('record_shares', 'select, insert, update, delete');

select app_distribute('teams', 'tenant');
select app_distribute('record_shares', 'tenant');
