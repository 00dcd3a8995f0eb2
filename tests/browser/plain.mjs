// The same without scripts, for the main parts; and a worker, who has records of their own only.
import assert from "node:assert/strict";
import { PASSWORD } from "./house.mjs";

export async function plain(t, house) {
  const page = await house.page({ scripts: false });

  await t.test("without scripts: sign up, choose, list, create, edit, add a field, trash and restore", async () => {
    await page.goto("/signup?template=jewellery");
    for (const [name, value] of Object.entries({ name: "Jo Gold", email: "jo@gold.example", password: PASSWORD, company: "Gold & Co" })) {
      await page.fill(`[name=${name}]`, value);
    }
    await page.click("main button.btn-primary");
    await page.waitForURL(/\/welcome\/jewellery$/);
    await page.click("text=Use this template");
    await page.waitForURL(/\/t\/gold-co\/m\/[a-z_]+$/);
    assert.ok((await page.locator("#list-rows tr").count()) > 5);
    await page.goto("/t/gold-co/m/suppliers/new");
    const name = page.locator("form.form input[required]").first();
    await name.fill("Old Mine");
    await page.click(".form-actions .btn-primary");
    await page.waitForURL(/\/r\/[0-9a-f-]{36}$/);
    const record = new URL(page.url()).pathname;
    await page.click("#rec-head >> text=Edit");
    await page.locator("form.form input[required]").first().fill("New Mine");
    await page.click(".form-actions .btn-primary");
    await page.waitForURL((url) => url.pathname === record);
    assert.match(await page.textContent("#timeline"), /Old Mine\s*New Mine/);
    await page.goto("/t/gold-co/m/suppliers");
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
