//! Dates and instants: read from text, moved by units, placed in the tenant's zone as PostgreSQL does it.

use chrono::{
    DateTime, Datelike, Days, LocalResult, Months, NaiveDate, NaiveDateTime, NaiveTime, SubsecRound,
    TimeDelta, TimeZone, Timelike, Utc,
};
use chrono_tz::Tz;

use super::function::{Period, Unit};

/// Reads `YYYY-MM-DD`, years 0001 to 9999.
pub(super) fn date(text: &str) -> Option<NaiveDate> {
    let bytes = text.as_bytes();
    let shaped = bytes.len() == 10
        && bytes.iter().enumerate().all(|(at, byte)| match at {
            4 | 7 => *byte == b'-',
            _ => byte.is_ascii_digit(),
        });
    if !shaped {
        return None;
    }
    let day = NaiveDate::parse_from_str(text, "%Y-%m-%d").ok()?;
    in_calendar(day).then_some(day)
}

/// Reads `YYYY-MM-DDTHH:MM[:SS[.ffffff]]`, a space for the `T` if one likes, with `Z` or `±HH:MM` or, without
/// them, in `zone`. A date alone is the beginning of that day in `zone`.
pub(super) fn instant(text: &str, zone: Tz) -> Option<DateTime<Utc>> {
    if let Some(day) = date(text) {
        return day_start(day, zone);
    }
    let day = date(text.get(..10)?)?;
    let clock = text.get(10..)?.strip_prefix(['T', 't', ' '])?;
    let split = clock.find(['Z', 'z', '+', '-']).unwrap_or(clock.len());
    let (time, offset) = clock.split_at(split);
    let local = day.and_time(time_of_day(time)?);
    let instant = match offset {
        "" => place(local, zone)?,
        "Z" | "z" => local.and_utc(),
        _ => local.checked_sub_signed(offset_of(offset)?)?.and_utc(),
    };
    in_calendar(instant.date_naive()).then_some(instant)
}

/// The beginning of `day` in `zone`.
pub(super) fn day_start(day: NaiveDate, zone: Tz) -> Option<DateTime<Utc>> {
    place(day.and_time(NaiveTime::MIN), zone)
}

/// `day` moved by `count` units; nothing beyond the years 1 to 9999, and nothing by hours.
pub(super) fn shift_date(day: NaiveDate, unit: Unit, count: i64) -> Option<NaiveDate> {
    let magnitude = count.unsigned_abs();
    let moved = match (unit, count < 0) {
        (Unit::Hours, _) => None,
        (Unit::Days, false) => day.checked_add_days(Days::new(magnitude)),
        (Unit::Days, true) => day.checked_sub_days(Days::new(magnitude)),
        (Unit::Months, false) => day.checked_add_months(months(magnitude, 1)?),
        (Unit::Months, true) => day.checked_sub_months(months(magnitude, 1)?),
        (Unit::Years, false) => day.checked_add_months(months(magnitude, 12)?),
        (Unit::Years, true) => day.checked_sub_months(months(magnitude, 12)?),
    };
    moved.filter(|moved| in_calendar(*moved))
}

/// `at` moved by `count` units; days and longer keep the time of day in `zone`.
pub(super) fn shift_instant(at: DateTime<Utc>, unit: Unit, count: i64, zone: Tz) -> Option<DateTime<Utc>> {
    let local = local(at, zone)?;
    let moved = match unit {
        _ if count == 0 => Some(at),
        Unit::Hours => at.checked_add_signed(TimeDelta::try_hours(count)?),
        _ => place(shift_date(local.date(), unit, count)?.and_time(local.time()), zone),
    };
    moved.filter(|moved| in_calendar(moved.date_naive()))
}

/// The first day of the period that `day` is in.
pub(super) fn start_of(day: NaiveDate, period: Period) -> Option<NaiveDate> {
    first_day(day, period).filter(|day| in_calendar(*day))
}

/// The last day of the period that `day` is in.
pub(super) fn end_of(day: NaiveDate, period: Period) -> Option<NaiveDate> {
    day_after(day, period)?.pred_opt().filter(|day| in_calendar(*day))
}

/// The beginning in `zone` of the period that `at` is in.
pub(super) fn first_instant(at: DateTime<Utc>, period: Period, zone: Tz) -> Option<DateTime<Utc>> {
    let day = first_day(local(at, zone)?.date(), period)?;
    day_start(day, zone).filter(|at| in_calendar(at.date_naive()))
}

