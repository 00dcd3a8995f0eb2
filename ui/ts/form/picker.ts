// The relation picker: a select becomes an editable combobox with a listbox of server results; the select still submits.
import { make, whenPresent } from "../core/dom";
import { say } from "../core/announce";
import { send } from "../core/http";

interface Choice { value: string; label: string; hint?: string }

const WAIT_MS = 120;
let serial = 0;

/** Options of an answer: JSON as `{"options": […]}`, or HTML `<option>`s. */
async function readChoices(response: Response): Promise<{ choices: Choice[]; more: boolean }> {
  if (response.headers.get("content-type")?.includes("json")) {
    const body = (await response.json()) as { options?: Choice[]; more?: boolean };
    return { choices: body.options ?? [], more: body.more ?? false };
  }
  const template = document.createElement("template");
  template.innerHTML = await response.text();
  const choices = [...template.content.querySelectorAll("option")].map((option) => ({
    value: option.value, label: option.text, hint: option.dataset["hint"] ?? "",
  }));
  return { choices, more: false };
}

class Picker {
  private readonly id = `picker-${++serial}`;
  private readonly input: HTMLInputElement;
  private readonly list = make("div", { class: "combo-list", role: "listbox", id: `${this.id}-list`, hidden: "" });
  private choices: Choice[] = [];
  private active = -1;
  private timer = 0;
  private asked = 0;

  constructor(private readonly select: HTMLSelectElement) {
    this.input = make("input", {
      class: "input select", type: "text", role: "combobox", autocomplete: "off", "aria-autocomplete": "list",
      "aria-expanded": "false", "aria-controls": this.list.id, id: select.id || this.id,
    });
    for (const name of ["aria-describedby", "aria-invalid", "aria-label", "aria-labelledby", "aria-required"]) {
      const value = select.getAttribute(name);
      if (value) this.input.setAttribute(name, value);
    }
    this.input.disabled = select.disabled;
    this.input.autofocus = select.autofocus;
    // The label must lead to the field that is seen, so the id moves over.
    if (select.id) select.id = `${select.id}-value`;
    select.hidden = true;
    select.after(make("div", { class: "combo" }, this.input, this.list));
    this.list.setAttribute("aria-label", "Options");
    this.showChosen();
    this.listen();
  }

  private listen(): void {
    this.input.addEventListener("input", (event) => { event.stopPropagation(); this.ask(WAIT_MS); });
    this.input.addEventListener("click", () => this.ask(0, ""));
    this.input.addEventListener("focus", () => this.input.select());
    this.input.addEventListener("blur", () => this.leave());
    this.input.addEventListener("keydown", (event) => this.onKey(event));
    this.list.addEventListener("pointerdown", (event) => {
      event.preventDefault();
      const option = (event.target as Element).closest<HTMLElement>("[role='option']");
      if (option) this.choose(Number(option.dataset["index"]));
    });
    this.select.addEventListener("change", () => this.showChosen());
  }

  private get isOpen(): boolean {
    return !this.list.hidden;
  }

  private showChosen(): void {
    const option = this.select.selectedOptions[0];
    this.input.value = option?.value ? option.text : "";
    this.input.placeholder = option?.value ? "" : (this.select.options[0]?.value === "" ? this.select.options[0].text : "");
  }

  private ask(wait: number, query = this.input.value): void {
    clearTimeout(this.timer);
    this.timer = window.setTimeout(() => void this.load(query), wait);
  }

  private async load(query: string): Promise<void> {
    const turn = ++this.asked;
    const url = new URL(this.select.dataset["url"] ?? "", location.href);
    url.searchParams.set("q", query.trim());
    try {
      const response = await send(url.href, { headers: { Accept: "application/json" } });
      if (!response.ok) throw new Error(String(response.status));
      const { choices, more } = await readChoices(response);
      // A slow answer to older text must not replace a newer one.
      if (turn === this.asked && document.activeElement === this.input) this.show(choices, more);
    } catch {
      if (turn === this.asked) this.note("Could not load the options.");
    }
  }

