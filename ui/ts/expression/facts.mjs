// What conditions ask of a record while it is typed, answered as the server's write path does: the record as it is to be
// and as it was, the stage that it is in, who writes.
import { decode, plain } from "./evaluate.mjs";

/** The stage's own key: where there are several pipelines, controls say "pipeline.stage". */
const bare = (place) => (typeof place === "string" ? place.slice(place.indexOf(".") + 1) : null);

const written = (value) =>
  typeof value?.n === "bigint" ? plain(value) : JSON.stringify(value, (_, part) => (typeof part === "bigint" ? `${part}` : part));

/** Whether two values are the same. */
export const same = (a, b) => written(a) === written(b);

/** The value of a path. `form` is `{ rules, typed(key), computed }`; a key without a control has no typed value. */
export function fact(path, form) {
  const { rules } = form;
  if (path in rules.facts) return rules.facts[path] ?? null;
  const at = path.indexOf(".");
  const [head, rest] = at < 0 ? ["", path] : [path.slice(0, at), path.slice(at + 1)];
  if (head === "has_role()") return rules.facts["user.role"] === rest;
  if (head === "old") return was(rest, form);
  if (head === "changed()") return isChanged(rest, form);
  if (head === "stage") return decode(rules.stages[place(form)]?.[rest] ?? null);
  return is(path, form);
}

const isSystem = (key, form) => !(key in form.rules.types);
const was = (key, form) => decode(form.rules.old[key] ?? null);

function is(key, form) {
  if (form.computed.has(key)) return form.computed.get(key) ?? null;
  if (key === "stage" && isSystem(key, form)) return bare(place(form));
  const typed = form.typed(key);
  return typed === undefined ? was(key, form) : typed;
}

/** The stage as controls name it; without a control the one where the record is, or starts. */
function place(form) {
  const typed = isSystem("stage", form) ? form.typed("stage") : undefined;
  return typed ?? form.rules.placed ?? null;
}

function isChanged(key, form) {
  if (!isSystem(key, form)) return !same(is(key, form), was(key, form));
  if (form.rules.facts.is_new) return true;
  // A stage of another pipeline is another one, even where it has the same key.
  return key === "stage" ? place(form) !== form.rules.placed : !same(is(key, form), was(key, form));
}
