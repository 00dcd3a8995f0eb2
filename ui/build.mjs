// Builds dist/: one stylesheet, one script, the icon sprite and the font, all named by content, with .br and .gz twins.
import { execFile } from "node:child_process";
import { createHash } from "node:crypto";
import { mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { brotliCompress, constants, gzip } from "node:zlib";
import { build } from "esbuild";
import subsetFont from "subset-font";
import { sprite } from "./icons.mjs";

const here = path.dirname(fileURLToPath(import.meta.url));
const dist = path.join(here, "dist");
const run = promisify(execFile);
const modules = path.join(here, "node_modules");

/** Basic Latin to Latin Extended-A, and the marks and currency signs that a CRM prints. */
const CHARACTERS = [[0x20, 0x7e], [0xa0, 0x17f], ..."ȘșȚțẞ–—‘’‚“”„•…‹›™←↑→↓−×≠≤≥∞✓€₦₩₫₱₹₺₽"].map(spell).join("");

function spell(part) {
  if (typeof part === "string") return part;
  return Array.from({ length: part[1] - part[0] + 1 }, (_, i) => String.fromCodePoint(part[0] + i)).join("");
}

/** Inter, cut to our characters, to weights 400–600 and to the size of interface text. */
async function font() {
  return subsetFont(await readFile(path.join(modules, "inter-ui/variable/InterVariable.woff2")), CHARACTERS, {
    targetFormat: "woff2",
    variationAxes: { wght: { min: 400, max: 600, default: 400 }, opsz: 14 },
    keepFeatures: ["kern", "tnum", "calt", "mark", "mkmk", "ccmp", "locl"],
  });
}

/** app.css through Tailwind, minified. */
async function stylesheet() {
  const out = path.join(await mkdtemp(path.join(tmpdir(), "trellis-css-")), "app.css");
  const cli = path.join(modules, "@tailwindcss/cli/dist/index.mjs");
  await run(process.execPath, [cli, "-i", path.join(here, "css/app.css"), "-o", out, "--minify"], { cwd: here });
  const css = await readFile(out, "utf8");
  await rm(path.dirname(out), { recursive: true });
  return css;
}

/** app.js: htmx and every island in one module. */
async function script() {
  const result = await build({
    entryPoints: [path.join(here, "ts/app.ts")],
    bundle: true,
    minify: true,
    format: "esm",
    target: ["chrome111", "firefox115", "safari16.4"],
    legalComments: "none",
    write: false,
  });
  return Buffer.from(result.outputFiles[0].contents);
}

const compress = {
  br: (data) => promisify(brotliCompress)(data, { params: { [constants.BROTLI_PARAM_QUALITY]: 11 } }),
  gz: (data) => promisify(gzip)(data, { level: 9 }),
};

/** Writes one file under its content name, with its twins where they help; returns that name. */
async function emit(name, data) {
  const buffer = Buffer.from(data);
  const { name: stem, ext } = path.parse(name);
  const hashed = `${stem}.${createHash("sha256").update(buffer).digest("hex").slice(0, 10)}${ext}`;
  await writeFile(path.join(dist, hashed), buffer);
  if (ext !== ".woff2") {
    for (const [suffix, squeeze] of Object.entries(compress)) {
      await writeFile(path.join(dist, `${hashed}.${suffix}`), await squeeze(buffer));
    }
  }
  return hashed;
}

async function main() {
  const [css, js, icons, favicon, inter] = await Promise.all([
    stylesheet(),
    script(),
    readFile(path.join(here, "icons.txt"), "utf8").then(sprite),
    readFile(path.join(here, "favicon.svg")),
    font(),
  ]);
  await rm(dist, { recursive: true, force: true });
  await mkdir(dist);
  const manifest = {};
  for (const [name, data] of [
    ["app.js", js], ["icons.svg", icons], ["favicon.svg", favicon], ["inter.woff2", inter],
  ]) {
    manifest[name] = await emit(name, data);
  }
  const named = css.replaceAll("./inter.woff2", `./${manifest["inter.woff2"]}`);
  manifest["app.css"] = await emit("app.css", named);
  await writeFile(path.join(dist, "manifest.json"), `${JSON.stringify(manifest, null, 2)}\n`);
  for (const [name, file] of Object.entries(manifest)) {
    console.log(`${name.padEnd(22)} ${String((await readFile(path.join(dist, file))).length).padStart(7)} bytes`);
  }
}

await main();
