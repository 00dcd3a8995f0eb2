-- Answers that are given again when a request is sent twice.
set local citus.multi_shard_modify_mode = 'sequential';

create table idempotency_keys (
  tenant_id uuid not null references tenants (id) on delete cascade,
  user_id uuid not null,
  key text not null,
  request bytea not null,
  created_at timestamptz not null,
  status smallint,
  headers jsonb,
  body bytea,
  primary key (tenant_id, user_id, key)
);
create index idempotency_keys_at_idx on idempotency_keys (tenant_id, created_at);
comment on table idempotency_keys is 'The answer to a request that carried an Idempotency-Key, written in the transaction of its effect. request is the SHA-256 of what was asked. Kept for a day.';
select app_protect('idempotency_keys', 'select, insert, update, delete');
select app_distribute('idempotency_keys', 'tenant');
