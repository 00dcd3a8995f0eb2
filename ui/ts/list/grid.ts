// The grid pattern on a native table: one tab stop, arrows between cells, roles set here so that plain HTML stays a table.

const INNER = "a, button, input, select, textarea, [tabindex]";

export class Grid {
  private active: HTMLTableCellElement | null = null;
  private at = { row: 1, column: 0 };

  constructor(readonly table: HTMLTableElement) {}

  private get editable(): boolean {
    return this.table.dataset["editUrl"] !== undefined;
  }

  /** Sets roles and the tab stop on rows that are new; called again after every change of the table. */
  adopt(): void {
    // Roles are written out because the phone layout takes the table's own away.
    this.table.setAttribute("role", this.editable ? "grid" : "table");
    this.table.querySelectorAll("thead, tbody, tfoot").forEach((group) => group.setAttribute("role", "rowgroup"));
    const first = Number(this.table.dataset["offset"] ?? 0);
    [...this.table.rows].forEach((row, index) => {
      row.setAttribute("role", "row");
      row.setAttribute("aria-rowindex", String(index === 0 ? 1 : first + index + 1));
      for (const cell of row.cells) this.adoptCell(cell);
    });
    if (this.editable && !this.active?.isConnected) this.setActive(this.cellAt(this.at.row, this.at.column) ?? this.cellAt(1, 0));
  }

  private adoptCell(cell: HTMLTableCellElement): void {
    const plain = this.editable ? "gridcell" : "cell";
    cell.setAttribute("role", cell.closest("thead") ? "columnheader" : cell.scope === "row" ? "rowheader" : plain);
    if (!this.editable || cell.matches(".editing")) return;
    cell.querySelectorAll<HTMLElement>(INNER).forEach((inner) => { inner.tabIndex = -1; });
  }

  private rows(): HTMLTableRowElement[] {
    return [...this.table.rows].filter((row) => row.parentElement?.tagName !== "TFOOT" && row.checkVisibility());
  }

  private cells(row: HTMLTableRowElement | undefined): HTMLTableCellElement[] {
    return row ? [...row.cells].filter((cell) => cell.checkVisibility()) : [];
  }

  private cellAt(row: number, column: number): HTMLTableCellElement | null {
    const rows = this.rows();
    const cells = this.cells(rows[Math.max(0, Math.min(row, rows.length - 1))]);
    return cells[Math.max(0, Math.min(column, cells.length - 1))] ?? null;
  }

  private position(cell: HTMLTableCellElement): { row: number; column: number } {
    const row = cell.parentElement as HTMLTableRowElement;
    return { row: this.rows().indexOf(row), column: this.cells(row).indexOf(cell) };
  }

  /** The cell around an element, if it is one of ours. */
  cellOf(element: Element | null): HTMLTableCellElement | null {
    const cell = element?.closest<HTMLTableCellElement>("td, th");
    return cell && this.table.contains(cell) && !cell.closest("tfoot") ? cell : null;
  }

  /** The field key of a cell's column, or null where the column cannot be edited. */
  fieldOf(cell: HTMLTableCellElement): string | null {
    const head = this.table.tHead?.rows[0]?.cells[cell.cellIndex];
    return head && head.dataset["locked"] === undefined && cell.dataset["locked"] === undefined ? (head.dataset["field"] ?? null) : null;
  }

  /** The column's name as it is shown. */
  labelOf(cell: HTMLTableCellElement): string {
    return this.table.tHead?.rows[0]?.cells[cell.cellIndex]?.textContent?.trim() ?? "";
  }

  private setActive(cell: HTMLTableCellElement | null): void {
    if (!cell) return;
    this.active?.removeAttribute("tabindex");
    this.active = cell;
    this.at = this.position(cell);
    cell.tabIndex = 0;
  }

  /** Makes the pressed cell the tab stop. */
  enter(target: Element): void {
    const cell = this.cellOf(target);
    if (cell && this.editable) this.setActive(cell);
  }

  /** Moves focus to a cell and keeps it clear of the sticky head and first column. */
  focus(cell: HTMLTableCellElement | null): void {
    if (!cell) return;
    if (this.editable) this.setActive(cell);
    else cell.tabIndex = -1;
    cell.focus({ focusVisible: true } as FocusOptions);
    cell.scrollIntoView({ block: "nearest", inline: "nearest" });
  }

  /** The neighbour of a cell, `rows` down and `columns` right. */
  neighbour(cell: HTMLTableCellElement, rows: number, columns: number): HTMLTableCellElement | null {
    const { row, column } = this.position(cell);
    return this.cellAt(row + rows, column + columns);
  }

  /** The same place in a row that took the old one's place. */
  refocus(id: string, index: number): void {
    const row = this.table.querySelector<HTMLTableRowElement>(`tr[data-id="${CSS.escape(id)}"]`);
    this.focus(row?.cells[index] ?? this.cellAt(this.at.row, this.at.column));
  }

  /** Next or previous record; on a plain table the row's link takes focus. */
  moveRow(step: number): void {
    const cell = this.cellOf(document.activeElement);
    if (this.editable) {
      this.focus(cell ? this.neighbour(cell, step, 0) : this.active);
      return;
    }
    const links = this.rows().flatMap((row) => row.querySelector<HTMLElement>("th[scope='row'] a") ?? []);
    const now = links.findIndex((link) => link === document.activeElement);
    const next = links[Math.max(0, Math.min(now + step, links.length - 1))];
    next?.focus();
  }

  /** Handles a key pressed in `cell`; true when it was one of the grid's. */
  onKey(event: KeyboardEvent, cell: HTMLTableCellElement): boolean {
    if (!this.editable || event.altKey || event.metaKey || event.target !== cell) return false;
    const target = this.target(event, cell);
    if (target) {
      this.focus(target);
      return true;
    }
    const inner = cell.querySelector<HTMLElement>("a, button, input");
    const title = cell.parentElement?.querySelector<HTMLElement>("th[scope='row'] a");
    if (event.key === "Enter") (inner instanceof HTMLInputElement && title ? title : (inner ?? title))?.click();
    else if (event.key === " " && inner instanceof HTMLInputElement) inner.click();
    else return false;
    return true;
  }

  private target(event: KeyboardEvent, cell: HTMLTableCellElement): HTMLTableCellElement | null {
    const { row, column } = this.position(cell);
    const last = this.cells(cell.parentElement as HTMLTableRowElement).length - 1;
    switch (event.key) {
      case "ArrowDown": return this.cellAt(row + 1, column);
      case "ArrowUp": return this.cellAt(row - 1, column);
      case "ArrowRight": return this.cellAt(row, column + 1);
      case "ArrowLeft": return this.cellAt(row, column - 1);
      case "PageDown": return this.cellAt(row + 10, column);
      case "PageUp": return this.cellAt(Math.max(1, row - 10), column);
      case "Home": return this.cellAt(event.ctrlKey ? 1 : row, 0);
      case "End": return event.ctrlKey ? this.cellAt(this.rows().length - 1, last) : this.cellAt(row, last);
      default: return null;
    }
  }
}
