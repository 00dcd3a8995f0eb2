// Partial requests of the islands: one header, one way to sign in again, one way to say what went wrong.
import { fail, say, toast } from "./announce";
import { parse } from "./dom";

/** Fetches with `HX-Request`; an ended session is renewed in place and the request sent again. Rejects when offline. */
export async function send(url: string, init: RequestInit = {}): Promise<Response> {
  const headers = new Headers(init.headers);
  headers.set("HX-Request", "true");
  const response = await fetch(url, { ...init, headers, credentials: "same-origin" });
  if (response.status === 401 && (await signInAgain(await response.clone().text()))) return send(url, init);
  report(response.headers);
  return response;
}

/** Speaks and shows what the answer's headers ask for. */
export function report(headers: Headers): void {
  const live = decode(headers.get("Trellis-Live"));
  const notice = decode(headers.get("Trellis-Toast"));
  if (notice) toast(notice);
  if (live) say(notice ? `${live}. ${notice}` : live);
}

function decode(value: string | null): string {
  try {
    return decodeURIComponent(value ?? "");
  } catch {
    return value ?? "";
  }
}

/** The sentence for a refused or failed request: the server's own `[data-message]`, else one by status. */
export function reason(status: number, body: string, headers?: Headers): string {
  const own = parse(body).querySelector("[data-message]")?.textContent?.trim();
  if (own) return own;
  const wait = headers?.get("Retry-After");
  switch (status) {
    case 0: return "No connection. Nothing was saved; try again when you are back online.";
    case 401: return "Your session has ended. Sign in again to go on.";
    case 403: return "Your role does not allow this.";
    case 404: return "This record no longer exists, or you cannot see it.";
    case 409: return "Someone else changed this in the meantime. Reload to see their version.";
    case 423: return "This record is locked.";
    case 429: return `Too many requests. Try again in ${wait ?? "a few"} seconds.`;
    default: return `The server could not do this (${status}${requestId(headers)}). Try again.`;
  }
}

function requestId(headers?: Headers): string {
  const id = headers?.get("X-Request-Id");
  return id ? `, request ${id}` : "";
}

/** Says why a request failed. A 401 offers the sign-in page. */
export function complain(status: number, body: string, headers?: Headers): void {
  const next = encodeURIComponent(location.pathname + location.search);
  fail(reason(status, body, headers), status === 401 ? { label: "Sign in", href: `/signin?next=${next}` } : undefined);
}

/** Shows the sign-in dialog of a 401 answer; resolves true once its form was accepted. */
export function signInAgain(body: string): Promise<boolean> {
  const dialog = parse(body).querySelector<HTMLDialogElement>("dialog#sign-in-again");
  if (!dialog) return Promise.resolve(false);
  document.getElementById(dialog.id)?.remove();
  dialog.removeAttribute("open");
  document.body.append(dialog);
  dialog.showModal();
  return new Promise((resolve) => {
    dialog.addEventListener("submit", (event) => {
      event.preventDefault();
      void trySignIn(event.target as HTMLFormElement, dialog, resolve);
    });
    dialog.addEventListener("close", () => { dialog.remove(); resolve(false); });
  });
}

async function trySignIn(form: HTMLFormElement, dialog: HTMLDialogElement, done: (ok: boolean) => void): Promise<void> {
  const response = await fetch(form.action, {
    method: "POST",
    headers: { "HX-Request": "true" },
    body: new URLSearchParams(new FormData(form) as unknown as Record<string, string>),
  });
  if (response.ok) {
    done(true);
    dialog.close();
    return;
  }
  const again = parse(await response.text()).querySelector("form");
  if (again) form.replaceWith(again);
  else complain(response.status, "", response.headers);
}
