-- Periods of the calendar and ages, as the expression language has it: weeks begin on Monday, nothing lies beyond the
-- years 1 to 9999, and replacing makes no text over 64 KiB.
create function app_start_of(day date, period text) returns date
  language sql immutable strict parallel safe as $$
  select date_trunc(period, day::timestamp)::date
$$;

create function app_end_of(day date, period text) returns date
  language sql immutable strict parallel safe as $$
  select (date_trunc(period, day::timestamp)
    + case period when 'quarter' then interval '3 months' else ('1 ' || period)::interval end)::date - 1
$$;

create function app_start_of(at timestamptz, period text, zone text) returns timestamptz
  language sql stable strict parallel safe as $$
  select edge.at from (
    select date_trunc(period, app_start_of.at at time zone zone) at time zone zone as at
  ) edge
  where edge.at >= timestamptz '0001-01-01 00:00:00+00' and edge.at < timestamptz '10000-01-01 00:00:00+00'
$$;

create function app_end_of(at timestamptz, period text, zone text) returns timestamptz
  language sql stable strict parallel safe as $$
  select edge.at from (
    select (date_trunc(period, app_end_of.at at time zone zone)
      + case period when 'quarter' then interval '3 months' else ('1 ' || period)::interval end)
      at time zone zone - interval '1 microsecond' as at
  ) edge
  where edge.at >= timestamptz '0001-01-01 00:00:00+00' and edge.at < timestamptz '10000-01-01 00:00:00+00'
$$;

-- Full years from a day to one that is not before it.
create function app_age(day date, day_on date) returns numeric
  language sql immutable strict parallel safe as $$
  select case when day_on >= day then extract(year from day_on) - extract(year from day)
    - case when extract(month from day_on) * 31 + extract(day from day_on)
        < extract(month from day) * 31 + extract(day from day) then 1 else 0 end end
$$;

-- A text with every occurrence of a part replaced; an empty replacement takes the part out.
create function app_replace(value text, part text, replacement text) returns text
  language sql immutable parallel safe as $$
  select case when found.length <= 65536 then replace(value, part, coalesce(replacement, '')) end
  from (
    select octet_length(value) + (octet_length(value) - octet_length(replace(value, part, '')))::bigint
      / nullif(octet_length(part), 0) * (octet_length(coalesce(replacement, '')) - octet_length(part)) as length
  ) found
$$;
