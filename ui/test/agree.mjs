// Evaluates a file of cases ({zone, now, user, cases: [{source, tree, fields, value}]}) and prints those whose value is
// not the server's.
import { readFileSync } from "node:fs";
import { decode, evaluate, plain } from "../ts/expression/evaluate.mjs";

const { zone, now, user, cases } = JSON.parse(readFileSync(process.argv[2], "utf8"));

function encode(value) {
  if (typeof value?.n === "bigint") return { n: plain(value) };
  if (typeof value?.i === "bigint") return { i: value.i.toString() };
  return value;
}

let wrong = 0;
for (const { source, tree, fields, value } of cases) {
  const env = { field: (path) => decode(fields[path] ?? null), user, zone, now: BigInt(now) };
  const found = JSON.stringify(encode(evaluate(tree, env)));
  const right = JSON.stringify(encode(decode(value)));
  if (found !== right && (wrong += 1) <= 10) console.log(`${source} with ${JSON.stringify(fields)}: ${found}, not ${right}`);
}
console.log(`${cases.length} cases, ${wrong} wrong`);
process.exitCode = wrong ? 1 : 0;
