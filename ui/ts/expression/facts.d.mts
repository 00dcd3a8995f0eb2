import type { Value } from "./evaluate.mjs";

/** What a form knows of its module and record. */
export interface Known {
  types: Record<string, string>;
  stages: Record<string, { probability: unknown; category: string }>;
  placed: string | null;
  old: Record<string, unknown>;
  facts: Record<string, string | boolean>;
}
export interface Typed {
  rules: Known;
  typed(key: string): Value | undefined;
  computed: ReadonlyMap<string, Value>;
}
export function fact(path: string, form: Typed): Value;