/// The last microsecond in `zone` of the period that `at` is in.
pub(super) fn last_instant(at: DateTime<Utc>, period: Period, zone: Tz) -> Option<DateTime<Utc>> {
    let next = day_start(day_after(local(at, zone)?.date(), period)?, zone)?;
    next.checked_sub_signed(TimeDelta::microseconds(1)).filter(|at| in_calendar(at.date_naive()))
}

fn first_day(day: NaiveDate, period: Period) -> Option<NaiveDate> {
    match period {
        Period::Day => Some(day),
        Period::Week => day.checked_sub_days(Days::new(day.weekday().num_days_from_monday().into())),
        Period::Month => day.with_day(1),
        Period::Quarter => day.with_day(1)?.with_month0(day.month0() / 3 * 3),
        Period::Year => NaiveDate::from_ymd_opt(day.year(), 1, 1),
    }
}

/// The first day after the period that `day` is in.
fn day_after(day: NaiveDate, period: Period) -> Option<NaiveDate> {
    let first = first_day(day, period)?;
    match period {
        Period::Day => first.succ_opt(),
        Period::Week => first.checked_add_days(Days::new(7)),
        Period::Month => first.checked_add_months(Months::new(1)),
        Period::Quarter => first.checked_add_months(Months::new(3)),
        Period::Year => first.checked_add_months(Months::new(12)),
    }
}

/// What clocks in `zone` show at `at`; nothing beyond the years 1 to 9999.
pub(super) fn local(at: DateTime<Utc>, zone: Tz) -> Option<NaiveDateTime> {
    in_calendar(at.date_naive()).then(|| at.with_timezone(&zone).naive_local())
}

/// The instant at which clocks in `zone` show `local`. As PostgreSQL has it: of two, the later; where clocks
/// jump over it, as if they had not jumped yet.
fn place(local: NaiveDateTime, zone: Tz) -> Option<DateTime<Utc>> {
    let placed = match zone.from_local_datetime(&local) {
        LocalResult::Single(at) => at.to_utc(),
        LocalResult::Ambiguous(_, later) => later.to_utc(),
        LocalResult::None => {
            // No zone has ever jumped by more than a day, so a day earlier the old offset holds.
            let before = TimeDelta::days(1);
            let earlier = zone.from_local_datetime(&local.checked_sub_signed(before)?).latest()?;
            earlier.to_utc().checked_add_signed(before)?
        }
    };
    Some(placed.trunc_subsecs(6))
}

fn in_calendar(day: NaiveDate) -> bool {
    (1..=9999).contains(&day.year())
}

fn months(count: u64, each: u32) -> Option<Months> {
    u32::try_from(count).ok()?.checked_mul(each).map(Months::new)
}

/// Reads `HH:MM`, `HH:MM:SS` or `HH:MM:SS.ffffff`; leap seconds are no time of day.
fn time_of_day(text: &str) -> Option<NaiveTime> {
    let digits = text.bytes().all(|byte| byte.is_ascii_digit() || matches!(byte, b':' | b'.'));
    let colon = |at| text.as_bytes().get(at) == Some(&b':');
    if !digits || !colon(2) || (text.len() > 5 && !colon(5)) {
        return None;
    }
    let format = match text.len() {
        5 => "%H:%M",
        8 => "%H:%M:%S",
        10..=18 => "%H:%M:%S%.f",
        _ => return None,
    };
    let time = NaiveTime::parse_from_str(text, format).ok()?;
    (time.nanosecond() < 1_000_000_000).then(|| time.trunc_subsecs(6))
}

/// Reads `±HH:MM`, at most 15:59 as PostgreSQL has it.
fn offset_of(text: &str) -> Option<TimeDelta> {
    let (sign, digits) = match text.as_bytes().first()? {
        b'+' => (1, text.get(1..)?),
        b'-' => (-1, text.get(1..)?),
        _ => return None,
    };
    let (hours, minutes) = digits.split_once(':')?;
    let two = |part: &str, limit: i64| {
        let whole = part.len() == 2 && part.bytes().all(|byte| byte.is_ascii_digit());
        part.parse::<i64>().ok().filter(|number| whole && *number < limit)
    };
    Some(TimeDelta::minutes(sign * (two(hours, 16)? * 60 + two(minutes, 60)?)))
}
