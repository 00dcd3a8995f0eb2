import { chromium } from "playwright-core";
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
const axeSource = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");
const [,, base, who, pass, only] = process.argv;
const browser = await chromium.launch({ executablePath: "/usr/bin/chromium", args: ["--no-sandbox"] });
const slug = who.split("@")[1].split(".")[0];
const first = {hospital:"patients"}[slug] ?? "";
async function session(scheme, width, anon) {
  const ctx = await browser.newContext({ viewport: { width, height: 800 }, colorScheme: scheme, bypassCSP: false });
  const page = await ctx.newPage();
  page.on("console", m => { if (["error","warning"].includes(m.type())) console.log("CONSOLE", page.url(), m.text()); });
  page.on("pageerror", e => console.log("PAGEERROR", page.url(), e.message));
  if (!anon) {
    await page.goto(base + "/signin");
    await page.fill("#f-email", who); await page.fill("#f-password", pass);
    await Promise.all([page.waitForNavigation(), page.click("button.btn-primary")]);
  }
  return page;
}
const anonPages = { landing: "/", templates: "/templates", template: "/templates/hospital", signin: "/signin", signup: "/signup", missing: "/nope" };
const t = `/t/${slug}`;
for (const scheme of ["light", "dark"]) for (const width of [1280, 360]) {
  const combos = [];
  const anon = await session(scheme, width, true);
  for (const [n, u] of Object.entries(anonPages)) combos.push([anon, n, u]);
  const page = await session(scheme, width, false);
  await page.goto(base + t + "/m/patients");
  const rec = await page.getAttribute("#list-rows th a", "href").catch(() => null);
  Object.entries({ home: t + "/", list: t + "/m/patients", filtered: t + '/m/patients?filter=sex+%3D%3D+%22female%22', nothing: t + "/m/patients?q=zzzzzz", badfilter: t + "/m/patients?filter=foo+%3D", newform: t + "/m/patients/new", record: rec, edit: rec + "/edit", history: rec + "/history", trash: t + "/m/patients/trash", settings: t + "/settings/modules", fields: t + "/m/patients/fields", chooser: "/account/workspaces", appointments: t + "/m/appointments", noperm: t + "/m/nope" }).forEach(([n, u]) => combos.push([page, n, u]));
  for (const [p, n, u] of combos) {
    if (only && !only.split(",").includes(n)) continue;
    const r = await p.goto(base + u);
    await p.waitForTimeout(150);
    await p.screenshot({ path: `/tmp/shots/${n}-${width}-${scheme}.png` });
    const over = await p.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
    if (over > 0) console.log("HSCROLL", n, width, over);
    const pg = p;
    const res = await (async () => { await pg.evaluate(axeSource + ";0").catch(()=>{}); 
      return pg.evaluate(async () => { const r = await window.axe.run(document, { runOnly: ["wcag2a","wcag2aa","wcag21a","wcag21aa","wcag22aa"] }); return r.violations.map(v => v.id + ": " + v.nodes.slice(0,3).map(n => n.target.join(" ") + " | " + n.failureSummary.split("\n")[1]).join(" ;; ")); }); })();
    for (const v of res) console.log("AXE", n, width, scheme, v);
    if (scheme === "light" && width === 1280) console.log(r.status(), n, (await r.body()).length);
  }
  await anon.context().close(); await page.context().close();
}
await browser.close();
