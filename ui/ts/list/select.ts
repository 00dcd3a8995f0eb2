// Ticked rows: the box that ticks all, and the bar that says how many and offers what can be done with them.

function boxes(list: Element): HTMLInputElement[] {
  return [...list.querySelectorAll<HTMLInputElement>("tbody input[name='ids']")];
}

/** Ticks or clears every row shown. */
export function toggleAll(list: Element, all: HTMLInputElement): void {
  for (const box of boxes(list)) box.checked = all.checked;
}

/** Brings the "all" box, the rows' state and the bar into line with what is ticked. */
export function showSelection(list: Element): void {
  const every = boxes(list);
  const ticked = every.filter((box) => box.checked).length;
  const all = list.querySelector<HTMLInputElement>("[data-check-all]");
  if (all) {
    all.checked = ticked > 0 && ticked === every.length;
    all.indeterminate = ticked > 0 && ticked < every.length;
  }
  for (const box of every) box.closest("tr")?.setAttribute("aria-selected", String(box.checked));
  const bar = document.querySelector<HTMLElement>("[data-bulk]");
  if (!bar) return;
  bar.hidden = ticked === 0;
  const count = bar.querySelector("[data-bulk-count]");
  if (count) count.textContent = `${ticked} selected`;
}
