// htmx behind one door: which answers are swapped, which are only told, and where focus goes afterwards.
import "./htmx-settings";
import "htmx.org";
import { complain, report, signInAgain } from "./http";

interface Context {
  sourceElement: Element;
  target: Element;
  response: { raw: Response; status: number; headers: Headers };
}

/** Refusals that carry a form or a choice, made to be shown in the target. */
const SWAPPED = [409, 422, 423];

function context(event: Event): Context {
  return (event as CustomEvent<{ ctx: Context }>).detail.ctx;
}

document.addEventListener("htmx:before:response", (event) => {
  const { response, sourceElement } = context(event);
  report(response.headers);
  if (response.status < 400 || SWAPPED.includes(response.status)) return;
  // The old content stays: a failed request must never blank what was there.
  event.preventDefault();
  void response.raw.text().then(async (body) => {
    if (response.status === 401 && (await signInAgain(body))) repeat(sourceElement);
    else complain(response.status, body, response.headers);
  });
});

function repeat(source: Element): void {
  if (source instanceof HTMLFormElement) source.requestSubmit();
  else if (source instanceof HTMLElement) source.click();
}

document.addEventListener("htmx:error", (event) => {
  if (context(event)?.response === undefined) complain(0, "");
});

document.addEventListener("htmx:after:swap", (event) => {
  const { target, response } = context(event);
  const region = target.isConnected ? target : document.getElementById(target.id);
  if (response?.status === 422) {
    region?.querySelector<HTMLElement>(".error-summary, [aria-invalid='true']")?.focus();
  } else if (document.activeElement === document.body) {
    // Focus must land somewhere near what was asked for, never on the body.
    const next = region?.querySelector<HTMLElement>("h1, h2, a, button, input, select") ?? document.getElementById("main");
    if (next?.matches("h1, h2")) next.tabIndex = -1;
    next?.focus();
  }
});
