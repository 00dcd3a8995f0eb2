// Dates {d: "2026-01-31"} and instants {i: microseconds}: read, moved by units, placed in the workspace's zone as the
// server does it. Everything outside the years 1 to 9999 is empty.
const MICRO = 1000n;
const DAY = 86_400_000_000n;
const FIRST = BigInt(Date.parse("0001-01-01T00:00:00Z")) * MICRO;
const LAST = BigInt(Date.parse("9999-12-31T00:00:00Z")) * MICRO + DAY;
const floor = (a, b) => (a >= 0n || a % b === 0n ? a / b : a / b - 1n);

const inCalendar = (i) => i >= FIRST && i < LAST;
const pad = (value, width) => String(value).padStart(width, "0");

/** Microseconds since 1970 of a UTC reading. */
const utc = (date, time = "00:00:00") => BigInt(Date.parse(`${date}T${time}Z`)) * MICRO;
/** The UTC reading of microseconds: date, time to the second, and what is left. */
const reading = (i) => [new Date(Number(floor(i, MICRO))).toISOString(), i - floor(i, DAY / 86_400n) * (DAY / 86_400n)];

/** Reads `YYYY-MM-DD`; null where it is no day of the calendar. */
export function readDate(text) {
  if (!/^\d{4}-\d{2}-\d{2}$/.test(text) || text < "0001") return null;
  const at = Date.parse(`${text}T00:00:00Z`);
  return !Number.isNaN(at) && new Date(at).toISOString().slice(0, 10) === text ? { d: text } : null;
}

const formats = new Map();

/** What clocks in a zone show, as microseconds of a UTC reading. */
function shift(i, zone) {
  if (zone === "UTC") return i;
  if (!formats.has(zone)) {
    formats.set(zone, new Intl.DateTimeFormat("en-u-ca-iso8601", {
      timeZone: zone, hourCycle: "h23", year: "numeric", month: "2-digit", day: "2-digit", hour: "2-digit",
      minute: "2-digit", second: "2-digit", era: "short",
    }));
  }
  const seconds = floor(i, DAY / 86_400n);
  const parts = {};
  for (const { type, value } of formats.get(zone).formatToParts(Number(seconds) * 1000)) parts[type] = value;
  const year = /^B/.test(parts.era) ? 1 - Number(parts.year) : Number(parts.year);
  const day = new Date(0);
  day.setUTCFullYear(year, Number(parts.month) - 1, Number(parts.day));
  day.setUTCHours(Number(parts.hour), Number(parts.minute), Number(parts.second));
  return BigInt(day.getTime()) * MICRO + (i - seconds * (DAY / 86_400n));
}

/** What clocks in a zone show, as text to the second; null outside the calendar. */
export function local(at, zone) {
  return inCalendar(at.i) ? reading(shift(at.i, zone))[0].slice(0, 19) : null;
}

/** The instant at which clocks show a reading: of two the later; where they jump over it, as if they had not yet. */
function place(wanted, zone) {
  const offsets = [wanted - DAY, wanted + DAY].map((i) => shift(i, zone) - i);
  const [before, after] = offsets;
  const fits = offsets.map((offset) => wanted - offset).filter((i) => shift(i, zone) === wanted);
  if (fits.length) return fits.reduce((a, b) => (a > b ? a : b));
  return wanted - (before === after ? after : before);
}

export function dayStart(day, zone) {
  return { i: place(utc(day.d), zone) };
}

