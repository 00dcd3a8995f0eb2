// The keyboard map: `data-key` on links and buttons, a few built-in keys, and the dialog that lists them all.
import { open } from "./dialog";
import { isTyping, make } from "./dom";

const STORE = "trellis:shortcuts";
const CHORD_MS = 1200;
const BUILT_IN: [string, string][] = [
  ["/", "Search this list"], ["Ctrl K", "Search everything"], ["[", "Show or hide the sidebar"], ["?", "This list"],
];
const IN_LISTS: [string, string][] = [
  ["J", "Next row"], ["K", "Previous row"], ["X", "Select row"], ["Enter", "Open or edit"], ["E", "Edit cell"], ["Esc", "Cancel"],
];

let chord = "";
let chordTimer = 0;

/** Whether single keys may act: the person can switch them off. */
export function shortcutsOn(): boolean {
  return document.body.dataset["shortcuts"] !== "off" && localStorage.getItem(STORE) !== "off";
}

/** Whether this key press is a shortcut at all: not while typing, not with a modifier, not under a dialog. */
export function isShortcut(event: KeyboardEvent): boolean {
  if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey || event.isComposing) return false;
  return shortcutsOn() && !isTyping(event.target) && !document.querySelector("dialog:modal");
}

function visible(selector: string): HTMLElement | undefined {
  return [...document.querySelectorAll<HTMLElement>(selector)].find((element) => element.checkVisibility());
}

function keyed(key: string): HTMLElement | undefined {
  return visible(`[data-key="${CSS.escape(key)}"]`) ?? document.querySelector<HTMLElement>(`a[data-key="${CSS.escape(key)}"]`) ?? undefined;
}

/** The element that a key activates or focuses, else undefined. */
function act(key: string): boolean {
  const target = keyed(key) ?? (key === "[" ? visible("[data-nav-toggle]") : undefined);
  if (target) {
    target.click();
    return true;
  }
  if (key === "/") {
    const field = visible("[data-quick]");
    field?.focus();
    return field !== undefined;
  }
  if (key === "?") {
    showHelp();
    return true;
  }
  return false;
}

function onKey(event: KeyboardEvent): void {
  if ((event.ctrlKey || event.metaKey) && event.key.toLowerCase() === "k" && !event.shiftKey && !event.altKey) {
    const search = document.getElementById("search");
    const field = visible("[data-quick]");
    if (!(search instanceof HTMLDialogElement) && !field) return;
    event.preventDefault();
    if (search instanceof HTMLDialogElement) open(search);
    else field?.focus();
    return;
  }
  if (!isShortcut(event) || event.key.length !== 1) return;
  const pressed = event.shiftKey && /[a-z]/i.test(event.key) ? `shift ${event.key.toLowerCase()}` : event.key.toLowerCase();
  const key = chord ? `${chord} ${pressed}` : pressed;
  clearTimeout(chordTimer);
  const pending = !chord && document.querySelector(`[data-key^="${CSS.escape(pressed)} "]`) !== null;
  chord = pending ? pressed : "";
  if (pending) chordTimer = window.setTimeout(() => { chord = ""; }, CHORD_MS);
  if (pending || act(key)) event.preventDefault();
}

function rows(pairs: [string, string][]): HTMLElement[] {
  return pairs.flatMap(([keys, label]) => [
    make("dt", {}, label),
    make("dd", {}, ...keys.split(" ").map((key) => make("kbd", { class: "kbd" }, key))),
  ]);
}

function showHelp(): void {
  document.getElementById("shortcuts")?.remove();
  const own = [...document.querySelectorAll<HTMLElement>("[data-key]")].map((element): [string, string] => [
    (element.dataset["key"] ?? "").toUpperCase(),
    element.dataset["keyLabel"] ?? element.getAttribute("aria-label") ?? element.textContent?.trim() ?? "",
  ]);
  const lists = document.querySelector("trellis-list") ? IN_LISTS : [];
  const seen = new Map([...own, ...BUILT_IN, ...lists]);
  const toggle = make("input", { type: "checkbox" });
  toggle.checked = shortcutsOn();
  toggle.addEventListener("change", () => localStorage.setItem(STORE, toggle.checked ? "on" : "off"));
  const dialog = make("dialog", { class: "dialog", id: "shortcuts", "aria-labelledby": "shortcuts-title" },
    make("header", { class: "dialog-head" },
      make("h2", { id: "shortcuts-title" }, "Keyboard shortcuts"),
      make("button", { class: "icon-btn", type: "button", "data-close": "", "aria-label": "Close" }, "×")),
    make("div", { class: "dialog-body" },
      make("dl", { class: "shortcut-list" }, ...rows([...seen])),
      make("label", { class: "check" }, toggle, "Single-key shortcuts")));
  document.body.append(dialog);
  open(dialog);
}

/** Serves `[data-key]` and the built-in keys. */
export function watchKeys(): void {
  document.addEventListener("keydown", onKey);
}
