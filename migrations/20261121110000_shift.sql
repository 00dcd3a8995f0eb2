-- Dates and instants moved by units, as the expression language has it: whole units, a day that the month lacks
-- becomes its last, nothing beyond the years 1 to 9999. No amount, however large, is an error. The clamps around the
-- casts hold for amounts that are out of range anyway: a planner may compute a branch that is never taken.
create function app_shift(day date, unit text, amount numeric) returns date
  language sql immutable strict parallel safe as $$
  select case
    when unit = 'days' then
      case when day - date '0001-01-01' + trunc(amount) between 0 and 3652058
        then day + least(greatest(trunc(amount), -3652058), 3652058)::integer end
    else
      case when extract(year from day) * 12 + extract(month from day) - 1
          + trunc(amount) * case when unit = 'years' then 12 else 1 end between 12 and 119999
        then (day + make_interval(months => (least(greatest(trunc(amount), -120000), 120000)
          * case when unit = 'years' then 12 else 1 end)::integer))::date end
  end
$$;

-- Days and longer keep the time of day in the zone; of two instants that a clock shows, it is the later.
create function app_shift(at timestamptz, unit text, amount numeric, zone text) returns timestamptz
  language sql immutable strict parallel safe as $$
  select moved.at from (
    select case
      when trunc(amount) = 0 then app_shift.at
      when unit = 'hours' then
        case when extract(epoch from app_shift.at) + trunc(amount) * 3600 between -62135596800 and 253402300799
          then app_shift.at + make_interval(hours => least(greatest(trunc(amount), -90000000), 90000000)::integer) end
      else (app_shift((app_shift.at at time zone zone)::date, unit, amount)
        + (app_shift.at at time zone zone)::time) at time zone zone
    end as at
  ) moved
  where moved.at >= timestamptz '0001-01-01 00:00:00+00' and moved.at < timestamptz '10000-01-01 00:00:00+00'
$$;

-- Whether a text ends with another one.
create function app_ends_with(value text, part text) returns boolean
  language sql immutable strict parallel safe as $$
  select right(value, length(part)) = part
$$;
