// Trellis in a real browser, as the built program serves it.
import { after, before, test } from "node:test";
import { open } from "./house.mjs";
import { plain } from "./plain.mjs";
import { budgets, everyScreen, picture } from "./screens.mjs";
import { walk } from "./walk.mjs";

let house;
before(async () => { house = await open(); }, { timeout: 180_000 });
after(() => house?.close());

test("the main job", (t) => walk(t, house));
test("without scripts, and with less rights", (t) => plain(t, house));
test("every screen", (t) => everyScreen(t, house));
test("budgets", (t) => budgets(t, house));
test("the picture", (t) => picture(t, house));
