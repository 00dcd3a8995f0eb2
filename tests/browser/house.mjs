// A Trellis of its own for the browser tests: the built program on a free port and a temporary data folder.
import { spawn } from "node:child_process";
import { chmod, mkdtemp, rm } from "node:fs/promises";
import { existsSync, readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { chromium } from "playwright-core";

const AXE = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");
const ROOT = resolve(import.meta.dirname, "../..");
export const PASSWORD = "correct horse battery";

function program() {
  const built = [process.env.TRELLIS_BIN, "release/trellis", "debug/trellis"].filter(Boolean);
  const found = built.map((path) => resolve(ROOT, "target", path)).find(existsSync);
  if (!found) throw new Error("build the program first (cargo build), or name it in TRELLIS_BIN");
  return found;
}

async function freePort() {
  const probe = createServer();
  await new Promise((ready) => probe.listen(0, "127.0.0.1", ready));
  const { port } = probe.address();
  await new Promise((closed) => probe.close(closed));
  return port;
}

/** Starts the program with the demo workspaces, and a browser. */
export async function open() {
  const folder = await mkdtemp(join(tmpdir(), "trellis-browser-"));
  await chmod(folder, 0o755);
  const port = await freePort();
  const output = [];
  const args = ["serve", "--demo", "--listen", `127.0.0.1:${port}`, "--data-dir", join(folder, "data")];
  const environment = { ...process.env, TRELLIS_DEMO_PASSWORD: PASSWORD, TRELLIS_RATE_LIMIT: "0" };
  const server = spawn(program(), args, { env: environment, stdio: ["ignore", "pipe", "pipe"] });
  server.stdout.on("data", (text) => output.push(text));
  server.stderr.on("data", (text) => output.push(text));
  const base = `http://127.0.0.1:${port}`;
  await answered(base, server, output);
  const executablePath = process.env.CHROMIUM ?? "/usr/bin/chromium";
  const browser = await chromium.launch({ executablePath, args: ["--no-sandbox"] });
  return new House(base, browser, async () => {
    await browser.close();
    const ended = new Promise((exit) => server.once("exit", exit));
    server.kill("SIGTERM");
    await ended;
    await rm(folder, { recursive: true, force: true });
  });
}

async function answered(base, server, output) {
  for (let waited = 0; waited < 1200; waited += 1) {
    if (server.exitCode !== null) throw new Error(`the program ended: ${output.join("")}`);
    const answer = await fetch(`${base}/readyz`).catch(() => null);
    if (answer?.ok) return;
    await new Promise((later) => setTimeout(later, 100));
  }
  throw new Error(`the program did not answer: ${output.join("")}`);
}

class House {
  constructor(base, browser, close) {
    this.base = base;
    this.browser = browser;
    this.close = close;
  }

  /** A page in a context of its own; what the browser complains about is kept in `page.complaints`. */
  async page({ width = 1280, height = 800, scheme = "light", scripts = true } = {}) {
    const context = await this.browser.newContext({
      viewport: { width, height }, colorScheme: scheme, javaScriptEnabled: scripts, baseURL: this.base,
    });
    context.setDefaultTimeout(15_000);
    const page = await context.newPage();
    page.complaints = [];
    page.on("console", (message) => {
      if (message.type() === "error") page.complaints.push(`${page.url()}: ${message.text()}`);
    });
    page.on("pageerror", (error) => page.complaints.push(`${page.url()}: ${error.message}`));
    return page;
  }

  /** A page whose person has signed in. */
  async signedIn(email, options) {
    const page = await this.page(options);
    await page.goto("/signin");
    await page.fill("[name=email]", email);
    await page.fill("[name=password]", PASSWORD);
    await page.click("main button.btn-primary");
    await page.waitForURL(/\/t\//);
    return page;
  }

  /** Headers that speak to the API of a workspace as a person. */
  async token(email, tenant) {
    const body = JSON.stringify({ email, password: PASSWORD, tenant });
    const headers = { "content-type": "application/json" };
    const answer = await fetch(`${this.base}/api/v1/session`, { method: "POST", headers, body });
    const { access_token: token } = await answer.json();
    return { ...headers, authorization: `Bearer ${token}` };
  }
}

/** Violations of WCAG 2.0 to 2.2, levels A and AA, as lines to read. */
export async function violations(page) {
  await page.evaluate(`${AXE};0`);
  return page.evaluate(async () => {
    const runOnly = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"];
    const { violations: found } = await globalThis.axe.run(document, { runOnly });
    return found.flatMap((rule) => rule.nodes.map((node) => `${rule.id}: ${node.target.join(" ")}: ${node.failureSummary}`));
  });
}

/** How far the page can be scrolled sideways, in pixels. */
export function sideways(page) {
  return page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
}
