// Menus are native popovers: this adds arrow keys, first letters and, in older browsers, their place.
import { place } from "./dialog";

const ITEMS = "[role^='menuitem']:not(:disabled)";

function items(menu: Element): HTMLElement[] {
  return [...menu.querySelectorAll<HTMLElement>(ITEMS)].filter((item) => item.checkVisibility());
}

function onToggle(event: Event): void {
  const menu = event.target as HTMLElement;
  if (!menu.matches?.(".menu[popover]") || (event as ToggleEvent).newState !== "open") return;
  const opener = document.querySelector(`[popovertarget="${CSS.escape(menu.id)}"]`);
  if (opener && !CSS.supports("position-area: block-end span-inline-end")) place(menu, opener);
  items(menu)[0]?.focus({ focusVisible: true } as FocusOptions);
}

function step(menu: HTMLElement, key: string): HTMLElement | undefined {
  const all = items(menu);
  const now = all.indexOf(document.activeElement as HTMLElement);
  switch (key) {
    case "ArrowDown": return all[(now + 1) % all.length];
    case "ArrowUp": return all[(now - 1 + all.length) % all.length];
    case "Home": return all[0];
    case "End": return all.at(-1);
    default: break;
  }
  if (key.length !== 1 || key === " ") return undefined;
  const starts = (item: HTMLElement): boolean => !!item.textContent?.trim().toLowerCase().startsWith(key.toLowerCase());
  return all.slice(now + 1).find(starts) ?? all.find(starts);
}

function onKey(event: KeyboardEvent): void {
  const menu = (event.target as Element).closest?.<HTMLElement>(".menu[popover]");
  if (!menu || event.ctrlKey || event.metaKey || event.altKey) return;
  if (event.key === "Tab") {
    menu.hidePopover();
    return;
  }
  const next = step(menu, event.key);
  if (!next) return;
  event.preventDefault();
  event.stopPropagation();
  next.focus();
}

/** A panel made of <details> closes on Esc and on a click beside it, as a menu does. */
function closePanels(event: Event): void {
  for (const panel of document.querySelectorAll<HTMLDetailsElement>("details.filter-panel[open]")) {
    const inside = panel.contains(event.target as Node);
    if (event instanceof KeyboardEvent ? event.key === "Escape" && inside : !inside) {
      panel.open = false;
      if (inside) panel.querySelector("summary")?.focus();
    }
  }
}

/** Serves `.menu[popover]` and `details.filter-panel`. */
export function watchMenus(): void {
  document.addEventListener("toggle", onToggle, true);
  document.addEventListener("keydown", onKey, true);
  document.addEventListener("keydown", closePanels);
  document.addEventListener("pointerdown", closePanels);
}