/** Reads a date and time with `Z`, an offset or, without, in the zone; a date alone begins its day there. */
export function readInstant(text, zone) {
  const day = readDate(text);
  if (day) return dayStart(day, zone);
  const parts = /^(\d{4}-\d{2}-\d{2})[Tt ](\d{2}):(\d{2})(?::(\d{2})(?:\.(\d{1,9}))?)?(Z|z|[+-]\d{2}:\d{2})?$/.exec(text);
  if (!parts || !readDate(parts[1])) return null;
  const [, date, hour, minute, second = "00", fraction = "", offset] = parts;
  if (hour > "23" || minute > "59" || second > "59") return null;
  const reading = utc(date, `${hour}:${minute}:${second}`) + BigInt(fraction.slice(0, 6).padEnd(6, "0"));
  if (offset === undefined) return valid(place(reading, zone));
  if (/^z$/i.test(offset)) return valid(reading);
  const [hours, minutes] = [Number(offset.slice(1, 3)), Number(offset.slice(4))];
  if (hours > 15 || minutes > 59) return null;
  const moved = BigInt(hours * 60 + minutes) * 60_000_000n;
  return valid(offset[0] === "-" ? reading + moved : reading - moved);
}

const valid = (i) => (inCalendar(i) ? { i } : null);

/** A day moved by calendar units; a day that the month lacks becomes its last. */
export function shiftDate({ d }, unit, count) {
  if (unit === "hours") return null;
  if (unit === "days") {
    const moved = utc(d) + count * DAY;
    return inCalendar(moved) ? { d: reading(moved)[0].slice(0, 10) } : null;
  }
  const [year, month, day] = d.split("-").map(Number);
  const months = BigInt(year * 12 + month - 1) + count * (unit === "years" ? 12n : 1n);
  if (months < 12n || months >= 120_000n) return null;
  const [y, m] = [Number(months / 12n), Number(months % 12n) + 1];
  const end = new Date(0);
  end.setUTCFullYear(y, m, 0);
  return { d: `${pad(y, 4)}-${pad(m, 2)}-${pad(Math.min(day, end.getUTCDate()), 2)}` };
}

/** An instant moved by units; days and longer keep the time of day in the zone. */
export function shiftInstant(at, unit, count, zone) {
  if (!inCalendar(at.i)) return null;
  if (count === 0n) return at;
  if (unit === "hours") return valid(at.i + count * 3_600_000_000n);
  const shown = shift(at.i, zone);
  const time = shown - floor(shown, DAY) * DAY;
  const day = shiftDate({ d: reading(shown)[0].slice(0, 10) }, unit, count);
  return day && valid(place(utc(day.d) + time, zone));
}

/** The first day of a period and the first day after it, as microseconds of a UTC reading. */
function span(at, period) {
  const day = new Date(Number(at / MICRO));
  const [year, month, date] = [day.getUTCFullYear(), day.getUTCMonth(), day.getUTCDate()];
  const on = (m, d) => {
    const made = new Date(0);
    made.setUTCFullYear(year, m, d);
    return BigInt(made.getTime()) * MICRO;
  };
  const monday = date - ((day.getUTCDay() + 6) % 7);
  const quarter = month - (month % 3);
  return {
    day: [on(month, date), on(month, date + 1)],
    week: [on(month, monday), on(month, monday + 7)],
    month: [on(month, 1), on(month + 1, 1)],
    quarter: [on(quarter, 1), on(quarter + 3, 1)],
    year: [on(0, 1), on(12, 1)],
  }[period];
}

/** The first or last day of the period that a day is in. */
export function edgeDate({ d }, period, last) {
  const [first, after] = span(utc(d), period);
  const edge = last ? after - DAY : first;
  return inCalendar(edge) ? { d: reading(edge)[0].slice(0, 10) } : null;
}

/** The first or last microsecond, in the zone, of the period that an instant is in. */
export function edgeInstant(at, period, last, zone) {
  if (!inCalendar(at.i)) return null;
  const [first, after] = span(floor(shift(at.i, zone), MICRO) * MICRO, period);
  return valid(last ? place(after, zone) - 1n : place(first, zone));
}

/** Full years from a day to one that is not before it. */
export function yearsBetween(from, on) {
  if (on.d < from.d) return null;
  const years = Number(on.d.slice(0, 4)) - Number(from.d.slice(0, 4));
  return on.d.slice(5) < from.d.slice(5) ? years - 1 : years;
}
