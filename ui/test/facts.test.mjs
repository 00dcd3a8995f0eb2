// Conditions in the browser read a form as the server's write path reads a change.
import assert from "node:assert/strict";
import { test } from "node:test";
import { evaluate } from "../ts/expression/evaluate.mjs";
import { fact } from "../ts/expression/facts.mjs";

const STAGES = {
  "progress.to_do": { probability: { n: "10" }, category: "open" },
  "progress.done": { probability: { n: "100" }, category: "won" },
  "second.to_do": { probability: null, category: "lost" },
};

/** A form of a record in progress.to_do; `controls` is what stands in it. */
function form(controls, rules = {}) {
  const known = {
    types: { name: "text", amount: "number" },
    stages: STAGES,
    placed: "progress.to_do",
    old: { name: "a", amount: { n: "1.50" }, stage: "to_do", owner: "u1" },
    facts: { is_new: false, "user.role": "clerk" },
    ...rules,
  };
  return { rules: known, typed: (key) => controls[key], computed: new Map() };
}

const field = (path) => ["field", path];
const is = (path, text) => ["compare", "==", "choice", field(path), ["value", text]];
const holds = (tree, form) => evaluate(tree, { field: (path) => fact(path, form), user: "u1", zone: "UTC", now: 0n });

test("with several pipelines the stage is compared by its own key", () => {
  const typed = form({ stage: "progress.done" });
  assert.equal(holds(is("stage", "done"), typed), true);
  assert.equal(holds(is("stage", "progress.done"), typed), false);
  assert.equal(holds(is("stage.category", "won"), typed), true);
  assert.deepEqual(fact("stage.probability", typed), { n: 100n, s: 0 });
  assert.equal(fact("old.stage", typed), "to_do");
  assert.equal(holds(field("changed().stage"), typed), true);
});

test("a stage of the same key in another pipeline is another stage", () => {
  const typed = form({ stage: "second.to_do" });
  assert.equal(holds(is("stage", "to_do"), typed), true);
  assert.equal(holds(is("stage.category", "lost"), typed), true);
  assert.equal(holds(field("changed().stage"), typed), true);
  assert.equal(holds(field("changed().stage"), form({ stage: "progress.to_do" })), false);
});

test("without a control the stage is the one where the record is", () => {
  assert.equal(holds(is("stage", "to_do"), form({})), true);
  assert.equal(holds(is("stage.category", "open"), form({})), true);
  assert.equal(holds(field("changed().stage"), form({})), false);
  assert.equal(holds(is("stage", "to_do"), form({ stage: null })), true, "an empty control moves nothing");
});

test("with one pipeline, and without any, a stage is what it says", () => {
  const one = { stages: { done: STAGES["progress.done"] }, placed: "done" };
  assert.equal(holds(is("stage", "done"), form({ stage: "done" }, one)), true);
  const none = form({}, { stages: {}, placed: null, old: {} });
  assert.equal(fact("stage", none), null);
  assert.equal(fact("stage.category", none), null);
});

test("a field that is called stage is a field, dots and all", () => {
  const own = { types: { stage: "text" }, old: { stage: "v1.2" }, stages: {}, placed: null };
  assert.equal(fact("stage", form({ stage: "v1.3" }, own)), "v1.3");
  assert.equal(fact("stage", form({}, own)), "v1.2");
  assert.equal(fact("changed().stage", form({}, own)), false);
});

test("changes are those of values, and a new record is all new where the engine fills it", () => {
  assert.equal(fact("changed().amount", form({ amount: { n: 15n, s: 1 } })), false, "1.5 is 1.50");
  assert.equal(fact("changed().name", form({ name: null })), true);
  assert.equal(fact("changed().owner", form({ owner: "u1" })), false);
  const fresh = form({}, { facts: { is_new: true }, old: {} });
  assert.equal(fact("changed().stage", fresh), true);
  assert.equal(fact("changed().owner", fresh), true);
  assert.equal(fact("changed().name", fresh), false, "nothing is in it yet");
});

test("a computed value that is empty is empty, whatever was stored", () => {
  const typed = form({});
  typed.computed.set("amount", null);
  assert.equal(fact("amount", typed), null);
  assert.equal(fact("has_role().clerk", typed), true);
});
