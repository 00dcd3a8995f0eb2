// The same without scripts, for the main parts; and a worker, who has records of their own only.
import assert from "node:assert/strict";
import { PASSWORD } from "./house.mjs";

export async function plain(t, house) {
  const page = await house.page({ scripts: false });

  await t.test("without scripts: sign up, choose, list, create, edit, add a field, trash and restore", async () => {
    await page.goto("/signup?template=hospital");
    const account = { name: "Jo Plain", email: "jo@plain.example", password: PASSWORD, company: "Plain & Co" };
    for (const [name, value] of Object.entries(account)) await page.fill(`[name=${name}]`, value);
    await page.click("main button.btn-primary");
    await page.waitForURL(/\/welcome\/hospital$/);
    await page.click("text=Use this template");
    const list = "/t/plain-co/m/patients";
    await page.waitForURL((url) => url.pathname === list);
    assert.ok((await page.locator("#list-rows tr").count()) > 5);
    await page.click("text=New patient");
    await page.fill("#f-first_name", "Old");
    await page.fill("#f-last_name", "Name");
    await page.fill("#f-birth_date", "1970-01-02");
    await page.selectOption("#f-primary_doctor", { index: 1 });
    await page.click(".form-actions .btn-primary");
    await page.waitForURL(/\/r\/[0-9a-f-]{36}$/);
    const record = new URL(page.url()).pathname;
    await page.click("#rec-head >> text=Edit");
    await page.fill("#f-first_name", "New");
    await page.click(".form-actions .btn-primary");
    await page.waitForURL((url) => url.pathname === record);
    assert.match(await page.textContent("#timeline"), /Old\s*New/);
    await page.goto(list);
    await page.click("#filter summary");
    await page.selectOption("[name=ff]", "first_name");
    await page.fill("[name=fv]", "New");
    await page.click(".filter-actions .btn-primary");
    assert.equal(await page.locator("#list-rows tr").count(), 1);
    await page.click("a[aria-label='Add field']");
    await page.waitForURL(/\/fields$/);
    await page.fill("[name=label]", "Hallmark");
    await page.click(".form-actions .btn-primary");
    await page.waitForSelector("th[data-field=hallmark]");
    await page.goto(record);
    await page.click("#rec-head >> text=Delete");
    await page.click(".banner >> text=Restore");
    assert.equal(await page.locator(".banner-warn").count(), 0);
  });
  await page.context().close();

  await t.test("a worker sees their own records only, and no control that is not theirs", async () => {
    const worker = await house.signedIn("worker@hospital.demo");
    const owner = await house.signedIn("admin@hospital.demo");
    const total = async (who) => {
      await who.goto("/t/hospital/m/patients");
      return Number((await who.textContent(".page-head .count")).replace(",", ""));
    };
    const [own, all] = [await total(worker), await total(owner)];
    assert.ok(own < all, `${own} of ${all}`);
    assert.equal(await worker.locator("a[aria-label='Add field'], .sidebar >> text=Modules and fields").count(), 0);
    const hrefs = await owner.locator("#list-rows th a").evaluateAll((links) => links.map((link) => link.getAttribute("href")));
    const statuses = [];
    for (const href of hrefs) statuses.push((await worker.goto(href)).status());
    assert.equal(statuses.filter((status) => status === 404).length, all - own);
    assert.equal((await worker.goto("/t/hospital/settings/modules")).status(), 403);
    assert.equal((await worker.goto("/t/corporate/")).status(), 404);
    await worker.context().close();
    await owner.context().close();
  });
}
