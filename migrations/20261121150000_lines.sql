-- What products cost over time, and what currencies are worth.
set local citus.multi_shard_modify_mode = 'sequential';

create table product_prices (
  tenant_id uuid not null,
  id uuid not null,
  product_id uuid not null,
  valid_from timestamptz not null,
  price numeric,
  price_currency text,
  cost numeric,
  cost_currency text,
  set_by uuid,
  primary key (tenant_id, id),
  foreign key (tenant_id, product_id) references records (tenant_id, id) on delete cascade
);
create index product_prices_product_idx on product_prices (tenant_id, product_id, id);
comment on table product_prices is 'Price and cost of products from a moment on; one row for every change. Rows are never changed.';
select app_protect('product_prices', 'select, insert');

create table exchange_rates (
  tenant_id uuid not null references tenants (id) on delete cascade,
  currency text not null,
  valid_on date not null,
  rate numeric not null check (rate > 0),
  set_by uuid,
  set_at timestamptz not null,
  primary key (tenant_id, currency, valid_on)
);
comment on table exchange_rates is 'What one unit of a currency is worth in the currency of the tenant, from a day on until the next row.';
select app_protect('exchange_rates', 'select, insert, update');

select app_distribute('product_prices', 'tenant');
select app_distribute('exchange_rates', 'tenant');
