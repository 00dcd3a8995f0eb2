// The main job, step by step: from the root page to a working hospital, in a browser with scripts.
import assert from "node:assert/strict";
import { PASSWORD, violations } from "./house.mjs";

/** Waits until the list shows so many rows. */
const rows = (page, count) =>
  page.waitForFunction((wanted) => document.querySelectorAll("#list-rows tr").length === wanted, count);

export async function walk(t, house) {
  const page = await house.page();
  const list = "/t/asha-clinic/m/patients";

  await t.test("a stranger signs up from the root page", async () => {
    await page.goto("/");
    await page.click("text=Create your workspace");
    await page.fill("[name=name]", "Asha Rao");
    await page.fill("[name=email]", "asha@clinic.example");
    await page.fill("[name=password]", PASSWORD);
    await page.fill("[name=company]", "Asha Clinic");
    await page.click("main button.btn-primary");
    await page.waitForURL(/\/welcome$/);
    assert.equal(await page.textContent("h1"), "Choose your industry");
  });

  await t.test("chooses Hospital with samples and stands in a list with data", async () => {
    await page.click(".card >> text=Hospital");
    await page.waitForURL(/\/welcome\/hospital$/);
    assert.ok(await page.isChecked("[name=samples]"));
    const begun = Date.now();
    await page.click("text=Use this template");
    await page.waitForURL(new RegExp(`${list}$`));
    assert.ok(Date.now() - begun < 15_000, "the workspace opens soon");
    assert.ok((await page.locator("#list-rows tr").count()) > 10);
    assert.ok((await page.locator(".sidebar .nav-item").count()) >= 13);
  });

  await t.test("sorts by a heading", async () => {
    await page.click("thead >> text=Date of birth");
    await page.waitForURL(/sort=birth_date/);
    await page.waitForSelector("th[data-field=birth_date][aria-sort=ascending]");
    const dates = await page.locator("#list-rows time").allTextContents();
    assert.deepEqual(dates, [...dates].sort());
  });

  await t.test("filters with the builder, sees a chip, and removes it", async () => {
    await page.goto(list);
    await page.keyboard.press("f");
    await page.selectOption("[name=ff]", "sex");
    await page.selectOption("[name=fo]", "is");
    await page.fill("[name=fv]", "Female");
    await page.click(".filter-actions .btn-primary");
    await page.waitForURL(/filter=/);
    await page.waitForSelector(".filter-chip");
    assert.equal(await page.inputValue("#f-expression"), 'sex == "female"');
    const words = await page.locator(".filter-chip").textContent();
    assert.match(words, /Sex is Female/);
    assert.equal(await page.locator("#list-rows tr:has-text('Male')").filter({ hasNotText: "Female" }).count(), 0);
    await page.click(".filter-chip a");
    await page.waitForURL(new RegExp(`${list}$`));
  });

  await t.test("searches, and an empty result names what excludes everything", async () => {
    await page.keyboard.press("/");
    await page.keyboard.type("rosa");
    await page.keyboard.press("Enter");
    await page.waitForURL(/q=rosa/);
    await rows(page, 1);
    await page.goto(`${list}?q=zzzz`);
    assert.match(await page.textContent(".empty"), /the search for “zzzz”/);
  });

  await t.test("pages through more rows than one page holds", async () => {
    const headers = await house.token("asha@clinic.example", "asha-clinic");
    for (let number = 0; number < 40; number += 1) {
      const data = { first_name: `Extra${String(number).padStart(2, "0")}`, last_name: "Person", birth_date: "1990-01-01" };
      const url = `${house.base}/t/asha-clinic/api/v1/records/patients?allow_duplicate=true`;
      const made = await fetch(url, { method: "POST", headers, body: JSON.stringify({ data }) });
      assert.equal(made.status, 201);
    }
    await page.goto(list);
    assert.match(await page.textContent("#list-count"), /^50 of \d+ patients$/);
    await page.click(".pager [data-more]");
    await page.waitForFunction(() => document.querySelectorAll("#list-rows tr").length > 50);
    assert.match(await page.textContent("#list-count"), /^64 of 64 patients$/);
    await page.goto(list);
    await page.goto(await page.getAttribute(".pager a[rel=next]", "href"));
    assert.match(await page.textContent("#list-count"), /^14 of 64 patients$/);
    await page.click(".pager a[rel=prev]");
    await rows(page, 50);
  });

  await t.test("adds a field in two activations, and it is everywhere", async () => {
    await page.goto(list);
    await page.click("a[aria-label='Add field']");                       // the first
    await page.keyboard.type("Next visit date");
    assert.equal(await page.inputValue("#add-field [name=type]"), "date");
    assert.deepEqual(await violations(page), []);
    await page.keyboard.press("Enter");                                  // the second
    await page.waitForSelector("th[data-field=next_visit_date]");
    await page.waitForSelector("[name=ff] option[value=next_visit_date]", { state: "attached" });
    await page.goto(`${list}/new`);
    assert.equal(await page.getAttribute("#f-next_visit_date", "type"), "date");
    const headers = await house.token("asha@clinic.example", "asha-clinic");
    const api = async (path) => (await fetch(`${house.base}/t/asha-clinic/api/v1/${path}`, { headers })).text();
    assert.match(await api("modules/patients/fields"), /next_visit_date/);
    assert.match(await api("openapi.json"), /next_visit_date/);
    assert.match(await api("records/patients?filter=next_visit_date%20is%20empty"), /"data"/);
  });

  let record = "";
  await t.test("creates a record; what is missing is said at its field and nothing is lost", async () => {
    await page.goto(`${list}/new`);
    await page.fill("#f-first_name", "Mira");
    await page.click(".form-actions .btn-primary");
    await page.waitForSelector(".error-summary");
    assert.equal(await page.inputValue("#f-first_name"), "Mira");
    assert.equal(await page.getAttribute("#f-last_name", "aria-invalid"), "true");
    await page.fill("#f-last_name", "Sen");
    await page.fill("#f-birth_date", "1980-02-29");
    await page.fill("#f-next_visit_date", "2027-01-05");
    await page.click(".form-actions .btn-primary");
    await page.waitForURL(/\/r\/[0-9a-f-]{36}$/);
    record = new URL(page.url()).pathname;
    assert.equal(await page.textContent("h1"), "Mira Sen");
    assert.match(await page.textContent("[data-field=next_visit_date]"), /2027-01-05/);
  });

  await t.test("chooses a related record with the picker", async () => {
    await page.goto(`${record}/edit`);
    const picker = page.locator("#f-primary_doctor");
    await picker.click();
    await picker.fill("meera");
    await page.click(".combo-list [role=option] >> text=Meera");
    await page.click(".form-actions .btn-primary");
    await page.waitForURL((url) => url.pathname === record);
    assert.match(await page.textContent("#rec-details"), /Meera/);
  });

  await t.test("edits a cell in place", async () => {
    await page.goto(`${list}?q=mira`);
    const cell = page.locator("#list-rows tr td").nth(1);
    await cell.dblclick();
    const input = page.locator("form.cell-edit input[type=date]");
    await input.fill("1981-03-01");
    const saved = page.waitForResponse((answer) => answer.url().includes("/cell/") && answer.request().method() === "POST");
    await input.press("Enter");
    const answer = await saved;
    assert.equal(answer.status(), 200);
    assert.ok((await answer.body()).length <= 4096, "a saved cell is a small answer");
    await page.waitForSelector("#list-rows >> text=1981-03-01");
    await page.waitForFunction(() => /saved/.test(document.querySelector("#live-status").textContent));
  });

  await t.test("finds the change in the history, throws the record away and brings it back", async () => {
    await page.goto(record);
    assert.match(await page.textContent("#timeline"), /1980-02-29\s*1981-03-01/);
    await page.click("#rec-head >> text=Delete");
    await page.waitForSelector(".banner-warn");
    await page.goto(`${list}/trash`);
    assert.match(await page.textContent("tbody"), /Mira Sen/);
    await page.click("button[aria-label='Restore Mira Sen']");
    await page.waitForURL((url) => url.pathname === record);
    assert.equal(await page.locator(".banner-warn").count(), 0);
  });

  await t.test("signs out from the menu", async () => {
    await page.click(".user-menu summary");
    await page.click(".user-menu >> text=Sign out");
    await page.waitForURL(/\/signin/);
    await page.goto(record);
    await page.waitForURL(/\/signin\?next=/);
  });

  await t.test("and the browser had nothing to complain about", () => {
    assert.deepEqual(page.complaints.filter((line) => !/status of (422|404)/.test(line)), []);
  });
  await page.context().close();
}
