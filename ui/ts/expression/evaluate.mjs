// The expression language in the browser: the server's checked tree, the same values, empty instead of an error. Plain
// JavaScript, so that Node can run it as it stands. Numbers are exact: {n: digits, s: decimals}.
import { dayStart, edgeDate, edgeInstant, local, readDate, readInstant, shiftDate, shiftInstant, yearsBetween } from "./moment.mjs";

const DECIMALS = 12;
const MAGNITUDE = 10n ** 15n;
const ten = (power) => 10n ** BigInt(power);
const abs = (digits) => (digits < 0n ? -digits : digits);

/** Reads a plain decimal; null where the text is none. */
export function number(text) {
  const parts = /^([+-]?)(\d*)(?:\.(\d*))?$/.exec(text);
  if (!parts || !(parts[2] || parts[3])) return null;
  const digits = BigInt(parts[2] + (parts[3] ?? ""));
  return { n: parts[1] === "-" ? -digits : digits, s: (parts[3] ?? "").length };
}

/** A number as text, without zeros at its end. */
export function plain({ n, s }) {
  const digits = abs(n).toString().padStart(s + 1, "0");
  const whole = digits.slice(0, digits.length - s);
  const part = s ? digits.slice(-s).replace(/0+$/, "") : "";
  return `${n < 0n ? "-" : ""}${whole}${part && `.${part}`}`;
}

/** The quotient of two integers, halves away from zero. */
function quotient(a, b) {
  const half = (2n * abs(a) + abs(b)) / (2n * abs(b));
  return (a < 0n) === (b < 0n) ? half : -half;
}

/** A number with at most so many decimals, halves away from zero. */
export function round(x, decimals) {
  return x.s <= decimals ? x : { n: quotient(x.n, ten(x.s - decimals)), s: decimals };
}

function settle(x) {
  const rounded = round(x, DECIMALS);
  return abs(rounded.n) < MAGNITUDE * ten(rounded.s) ? rounded : null;
}

const aligned = (a, b) => {
  const s = Math.max(a.s, b.s);
  return [a.n * ten(s - a.s), b.n * ten(s - b.s), s];
};

const OPERATIONS = {
  "+": (a, b) => { const [x, y, s] = aligned(a, b); return settle({ n: x + y, s }); },
  "-": (a, b) => { const [x, y, s] = aligned(a, b); return settle({ n: x - y, s }); },
  "*": (a, b) => settle({ n: a.n * b.n, s: a.s + b.s }),
  "/": (a, b) => (b.n === 0n ? null : settle({ n: quotient(a.n * ten(b.s + DECIMALS), b.n * ten(a.s)), s: DECIMALS })),
  "%": (a, b) => { const [x, y, s] = aligned(a, b); return y === 0n ? null : settle({ n: x % y, s }); },
};

/** The form in which texts are compared: compatibility forms and accents taken off, lower case. */
export function fold(text) {
  return text.normalize("NFKD").replace(/[\u0300-\u036f]/g, "").toLowerCase();
}

const isNumber = (value) => typeof value?.n === "bigint";
const settled = (value) => (value === undefined || value === "" || (Array.isArray(value) && !value.length) ? null : value);
const sign = (a, b) => (a < b ? -1 : a > b ? 1 : 0);

/** By code points, as the server compares; JavaScript alone would compare UTF-16. */
function textOrder(a, b) {
  const [x, y] = [[...a], [...b]];
  const at = x.findIndex((c, i) => c !== y[i]);
  if (at < 0) return sign(x.length, y.length);
  return at >= y.length ? 1 : sign(x[at].codePointAt(0), y[at].codePointAt(0));
}

/** How two values of one type stand to each other; null where one is empty. */
function order(a, b) {
  if (a === null || b === null) return null;
  if (typeof a === "string") return textOrder(a, b);
  if (isNumber(a)) { const [x, y] = aligned(a, b); return sign(x, y); }
  if (typeof a === "boolean") return sign(Number(a), Number(b));
  return a.d !== undefined ? sign(a.d, b.d) : sign(a.i, b.i);
}

const HOLDS = { "==": (o) => o === 0, "<": (o) => o < 0, "<=": (o) => o <= 0, ">": (o) => o > 0, ">=": (o) => o >= 0 };

/** A value as the server sends it. */
export function decode(value) {
  if (value === null || typeof value !== "object" || Array.isArray(value)) return settled(value);
  if (value.n !== undefined) return number(value.n);
  return value.i !== undefined ? { i: BigInt(value.i) } : value;
}

/** The value of a tree. `env` is `{ field(path), user, zone, now }`; `now` in microseconds. */
export function evaluate(tree, env) {
  return settled(NODES[tree[0]](tree, (part) => evaluate(part, env), env));
}

const truth = (value) => value === true;
const comparable = (value, type) => (type === "text" && typeof value === "string" ? settled(fold(value)) : value);

function texts(tree, of, test) {
  const [text, part] = [of(tree[1]), of(tree[2])];
  return typeof text === "string" && typeof part === "string" && test(fold(text), fold(part));
}

