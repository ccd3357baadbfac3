// Differences between texts by words, and merging three of them.

import type { Difference } from "./types";

function tokens(text: string): string[] {
  return text.match(/\s+|[^\s]+/g) ?? [];
}

// Pairs of equal positions, by Myers' greedy algorithm (1986) on the part that differs; past `LIMIT` edits it gives up.
const LIMIT = 2000;

function pairs(a: readonly string[], b: readonly string[]): [number, number][] {
  let head = 0;
  while (head < a.length && head < b.length && a[head] === b[head]) head += 1;
  let tail = 0;
  while (tail < a.length - head && tail < b.length - head && a[a.length - 1 - tail] === b[b.length - 1 - tail]) tail += 1;
  const found: [number, number][] = [];
  for (let i = 0; i < head; i += 1) found.push([i, i]);
  const n = a.length - head - tail;
  const m = b.length - head - tail;
  found.push(...middle(a.slice(head, head + n), b.slice(head, head + m)).map(([x, y]): [number, number] => [x + head, y + head]));
  for (let i = tail; i > 0; i -= 1) found.push([a.length - i, b.length - i]);
  return found;
}

function middle(a: readonly string[], b: readonly string[]): [number, number][] {
  const reach: Map<number, number>[] = [];
  let frontier = new Map<number, number>([[1, 0]]);
  for (let d = 0; d <= Math.min(a.length + b.length, LIMIT); d += 1) {
    const next = new Map<number, number>();
    reach.push(frontier);
    for (let k = -d; k <= d; k += 2) {
      const down = k === -d || (k !== d && (frontier.get(k - 1) ?? -1) < (frontier.get(k + 1) ?? -1));
      let x = down ? (frontier.get(k + 1) ?? 0) : (frontier.get(k - 1) ?? 0) + 1;
      while (x < a.length && x - k < b.length && a[x] === b[x - k]) x += 1;
      next.set(k, x);
      if (x >= a.length && x - k >= b.length) return walkBack(reach, a.length, b.length);
    }
    frontier = next;
  }
  return [];
}

function walkBack(reach: readonly Map<number, number>[], n: number, m: number): [number, number][] {
  const found: [number, number][] = [];
  let x = n;
  let y = m;
  for (let d = reach.length - 1; d >= 0; d -= 1) {
    const frontier = reach[d] ?? new Map<number, number>();
    const k = x - y;
    const down = k === -d || (k !== d && (frontier.get(k - 1) ?? -1) < (frontier.get(k + 1) ?? -1));
    const fromX = down ? (frontier.get(k + 1) ?? 0) : (frontier.get(k - 1) ?? 0);
    const fromY = fromX - (down ? k + 1 : k - 1);
    const startX = d === 0 ? 0 : down ? fromX : fromX + 1;
    while (x > startX && y > 0 && x > 0) {
      x -= 1;
      y -= 1;
      found.push([x, y]);
    }
    x = fromX;
    y = fromY;
  }
  return found.reverse();
}

export function difference(before: string, after: string): Difference[] {
  const a = tokens(before);
  const b = tokens(after);
  const found: Difference[] = [];
  const push = (kind: Difference["kind"], items: readonly string[]) => {
    const last = found.at(-1);
    if (items.length === 0) return;
    if (last?.kind === kind) last.text += items.join("");
    else found.push({ kind, text: items.join("") });
  };
  let i = 0;
  let j = 0;
  for (const [x, y] of [...pairs(a, b), [a.length, b.length] as const]) {
    push("removed", a.slice(i, x));
    push("added", b.slice(j, y));
    push("same", a.slice(x, x + 1));
    i = x + 1;
    j = y + 1;
  }
  return found;
}

export interface Merged {
  text: string;
  conflicts: number;
}

interface Hunk {
  from: number;
  to: number;
  text: string;
}

function hunks(base: readonly string[], other: readonly string[]): Hunk[] {
  const found: Hunk[] = [];
  let i = 0;
  let j = 0;
  for (const [x, y] of [...pairs(base, other), [base.length, other.length] as const]) {
    if (x > i || y > j) found.push({ from: i, to: x, text: other.slice(j, y).join("") });
    i = x + 1;
    j = y + 1;
  }
  return found;
}

// Both changes of one text. Where they touch, yours is taken and counted as a conflict.
export function merge(base: string, yours: string, theirs: string): Merged {
  const common = tokens(base);
  const mine = hunks(common, tokens(yours));
  const others = hunks(common, tokens(theirs));
  const chosen: Hunk[] = [...mine];
  let conflicts = 0;
  for (const hunk of others) {
    const touching = mine.filter((item) => item.from <= hunk.to && hunk.from <= item.to);
    if (touching.length === 0) chosen.push(hunk);
    else if (!touching.some((item) => item.from === hunk.from && item.to === hunk.to && item.text === hunk.text)) conflicts += 1;
  }
  chosen.sort((a, b) => a.from - b.from);
  let text = "";
  let at = 0;
  for (const hunk of chosen) {
    text += common.slice(at, hunk.from).join("") + hunk.text;
    at = hunk.to;
  }
  return { text: text + common.slice(at).join(""), conflicts };
}
