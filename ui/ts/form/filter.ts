// The filter form: add and remove conditions, and offer only the operators that the chosen field's type has.
import { whenPresent } from "../core/dom";

const INPUT_TYPES: Record<string, string> = {
  date: "date", date_time: "datetime-local", integer: "number", decimal: "number", money: "number", percent: "number",
};

function part<E extends HTMLElement>(row: Element, name: string): E | null {
  return row.querySelector<E>(`[name="${name}"]`);
}

/** Narrows operators and the value's input to the field's type. */
function fit(row: Element): void {
  const field = part<HTMLSelectElement>(row, "ff");
  const operator = part<HTMLSelectElement>(row, "fo");
  const value = part<HTMLInputElement>(row, "fv");
  const type = field?.selectedOptions[0]?.dataset["type"];
  if (!operator || !value) return;
  for (const option of operator.options) {
    const types = option.dataset["types"]?.split(" ");
    option.disabled = option.hidden = !!type && !!types && !types.includes(type);
  }
  if (operator.selectedOptions[0]?.disabled) operator.value = [...operator.options].find((o) => !o.disabled)?.value ?? "";
  value.hidden = /^(empty|not_empty|is_empty|is_not_empty|yes|no)$/.test(operator.value);
  if (value instanceof HTMLInputElement) {
    value.type = (type && INPUT_TYPES[type]) || "text";
    value.step = "any";
    // Options of the field are offered while typing.
    value.setAttribute("list", `fv-${field?.value ?? ""}`);
  }
}

function add(form: HTMLFormElement): void {
  const rows = form.querySelectorAll<HTMLElement>("[data-filter-row]");
  const last = rows[rows.length - 1];
  if (!last) return;
  const row = last.cloneNode(true) as HTMLElement;
  row.querySelectorAll<HTMLInputElement>("input").forEach((input) => { input.value = ""; });
  row.querySelectorAll("select").forEach((select) => { select.selectedIndex = 0; });
  last.after(row);
  fit(row);
  part(row, "ff")?.focus();
}

function remove(button: Element): void {
  const row = button.closest("[data-filter-row]");
  const others = row?.parentElement?.querySelectorAll("[data-filter-row]").length ?? 0;
  const field = row ? part<HTMLSelectElement>(row, "ff") : null;
  if (others > 1) {
    const near = (row?.previousElementSibling ?? row?.nextElementSibling)?.querySelector<HTMLElement>("select, button");
    row?.remove();
    near?.focus();
  } else if (row && field) {
    // The last row stays, emptied: it is the pattern for new ones.
    const value = part<HTMLInputElement>(row, "fv");
    if (value) value.value = "";
    field.focus();
  }
}

/** Serves `form[data-filter]`. */
export function watchFilters(): void {
  whenPresent("[data-filter-row]", fit);
  document.addEventListener("change", (event) => {
    const row = (event.target as Element).closest("[data-filter-row]");
    if (row) fit(row);
  });
  document.addEventListener("click", (event) => {
    const button = (event.target as Element).closest("[data-filter-add], [data-filter-remove]");
    const form = button?.closest("form");
    if (!button || !form) return;
    event.preventDefault();
    if (button.matches("[data-filter-add]")) add(form);
    else remove(button);
  });
}
