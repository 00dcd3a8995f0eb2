// Dialogs: openers, closers, confirmation before a submit, placing under the opener. Focus comes back by itself.
import { whenPresent } from "./dom";

const PHONE = matchMedia("(max-width: 767px)");

/** Opens a dialog; with `data-anchored` it stands under `opener`. */
export function open(dialog: HTMLDialogElement, opener?: Element): void {
  if (dialog.open) return;
  dialog.showModal();
  if (opener && dialog.dataset["anchored"] !== undefined && !PHONE.matches) place(dialog, opener);
  const first = dialog.querySelector<HTMLElement>("[autofocus]");
  first?.focus();
  if (first instanceof HTMLInputElement) first.select();
}

/** Puts a floating element under `anchor`, or above it where there is more room, inside the window. */
export function place(floating: HTMLElement, anchor: Element): void {
  const at = anchor.getBoundingClientRect();
  const { offsetWidth: width, offsetHeight: height } = floating;
  const below = innerHeight - at.bottom;
  const top = below < height + 12 && at.top > below ? at.top - height - 4 : at.bottom + 4;
  const left = at.left + width > innerWidth - 8 ? at.right - width : at.left;
  Object.assign(floating.style, {
    margin: "0",
    inset: "auto",
    top: `${Math.max(8, top)}px`,
    left: `${Math.max(8, Math.min(left, innerWidth - width - 8))}px`,
  });
}

function byId(id: string | undefined): HTMLDialogElement | null {
  const element = id ? document.getElementById(id) : null;
  return element instanceof HTMLDialogElement ? element : null;
}

/** Whether a form inside holds something typed, so that a click beside it must not throw it away. */
function hasInput(dialog: HTMLDialogElement): boolean {
  return [...dialog.querySelectorAll<HTMLInputElement>("input:not([type='hidden']), textarea")].some((field) =>
    /^(checkbox|radio)$/.test(field.type) ? field.checked !== field.defaultChecked : field.value !== field.defaultValue,
  );
}

function onClick(event: MouseEvent): void {
  const target = event.target as Element;
  const opener = target.closest<HTMLElement>("[data-dialog]");
  const dialog = byId(opener?.dataset["dialog"]);
  if (opener && dialog && !event.ctrlKey && !event.metaKey && !event.shiftKey) {
    event.preventDefault();
    open(dialog, opener);
  } else if (target.closest("[data-close]")) {
    target.closest("dialog")?.close();
  } else if (target instanceof HTMLDialogElement && target.matches(".dialog") && !hasInput(target)) {
    // Only the backdrop itself has the dialog as its target: the content fills the rest.
    target.close();
  }
}

function onSubmit(event: SubmitEvent): void {
  const submitter = event.submitter as HTMLElement | null;
  const dialog = byId(submitter?.dataset["confirm"]);
  if (!dialog) return;
  event.preventDefault();
  event.stopImmediatePropagation();
  open(dialog, submitter ?? undefined);
}

/** Serves `[data-dialog]`, `[data-close]`, `[data-confirm]` and dialogs that the server sent open. */
export function watchDialogs(): void {
  document.addEventListener("click", onClick);
  document.addEventListener("submit", onSubmit, true);
  whenPresent<HTMLDialogElement>("dialog.dialog[open]", (dialog) => {
    if (dialog.matches(":modal")) return;
    dialog.removeAttribute("open");
    open(dialog);
  });
}
