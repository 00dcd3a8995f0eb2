// Nothing typed is lost: a guard against leaving, and a draft in this tab that comes back after a crash or a sign-in.
import { make, whenPresent } from "../core/dom";
import { say } from "../core/announce";

const PREFIX = "trellis:draft:";
const SAVE_MS = 400;
const SKIPPED = /^(password|file|hidden|submit|button|image|reset)$/;

interface Draft { at: number; sent: boolean; values: [string, string][] }

const initial = new WeakMap<HTMLFormElement, string>();
let leaving = false;

/** The draft's name, or null where drafts are off or nobody is signed in. */
function keyOf(form: HTMLFormElement): string | null {
  const user = document.body.dataset["user"];
  const key = form.dataset["draft"];
  return user && key && key !== "off" ? `${PREFIX}${user}:${key}` : null;
}

function fields(form: HTMLFormElement): (HTMLInputElement | HTMLSelectElement | HTMLTextAreaElement)[] {
  return [...form.elements].filter((element): element is HTMLInputElement => {
    const field = element as HTMLInputElement;
    return /^(input|select|textarea)$/i.test(field.tagName) && !!field.name && !field.disabled && !SKIPPED.test(field.type);
  });
}

function values(form: HTMLFormElement): [string, string][] {
  return fields(form).flatMap((field): [string, string][] => {
    if (field instanceof HTMLInputElement && /^(checkbox|radio)$/.test(field.type)) return field.checked ? [[field.name, field.value]] : [];
    if (field instanceof HTMLSelectElement) return [...field.selectedOptions].map((option) => [field.name, pickedText(field, option)]);
    return [[field.name, field.value]];
  });
}

/** A picker's option may not be in the page that comes back, so its label travels with the value. */
function pickedText(field: HTMLSelectElement, option: HTMLOptionElement): string {
  return field.dataset["picker"] === undefined ? option.value : `${option.value}\n${option.text}`;
}

function restore(form: HTMLFormElement, saved: [string, string][]): void {
  for (const field of fields(form)) {
    const mine = saved.filter(([name]) => name === field.name).map(([, value]) => value);
    if (field instanceof HTMLInputElement && /^(checkbox|radio)$/.test(field.type)) {
      field.checked = mine.includes(field.value);
    } else if (field instanceof HTMLSelectElement) {
      for (const value of mine) {
        const [id = "", label] = value.split("\n");
        if (label && ![...field.options].some((option) => option.value === id)) field.add(new Option(label, id));
      }
      const ids = mine.map((value) => value.split("\n")[0]);
      for (const option of field.options) option.selected = ids.includes(option.value);
    } else if (mine[0] !== undefined) {
      field.value = mine[0];
    }
    field.dispatchEvent(new Event("change", { bubbles: true }));
  }
}

function read(key: string): Draft | null {
  try {
    return JSON.parse(sessionStorage.getItem(key) ?? "null") as Draft | null;
  } catch {
    return null;
  }
}

function write(key: string, draft: Draft): void {
  try {
    sessionStorage.setItem(key, JSON.stringify(draft));
  } catch {
    // A full store costs the draft, never the form.
  }
}

function isDirty(form: HTMLFormElement): boolean {
  return initial.has(form) && initial.get(form) !== JSON.stringify(values(form));
}

/** Says what was put back and offers the server's values instead. */
function notice(form: HTMLFormElement, key: string, at: number): void {
  const time = new Date(at).toLocaleTimeString(document.documentElement.lang || "en", { hour: "2-digit", minute: "2-digit" });
  const text = `What you typed at ${time} was put back; it is not saved yet.`;
  const discard = make("button", { class: "btn", type: "button" }, "Discard");
  const banner = make("div", { class: "banner banner-warn" }, make("span", {}, text), discard);
  discard.addEventListener("click", () => {
    restore(form, JSON.parse(initial.get(form) ?? "[]") as [string, string][]);
    sessionStorage.removeItem(key);
    banner.remove();
    fields(form)[0]?.focus();
  });
  form.prepend(banner);
  say(text);
}

function adopt(form: HTMLFormElement): void {
  if (initial.has(form)) return;
  // What an answer with errors holds is not saved, so no state of that form counts as clean.
  initial.set(form, form.querySelector(".error-summary") ? "" : JSON.stringify(values(form)));
  const key = keyOf(form);
  const draft = key ? read(key) : null;
  if (key && draft) {
    // An answer with errors already holds what was sent: the draft has nothing to add.
    if (!form.querySelector("[aria-invalid='true'], .error-summary") && JSON.stringify(draft.values) !== initial.get(form)) {
      restore(form, draft.values);
      notice(form, key, draft.at);
    }
    write(key, { ...draft, sent: false });
  }
  let timer = 0;
  const save = (): void => {
    clearTimeout(timer);
    timer = window.setTimeout(() => {
      if (!key || leaving) return;
      if (isDirty(form)) write(key, { at: Date.now(), sent: false, values: values(form) });
      else sessionStorage.removeItem(key);
    }, SAVE_MS);
  };
  form.addEventListener("input", save);
  form.addEventListener("change", save);
}

function onSubmit(event: SubmitEvent): void {
  const form = event.target as HTMLFormElement;
  if (event.defaultPrevented) return;
  if (new URL(form.action, location.href).pathname.endsWith("/signout")) forget(() => true);
  markSent(form);
}

/** Marks the draft as sent and lets the page go without asking. */
function markSent(form: Element): void {
  if (!(form instanceof HTMLFormElement) || !form.matches("[data-draft]")) return;
  leaving = true;
  const key = keyOf(form);
  if (key) write(key, { at: Date.now(), sent: true, values: values(form) });
}

/** Removes the drafts of this tab that `which` accepts. */
function forget(which: (draft: Draft) => boolean): void {
  for (const key of Object.keys(sessionStorage).filter((name) => name.startsWith(PREFIX))) {
    const draft = read(key);
    if (!draft || which(draft)) sessionStorage.removeItem(key);
  }
}

/** Serves `form[data-draft]`. A draft that was sent is forgotten on the next page of the shell without that form. */
export function watchDrafts(): void {
  whenPresent<HTMLFormElement>("form[data-draft]", adopt);
  if (document.body.matches(".shell") && !document.querySelector("[data-draft-keep]")) forget((draft) => draft.sent);
  document.addEventListener("submit", onSubmit);
  document.addEventListener("htmx:before:request", (event) => markSent(event.target as Element));
  document.addEventListener("htmx:after:swap", () => { leaving = false; });
  addEventListener("pageshow", () => { leaving = false; });
  addEventListener("beforeunload", (event) => {
    const dirty = [...document.querySelectorAll<HTMLFormElement>("form[data-draft]")].some(isDirty);
    if (dirty && !leaving) event.preventDefault();
  });
}