  private show(choices: Choice[], more: boolean): void {
    const canClear = this.select.options[0]?.value === "" && !this.input.value.trim();
    this.choices = canClear ? [{ value: "", label: this.select.options[0]?.text || "None" }, ...choices] : choices;
    if (!this.choices.length) {
      this.note("Nothing found");
      return;
    }
    this.list.replaceChildren(...this.choices.map((choice, index) =>
      make("div", { role: "option", id: `${this.id}-${index}`, "data-index": String(index), "aria-selected": "false" },
        make("span", {}, choice.label), choice.hint ? make("span", { class: "meta" }, choice.hint) : null)));
    if (more) this.list.append(make("p", { class: "combo-note" }, "Type to narrow down"));
    this.open();
    this.mark(this.input.value.trim() ? 0 : this.choices.findIndex((choice) => choice.value === this.select.value));
    say(`${choices.length}${more ? " or more" : ""} options`);
  }

  private note(text: string): void {
    this.choices = [];
    this.list.replaceChildren(make("p", { class: "combo-note" }, text));
    this.open();
    say(text);
  }

  private open(): void {
    this.list.hidden = false;
    this.input.setAttribute("aria-expanded", "true");
    const box = this.input.getBoundingClientRect();
    this.list.classList.toggle("up", innerHeight - box.bottom < 260 && box.top > 260);
  }

  private close(): void {
    this.list.hidden = true;
    this.active = -1;
    this.input.setAttribute("aria-expanded", "false");
    this.input.removeAttribute("aria-activedescendant");
  }

  private mark(index: number): void {
    const options = [...this.list.querySelectorAll("[role='option']")];
    options[this.active]?.setAttribute("aria-selected", "false");
    this.active = index;
    const option = options[index];
    if (!option) {
      this.input.removeAttribute("aria-activedescendant");
      return;
    }
    option.setAttribute("aria-selected", "true");
    option.scrollIntoView({ block: "nearest" });
    this.input.setAttribute("aria-activedescendant", option.id);
  }

  private choose(index: number): void {
    const choice = this.choices[index];
    if (!choice) return;
    if (![...this.select.options].some((option) => option.value === choice.value)) this.select.add(new Option(choice.label, choice.value));
    this.select.value = choice.value;
    this.close();
    this.select.dispatchEvent(new Event("input", { bubbles: true }));
    this.select.dispatchEvent(new Event("change", { bubbles: true }));
  }

  /** Leaving keeps the last choice; text that names nothing is put back, an emptied field clears where it may. */
  private leave(): void {
    clearTimeout(this.timer);
    this.asked++;
    if (!this.input.value.trim() && this.select.value && this.select.options[0]?.value === "") {
      this.select.value = "";
      this.select.dispatchEvent(new Event("change", { bubbles: true }));
    }
    this.close();
    this.showChosen();
  }

  private onKey(event: KeyboardEvent): void {
    const { key } = event;
    if (key === "ArrowDown" || key === "ArrowUp") {
      event.preventDefault();
      if (!this.isOpen) this.ask(0, "");
      else if (this.choices.length) {
        const step = key === "ArrowDown" ? 1 : -1;
        this.mark((this.active + step + this.choices.length) % this.choices.length);
      }
    } else if (key === "Enter" && this.isOpen && this.active >= 0) {
      event.preventDefault();
      event.stopPropagation();
      this.choose(this.active);
    } else if (key === "Tab" && this.isOpen && this.active >= 0 && this.input.value.trim()) {
      this.choose(this.active);
    } else if (key === "Escape" && this.isOpen) {
      event.preventDefault();
      event.stopPropagation();
      this.close();
      this.showChosen();
    }
  }
}

/** Serves `select[data-picker]`. */
export function watchPickers(): void {
  const made = new WeakSet<HTMLSelectElement>();
  whenPresent<HTMLSelectElement>("select[data-picker]", (select) => {
    if (made.has(select) || select.multiple) return;
    made.add(select);
    new Picker(select);
  });
}
