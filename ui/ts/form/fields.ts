// Small helps in forms: show a password, guess a field's type from its name, stop a double submit.
import { make, whenPresent } from "../core/dom";

/** First match wins; values are field types. */
const GUESSES: [RegExp, string][] = [
  [/e-?mail/i, "email"],
  [/\b(phone|mobile|tel|telephone|whatsapp|fax)\b/i, "phone"],
  [/\b(url|website|web site|link|homepage)\b/i, "url"],
  [/\b(time|timestamp)\b|\bat$/i, "date_time"],
  [/\b(date|birthday|dob|deadline|due|expiry|expires|anniversary)\b|\bon$/i, "date"],
  [/percent|%|\b(rate|share|margin)\b/i, "percent"],
  [/\b(amount|price|cost|fee|total|revenue|salary|budget|value|rent|deposit|balance|income)\b/i, "money"],
  [/\b(count|qty|quantity|number of|age|year|floors?|rooms?|beds?|days|hours)\b/i, "integer"],
  [/\b(weight|height|length|width|area|purity|score|latitude|longitude)\b/i, "decimal"],
  [/^(is|has|can|was|needs)\b|\?$|\b(active|enabled|verified|consent|paid)\b/i, "boolean"],
  [/\b(notes?|description|comments?|details|remarks|summary|address)\b/i, "long_text"],
  [/\b(owner|assignee|assigned to|manager|responsible)\b/i, "member"],
];

function guessType(name: HTMLInputElement): void {
  const select = document.getElementById(name.dataset["guessType"] ?? "");
  if (!(select instanceof HTMLSelectElement)) return;
  const first = select.value;
  let chosen = false;
  select.addEventListener("input", () => { chosen = true; });
  name.addEventListener("input", () => {
    if (chosen) return;
    const type = GUESSES.find(([pattern]) => pattern.test(name.value))?.[1];
    const known = [...select.options].some((option) => option.value === type);
    select.value = known && type ? type : first;
    select.dispatchEvent(new Event("change", { bubbles: true }));
  });
}

/** Shows the parts `[data-when="name value …"]` of a form only while `select[data-switch=name]` has one of the values. */
function switchParts(select: HTMLSelectElement): void {
  const name = select.dataset["switch"] ?? "";
  const fit = (): void => {
    for (const part of select.form?.querySelectorAll<HTMLElement>(`[data-when^="${name} "]`) ?? []) {
      part.hidden = !part.dataset["when"]?.split(" ").slice(1).includes(select.value);
    }
  };
  select.addEventListener("change", fit);
  fit();
}

function addShowButton(box: HTMLElement): void {
  const input = box.querySelector("input");
  if (!input || box.querySelector("button")) return;
  const button = make("button", { class: "btn btn-quiet", type: "button", "aria-pressed": "false" }, "Show");
  button.addEventListener("click", () => {
    const shown = input.type === "password";
    input.type = shown ? "text" : "password";
    button.textContent = shown ? "Hide" : "Show";
    button.setAttribute("aria-pressed", String(shown));
  });
  box.append(button);
}

/** A second press of Save while the first is on its way would create twice. */
function stopTwice(event: SubmitEvent): void {
  const form = event.target as HTMLFormElement;
  if (event.defaultPrevented || form.method !== "post") return;
  if (form.dataset["sent"]) {
    event.preventDefault();
    return;
  }
  form.dataset["sent"] = "1";
  event.submitter?.setAttribute("aria-busy", "true");
  const free = (): void => {
    delete form.dataset["sent"];
    event.submitter?.removeAttribute("aria-busy");
  };
  setTimeout(free, 8000);
  addEventListener("pageshow", free, { once: true });
}

/** Serves `[data-guess-type]`, `[data-switch]`, `.password` and every plain POST form. */
export function watchFields(): void {
  whenPresent<HTMLInputElement>("input[data-guess-type]", guessType);
  whenPresent(".password", addShowButton);
  whenPresent<HTMLSelectElement>("select[data-switch]", switchParts);
  document.addEventListener("submit", stopTwice);
  document.querySelector<HTMLElement>(".error-summary")?.focus();
}
