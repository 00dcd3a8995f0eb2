-- What no two records may share beyond the unique slots, by what records that resemble each other are found, and slots
-- that are being emptied.
set local citus.multi_shard_modify_mode = 'sequential';

create table unique_keys (
  tenant_id uuid not null,
  module smallint not null,
  rule text not null,
  key text collate "C" not null,
  record_id uuid not null,
  primary key (tenant_id, module, rule, key),
  foreign key (tenant_id, record_id) references records (tenant_id, id) on delete cascade
);
create index unique_keys_record_idx on unique_keys (tenant_id, record_id);
comment on table unique_keys is 'Values that no other record outside the trash may have: of several fields together, or of a unique field for which no slot was left. rule names the fields by their numbers: 3+7.';
select app_protect('unique_keys', 'select, insert, delete');

create table duplicate_keys (
  tenant_id uuid not null,
  module smallint not null,
  key text collate "C" not null,
  record_id uuid not null,
  primary key (tenant_id, module, key, record_id),
  foreign key (tenant_id, record_id) references records (tenant_id, id) on delete cascade
);
create index duplicate_keys_record_idx on duplicate_keys (tenant_id, record_id);
comment on table duplicate_keys is 'By what records that resemble each other are found: for each field of a duplicate rule the value, brought into the form in which likely twins agree.';
select app_protect('duplicate_keys', 'select, insert, delete');

alter table module_fields drop constraint module_fields_slot_state_check;
alter table module_fields add constraint module_fields_slot_state_check check (slot_state in ('building', 'ready', 'clearing'));

select app_distribute('unique_keys', 'tenant');
select app_distribute('duplicate_keys', 'tenant');
