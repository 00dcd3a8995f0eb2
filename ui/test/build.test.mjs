// What the build promises: known icons, budgets of bytes, twins, and every class that README.md tells pages to use.
import assert from "node:assert/strict";
import { readFileSync, readdirSync } from "node:fs";
import { test } from "node:test";
import { brotliDecompressSync, gunzipSync, gzipSync } from "node:zlib";
import { names, sprite } from "../icons.mjs";

const ui = new URL("..", import.meta.url);
const dist = new URL("dist/", ui);
const text = (name) => readFileSync(new URL(name, ui), "utf8");
const manifest = JSON.parse(readFileSync(new URL("manifest.json", dist), "utf8"));
const built = (name) => readFileSync(new URL(manifest[name], dist));

/** Raw and gzip limits in bytes. */
const BUDGETS = {
  "app.css": [120_000, 28_000],
  "app.js": [130_000, 45_000],
  "inter.woff2": [48 * 1024, 48 * 1024],
  "icons.svg": [64_000, 16_000],
};

for (const [name, [raw, gz]] of Object.entries(BUDGETS)) {
  test(`${name} keeps to its budget`, () => {
    const data = built(name);
    const squeezed = name.endsWith(".woff2") ? data.length : gzipSync(data, { level: 6 }).length;
    assert.ok(data.length <= raw, `${data.length} bytes, limit ${raw}`);
    assert.ok(squeezed <= gz, `${squeezed} bytes gz, limit ${gz}`);
  });
}

test("every compressed twin holds the same bytes", () => {
  for (const file of Object.values(manifest).filter((name) => !name.endsWith(".woff2"))) {
    const plain = readFileSync(new URL(file, dist));
    assert.deepEqual(brotliDecompressSync(readFileSync(new URL(`${file}.br`, dist))), plain);
    assert.deepEqual(gunzipSync(readFileSync(new URL(`${file}.gz`, dist))), plain);
  }
});

test("the stylesheet names the font by its content", () => {
  assert.ok(built("app.css").includes(manifest["inter.woff2"]));
});

test("the sprite holds each listed icon once", async () => {
  const list = text("icons.txt");
  const svg = await sprite(list);
  for (const name of names(list)) assert.equal(svg.split(`id="${name}"`).length, 2, name);
});

test("an unknown icon and a double one stop the build", async () => {
  await assert.rejects(sprite("house\nno-such-icon\n"), /no-such-icon/);
  await assert.rejects(sprite("house\nhouse\n"), /twice: house/);
});

test("every class in README.md has a rule", () => {
  const css = built("app.css").toString();
  const used = new Set([...text("README.md").matchAll(/class="([a-z0-9 -]+)"/g)].flatMap(([, list]) => list.trim().split(/\s+/)));
  // Marks for scripts and for markup that needs no look of its own.
  const bare = new Set(["check-all", "record", "grow"]);
  const missing = [...used].filter((name) => !bare.has(name) && !css.includes(`.${name}`));
  assert.deepEqual(missing, []);
});

test("no script of ours writes a style attribute or runs text as code", () => {
  for (const file of readdirSync(new URL("ts", ui), { recursive: true }).filter((name) => name.endsWith(".ts"))) {
    const source = text(`ts/${file}`);
    assert.doesNotMatch(source, /setAttribute\("style"|\bstyle: "|\beval\(|new Function|\bjavascript:/, file);
  }
});
