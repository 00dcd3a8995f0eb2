/** A value of the language: empty, text, truth, number, date, instant, list. */
export type Value = null | string | boolean | { n: bigint; s: number } | { d: string } | { i: bigint } | string[];
/** A node of a checked expression: its name, then its parts. */
export type Tree = [string, ...unknown[]];
export interface Env {
  field(path: string): Value;
  user: string;
  zone: string;
  now: bigint;
}
export function evaluate(tree: Tree, env: Env): Value;
export function decode(value: unknown): Value;
export function number(text: string): { n: bigint; s: number } | null;
export function plain(number: { n: bigint; s: number }): string;
export function round(number: { n: bigint; s: number }, decimals: number): { n: bigint; s: number };
