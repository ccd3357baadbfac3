// Where there is room for an intervention that was missed: time that no other one has.

import type { Span } from "./types";

const WANTED_MS = 5000;
const LEAST_MS = 100;

// The free stretch at a moment or the next one behind it, at most `WANTED_MS` long; rows in the order of their start.
export function freeSpan(rows: readonly Span[], atMs: number, durationMs: number): Span {
  let start_ms = atMs;
  for (const row of rows) {
    if (row.end_ms <= start_ms) continue;
    if (row.start_ms - start_ms >= LEAST_MS) return { start_ms, end_ms: Math.min(row.start_ms, start_ms + WANTED_MS) };
    start_ms = row.end_ms;
  }
  const end_ms = start_ms + WANTED_MS;
  return { start_ms, end_ms: durationMs > start_ms ? Math.min(end_ms, durationMs) : end_ms };
}
