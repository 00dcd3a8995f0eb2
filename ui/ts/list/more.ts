// "Load more": the next page's rows join the table, until it holds as many as stay quick to work with.
import { say } from "../core/announce";
import { parse, placePartials } from "../core/dom";
import { complain, send } from "../core/http";

/** Rows a table may hold (`ui-contract`: editing slows down beyond); then the link goes to the next page instead. */
const MOST_ROWS = 200;

/** Follows a `[data-more]` link in place. */
export function loadMore(list: HTMLElement, link: HTMLAnchorElement, event: Event): void {
  const body = list.querySelector("#list-rows");
  if (!body || body.querySelectorAll("tr[data-id]").length + 50 > MOST_ROWS) return;
  event.preventDefault();
  if (link.getAttribute("aria-busy") === "true") return;
  link.setAttribute("aria-busy", "true");
  void append(list, body, link.href).finally(() => link.removeAttribute("aria-busy"));
}

async function append(list: HTMLElement, body: Element, url: string): Promise<void> {
  let response: Response;
  try {
    response = await send(url);
  } catch {
    complain(0, "");
    return;
  }
  const text = await response.text();
  if (!response.ok) {
    complain(response.status, text, response.headers);
    return;
  }
  const answer = parse(text);
  const known = new Set([...body.querySelectorAll<HTMLElement>("tr[data-id]")].map((row) => row.dataset["id"]));
  // A row that moved between the two requests must not stand twice.
  const rows = [...answer.querySelectorAll<HTMLTableRowElement>("tr[data-id]")].filter((row) => !known.has(row.dataset["id"]));
  const pager = answer.querySelector("#list-pager");
  body.append(...rows);
  const before = list.querySelector("#list-pager");
  if (pager && before) {
    keepStart(pager, before, known.size + rows.length);
    before.replaceWith(pager);
  }
  placePartials(answer);
  rows[0]?.querySelector<HTMLElement>("th[scope='row'] a")?.focus();
  say(`${rows.length} more rows, ${known.size + rows.length} shown`);
}

/** The pager of the next page tells of that page alone; the table still begins where it began. */
function keepStart(pager: Element, before: Element, shown: number): void {
  const back = before.querySelector("[rel='prev']");
  const own = pager.querySelector("[rel='prev']");
  if (own && back) own.replaceWith(back);
  else own?.remove();
  const count = pager.querySelector("#list-count");
  if (count) count.textContent = (count.textContent ?? "").replace(/^[\d,]+/, shown.toLocaleString("en"));
}
