-- Pipelines: since when a record is in its stage, the way it came, and what each stage holds.
alter table records add column stage_entered_at timestamptz;
comment on column records.stage_entered_at is 'When the record came into its stage; null without one, or where that was not written down. No index: lists are seldom sorted by it.';

create table stage_history (
  tenant_id uuid not null,
  record_id uuid not null,
  id uuid not null,
  stage smallint not null,
  pipeline_key text not null,
  pipeline_label text not null,
  stage_key text not null,
  stage_label text not null,
  category text not null check (category in ('open', 'won', 'lost')),
  entered_at timestamptz not null,
  entered_by uuid,
  left_at timestamptz,
  reason_key text,
  reason text,
  primary key (tenant_id, record_id, id),
  foreign key (tenant_id, record_id) references records (tenant_id, id) on delete cascade
);
create unique index stage_history_present_key on stage_history (tenant_id, record_id) where left_at is null;
comment on table stage_history is 'The stages that a record has been in, with the names they had then; the one without left_at is the present one.';
select app_protect('stage_history', 'select, insert, update');

create table stage_totals (
  tenant_id uuid not null references tenants (id) on delete cascade,
  module smallint not null,
  id uuid not null,
  stage smallint not null,
  currency text not null,
  records bigint not null,
  amount numeric not null,
  primary key (tenant_id, module, id)
);
comment on table stage_totals is 'What the stages of a module hold, as the sum of rows: how many records outside the trash, and of which amount in each currency (empty for plain numbers). Writers only append, so none waits for another; rows are folded now and then.';
select app_protect('stage_totals', 'select, insert, update, delete');

insert into stage_totals (tenant_id, module, id, stage, currency, records, amount)
  select tenant_id, module, gen_random_uuid(), stage, '', count(*), 0 from records
  where stage <> 0 and deleted_at is null group by tenant_id, module, stage;

select app_distribute('stage_history', 'tenant');
select app_distribute('stage_totals', 'tenant');
