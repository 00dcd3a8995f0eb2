// Every screen × light and dark × wide and narrow: no accessibility violation, nothing wider than the window, no
// complaint of the browser; and the budgets of bytes.
import assert from "node:assert/strict";
import { mkdir } from "node:fs/promises";
import { resolve } from "node:path";
import { gzipSync } from "node:zlib";
import { sideways, violations } from "./house.mjs";

const HOME = "/t/hospital";
const PATIENTS = `${HOME}/m/patients`;
const PUBLIC = ["/", "/templates", "/templates/hospital", "/signin", "/signup", "/nothing"];

/** Screens of the workspace: a name, an address, and what is done there before looking. */
function screens(record) {
  return [
    ["home", `${HOME}/`],
    ["list", PATIENTS],
    ["list with a filter", `${PATIENTS}?filter=${encodeURIComponent('sex == "female"')}`],
    ["filter panel", PATIENTS, (page) => page.click("#filter summary")],
    ["wrong filter", `${PATIENTS}?filter=sex+%3D`],
    ["empty search", `${PATIENTS}?q=zzzz`],
    ["add field", PATIENTS, addField],
    ["cell editor", PATIENTS, editCell],
    ["account menu", PATIENTS, (page) => page.click(".user-menu summary")],
    ["list with stages", `${HOME}/m/appointments`],
    ["new", `${PATIENTS}/new`],
    ["refused", `${PATIENTS}/new`, refuse],
    ["record", record],
    ["record with stages", `${HOME}/m/admissions`, (page) => follow(page, "#list-rows th a")],
    ["edit", `${record}/edit`],
    ["history", `${record}/history`],
    ["trash", `${PATIENTS}/trash`],
    ["field page", `${PATIENTS}/fields`],
    ["settings", `${HOME}/settings/modules`],
    ["workspaces", "/account/workspaces"],
    ["nothing there", `${HOME}/m/nothing`],
  ];
}

async function addField(page) {
  const opener = page.locator("a[aria-label='Add field']");
  if (await opener.isVisible()) await opener.click();
}

async function editCell(page) {
  if ((page.viewportSize()?.width ?? 0) < 768) return;
  await page.locator("#list-rows tr td").nth(1).dblclick();
  await page.waitForSelector("form.cell-edit");
}

async function refuse(page) {
  await page.click(".form-actions .btn-primary");
  await page.waitForSelector(".error-summary");
}

async function follow(page, selector) {
  await Promise.all([page.waitForNavigation(), page.locator(selector).first().click()]);
}

async function look(page, name, at) {
  assert.deepEqual(await violations(page), [], `${name} ${at}`);
  assert.ok((await sideways(page)) <= 0, `${name} ${at} scrolls sideways`);
}

export async function everyScreen(t, house) {
  const probe = await house.signedIn("admin@hospital.demo");
  await probe.goto(PATIENTS);
  const record = await probe.locator("#list-rows th a").first().getAttribute("href");
  await probe.context().close();
  for (const scheme of ["light", "dark"]) {
    for (const width of [1280, 360]) {
      const at = `${scheme} ${width}`;
      await t.test(`every screen passes: ${at}`, async () => {
        const outside = await house.page({ scheme, width });
        for (const path of PUBLIC) {
          await outside.goto(path);
          await look(outside, path, at);
        }
        const page = await house.signedIn("admin@hospital.demo", { scheme, width });
        for (const [name, path, act] of screens(record)) {
          await page.goto(path);
          await act?.(page);
          await look(page, name, at);
        }
        const complaints = [...outside.complaints, ...page.complaints];
        assert.deepEqual(complaints.filter((line) => !/status of (404|422)/.test(line)), []);
        await outside.context().close();
        await page.context().close();
      });
    }
  }

  await t.test("nothing is wider than a window of 320 pixels", async () => {
    const page = await house.signedIn("admin@hospital.demo", { width: 320 });
    for (const [name, path] of [...screens(record), ...PUBLIC.map((path) => [path, path])]) {
      await page.goto(path);
      assert.ok((await sideways(page)) <= 0, name);
    }
    await page.context().close();
  });
}

/** Raw and compressed bytes that a page or file may have. */
const KIB = 1024;
const BUDGETS = [
  ["list", PATIENTS, 70, 18],
  ["record", null, 60, 16],
  ["form", `${PATIENTS}/new`, 40, 10],
  ["home", `${HOME}/`, 40, 10],
  ["sign-in", "/signin", 25, 8],
];

export async function budgets(t, house) {
  await t.test("pages and files stay within their budgets", async () => {
    const page = await house.signedIn("admin@hospital.demo");
    await page.goto(PATIENTS);
    const record = await page.locator("#list-rows th a").first().getAttribute("href");
    for (const [name, path, raw, packed] of BUDGETS) {
      const body = await (await page.request.get(path ?? record)).body();
      assert.ok(body.length <= raw * KIB, `${name} has ${body.length} bytes`);
      assert.ok(gzipSync(body).length <= packed * KIB, `${name} has ${gzipSync(body).length} bytes compressed`);
    }
    await page.goto(PATIENTS);
    const css = await page.locator("link[rel=stylesheet]").getAttribute("href");
    const js = await page.locator("script[type=module]").getAttribute("src");
    for (const [file, raw, packed] of [[css, 120, 28], [js, 130, 45]]) {
      const body = await (await page.request.get(file)).body();
      assert.ok(body.length <= raw * KIB, `${file} has ${body.length} bytes`);
      assert.ok(gzipSync(body).length <= packed * KIB, `${file} has ${gzipSync(body).length} bytes compressed`);
    }
    await page.context().close();
  });
}

/** The picture of the README. */
export async function picture(t, house) {
  await t.test("the README's picture is taken", { skip: process.env.TRELLIS_BLESS !== "1" }, async () => {
    const page = await house.signedIn("admin@hospital.demo");
    await page.goto(`${HOME}/m/appointments`);
    await page.goto(`${HOME}/m/appointments`);
    const folder = resolve(import.meta.dirname, "../../docs/images");
    await mkdir(folder, { recursive: true });
    await page.screenshot({ path: resolve(folder, "list.png") });
    await page.context().close();
  });
}
