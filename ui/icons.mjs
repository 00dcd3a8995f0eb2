// The icon sprite: the Lucide icons named in icons.txt, as <symbol>s whose stroke follows the text colour.
import { readFile } from "node:fs/promises";
import path from "node:path";
import { fileURLToPath } from "node:url";

const source = path.join(path.dirname(fileURLToPath(import.meta.url)), "node_modules/lucide-static/icons");

/** The names in the text of icons.txt, in order, without blanks and comments. */
export function names(list) {
  return list.split("\n").map((line) => line.trim()).filter((line) => line && !line.startsWith("#"));
}

/** The sprite for the text of icons.txt; throws with every name that Lucide lacks or that stands twice. */
export async function sprite(list) {
  const wanted = names(list);
  const twice = wanted.filter((name, i) => wanted.indexOf(name) !== i);
  const missing = [];
  const symbols = await Promise.all(wanted.map(async (name) => {
    try {
      const svg = await readFile(path.join(source, `${name}.svg`), "utf8");
      const body = svg.slice(svg.indexOf(">", svg.indexOf("<svg")) + 1, svg.lastIndexOf("</svg>"));
      return `<symbol id="${name}" viewBox="0 0 24 24">${body.replace(/\s*\n\s*/g, "")}</symbol>`;
    } catch {
      missing.push(name);
      return "";
    }
  }));
  if (missing.length || twice.length) {
    throw new Error(`icons.txt: unknown to Lucide: ${missing.join(", ") || "none"}; listed twice: ${twice.join(", ") || "none"}`);
  }
  return `<svg xmlns="http://www.w3.org/2000/svg"><!-- Lucide, ISC License, lucide.dev -->${symbols.join("")}</svg>\n`;
}
