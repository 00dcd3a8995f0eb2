// Editing one cell: the server's small form takes the cell's place; Enter or Tab saves, Esc gives back what was there.
import { fail, say } from "../core/announce";
import { parse, placePartials } from "../core/dom";
import { reason, send } from "../core/http";
import type { Grid } from "./grid";

/** What stood in the cell before, for Esc and for refusals. */
interface Session {
  cell: HTMLTableCellElement;
  id: string;
  index: number;
  before: Node[];
  form: HTMLFormElement;
  typed: string;
}

type Next = "stay" | "next" | "back" | "leave";

export class CellEditor {
  private now: Session | null = null;
  private opening = false;
  private busy = false;

  constructor(private readonly grid: Grid, private readonly url: string) {}

  get isEditing(): boolean {
    return this.now !== null || this.opening;
  }

  canEdit(cell: HTMLTableCellElement): boolean {
    const row = cell.parentElement;
    return row?.dataset["id"] !== undefined && row.dataset["locked"] === undefined && this.grid.fieldOf(cell) !== null;
  }

  /** Opens the editor of a cell; `form` is one that was refused before and still holds what was typed. */
  async edit(cell: HTMLTableCellElement, form?: HTMLFormElement): Promise<void> {
    const id = cell.parentElement?.dataset["id"];
    const field = this.grid.fieldOf(cell);
    if (!id || !field || this.isEditing) return;
    this.opening = true;
    try {
      const opened = form ?? (await this.fetchForm(id, field));
      if (opened && cell.isConnected) this.begin(cell, id, opened);
    } finally {
      this.opening = false;
    }
  }

  private async fetchForm(id: string, field: string): Promise<HTMLFormElement | null> {
    const url = this.url.replace("{id}", encodeURIComponent(id)).replace("{field}", encodeURIComponent(field));
    try {
      const response = await send(url);
      const body = await response.text();
      const form = response.ok ? parse(body).querySelector<HTMLFormElement>("form.cell-edit") : null;
      if (!form) fail(response.ok ? "This cell cannot be edited here." : reason(response.status, body, response.headers));
      return form;
    } catch {
      fail(reason(0, ""));
      return null;
    }
  }

  private begin(cell: HTMLTableCellElement, id: string, form: HTMLFormElement): void {
    const typed = form.dataset["typed"] === undefined ? serial(form) : "";
    this.now = { cell, id, index: cell.cellIndex, before: [...cell.childNodes], form, typed };
    cell.classList.add("editing");
    cell.replaceChildren(form);
    document.addEventListener("pointerdown", this.onPress);
    this.prepare(form);
  }

  /** A press beside the cell saves it, as in a spreadsheet. */
  private readonly onPress = (event: PointerEvent): void => {
    if (!this.now?.form.contains(event.target as Node)) void this.save("leave");
  };

  private prepare(form: HTMLFormElement): void {
    const cell = this.now?.cell;
    const control = visibleControl(form);
    if (control && cell && !control.labels?.length && !control.getAttribute("aria-label")) {
      control.setAttribute("aria-label", this.grid.labelOf(cell));
    }
    form.addEventListener("keydown", (event) => this.onKey(event));
    form.addEventListener("submit", (event) => { event.preventDefault(); void this.save("stay"); });
    form.addEventListener("change", (event) => {
      if ((event.target as Element).matches("[data-picker]")) void this.save("stay");
    });
    form.addEventListener("focusout", (event) => this.onLeave(event, form));
    // A picker takes the select's place on the next turn.
    requestAnimationFrame(() => {
      const field = visibleControl(form);
      field?.focus();
      if (field instanceof HTMLInputElement && field.type !== "checkbox") field.select();
    });
  }

  private onLeave(event: FocusEvent, form: HTMLFormElement): void {
    // With no new target the window lost focus, or a picker is being built; neither is a decision to leave.
    if (event.relatedTarget === null || form.contains(event.relatedTarget as Node)) return;
    void this.save("leave");
  }

  private onKey(event: KeyboardEvent): void {
    if (event.defaultPrevented || event.isComposing) return;
    event.stopPropagation();
    const area = event.target instanceof HTMLTextAreaElement;
    if (event.key === "Escape") {
      event.preventDefault();
      this.cancel();
    } else if (event.key === "Enter" && (!area || event.ctrlKey || event.metaKey)) {
      event.preventDefault();
      void this.save("stay");
    } else if (event.key === "Tab") {
      event.preventDefault();
      void this.save(event.shiftKey ? "back" : "next");
    }
  }

  private cancel(): void {
    const session = this.now;
    if (!session) return;
    this.close(session, session.before);
    this.grid.focus(session.cell);
  }

