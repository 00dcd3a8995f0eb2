// Shows, marks and previews by the module's conditions and formulas while somebody types. The server judges all the same.
import { evaluate, number, plain, round } from "../expression/evaluate.mjs";
import type { Tree, Value } from "../expression/evaluate.mjs";
import { fact } from "../expression/facts.mjs";
import type { Known } from "../expression/facts.mjs";
import { readDate, readInstant } from "../expression/moment.mjs";
import { make, whenPresent } from "../core/dom";

interface Rules extends Known {
  fields: Record<string, { visible: Tree | null; required: Tree | null }>;
  formulas: [string, Tree][];
  user: string;
  zone: string;
  now: string;
}

/** Digits that a preview shows. */
const SHOWN = 4;

/** What stands in a form, as values of the expression language. */
class Form {
  readonly computed = new Map<string, Value>();

  constructor(private readonly form: HTMLFormElement, readonly rules: Rules) {}

  typed(key: string): Value | undefined {
    const type = this.rules.types[key] ?? "text";
    const name = key in this.rules.types ? key : `_${key}`;
    const texts = new FormData(this.form).getAll(name).map(String);
    const text = (texts[0] ?? "").trim();
    if (!texts.length) return undefined;
    if (type === "boolean") return texts.includes("true");
    if (type === "list") return texts.filter((option) => option !== "");
    if (!text) return null;
    if (type === "number") return number(text.replaceAll(",", ""));
    if (type === "date") return readDate(text);
    return type === "instant" ? readInstant(text, this.rules.zone) : text;
  }

  private value(tree: Tree): Value {
    const { user, zone, now } = this.rules;
    return evaluate(tree, { field: (path) => fact(path, this), user, zone, now: BigInt(now) });
  }

  /** Brings every field into line with what is typed now. */
  update(): void {
    for (const [key, tree] of this.rules.formulas) {
      const value = this.value(tree);
      this.computed.set(key, value);
      const output = this.box(key)?.querySelector("[data-computed]");
      if (output) output.textContent = shown(value);
    }
    for (const [key, { visible, required }] of Object.entries(this.rules.fields)) {
      const box = this.box(key);
      if (!box) continue;
      // What is refused stays in sight.
      if (visible) box.hidden = this.value(visible) !== true && !box.querySelector(".field-error");
      if (required) mark(box, this.value(required) === true);
    }
  }

  private box(key: string): HTMLElement | null {
    return this.form.querySelector<HTMLElement>(`[data-field="${key}"]`);
  }
}

const isNumber = (value: Value): value is { n: bigint; s: number } =>
  typeof value === "object" && value !== null && "n" in value;

/** A computed value as a preview. */
function shown(value: Value): string {
  if (value === null) return "—";
  if (isNumber(value)) return plain(round(value, SHOWN));
  if (Array.isArray(value)) return value.join(", ");
  if (typeof value !== "object") return String(value);
  return "d" in value ? value.d : new Date(Number(value.i / 1000n)).toLocaleString();
}

function mark(box: HTMLElement, required: boolean): void {
  const label = box.querySelector("label, .label");
  const marked = label?.querySelector(".req[data-rule]");
  if (!required) marked?.remove();
  else if (!label?.querySelector(".req")) label?.append(" ", make("span", { class: "req", "data-rule": "" }, "required"));
}

/** Serves every `form[data-rules]`. */
export function watchRules(): void {
  whenPresent<HTMLFormElement>("form[data-rules]", (form) => {
    const rules = new Form(form, JSON.parse(form.dataset["rules"] ?? "{}") as Rules);
    const update = (): void => rules.update();
    form.addEventListener("input", update);
    form.addEventListener("change", update);
    update();
  });
}
