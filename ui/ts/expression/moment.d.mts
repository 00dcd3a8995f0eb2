export function readInstant(text: string, zone: string): { i: bigint } | null;
export function readDate(text: string): { d: string } | null;
