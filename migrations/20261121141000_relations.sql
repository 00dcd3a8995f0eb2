-- What took a record to the trash, where it did not go by itself.
alter table records add column trashed_with uuid;
comment on column records.trashed_with is 'The record that took this one to the trash with it (on_delete: cascade), and brings it back; null for a record that went by itself.';
create index records_trashed_with_idx on records (tenant_id, trashed_with) where trashed_with is not null;
