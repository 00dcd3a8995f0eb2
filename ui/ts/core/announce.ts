// What the page says: the two live regions, and toasts that wait while they are looked at.
import { icon, make } from "./dom";

const SHOWN_MS = 6000;

/** Speaks politely; nothing is shown. */
export function say(text: string): void {
  speak("live-status", text);
}

function speak(region: string, text: string): void {
  const element = document.getElementById(region);
  if (!element) return;
  // Emptied first, else the same sentence twice is spoken once.
  element.textContent = "";
  setTimeout(() => { element.textContent = text; }, 50);
}

/** A thing the person may do from a toast. */
export interface Action { label: string; href?: string; run?: () => void }

/** Shows a notice for six seconds and speaks it. */
export function toast(text: string, action?: Action): void {
  say(text);
  show(text, "toast", action);
}

/** Shows what went wrong until it is closed, and speaks it at once. */
export function fail(text: string, action?: Action): void {
  speak("live-alert", text);
  show(text, "toast toast-danger", action);
}

function show(text: string, look: string, action?: Action): void {
  const place = document.getElementById("toasts");
  if (!place) return;
  const element = make("div", { class: look }, make("p", {}, text));
  if (action?.href) element.append(make("a", { class: "btn", href: action.href }, action.label));
  if (action?.run) {
    const button = make("button", { class: "btn", type: "button" }, action.label);
    button.addEventListener("click", () => { element.remove(); action.run?.(); });
    element.append(button);
  }
  place.append(element);
  adopt(element);
}

/** Gives server-rendered toasts their close button and their end. */
export function adoptToasts(): void {
  document.querySelectorAll<HTMLElement>("#toasts > .toast").forEach(adopt);
}

function adopt(element: HTMLElement): void {
  const close = make("button", { class: "icon-btn", type: "button", "aria-label": "Dismiss" }, icon("x") ?? "×");
  close.addEventListener("click", () => element.remove());
  element.append(close);
  if (element.classList.contains("toast-danger")) return;
  let timer = 0;
  const start = (): void => { timer = window.setTimeout(() => element.remove(), SHOWN_MS); };
  const stop = (): void => clearTimeout(timer);
  for (const [event, act] of [["pointerenter", stop], ["focusin", stop], ["pointerleave", start], ["focusout", start]] as const) {
    element.addEventListener(event, act);
  }
  start();
}
