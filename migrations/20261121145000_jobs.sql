-- Work that is done later, by whichever process comes first.
set local citus.multi_shard_modify_mode = 'sequential';

create table jobs (
  tenant_id uuid not null references tenants (id) on delete cascade,
  id uuid not null,
  kind text not null,
  state text not null default 'ready' check (state in ('ready', 'running', 'done', 'failed', 'cancelled')),
  payload jsonb not null,
  position jsonb not null default 'null',
  result jsonb not null default '{}',
  done bigint not null default 0,
  total bigint,
  due_at timestamptz,
  attempts integer not null default 0,
  max_attempts integer not null default 5,
  lease bigint not null default 0,
  locked_by text,
  last_error text,
  dedupe_key text,
  channel text not null,
  created_at timestamptz not null,
  created_by uuid not null,
  finished_at timestamptz,
  primary key (tenant_id, id),
  check ((due_at is null) = (state in ('done', 'failed', 'cancelled')))
);
create index jobs_due_idx on jobs (due_at, tenant_id) where due_at is not null;
create index jobs_finished_idx on jobs (tenant_id, finished_at) where finished_at is not null;
create unique index jobs_dedupe_key on jobs (tenant_id, kind, dedupe_key) where dedupe_key is not null and due_at is not null;
comment on table jobs is 'Work in the background. due_at is when a job may be taken: its time while it is ready, the end of its lease while it runs, null when it has ended. lease is the fencing token: it grows with every claim, and who holds an older one can write nothing. position says how far it has come.';
select app_protect('jobs', 'select, insert, update, delete');

-- The control plane learns which tenants have work, and nothing of the work itself.
create view jobs_due as select tenant_id, due_at from jobs where due_at is not null;
comment on view jobs_due is 'Which tenants have jobs, and from when on; nothing else of them.';
grant select on jobs_due to trellis_system;

select app_distribute('jobs', 'tenant');