  /** Ends the session; the cell then shows `content`. */
  private close(session: Session, content: (Node | string)[]): void {
    this.now = null;
    document.removeEventListener("pointerdown", this.onPress);
    session.cell.classList.remove("editing");
    session.cell.replaceChildren(...content);
  }

  private async save(next: Next): Promise<void> {
    const session = this.now;
    if (!session || this.busy) return;
    if (serial(session.form) === session.typed) {
      this.close(session, session.before);
      this.move(session, next);
      return;
    }
    const data = new URLSearchParams(new FormData(session.form) as unknown as Record<string, string>);
    const shown = shownValue(session.form);
    this.busy = true;
    // The value moves first; any refusal below puts the old one back.
    this.close(session, [shown]);
    session.cell.classList.add("saving");
    this.move(session, next);
    await this.post(session, data, next);
    this.busy = false;
  }

  private async post(session: Session, data: URLSearchParams, next: Next): Promise<void> {
    try {
      const response = await send(session.form.action, { method: "POST", body: data });
      const body = await response.text();
      session.cell.classList.remove("saving");
      if (response.ok) this.settle(session, body, next);
      else if ([409, 422].includes(response.status)) this.retry(session, response.status, body);
      else this.refuse(session, reason(response.status, body, response.headers));
    } catch {
      session.cell.classList.remove("saving");
      this.refuse(session, reason(0, ""));
    }
  }

  /** Puts the server's row in place, keeps its tick and the focus, and says so politely. */
  private settle(session: Session, body: string, next: Next): void {
    const answer = parse(body);
    const label = this.grid.labelOf(session.cell);
    const old = this.grid.table.querySelector<HTMLTableRowElement>(`tr[data-id="${CSS.escape(session.id)}"]`);
    const row = answer.querySelector<HTMLTableRowElement>(`tr[data-id="${CSS.escape(session.id)}"]`);
    const focused = this.grid.cellOf(document.activeElement);
    if (row && old && !this.now) {
      const index = focused?.parentElement === old ? focused.cellIndex : -1;
      const ticked = old.querySelector<HTMLInputElement>("input[name='ids']")?.checked ?? false;
      old.replaceWith(row);
      const box = row.querySelector<HTMLInputElement>("input[name='ids']");
      if (box) box.checked = ticked;
      if (index >= 0) this.grid.refocus(session.id, index);
      row.cells[session.index]?.classList.add("settled");
    } else if (row && old) {
      // Another cell of this row is being edited already: only what was saved is renewed.
      const cell = row.cells[session.index];
      if (cell) session.cell.replaceChildren(...cell.childNodes);
      session.cell.classList.add("settled");
    }
    placePartials(answer);
    if (next !== "leave" || !focused) say(`${label} saved`);
  }

  /** A refused form holds what was typed and why; after a conflict also what the value is by now. */
  private retry(session: Session, status: number, body: string): void {
    const form = parse(body).querySelector<HTMLFormElement>("form.cell-edit");
    if (!form) {
      this.refuse(session, reason(status, body));
      return;
    }
    session.cell.replaceChildren(...session.before);
    form.dataset["typed"] = "";
    const message = form.querySelector(".field-error")?.textContent?.trim();
    if (message && this.now) fail(message, { label: "Edit again", run: () => void this.edit(session.cell, form) });
    else this.begin(session.cell, session.id, form);
  }

  /** Puts the old value back, says why, and keeps what was typed one press away. */
  private refuse(session: Session, why: string): void {
    session.cell.replaceChildren(...session.before);
    session.form.dataset["typed"] = "";
    fail(why, { label: "Edit again", run: () => void this.edit(session.cell, session.form) });
  }

  private move(session: Session, next: Next): void {
    if (next === "leave") return;
    const step = next === "next" ? 1 : next === "back" ? -1 : 0;
    this.grid.focus(step ? this.grid.neighbour(session.cell, 0, step) : session.cell);
  }
}

function serial(form: HTMLFormElement): string {
  return new URLSearchParams(new FormData(form) as unknown as Record<string, string>).toString();
}

function visibleControl(form: HTMLFormElement): HTMLInputElement | null {
  return [...form.querySelectorAll<HTMLInputElement>("input:not([type='hidden']), select, textarea")].find((c) => !c.hidden) ?? null;
}

/** What the cell shows while the answer is on its way. */
function shownValue(form: HTMLFormElement): string {
  const control = form.querySelector<HTMLInputElement>("select, textarea, input:not([type='hidden'])");
  if (control instanceof HTMLSelectElement) return [...control.selectedOptions].map((o) => o.text).join(", ");
  if (control?.type === "checkbox") return control.checked ? "Yes" : "No";
  return control?.value ?? "";
}