const NODES = {
  value: (tree) => decode(tree[1]),
  field: (tree, of, env) => env.field(tree[1]),
  user: (tree, of, env) => env.user,
  all: (tree, of) => tree[1].every((part) => truth(of(part))),
  any: (tree, of) => tree[1].some((part) => truth(of(part))),
  not: (tree, of) => !truth(of(tree[1])),
  compare([, op, type, left, right], of) {
    const stands = order(comparable(of(left), type), comparable(of(right), type));
    return stands !== null && HOLDS[op](stands);
  },
  in([, type, needle, values], of) {
    const wanted = comparable(of(needle), type);
    return values.some((value) => order(wanted, comparable(of(value), type)) === 0);
  },
  contains: (tree, of) => texts(tree, of, (text, part) => text.includes(part)),
  starts: (tree, of) => texts(tree, of, (text, part) => text.startsWith(part)),
  ends: (tree, of) => texts(tree, of, (text, part) => text.endsWith(part)),
  holds(tree, of) {
    const [list, option] = [of(tree[1]), of(tree[2])];
    return Array.isArray(list) && list.includes(option);
  },
  empty: (tree, of) => of(tree[1]) === null,
  chain([, terms], of) {
    let total = null;
    for (const [at, [operation, term]] of terms.entries()) {
      const value = of(term);
      if (!isNumber(value)) return null;
      total = at === 0 ? value : total && OPERATIONS[operation](total, value);
    }
    return total;
  },
  negate(tree, of) {
    const value = of(tree[1]);
    return isNumber(value) ? { n: -value.n, s: value.s } : null;
  },
  shift([, base, steps], of, env) {
    let value = of(base);
    for (const [direction, unit, counted] of steps) {
      const count = of(counted);
      if (!isNumber(count)) return null;
      const whole = count.n / ten(count.s);
      if (abs(whole) >= 1n << 63n) return null;
      const by = direction === "-" ? -whole : whole;
      if (value?.d !== undefined) value = shiftDate(value, unit, by);
      else if (value?.i !== undefined) value = shiftInstant(value, unit, by, env.zone);
      else value = null;
    }
    return value;
  },
  call: ([, name, args], of, env) => CALLS[name](args, of, env),
};

const ofText = (work) => ([arg], of) => {
  const text = of(arg);
  return typeof text === "string" ? work(text) : null;
};

function extreme(wanted) {
  return (args, of) => {
    let best;
    for (const arg of args) {
      const value = of(arg);
      if (best === undefined) best = value;
      else {
        const stands = order(value, best);
        if (stands === null) return null;
        if (stands === wanted) best = value;
      }
    }
    return best;
  };
}

const LONGEST = 65536;
const bytes = (text) => new TextEncoder().encode(text).length;

function replaced(args, of) {
  const [text, part, into] = args.map(of);
  if (typeof text !== "string" || typeof part !== "string") return null;
  const pieces = text.split(part);
  const long = bytes(text) + (pieces.length - 1) * (bytes(into ?? "") - bytes(part));
  return long > LONGEST ? null : pieces.join(into ?? "");
}

/** A whole number next to another: below it for -1, above it for 1. */
const wholly = (side) => ([arg], of) => {
  const value = of(arg);
  if (!isNumber(value)) return null;
  const whole = value.n / ten(value.s);
  const beside = whole * ten(value.s) === value.n || (value.n < 0n) !== (side < 0);
  return { n: beside ? whole : whole + BigInt(side), s: 0 };
};

const edge = (last) => ([arg, period], of, env) => {
  const value = of(arg);
  if (value?.d !== undefined) return edgeDate(value, of(period), last);
  return value?.i !== undefined ? edgeInstant(value, of(period), last, env.zone) : null;
};

/** A value as a part of a longer text. */
function shown(value, env) {
  if (value === null || Array.isArray(value)) return "";
  if (isNumber(value)) return plain(value);
  if (value.d !== undefined) return value.d;
  if (value.i !== undefined) return local(value, env.zone)?.slice(0, 16).replace("T", " ") ?? "";
  return String(value);
}

const CALLS = {
  now: (args, of, env) => ({ i: env.now }),
  today: (args, of, env) => { const at = local({ i: env.now }, env.zone); return at && { d: at.slice(0, 10) }; },
  date: ofText(readDate),
  date_time([arg], of, env) {
    const value = of(arg);
    if (typeof value === "string") return readInstant(value, env.zone);
    return value?.d !== undefined ? dayStart(value, env.zone) : null;
  },
  concat: (args, of, env) => args.map((arg) => shown(of(arg), env)).join(""),
  lower: ofText((text) => text.toLowerCase()),
  upper: ofText((text) => text.toUpperCase()),
  trim: ofText((text) => text.replace(/^\p{White_Space}+|\p{White_Space}+$/gu, "")),
  length: ofText((text) => ({ n: BigInt([...text].length), s: 0 })),
  coalesce(args, of) {
    for (const arg of args) {
      const value = of(arg);
      if (value !== null) return value;
    }
    return null;
  },
  if: ([condition, then, otherwise], of) => of(truth(of(condition)) ? then : otherwise),
  round([arg, decimals], of) {
    const value = of(arg);
    return isNumber(value) ? round(value, decimals ? Number(of(decimals).n) : 0) : null;
  },
  floor: wholly(-1),
  ceil: wholly(1),
  replace: replaced,
  substring([arg, from, count], of) {
    const text = of(arg);
    if (typeof text !== "string") return null;
    const at = Number(of(from).n) - 1;
    return [...text].slice(at, count && at + Number(of(count).n)).join("");
  },
  start_of: edge(false),
  end_of: edge(true),
  age(args, of) {
    const [from, on] = args.map(of);
    const years = from && on && yearsBetween(from, on);
    return typeof years === "number" ? { n: BigInt(years), s: 0 } : null;
  },
  abs([arg], of) {
    const value = of(arg);
    return isNumber(value) ? { n: abs(value.n), s: value.s } : null;
  },
  min: extreme(-1),
  max: extreme(1),
};
