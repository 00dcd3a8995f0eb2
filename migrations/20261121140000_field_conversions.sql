-- Options that several fields share.
create table option_sets (
  tenant_id uuid not null references tenants (id) on delete cascade,
  key text not null,
  origin text not null check (origin in ('template', 'tenant')),
  definition jsonb not null,
  primary key (tenant_id, key)
);
comment on table option_sets is 'Options that several fields share (template key: options.yaml). Fields name a set by its key and keep no options of their own.';
select app_protect('option_sets', 'select, insert, update');
select app_distribute('option_sets', 'tenant');

-- Slots of choices sort by the order of the options: the position with three digits, a blank, the key.
update records r set t2 = coalesce((
    select lpad((o.place - 1)::text, 3, '0') from jsonb_array_elements(f.definition -> 'options') with ordinality as o (option, place)
    where o.option ->> 'key' = r.t2), '999') || ' ' || r.t2
from module_fields f join modules m on m.tenant_id = f.tenant_id and m.id = f.module_id
where r.tenant_id = f.tenant_id and r.module = m.number and f.slot = 't2' and r.t2 is not null
  and f.definition ->> 'type' = 'choice';
update records r set t3 = coalesce((
    select lpad((o.place - 1)::text, 3, '0') from jsonb_array_elements(f.definition -> 'options') with ordinality as o (option, place)
    where o.option ->> 'key' = r.t3), '999') || ' ' || r.t3
from module_fields f join modules m on m.tenant_id = f.tenant_id and m.id = f.module_id
where r.tenant_id = f.tenant_id and r.module = m.number and f.slot = 't3' and r.t3 is not null
  and f.definition ->> 'type' = 'choice';
update records r set t4 = coalesce((
    select lpad((o.place - 1)::text, 3, '0') from jsonb_array_elements(f.definition -> 'options') with ordinality as o (option, place)
    where o.option ->> 'key' = r.t4), '999') || ' ' || r.t4
from module_fields f join modules m on m.tenant_id = f.tenant_id and m.id = f.module_id
where r.tenant_id = f.tenant_id and r.module = m.number and f.slot = 't4' and r.t4 is not null
  and f.definition ->> 'type' = 'choice';
update records r set t5 = coalesce((
    select lpad((o.place - 1)::text, 3, '0') from jsonb_array_elements(f.definition -> 'options') with ordinality as o (option, place)
    where o.option ->> 'key' = r.t5), '999') || ' ' || r.t5
from module_fields f join modules m on m.tenant_id = f.tenant_id and m.id = f.module_id
where r.tenant_id = f.tenant_id and r.module = m.number and f.slot = 't5' and r.t5 is not null
  and f.definition ->> 'type' = 'choice';
update records r set t6 = coalesce((
    select lpad((o.place - 1)::text, 3, '0') from jsonb_array_elements(f.definition -> 'options') with ordinality as o (option, place)
    where o.option ->> 'key' = r.t6), '999') || ' ' || r.t6
from module_fields f join modules m on m.tenant_id = f.tenant_id and m.id = f.module_id
where r.tenant_id = f.tenant_id and r.module = m.number and f.slot = 't6' and r.t6 is not null
  and f.definition ->> 'type' = 'choice';
update records r set t7 = coalesce((
    select lpad((o.place - 1)::text, 3, '0') from jsonb_array_elements(f.definition -> 'options') with ordinality as o (option, place)
    where o.option ->> 'key' = r.t7), '999') || ' ' || r.t7
from module_fields f join modules m on m.tenant_id = f.tenant_id and m.id = f.module_id
where r.tenant_id = f.tenant_id and r.module = m.number and f.slot = 't7' and r.t7 is not null
  and f.definition ->> 'type' = 'choice';
update records r set t8 = coalesce((
    select lpad((o.place - 1)::text, 3, '0') from jsonb_array_elements(f.definition -> 'options') with ordinality as o (option, place)
    where o.option ->> 'key' = r.t8), '999') || ' ' || r.t8
from module_fields f join modules m on m.tenant_id = f.tenant_id and m.id = f.module_id
where r.tenant_id = f.tenant_id and r.module = m.number and f.slot = 't8' and r.t8 is not null
  and f.definition ->> 'type' = 'choice';
update records r set t9 = coalesce((
    select lpad((o.place - 1)::text, 3, '0') from jsonb_array_elements(f.definition -> 'options') with ordinality as o (option, place)
    where o.option ->> 'key' = r.t9), '999') || ' ' || r.t9
from module_fields f join modules m on m.tenant_id = f.tenant_id and m.id = f.module_id
where r.tenant_id = f.tenant_id and r.module = m.number and f.slot = 't9' and r.t9 is not null
  and f.definition ->> 'type' = 'choice';
update records r set t10 = coalesce((
    select lpad((o.place - 1)::text, 3, '0') from jsonb_array_elements(f.definition -> 'options') with ordinality as o (option, place)
    where o.option ->> 'key' = r.t10), '999') || ' ' || r.t10
from module_fields f join modules m on m.tenant_id = f.tenant_id and m.id = f.module_id
where r.tenant_id = f.tenant_id and r.module = m.number and f.slot = 't10' and r.t10 is not null
  and f.definition ->> 'type' = 'choice';
