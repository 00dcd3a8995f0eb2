// <trellis-list>: gives a server-rendered table its keyboard, selection, in-place editing and further pages.
import { isShortcut } from "../core/keys";
import { CellEditor } from "./cell";
import { Grid } from "./grid";
import { loadMore } from "./more";
import { showSelection, toggleAll } from "./select";

export class TrellisList extends HTMLElement {
  private grid: Grid | null = null;
  private editor: CellEditor | null = null;
  private observer: MutationObserver | null = null;
  private readonly keys = (event: KeyboardEvent): void => this.onPageKey(event);

  connectedCallback(): void {
    const table = this.querySelector<HTMLTableElement>("table");
    if (!table) return;
    this.grid = new Grid(table);
    this.editor = table.dataset["editUrl"] ? new CellEditor(this.grid, table.dataset["editUrl"]) : null;
    this.grid.adopt();
    this.observer = new MutationObserver(() => {
      this.grid?.adopt();
      showSelection(this);
    });
    this.observer.observe(table, { childList: true, subtree: true });
    this.addEventListener("keydown", (event) => this.onKey(event));
    this.addEventListener("dblclick", (event) => this.onDoubleClick(event));
    this.addEventListener("pointerdown", (event) => this.grid?.enter(event.target as Element));
    this.addEventListener("click", (event) => this.onClick(event));
    this.addEventListener("change", (event) => {
      if ((event.target as Element).matches("[data-check-all]")) toggleAll(this, event.target as HTMLInputElement);
      showSelection(this);
    });
    document.addEventListener("keydown", this.keys);
    // Back to a page whose boxes the browser kept ticked.
    showSelection(this);
  }

  disconnectedCallback(): void {
    this.observer?.disconnect();
    document.removeEventListener("keydown", this.keys);
  }

  private onKey(event: KeyboardEvent): void {
    const cell = this.grid?.cellOf(event.target as Element);
    if (!cell || !this.grid || this.editor?.isEditing) return;
    // Enter on the title opens the record, as it does on any link; F2 and E edit it.
    const opens = event.key === "Enter" && cell.scope === "row" && cell.querySelector("a") !== null;
    if (this.editor && !opens && (event.key === "Enter" || event.key === "F2") && this.editor.canEdit(cell)) {
      event.preventDefault();
      void this.editor.edit(cell);
    } else if (this.grid.onKey(event, cell)) {
      event.preventDefault();
    }
  }

  private onDoubleClick(event: MouseEvent): void {
    const cell = this.grid?.cellOf(event.target as Element);
    if (!cell || !this.editor || this.editor.isEditing || !this.editor.canEdit(cell)) return;
    if ((event.target as Element).closest("a, button, input")) return;
    event.preventDefault();
    getSelection()?.removeAllRanges();
    void this.editor.edit(cell);
  }

  private onClick(event: MouseEvent): void {
    const link = (event.target as Element).closest<HTMLAnchorElement>("a[data-more]");
    if (!link || event.ctrlKey || event.metaKey || event.shiftKey) return;
    loadMore(this, link, event);
  }

  /** `J K X E` work from anywhere on the page; Enter opens the row they lead to. */
  private onPageKey(event: KeyboardEvent): void {
    if (!this.grid || this.editor?.isEditing || !isShortcut(event) || event.shiftKey) return;
    const cell = this.grid.cellOf(document.activeElement);
    switch (event.key.toLowerCase()) {
      case "j": this.grid.moveRow(1); break;
      case "k": this.grid.moveRow(-1); break;
      case "x": cell?.parentElement?.querySelector<HTMLElement>("input[name='ids']")?.click(); break;
      case "e":
        if (!cell || !this.editor?.canEdit(cell)) return;
        void this.editor.edit(cell);
        break;
      default: return;
    }
    event.preventDefault();
  }
}
