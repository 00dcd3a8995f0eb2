// Every colour pair of the contract, recomputed from css/tokens.css: text ≥ 4.5:1, parts of controls ≥ 3:1.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";

const css = readFileSync(new URL("../css/tokens.css", import.meta.url), "utf8");
const tokens = new Map(
  [...css.matchAll(/--([a-z0-9-]+): light-dark\((#[0-9A-F]{6}), (#[0-9A-F]{6})\);/gi)].map(([, name, light, dark]) => [name, { light, dark }]),
);

function luminance(hex) {
  const [r, g, b] = [1, 3, 5].map((at) => {
    const part = parseInt(hex.slice(at, at + 2), 16) / 255;
    return part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4;
  });
  return 0.2126 * r + 0.7152 * g + 0.0722 * b;
}

function ratio(one, other) {
  const [high, low] = [luminance(one), luminance(other)].sort((a, b) => b - a);
  return (high + 0.05) / (low + 0.05);
}

function check(front, back, least) {
  for (const mode of ["light", "dark"]) {
    const [one, other] = [tokens.get(front), tokens.get(back)];
    assert.ok(one && other, `${front} or ${back} is not a token`);
    const found = ratio(one[mode], other[mode]);
    assert.ok(found >= least, `${mode}: ${front} on ${back} is ${found.toFixed(2)}, needs ${least}`);
  }
}

test("the formula agrees with known ratios", () => {
  assert.equal(ratio("#000000", "#FFFFFF"), 21);
  assert.equal(ratio("#0B666E", "#FFFFFF").toFixed(1), "6.7");
});

const GROUNDS = ["surface", "raised", "bg", "hover", "selected"];
for (const front of ["text", "text-2", "text-3", "accent"]) {
  for (const back of GROUNDS) test(`${front} on ${back}`, () => check(front, back, 4.5));
}
for (const back of ["surface", "raised", "bg", "hover"]) test(`border-strong on ${back}`, () => check("border-strong", back, 3));
for (const state of ["danger", "warn", "ok", "info"]) {
  test(`${state} on surface, bg and its soft ground`, () => {
    for (const back of ["surface", "raised", "bg", `${state}-soft`]) check(state, back, 4.5);
  });
}
test("on solid and soft grounds", () => {
  check("on-accent", "accent", 4.5);
  check("on-accent", "accent-hover", 4.5);
  check("on-accent-soft", "accent-soft", 4.5);
  check("text", "accent-soft", 4.5);
  check("text-3", "accent-soft", 4.5);
  check("on-danger", "danger", 4.5);
  check("surface", "text", 4.5);
});
for (const hue of ["gray", "red", "orange", "amber", "lime", "green", "teal", "blue", "violet", "pink"]) {
  test(`chip ${hue}, and its dot on every ground`, () => {
    check(`${hue}-fg`, `${hue}-bg`, 4.5);
    for (const back of GROUNDS) check(`${hue}-fg`, back, 3);
  });
}
