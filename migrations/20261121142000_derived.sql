-- Values that follow from other records: what roll-ups have added up so far, and what is still to be brought up.
create table rollup_tallies (
  tenant_id uuid not null,
  record_id uuid not null,
  field smallint not null,
  unit text not null,
  count bigint not null,
  total numeric not null,
  primary key (tenant_id, record_id, field, unit),
  foreign key (tenant_id, record_id) references records (tenant_id, id) on delete cascade
);
comment on table rollup_tallies is 'What the roll-up in field number field of a record has counted and added up so far, by unit (a currency, or nothing), so that one record among many costs one addition.';
select app_protect('rollup_tallies', 'select, insert, update, delete');

create table stale_values (
  tenant_id uuid not null references tenants (id) on delete cascade,
  id uuid not null,
  module smallint not null,
  link smallint not null,
  target uuid not null,
  after uuid not null,
  at timestamptz not null,
  primary key (tenant_id, id)
);
comment on table stale_values is 'What the worker is to bring up: records of a module that point to target by relation number link (0: all records of the module), those with an id above after.';
select app_protect('stale_values', 'select, insert, update, delete');
create policy control_plane on stale_values for select to trellis_system using (true);
grant select on stale_values to trellis_system;

-- In the order in which those that point to a record are read, page by page.
drop index record_links_to_idx;
create index record_links_to_idx on record_links (tenant_id, to_id, field, from_id);

select app_distribute('rollup_tallies', 'tenant');
select app_distribute('stale_values', 'tenant');
